"""What belongs to nothing: what `fastor files orphans` lists, to look at and to remove."""

from collections.abc import Collection, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any

import anyio
from litestar import Response
from sqlalchemy.exc import IntegrityError

from portal.auth.policy import check
from portal.facts import Label
from portal.i18n import _
from portal.kit.page import BoundResource, Page, Route
from portal.uploads.sweep import Orphan, Sweep
from portal.web.rendering import Crumb, redirect, render, templates_for
from portal.web.request import PortalRequest

MOST = 200
"""How many are shown; the command lists any number."""

PATIENCE = 10
"""Seconds: a big bucket takes longer to look through than anybody waits."""

KINDS: dict[str, Label] = {
    "use": _("Use by what is gone"),
    "row": _("File that nothing uses"),
    "object": _("Object without a record"),
    "upload": _("Upload that was not finished"),
    "folder": _("Folder of an interrupted upload"),
}


@dataclass(frozen=True)
class Found:
    """One of them, as the page draws it."""

    token: str
    kind: Label
    name: str
    size: int
    href: str | None
    """Where it can be looked at."""


@dataclass(frozen=True)
class OrphansContext:
    """What `files/orphans.html` may use."""

    resource: BoundResource
    orphans: Sequence[Found]
    whole: bool
    """That is all of them."""


@dataclass(frozen=True)
class OrphansPage(Page):
    """Lists them, and removes those that are ticked, or all."""

    def routes(self, resource: BoundResource) -> Sequence[Route]:
        return [Route(("GET",), "/orphans", self.show), Route(("POST",), "/orphans", self.remove)]

    async def show(self, request: PortalRequest, resource: BoundResource) -> Response[bytes]:
        check(resource.policy, request.actor, "delete", resource.name)
        found: list[Found] = []
        with anyio.move_on_after(PATIENCE) as patience:
            async with aclosing(_sweep(request).orphans()) as orphans:
                async for orphan in orphans:
                    found.append(_shown(request, resource, orphan))
                    if len(found) >= MOST:
                        break
        whole = len(found) < MOST and not patience.cancelled_caught
        crumbs = [Crumb(resource.label_plural, request.site.url_of(resource)), Crumb(_("Left behind"))]
        names = templates_for(resource, "orphans.html")
        context = OrphansContext(resource, found, whole)
        return render(request, names, context, current=("resource", resource.name), crumbs=crumbs)

    async def remove(self, request: PortalRequest, resource: BoundResource) -> Response[Any]:
        """What is named is looked for once more: it goes only if it still belongs to nothing."""
        check(resource.policy, request.actor, "delete", resource.name)
        sent = await request.form_values()
        chosen = None if sent.get("all", [""])[-1] == "1" else set(sent.get("ids", ()))
        back = request.site.url_of(resource, tail="/orphans")
        if chosen is not None and not chosen:
            return redirect(request, back, _("Tick the rows first."), "warn")
        count = 0
        with anyio.move_on_after(PATIENCE) as patience:
            count = await _remove(_sweep(request), chosen)
        if patience.cancelled_caught:
            message = _("That takes long. What is gone is gone; press once more for the rest, or run the command.")
            return redirect(request, back, message, "warn")
        return redirect(request, back, _("{n} were removed.").format(n=count))


async def _remove(sweep: Sweep, chosen: Collection[str] | None) -> int:
    """Remove these of the orphans, or all; how many went."""
    left = None if chosen is None else set(chosen)
    count = 0
    async with aclosing(sweep.orphans()) as orphans:
        async for orphan in orphans:
            if left is not None and _token(orphan) not in left:
                continue
            try:
                count += await sweep.remove(orphan)
            except IntegrityError:  # somebody has just begun to use it
                continue
            if left is not None:
                left.discard(_token(orphan))
                if not left:
                    break
    return count


def _sweep(request: PortalRequest) -> Sweep:
    site = request.site
    return Sweep(site.database, site.uploads, site.settings.var / "tmp", models=site.names)


def _token(orphan: Orphan) -> str:
    return f"{orphan.kind}:{orphan.name}"


def _shown(request: PortalRequest, resource: BoundResource, orphan: Orphan) -> Found:
    href = request.site.url_of(resource, str(orphan.file_id)) if orphan.file_id is not None else None
    return Found(_token(orphan), KINDS.get(orphan.kind, orphan.kind), orphan.name, orphan.size, href)
