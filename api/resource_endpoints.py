"""The endpoints of a resource: what every noun can do, through the services that its pages use."""

from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Annotated, Any, Literal
from urllib.parse import quote

import msgspec
from msgspec import UNSET, Meta, UnsetType

from api.call import Call
from api.endpoint import Endpoint
from api.errors import BadParameters, PreconditionFailed
from api.includes import Schemas, asked, include
from api.list_parameters import list_parameters, selection
from api.representation import ZONE, renamed, shown_object, shown_row, values_of
from api.schemas import ResourceSchema
from portal.errors import InputError, StaleError
from portal.i18n import _
from portal.kit.listing import PARAMETERS, ListState, Sent, parse_list
from portal.kit.page import BoundResource
from portal.pages.list import ListPage
from portal.services.linked import linked_keys
from portal.services.query import Row
from portal.services.resource import ResourceService
from portal.web.request import grouped

MOST_KEYS = 500
"""Rows that one bulk call may name."""

Key = Annotated[str, Meta(min_length=1, max_length=512)]


class Counted(msgspec.Struct):
    """How many rows match; counting stops at some number, and `capped` says so."""

    count: int
    capped: bool


class Placed(msgspec.Struct, forbid_unknown_fields=True):
    """Where a row goes: between two neighbours, or said in words."""

    key: Annotated[str, Meta(description="The row to move.", min_length=1, max_length=512)]
    after: Annotated[str, Meta(description="The row above it; empty at the top.", max_length=512)] | UnsetType = UNSET
    before: Annotated[str, Meta(description="The row below it; empty at the end.", max_length=512)] | UnsetType = UNSET
    to: Literal["up", "down", "top", "bottom", "to"] | UnsetType = UNSET
    number: Annotated[int, Meta(description="For `to`: counted from 1.", ge=1, le=1_000_000_000)] = 1


class Bulk(msgspec.Struct, forbid_unknown_fields=True):
    """Something done to many rows: to those named, or to all that a list would show."""

    action: Annotated[str, Meta(max_length=60)]
    keys: Annotated[list[Key], Meta(min_length=1, max_length=MOST_KEYS)] | UnsetType = UNSET
    matching: (
        Annotated[str, Meta(description="The query of the list: `status=draft&q=tea`.", max_length=4000)] | UnsetType
    ) = UNSET


class Done(msgspec.Struct):
    """How many rows it was done to."""

    count: int


@dataclass(frozen=True)
class ResourceEndpoints:
    """Makes the endpoints of one resource."""

    schema: ResourceSchema
    schemas: Schemas
    """Of all resources the API has, for rows that are included."""

    @property
    def resource(self) -> BoundResource:
        return self.schema.resource

    def all(self, verbs: Sequence[str] | None = None) -> list[Endpoint]:
        """The endpoints of these verbs, or of all that the noun knows."""
        makers: dict[str, Callable[[], Endpoint | None]] = {
            "list": self._list,
            "count": self._count,
            "get": self._get,
            "create": self._create,
            "patch": self._patch,
            "put": self._put,
            "delete": self._delete,
            "order": self._order,
            "bulk": self._bulk,
        }
        made = [make() for verb, make in makers.items() if verbs is None or verb in verbs]
        return [found for found in made if found is not None]

    def _endpoint(self, method: str, tail: str, operation: str, verb: str, **options: Any) -> Endpoint:
        name = self.resource.name
        return Endpoint(
            method,
            f"/{name}{tail}",
            name=f"{name}-{verb}",
            tag=str(self.resource.label_plural),
            permission=f"{name}.{operation}",
            **options,
        )

    def _service(self, work: Any) -> ResourceService:
        return self.resource.service(work)

    # -- reading

    def _list(self) -> Endpoint:
        return self._endpoint(
            "GET",
            "",
            "view",
            "list",
            handler=self.show,
            reads_query=True,
            answer=self.schema.page,
            query=list_parameters(self.schema),
            summary=f"List {self.resource.label_plural}",
        )

    def _count(self) -> Endpoint:
        return self._endpoint(
            "GET",
            "/count",
            "view",
            "count",
            handler=self.count,
            reads_query=True,
            answer=Counted,
            query=list_parameters(self.schema, counting=True),
            summary=f"Count {self.resource.label_plural}",
        )

    def _get(self) -> Endpoint:
        return self._endpoint(
            "GET",
            "/{key}",
            "view",
            "get",
            handler=self.get,
            reads_query=True,
            answer=self.schema.item,
            query=selection(self.schema),
            path_types={"key": Key},
            headers=("If-None-Match",),
            summary=f"Get one: {self.resource.label}",
        )

    async def show(self, call: Call) -> Any:
        sent = dict(call.sent)
        names = self._names(sent)
        relations = asked(self.schema, sent.pop("include", None))
        state = self.state(sent)
        async with call.reading() as work:
            service = self._service(work)
            query = replace(state.query, columns=tuple(name for name in names if not self._is_many(name)))
            try:
                found = await service.page(query)
            except InputError as error:  # a cursor that is not this list's
                raise BadParameters(error.errors) from error
            rows = {row.key: row for row in found.items}
            await self._put_links(work, names, rows)
            items = {key: shown_row(call.site, self.schema, names, row) for key, row in rows.items()}
            await include(call.site, work, self.schema, self.schemas, relations, items)
        return {"items": list(items.values()), "next": found.next_cursor, "previous": found.previous_cursor}

    async def count(self, call: Call) -> Counted:
        state = self._matched(call.sent)
        async with call.reading() as work:
            count = await self._service(work).count(state.query)
        return Counted(count.number, count.capped)

    async def get(self, call: Call, key: str) -> Any:
        sent = dict(call.sent)
        names = self._names(sent, everything=True)
        relations = asked(self.schema, sent.pop("include", None))
        _refuse_others(sent)
        async with call.reading() as work:
            service = self._service(work)
            row = await service.get(key, [name for name in names if self._is_many(name)])
            tag = _tag(service.version_of(row))
            call.headers["ETag"] = tag
            if not relations and _matches(call.received.get("if-none-match"), tag):
                call.status = 304
                return None
            item = shown_object(call.site, self.schema, names, row)
            await include(call.site, work, self.schema, self.schemas, relations, {service.mapping.key_of(row): item})
        return item

    # -- writing

    def _create(self) -> Endpoint:
        return self._endpoint(
            "POST",
            "",
            "create",
            "create",
            handler=self.create,
            reads_body=True,
            answer=self.schema.whole,
            status=201,
            body=self.schema.create,
            headers=("Idempotency-Key",),
            summary=f"Create: {self.resource.label}",
        )

    def _patch(self) -> Endpoint:
        return self._endpoint(
            "PATCH",
            "/{key}",
            "edit",
            "patch",
            handler=self.patch,
            reads_body=True,
            answer=self.schema.whole,
            body=self.schema.patch,
            path_types={"key": Key},
            headers=("If-Match",),
            summary=f"Change some attributes: {self.resource.label}",
        )

    def _put(self) -> Endpoint:
        return self._endpoint(
            "PUT",
            "/{key}",
            "edit",
            "put",
            handler=self.put,
            reads_body=True,
            answer=self.schema.whole,
            body=self.schema.put,
            path_types={"key": Key},
            headers=("If-Match",),
            summary=f"Set all attributes: {self.resource.label}",
        )

    def _delete(self) -> Endpoint:
        return self._endpoint(
            "DELETE",
            "/{key}",
            "delete",
            "delete",
            handler=self.delete,
            status=204,
            path_types={"key": Key},
            headers=("If-Match",),
            summary=f"Delete: {self.resource.label}",
        )

    async def create(self, call: Call, body: Any) -> Any:
        with _named_as_sent(self.schema):
            values = values_of(self.schema, body, creating=True)
            async with call.writing() as work:
                service = self._service(work)
                row = await service.create(values)
                key = service.mapping.key_of(row)
        call.headers["Location"] = f"{call.site.path}/api/{self.resource.name}/{quote(key, safe='~')}"
        return await self._written(call, key)

    async def patch(self, call: Call, key: str, body: Any) -> Any:
        return await self._save(call, key, body, whole=False)

    async def put(self, call: Call, key: str, body: Any) -> Any:
        return await self._save(call, key, body, whole=True)

    async def delete(self, call: Call, key: str) -> None:
        async with call.writing() as work:
            service = self._service(work)
            version = await self._expected(call, service, key)
            with _precondition(version):
                await service.delete(key, version)

    async def _save(self, call: Call, key: str, body: Any, *, whole: bool) -> Any:
        with _named_as_sent(self.schema):
            values = values_of(self.schema, body, creating=False, whole=whole)
            async with call.writing() as work:
                service = self._service(work)
                version = await self._expected(call, service, key)
                with _precondition(version):
                    row = await service.save(key, values, version)
                key = service.mapping.key_of(row)
        return await self._written(call, key)

    async def _written(self, call: Call, key: str) -> Any:
        """The row as it is now. Who may write and not read is told no more than its key."""
        names = tuple(self.schema.readable)
        async with call.site.reading(call.actor) as work:
            service = self._service(work)
            if not service.may("view"):
                call.status = 204
                return None
            row = await service.get(key, [name for name in names if self._is_many(name)])
            call.headers["ETag"] = _tag(service.version_of(row))
            return shown_object(call.site, self.schema, names, row)

    async def _expected(self, call: Call, service: ResourceService, key: str) -> str | None:
        """The version that `If-Match` wants the row to have; `*` wants only that there is one."""
        wanted = call.received.get("if-match")
        if not wanted:
            return None
        tags = [tag.strip() for tag in wanted.split(",")]
        if tags == ["*"]:
            return None
        if len(tags) == 1:
            return tags[0].removeprefix("W/").strip('"')
        version = service.version_of(await service.get(key))
        if _tag(version) not in tags:
            raise PreconditionFailed
        return version

    # -- many at once

    def _order(self) -> Endpoint | None:
        if self.resource.facts.mapping.ordering is None:
            return None
        return self._endpoint(
            "POST", "/order", "order", "order", handler=self.order, status=204, body=Placed, summary="Move a row"
        )

    def _bulk(self) -> Endpoint | None:
        if not self.resource.actions:
            return None
        names = [action.name for action in self.resource.actions]
        return self._endpoint(
            "POST",
            "/bulk",
            "view",
            "bulk",
            handler=self.bulk,
            answer=Done,
            body=_bulk_of(self.schema.noun, names),
            summary=f"Do something to many: {self.resource.label_plural}",
            description="Each action needs the right of its name.",
        )

    async def order(self, call: Call, body: Placed) -> None:
        places = {name: value for name in ("after", "before") if (value := getattr(body, name)) is not UNSET}
        to = None if body.to is UNSET else body.to
        if bool(places) == bool(to):
            raise InputError({"to": _("Say either neighbours or where to.").coded("invalid")})
        async with call.writing() as work:
            await self._service(work).move(body.key, **places, to=to, number=body.number)

    async def bulk(self, call: Call, body: Bulk) -> Done:
        action = next((found for found in self.resource.actions if found.name == body.action), None)
        if action is None:
            raise InputError({"action": _("This is not one of the choices.")})
        if (body.keys is UNSET) == (body.matching is UNSET):
            raise InputError({"keys": _("Say either keys or what matches.").coded("invalid")})
        state = None if body.matching is UNSET else self._matching(body.matching)
        async with call.writing() as work:
            service = self._service(work)
            service.require(action.permission)
            rows = await service.selected(body.keys) if body.keys is not UNSET else service.matching(state.query)  # type: ignore[union-attr]
            return Done(await getattr(service, action.service_method)(rows))

    def _matching(self, text: str) -> ListState:
        try:
            return self._matched(grouped(text.encode()))
        except BadParameters as error:
            raise InputError({"matching": next(iter(error.errors.values()), error.message)}) from error

    # -- the list's address

    def state(self, sent: Sent) -> ListState:
        """What a list's address asks for; `BadParameters` with all that is not understood."""
        page: ListPage | None = self.resource.page(ListPage)
        try:
            return parse_list(sent, self.resource, zone=ZONE, order_by=page.order_by if page else None, strict=True)
        except InputError as error:
            raise BadParameters(error.errors) from error

    def _matched(self, sent: Sent) -> ListState:
        """The same where all rows are meant: nothing may ask for a part or an order of them."""
        _refuse_others([name for name in sent if name in PARAMETERS and name != "q"])
        return self.state(sent)

    def _names(self, sent: dict[str, list[str]], *, everything: bool = False) -> tuple[str, ...]:
        """The attributes that `fields=` asks for."""
        wanted = sent.pop("fields")[-1].split(",") if "fields" in sent else []
        unknown = [name for name in wanted if name not in self.schema.readable]
        if unknown:
            raise BadParameters(
                {"fields": _("There is no attribute “{name}”.").format(name=unknown[0]).coded("unknown")}
            )
        if not wanted:
            return tuple(self.schema.readable) if everything else self.schema.usual
        keys = [name for name in self.resource.facts.mapping.key if name in self.schema.readable]
        return tuple(dict.fromkeys([*keys, *wanted]))

    def _is_many(self, name: str) -> bool:
        return self.schema.readable[name].kind == "relations"

    async def _put_links(self, work: Any, names: Sequence[str], rows: dict[str, Row]) -> None:
        """The keys of to-many relations, where they were asked for."""
        for name in names:
            if not self._is_many(name):
                continue
            links = await linked_keys(work.session, self.resource.facts.mapping, name, list(rows))
            whole = self.schema.readable[name].type == list[int]
            for key, row in rows.items():
                row.values[name] = [int(other) if whole else other for other in links.get(key, ())]


def _bulk_of(noun: str, actions: Sequence[str]) -> type[msgspec.Struct]:
    """What is sent to do one of these to many rows."""
    one_of: Any = Literal[tuple(actions)]
    return msgspec.defstruct(
        f"{noun}Bulk", [("action", one_of)], bases=(Bulk,), kw_only=True, forbid_unknown_fields=True, module=__name__
    )


def _refuse_others(sent: Collection[str]) -> None:
    if sent:
        raise BadParameters({name: _("There is no such parameter.") for name in sent})


def _tag(version: str) -> str:
    return f'"{version}"'


def _matches(header: str | None, tag: str) -> bool:
    given = [part.strip().removeprefix("W/") for part in (header or "").split(",")]
    return tag in given or given == ["*"]


@contextmanager
def _precondition(version: str | None) -> Iterator[None]:
    """A stale row is a failed precondition where the caller made one."""
    try:
        yield
    except StaleError as error:
        if version is None:
            raise
        raise PreconditionFailed from error


@contextmanager
def _named_as_sent(schema: ResourceSchema) -> Iterator[None]:
    """Errors of services speak of the model's attributes; callers know the names in JSON."""
    try:
        yield
    except InputError as error:
        raise renamed(schema, error) from error
