"""Back to the very list somebody came from: its query travels through the form."""

from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlencode

from portal.web.request import PortalRequest, Values

if TYPE_CHECKING:
    from portal.kit.page import BoundResource

MAX_LENGTH = 2000


def list_query(request: PortalRequest, resource: "BoundResource") -> str:
    """The query string (`?…` or nothing) of the resource's list, if this page was opened from it."""
    referer = request.split_header("referer")
    if referer.path != request.site.url_of(resource):
        return ""
    return clean_query(referer.query)


def sent_list_query(sent: Values) -> str:
    """The same from a form's hidden `_list` field."""
    return clean_query(sent.get("_list", [""])[-1].removeprefix("?"))


def clean_query(query: str) -> str:
    """A query string written anew, so that nothing but names and values gets through."""
    try:
        pairs = parse_qsl(query[:MAX_LENGTH], errors="replace", max_num_fields=50)
    except ValueError:
        return ""
    return "?" + urlencode(pairs) if pairs else ""
