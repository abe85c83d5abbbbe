"""Answers: a page, the part of it that is swapped, or a redirect. The one place that knows what surrounds a page."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass
from typing import TYPE_CHECKING, Any, Literal

from litestar import Response
from litestar.response import Redirect

from portal.auth.actor import Actor
from portal.facts import Label
from portal.i18n import LANGUAGES
from portal.menu import MenuNode
from portal.web.request import PortalRequest

if TYPE_CHECKING:
    from portal.kit.page import BoundResource

HTML = "text/html; charset=utf-8"

Current = tuple[Literal["resource", "page"], str]


@dataclass(frozen=True)
class Crumb:
    label: Label
    href: str | None = None


@dataclass(frozen=True)
class Chrome:
    """What every page may use besides its own context."""

    title: str
    menu: Sequence[MenuNode]
    user: Actor | None
    own_account: bool
    """Whether the user has an account here, with a password to change and a session to end; a host's have not."""
    crumbs: Sequence[Crumb]
    language: str
    languages: Mapping[str, str]
    theme: str
    density: str
    zone: str
    csrf_token: str
    flashes: Sequence[Any]
    here: str
    """The path and query of this page: where a preference form leads back to."""
    path: str
    """The mount path with a slash at its end: what cookies of scripts are bound to."""


def render(
    request: PortalRequest,
    templates: str | Sequence[str],
    context: Any,
    *,
    status: int = 200,
    current: Current | None = None,
    crumbs: Sequence[Crumb] = (),
    headers: Mapping[str, str] | None = None,
) -> Response[bytes]:
    """A whole page, or, with the name of a partial, only that. `context` is a dataclass or a mapping."""
    site, visit = request.site, request.visit
    names = [templates] if isinstance(templates, str) else list(templates)
    template = site.templates.first_of(*names)
    whole = not (template.name or "").rpartition("/")[2].startswith("_")
    values = shallow(context)
    menu = _menu(request, current) if whole else ()
    values["chrome"] = Chrome(
        title=site.title,
        menu=menu,
        user=visit.actor,
        own_account=visit.session is not None,
        crumbs=[*_groups(menu), *crumbs],
        language=visit.language,
        languages=LANGUAGES,
        theme=visit.theme,
        density=visit.density,
        zone=visit.time_zone,
        csrf_token=visit.csrf_token(),
        flashes=visit.take_flashes() if whole else (),
        here=here(request),
        path=site.path + "/",
    )
    values["zone"] = request.zone
    answer = Response(
        template.render(values).encode("utf-8", "replace"),
        media_type=HTML,
        status_code=status,
        headers={"Vary": "HX-Request-Type", **(headers or {})},
    )
    return answer


def shallow(context: Any) -> dict[str, Any]:
    """A context's fields, one level deep: what they hold is handed over as it is."""
    if is_dataclass(context):
        return {item.name: getattr(context, item.name) for item in fields(context)}
    return dict(context)


def templates_for(resource: "BoundResource", name: str) -> list[str]:
    """A project's template for one resource, before the one for all."""
    return [f"{resource.name}/{name}", name]


def redirect(request: PortalRequest, to: str, flash: Label | None = None, tone: str = "ok") -> Redirect:
    """Post-redirect-get: 303, with a message for the next page."""
    if flash is not None:
        request.visit.flash(str(flash), tone)
    return Redirect(to, status_code=303)


def toast_header(text: Label, tone: str = "ok") -> dict[str, str]:
    """A message for an htmx answer; escaped, because headers are latin-1."""
    return {"HX-Trigger": json.dumps({"portal:toast": {"text": str(text), "tone": tone}}, ensure_ascii=True)}


def _groups(menu: Sequence[MenuNode]) -> list[Crumb]:
    """The menu groups that hold the current page, outermost first."""
    for node in menu:
        if node.children and node.holds_current:
            return [Crumb(node.label), *_groups(node.children)]
    return []


def here(request: PortalRequest) -> str:
    """The path and query asked for, as the browser wrote them."""
    query = request.scope["query_string"].decode("latin-1")
    path = request.scope.get("raw_path", b"").decode("latin-1").partition("?")[0] or request.scope["path"]
    return path + ("?" + query if query else "")


def _menu(request: PortalRequest, current: Current | None) -> Sequence[MenuNode]:
    site, actor = request.site, request.visit.actor
    if actor is None:
        return ()

    def visible(kind: str, name: str) -> bool:
        if kind == "page":
            right = site.page_rights.get(name)
            return right == "" or (right is not None and actor.may(right))
        resource = site.resources[name]
        return resource.policy.allows(actor, "view", name)

    return tuple(site.menu.view(current, visible, site.url))
