"""Creating and editing one row: the form, saving, 422 with everything typed, 409 with both versions."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from litestar import Response

from portal.auth.policy import check
from portal.errors import ConflictError, InputError, Sentence
from portal.facts import Label
from portal.i18n import _
from portal.kit.fields import Field, RichTextField
from portal.kit.forms import bind
from portal.kit.page import BoundResource, Page, Route
from portal.naming import inside
from portal.pages.conflict import conflict_answer, is_untouched, settle
from portal.pages.editor_uploads import EDITOR
from portal.pages.form_files import FORM, file_fields, form_limit, take_files
from portal.pages.form_view import FormView, form_view
from portal.pages.row_view import May, permissions
from portal.pages.styled_text import WITH_STYLES, as_document
from portal.services.resource import ResourceService
from portal.web.forgery import TICKET
from portal.web.rendering import Crumb, Current, redirect, render, templates_for
from portal.web.request import PortalRequest, Values
from portal.web.return_to import list_query, sent_list_query


@dataclass(frozen=True)
class EditContext:
    """What `edit.html` and its partials may use."""

    resource: BoundResource
    form: FormView
    key: str | None
    """`None` for a new row."""
    title: Label
    may: May
    action: str
    stamps: Sequence[tuple[Label, Any, str]]
    """Label, value and kind of what the service fills in."""
    list_query: str
    """The query of the list to go back to."""
    unsaved: bool
    problem: Sentence | None = None
    takes_files: bool = False
    """Its address carries an upload ticket, so that a plain form may bring files."""
    has_editor: bool = False
    editor_ticket: str = ""
    """For editors that send a picture by a plain form."""


@dataclass(frozen=True)
class EditPage(Page):
    """A form to create a row and to change one."""

    def routes(self, resource: BoundResource) -> Sequence[Route]:
        taking: dict[str, Any] = (
            {"opt": {TICKET: FORM}, "max_body": form_limit(resource)} if file_fields(resource) else {}
        )
        return [
            Route(("GET",), "/new", self.new),
            Route(("POST",), "", self.create, **taking),
            Route(("GET",), "/{key:str}/edit", self.edit),
            Route(("POST",), "/{key:str}", self.save, **taking),
        ]

    async def new(self, request: PortalRequest, resource: BoundResource) -> Response[bytes]:
        if _has_editor(resource) and (away := as_document(request)):
            return away
        async with request.site.reading(request.actor) as work:
            service = resource.service(work)
            service.require("create")
            form = await form_view(service, resource, request.zone, sent=_given(request, resource))
            return _page(request, resource, service, form)

    async def edit(self, request: PortalRequest, resource: BoundResource) -> Response[bytes]:
        key = request.path_params["key"]
        if _has_editor(resource) and (away := as_document(request)):
            return away
        async with request.site.reading(request.actor) as work:
            service = resource.service(work)
            row = await service.get(key, _relations(resource))
            service.require("edit", row)
            version = service.version_of(row)
            form = await form_view(service, resource, request.zone, row=row, version=version)
            return _page(request, resource, service, form, row=row)

    async def create(self, request: PortalRequest, resource: BoundResource) -> Response[Any]:
        sent = await request.form_values()
        check(resource.policy, request.actor, "create", resource.name)
        refused = await take_files(request, resource, sent)
        async with request.site.writing(request.actor) as work:
            service = resource.service(work)
            if "find" in sent:
                return await _again(request, resource, service, sent)
            try:
                row = await service.create(_bound(resource.fields, sent, request.zone, refused, creating=True))
            except InputError as error:
                return await _again(request, resource, service, sent, error)
            except ConflictError as conflict:  # there is no other version to choose from
                return await _again(request, resource, service, sent, InputError({}, conflict.message))
            return self.created(request, resource, service, row, sent)

    def created(
        self, request: PortalRequest, resource: BoundResource, service: ResourceService, row: Any, sent: Values
    ) -> Response[Any]:
        """What follows a new row."""
        return _saved(request, resource, service, row, sent, _("“{title}” was created."))

    async def save(self, request: PortalRequest, resource: BoundResource) -> Response[Any]:
        key = request.path_params["key"]
        sent = settle(await request.form_values())
        check(resource.policy, request.actor, "edit", resource.name)
        refused = await take_files(request, resource, sent)
        version = sent.get("_version", [None])[-1]
        async with request.site.writing(request.actor) as work:
            service = resource.service(work)
            if "find" in sent:
                return await _again(request, resource, service, sent, key=key)
            try:
                fields = [field for field in resource.fields if field.name not in resource.facts.mapping.key]
                values = _bound(fields, sent, request.zone, refused, creating=False)
                kept = {field.name for field in fields if field.name in values and is_untouched(service, field, sent)}
                values = {name: value for name, value in values.items() if name not in kept}
                row = await service.save(key, values, version)
            except InputError as error:
                return await _again(request, resource, service, sent, error, key=key)
            except ConflictError as conflict:
                work.session.expunge_all()
                row = await service.get(key, _relations(resource))
                return await conflict_answer(request, resource, service, row, sent, conflict)
            return _saved(request, resource, service, row, sent, _("“{title}” was saved."))


def _bound(
    fields: Sequence[Field], sent: Values, zone: ZoneInfo, refused: Mapping[str, Sentence], *, creating: bool
) -> dict[str, Any]:
    """The values of the form; what is wrong with its files is told together with the rest."""
    try:
        values = bind(fields, sent, zone, creating=creating)
    except InputError as error:
        raise InputError({**error.errors, **refused}) from error
    if refused:
        raise InputError(refused)
    return values


def _has_editor(resource: BoundResource) -> bool:
    return any(isinstance(field, RichTextField) for field in resource.fields)


def _relations(resource: BoundResource) -> list[str]:
    return [field.name for field in resource.fields if field.name in resource.facts.mapping.relations]


def _given(request: PortalRequest, resource: BoundResource) -> Values | None:
    """Values that the address of an empty form carries: `/banners/new?placement=app`."""
    names = {field.name for field in resource.fields}
    return {name: values for name, values in request.sent.items() if name in names} or None


async def _again(
    request: PortalRequest,
    resource: BoundResource,
    service: ResourceService,
    sent: Values,
    error: InputError | None = None,
    key: str | None = None,
) -> Response[bytes]:
    """The form once more, with all that was typed."""
    row = None
    if key is not None:
        service.session.expunge_all()
        row = await service.get(key, _relations(resource))
    form = await form_view(
        service,
        resource,
        request.zone,
        row=row,
        sent=sent,
        errors=error.errors if error else None,
        version=sent.get("_version", [""])[-1],
        base=sent.get("_base", [""])[-1],
    )
    status = 422 if error else 200
    unplaced = [text for name, text in (error.errors if error else {}).items() if resource.field(name) is None]
    problem = (unplaced[0] if unplaced else error.message) if error else None
    return _page(request, resource, service, form, row=row, sent=sent, status=status, problem=problem)


def _page(
    request: PortalRequest,
    resource: BoundResource,
    service: ResourceService,
    form: FormView,
    *,
    row: Any = None,
    sent: Values | None = None,
    status: int = 200,
    problem: Sentence | None = None,
) -> Response[bytes]:
    site = request.site
    key = resource.facts.mapping.key_of(row) if row is not None else None
    title: Label = service.title_of(row) if row is not None else _("New {noun}").format(noun=inside(resource.label))
    query = sent_list_query(sent) if sent is not None else list_query(request, resource)
    takes_files = bool(file_fields(resource))
    has_editor = _has_editor(resource)
    context = EditContext(
        resource=resource,
        form=form,
        key=key,
        title=title,
        may=permissions(resource, service),
        action=site.url_of(resource, key) + (f"?ticket={request.visit.upload_ticket(FORM)}" if takes_files else ""),
        takes_files=takes_files,
        has_editor=has_editor,
        editor_ticket=request.visit.upload_ticket(EDITOR) if has_editor else "",
        stamps=_stamps(resource, row),
        list_query=query,
        unsaved=sent is not None,
        problem=problem,
    )
    crumbs = [Crumb(resource.label_plural, site.url_of(resource) + query), Crumb(title)]
    current: Current = ("resource", resource.name)
    names = templates_for(resource, "edit.html")
    headers = WITH_STYLES if has_editor else {}
    return render(request, names, context, status=status, current=current, crumbs=crumbs, headers=headers)


def _saved(
    request: PortalRequest,
    resource: BoundResource,
    service: ResourceService,
    row: Any,
    sent: Values,
    text: Any,
) -> Response[Any]:
    site, key = request.site, resource.facts.mapping.key_of(row)
    message = text.format(title=service.title_of(row))
    match sent.get("_then", [""])[-1]:
        case "edit":
            return redirect(request, site.url_of(resource, key, "/edit"), message)
        case "new":
            return redirect(request, site.url_of(resource, tail="/new"), message)
        case _:
            return redirect(request, site.url_of(resource) + sent_list_query(sent), message)


def _stamps(resource: BoundResource, row: Any) -> list[tuple[Label, Any, str]]:
    if row is None:
        return []
    found = []
    for name in ("created_at", "created_by", "updated_at", "updated_by"):
        facts = resource.facts.attributes.get(name)
        if facts is not None and getattr(row, name) is not None:
            found.append((facts.label, getattr(row, name), facts.kind))
    return found
