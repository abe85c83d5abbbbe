"""The request as the portal's handlers see it."""

from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import SplitResult, parse_qsl, urlsplit
from zoneinfo import ZoneInfo

from litestar import Request
from litestar.datastructures import UploadFile

from portal.auth.actor import Actor
from portal.errors import InputError, SignInRequired
from portal.i18n import _

if TYPE_CHECKING:
    from portal.web.site import Site
    from portal.web.state import RequestState

MAX_FIELDS = 500

FILES = "fastor_files"
"""And where its files are."""

SENT = "fastor_sent"
"""Where the fields of a form are kept in the scope's state once they are read."""

Values = dict[str, list[str]]


class PortalRequest(Request[Any, Any, Any]):
    """A request of the portal: its site, who asks, and what htmx says."""

    site: ClassVar["Site"]

    @classmethod
    def of(cls, site: "Site") -> type["PortalRequest"]:
        """The request class of one portal: two portals in one application do not share it."""
        return type("SiteRequest", (cls,), {"site": site})

    @property
    def visit(self) -> "RequestState":
        """What the session middleware found out: who, in which language, zone and theme."""
        state: RequestState = self.scope["state"]["fastor"]
        return state

    @property
    def actor(self) -> Actor:
        actor = self.visit.actor
        if actor is None:
            raise SignInRequired
        return actor

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.visit.time_zone)

    @property
    def partial(self) -> bool:
        """Whether a part of the page is asked for; boosted links and history restores want all of it."""
        return self.headers.get("hx-request-type") == "partial"

    @property
    def by_script(self) -> bool:
        return self.headers.get("hx-request") == "true"

    @cached_property
    def sent(self) -> Values:
        """The parameters of the address; repeated ones keep all their values."""
        return grouped(self.scope["query_string"])

    async def form_values(self) -> Values:
        """The fields of a form. What is no UTF-8 arrives as lone surrogates, which fields refuse.

        A route that takes upload tickets takes files too; they are in `sent_files` afterwards.
        """
        kind = self.headers.get("content-type", "").partition(";")[0].strip().lower()
        if kind == "multipart/form-data" and "upload_ticket" in self.route_handler.opt:
            return await self._multipart_values()
        if kind not in {"application/x-www-form-urlencoded", ""}:
            raise InputError({}, _("This form can't be read."))
        values = grouped(await self.body())
        self.scope["state"][SENT] = values  # an error page can give them back
        return values

    @property
    def sent_files(self) -> dict[str, list[UploadFile]]:
        """The files of a multipart form that has been read, by the name of their input."""
        files: dict[str, list[UploadFile]] = self.scope["state"].get(FILES, {})
        return files

    async def _multipart_values(self) -> Values:
        try:
            form = await self.form()
        except (ValueError, UnicodeError) as error:
            raise InputError({}, _("This form can't be read.")) from error
        values: Values = {}
        files: dict[str, list[UploadFile]] = {}
        for name, item in form.multi_items():
            if isinstance(item, UploadFile):
                if item.filename:  # an input left alone sends a part without a name
                    files.setdefault(name, []).append(item)
            else:
                values.setdefault(name, []).append(str(item))
        self.scope["state"] |= {SENT: values, FILES: files}
        return values

    @property
    def came_from(self) -> str:
        """The query of the list a row action was pressed on, so that it can be shown again."""
        return self.split_header("hx-current-url").query

    def split_header(self, name: str) -> SplitResult:
        """The address a header names, in its parts; empty ones for what is no address."""
        try:
            return urlsplit(self.headers.get(name, ""))
        except ValueError:
            return urlsplit("")


def grouped(encoded: bytes) -> Values:
    """Name -> values of an urlencoded text; a sentence when it has too many fields."""
    try:
        pairs = parse_qsl(
            encoded.decode("latin-1"),
            keep_blank_values=True,
            errors="surrogateescape",
            max_num_fields=MAX_FIELDS,
        )
    except ValueError as error:
        raise InputError({}, _("This form has too many fields.")) from error
    found: Values = {}
    for name, value in pairs:
        found.setdefault(name, []).append(value)
    return found
