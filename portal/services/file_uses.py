"""Which rows use which files: checked when a row is about to be written, noted in the same transaction.

A file that a row lets go of is removed after the commit, never before; `Uploads.release` asks whether anything
else uses it.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import delete, inspect, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from portal.db.mapping import ModelMapping
from portal.errors import InputError, Sentence
from portal.i18n import _
from portal.markup.cleaning import clean
from portal.markup.pictures import CANONICAL, keys_in, with_addresses
from portal.models.file import FileUse, StoredFile
from portal.services.files_lookup import of_stem
from portal.services.suitable_files import objection
from portal.services.unit_of_work import UnitOfWork
from portal.uploads.keys import is_key, split_copy
from portal.uploads.rules import Rules, document_rules, picture_rules

GONE = _("This file is not there any more. Please choose one again.")
NO_PICTURE = _("This file is no picture.")
NOT_YOURS = _("This file belongs to something you may not see.")

CHUNK = 500

_key: Any = StoredFile.key


async def check(work: UnitOfWork, mapping: ModelMapping, row: Any) -> dict[str, set[str]]:
    """The keys in each file field that is about to change; `InputError` where one is no file for it.

    What a field held before may stay, whatever it is.
    """
    changed: dict[str, set[str]] = {}
    for name in mapping.files:
        history = inspect(row).attrs[name].history
        if history.has_changes() and name in row.__dict__:
            if mapping.files[name] == "rich_text":
                await _show_wholes(work, row, name)
            changed[name] = keys_of(mapping, name, getattr(row, name))
    new = {
        name: keys - keys_of(mapping, name, *inspect(row).attrs[name].history.deleted) for name, keys in changed.items()
    }
    found = await _files(work.session, sorted(set().union(*new.values())) if new else [], locked=True)
    errors: dict[str, Sentence] = {}
    for name, keys in new.items():
        kind = mapping.files[name]
        for key in keys:
            if problem := _problem(work, kind, rules_of(mapping, name), found.get(key)):
                errors[name] = problem
    if errors:
        raise InputError(errors)
    return changed


async def record(work: UnitOfWork, mapping: ModelMapping, row: Any, changed: Mapping[str, set[str]]) -> list[int]:
    """Note what the fields of a written row use now; the ids of the files they let go of."""
    if not changed:
        return []
    noun, row_key = mapping.table_name, mapping.key_of(row)
    mine = [FileUse.noun == noun, FileUse.row_key == row_key, FileUse.field.in_(changed)]
    before = {
        (use.field, use.file_id): use.id
        for use in await work.session.execute(select(FileUse.id, FileUse.field, FileUse.file_id).where(*mine))
    }
    found = await _files(work.session, sorted(set().union(*changed.values())))
    after = {(name, found[key].id) for name, keys in changed.items() for key in keys if key in found}
    for name, file_id in sorted(after - before.keys()):
        work.session.add(FileUse(file_id=file_id, noun=noun, row_key=row_key, field=name))
    dropped = before.keys() - after
    if dropped:
        ids = [before[use] for use in dropped]
        await work.session.execute(delete(FileUse).where(FileUse.id.in_(ids)))
    await work.session.flush()
    return sorted({file_id for _name, file_id in dropped})


async def forget(session: AsyncSession, mapping: ModelMapping, row_keys: Sequence[str]) -> list[int]:
    """Rows are gone, and with them their uses; the ids of the files they let go of."""
    dropped: set[int] = set()
    for some in _chunks(row_keys):
        mine = [FileUse.noun == mapping.table_name, FileUse.row_key.in_(some)]
        dropped |= set(await session.scalars(select(FileUse.file_id).where(*mine)))
        await session.execute(delete(FileUse).where(*mine))
    return sorted(dropped)


def keys_of(mapping: ModelMapping, name: str, *values: Any) -> set[str]:
    """The files a field's values speak of."""
    found: set[str] = set()
    for value in values:
        match mapping.files[name]:
            case "gallery":
                found |= {str(key) for key in value or ()}
            case "rich_text":
                found |= set(keys_in(value or ""))
            case _:
                found |= {value} if value else set()
    return found


async def _files(session: AsyncSession, keys: Sequence[str], *, locked: bool = False) -> dict[str, Any]:
    """The files of these keys; when locked, none of them is removed or replaced before the commit."""
    keys = [key for key in keys if is_key(key)]  # no other has a row, and a text may speak of very many
    columns = (
        StoredFile.id,
        StoredFile.key,
        StoredFile.kind,
        StoredFile.media_type,
        StoredFile.size,
        StoredFile.width,
        StoredFile.height,
        StoredFile.private,
        StoredFile.owner,
    )
    found = [row for some in _chunks(keys) for row in await session.execute(select(*columns).where(_key.in_(some)))]
    if locked and found:
        # By the primary key, as a foreign key does: another index's entry, locked first, would be a deadlock with
        # whoever removes or replaces the file.
        ids = sorted(file.id for file in found)
        again = select(*columns).order_by(StoredFile.id).with_for_update(read=True)
        found = [row for some in _chunks(ids) for row in await session.execute(again.where(StoredFile.id.in_(some)))]
    return {file.key: file for file in found}


async def _show_wholes(work: UnitOfWork, row: Any, name: str) -> None:
    """A picture that was copied from a page may be one of the smaller copies: what a text keeps is the picture."""
    copies = {key: copy[0] for key in keys_in(getattr(row, name) or "") if (copy := split_copy(key))}
    wholes: dict[str, str] = {}
    for some in _chunks(sorted(set(copies.values())), 100):
        found = await work.session.scalars(select(_key).where(or_(*map(of_stem, some))))
        wholes |= {key.rpartition(".")[0]: key for key in found}
    if wholes:
        text = with_addresses(getattr(row, name), lambda key: CANONICAL + wholes.get(copies.get(key, ""), key))
        setattr(row, name, clean(text, own=work.own_address))


def _chunks(items: Sequence[Any], most: int = CHUNK) -> Iterator[Sequence[Any]]:
    """So few at a time that every database takes them."""
    return (items[start : start + most] for start in range(0, len(items), most))


def rules_of(mapping: ModelMapping, name: str) -> Rules:
    """What a field takes, as its column declares it."""
    declared = mapping.facts(name).file
    return document_rules(declared) if mapping.files[name] == "file" else picture_rules(declared)


def _problem(work: UnitOfWork, kind: str, rules: Rules, file: Any) -> Sentence | None:
    if file is None:
        return None if kind == "rich_text" else GONE  # a text may speak of pictures that are gone
    if file.private and file.owner != work.actor.name and not work.actor.superuser:
        return NOT_YOURS
    if kind == "rich_text":
        return None
    if kind in ("image", "gallery") and file.kind != "image":
        return NO_PICTURE
    return objection(rules, file)
