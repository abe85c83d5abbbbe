"""Rows of related nouns along with a list: one statement for each relation, whatever the number of rows."""

from collections.abc import Mapping, Sequence
from typing import Any

from api.errors import BadParameters
from api.representation import shown_row
from api.schemas import ResourceSchema
from portal.auth.refusals import MissingScope
from portal.db.mapping import ModelMapping, mapping_of
from portal.i18n import _
from portal.services.linked import keyed_rows, linked_keys
from portal.services.unit_of_work import UnitOfWork
from portal.web.site import Site

Schemas = Mapping[str, ResourceSchema]


def asked(schema: ResourceSchema, sent: Sequence[str] | None) -> tuple[str, ...]:
    """The relations that `include=` names."""
    names = tuple(dict.fromkeys(sent[-1].split(","))) if sent else ()
    unknown = [name for name in names if name not in schema.includes]
    if unknown:
        raise BadParameters({"include": _("“{name}” can't be included.").format(name=unknown[0]).coded("unknown")})
    return names


async def include(
    site: Site,
    work: UnitOfWork,
    schema: ResourceSchema,
    schemas: Schemas,
    names: Sequence[str],
    rows: Mapping[str, dict[str, Any]],
) -> None:
    """Put the related rows under `related` of each of `rows`, which are the shown ones by their keys."""
    if not names:
        return
    for row in rows.values():
        row["related"] = {}
    mapping = schema.resource.facts.mapping
    for name in names:
        relation = mapping.relations[name]
        target = mapping_of(relation.mapper.class_)
        other = _schema(site, work, target, schemas)
        links = await linked_keys(work.session, mapping, name, list(rows))
        wanted = sorted({key for keys in links.values() for key in keys})
        usual = other.usual if other is not None else ()
        found = await keyed_rows(work.session, target, wanted, usual)
        made = {
            key: {"key": key, "title": title, **(shown_row(site, other, usual, row) if other is not None else {})}
            for key, (title, row) in found.items()
        }
        for key, row in rows.items():
            theirs = [made[other_key] for other_key in links.get(key, ()) if other_key in made]
            row["related"][name] = theirs if relation.uselist else (theirs[0] if theirs else None)


def _schema(site: Site, work: UnitOfWork, target: ModelMapping, schemas: Schemas) -> ResourceSchema | None:
    """How rows of the other noun are shown; only their titles where the API does not have it."""
    name = site.names.get(target.model)
    if name is None:
        return None
    if not work.policy.allows(work.actor, "view", name):
        raise MissingScope(f"{name}.view")
    return schemas.get(name)
