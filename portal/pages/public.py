"""A row that everybody may read: a page of its own, without a script, which caches may keep."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from litestar import Response
from markupsafe import Markup

from portal.auth.actor import Actor
from portal.kit.page import BoundResource, Page, Route
from portal.markup import to_public, video_frame_sources
from portal.markup.public import picture_attributes
from portal.services.publishing import Published, Publishing
from portal.web.conditional import conditional_answer
from portal.web.cookies import THEME_COOKIE
from portal.web.headers import content_security_policy
from portal.web.preferences import THEMES
from portal.web.rendering import HTML, templates_for
from portal.web.request import PortalRequest

NOBODY = Actor(id="", name="")


@dataclass(frozen=True)
class PublicContext:
    """What `public.html` may use."""

    published: Published
    title: str
    body: Markup
    cover: Mapping[str, str] | None
    """Attributes of the picture."""
    gallery: Sequence[tuple[Mapping[str, str], str]]
    """Attributes of each picture, and what it shows."""
    attachment: tuple[str, str] | None
    """Address and name."""
    address: str
    """Of this page, whole when the installation says how it is reached."""
    shared_picture: str
    site_title: str
    language: str
    theme: str
    """Empty where the device decides."""
    zone: Any


@dataclass(frozen=True)
class PublicPage(Page):
    """Under a short address of its own; the resource's service says what is public (`Publishing`)."""

    path: str
    """Below the portal's own, with `{short:str}` in it."""

    def routes(self, resource: BoundResource) -> Sequence[Route]:
        return [Route(("GET",), self.path, self.show, absolute=True, opt={"public": True})]

    async def show(self, request: PortalRequest, resource: BoundResource) -> Response[bytes]:
        site, short = request.site, request.path_params["short"]
        async with site.reading(request.visit.actor or NOBODY) as work:
            service = cast(Publishing, resource.service(work))
            published = await service.published(short)
        context = self._context(request, short, published)
        template = site.templates.first_of(*templates_for(resource, "public.html"))
        body = template.render(vars(context)).encode("utf-8", "replace")
        return _answer(request, body)

    def _context(self, request: PortalRequest, short: str, published: Published) -> PublicContext:
        site, files = request.site, published.files
        origin = (site.settings.base_url or "").rstrip("/")

        def whole(address: str) -> str:
            return origin + address if address.startswith("/") else address

        def picture(key: str) -> dict[str, str]:
            return picture_attributes(key, files.get(key), site.media_url)

        attached = published.attachment
        theme = request.cookies.get(THEME_COOKIE, "")
        return PublicContext(
            published=published,
            title=str(published.row),
            body=to_public(published.body, pictures=files, media_url=site.media_url, videos=site.settings.video_hosts),
            cover=picture(published.cover) if published.cover else None,
            gallery=[(picture(key), files[key].alt if key in files else "") for key in published.gallery],
            attachment=(site.media_url(attached), _name(attached, published)) if attached else None,
            address=whole(site.url(self.path.replace("{short:str}", "{}"), short)),
            shared_picture=whole(site.media_url(published.cover)) if published.cover else "",
            site_title=site.title,
            language=request.visit.language,
            theme=theme if theme in THEMES else "",
            zone=request.zone,
        )


def _name(key: str, published: Published) -> str:
    file = published.files.get(key)
    return file.original_name if file is not None else key.rpartition("/")[2]


def _answer(request: PortalRequest, body: bytes) -> Response[bytes]:
    """The page, or that the browser has it already."""
    settings = request.site.settings
    stranger = request.visit.actor is None
    headers = {
        "Cache-Control": "public, max-age=60, stale-while-revalidate=600" if stranger else "private, no-cache",
        "Vary": "Cookie, Accept-Language",
        "Content-Security-Policy": content_security_policy(
            frame_src=video_frame_sources(settings.video_hosts), style_src_attr="'unsafe-inline'"
        ),
    }
    return conditional_answer(request.headers, body, headers=headers, media_type=HTML)
