"""Is the storage well? What `fastor storage check` tells, on a page."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from litestar import Response

from portal.addresses import without_password
from portal.auth.policy import check
from portal.facts import Label
from portal.i18n import _
from portal.kit.page import BoundResource, Page, Route
from portal.uploads.doctor import STEPS, Finding, examine
from portal.uploads.threads import in_thread
from portal.web.rendering import Crumb, render, templates_for
from portal.web.request import PortalRequest

CHECK = "check"
"""What the policy is asked."""


@dataclass(frozen=True)
class Step:
    """One thing that was tried."""

    label: Label
    fix: str | None
    """What to change; nothing where it worked."""
    paste: str
    """What to paste into the storage's own settings."""


@dataclass(frozen=True)
class StorageContext:
    """What `files/storage.html` may use."""

    resource: BoundResource
    storage: str
    """Its address, without the secret."""
    steps: Sequence[Step] | None
    """Nothing before it is asked for."""
    failed: int


@dataclass(frozen=True)
class StoragePage(Page):
    """Tries out all the portal asks of its storage, when somebody says so: it writes there."""

    operations: ClassVar[Mapping[str, Label]] = {CHECK: _("Check the storage")}

    def routes(self, resource: BoundResource) -> Sequence[Route]:
        return [Route(("GET",), "/storage", self.show), Route(("POST",), "/storage", self.run)]

    async def show(self, request: PortalRequest, resource: BoundResource) -> Response[bytes]:
        check(resource.policy, request.actor, CHECK, resource.name)
        return _page(request, resource, None)

    async def run(self, request: PortalRequest, resource: BoundResource) -> Response[bytes]:
        check(resource.policy, request.actor, CHECK, resource.name)
        storage, origin = request.site.uploads.storage, _origin(request)
        findings = await in_thread(lambda: list(examine(storage, origin)))
        return _page(request, resource, [_step(found) for found in findings])


def _origin(request: PortalRequest) -> str:
    """Where the pages come from, as the browser of whoever asks sees it."""
    configured = request.site.settings.base_url
    return configured.rstrip("/") if configured else f"{request.url.scheme}://{request.url.netloc}"


def _step(found: Finding) -> Step:
    fix, _line, paste = (found.fix or "").partition("\n")
    return Step(STEPS.get(found.step, found.step), None if found.ok else fix, paste)


def _page(request: PortalRequest, resource: BoundResource, steps: Sequence[Step] | None) -> Response[bytes]:
    site = request.site
    context = StorageContext(
        resource=resource,
        storage=without_password(site.settings.storage_url),
        steps=steps,
        failed=sum(step.fix is not None for step in steps or ()),
    )
    crumbs = [Crumb(resource.label_plural, site.url_of(resource)), Crumb(_("Storage"))]
    names = templates_for(resource, "storage.html")
    return render(request, names, context, current=("resource", resource.name), crumbs=crumbs)
