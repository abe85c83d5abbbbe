"""Pages with a rich text in them: it may carry colours and widths, for which the page needs a policy of its own."""

from litestar import Response

from portal.web.headers import content_security_policy
from portal.web.rendering import HTML, here
from portal.web.request import PortalRequest

WITH_STYLES = {"Content-Security-Policy": content_security_policy(style_src_attr="'unsafe-inline'")}
"""The sanitiser says which styles there are."""


def as_document(request: PortalRequest) -> Response[bytes] | None:
    """The policy comes with a page, not with a swapped body: what asks for the body is sent to the whole page."""
    if not request.by_script or request.partial:
        return None
    return Response(b"", media_type=HTML, status_code=200, headers={"HX-Redirect": here(request)})
