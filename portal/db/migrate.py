"""Migrations: plain Alembic in branches that know nothing of each other.

`system` holds the tables every portal has, `starter` those of the starter content, `project` those of a
project that builds on the portal and keeps its revisions in a folder of its own. The functions are
synchronous, for the command line; within a running loop they work in a thread of their own.
"""

import asyncio
from collections.abc import Callable, Collection
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, MetaData, event

from portal.db.engine import Database
from portal.db.migration_lock import alone, check_references
from portal.db.migration_text import drop_tables_at_once, render_type, same_index
from portal.db.model import Model

BRANCHES = ("system", "starter")
"""The branches this package brings."""

PROJECT = "project"

FOLDER = Path(__file__).parent / "migrations"

VERSION_TABLE = "fastor_migration"
"""Not Alembic's usual name: a host application may keep its own migrations in the same database."""

Result = TypeVar("Result")


def upgrade(
    url: str,
    branches: Collection[str] = BRANCHES,
    revision: str = "heads",
    *,
    project: Path | None = None,
) -> None:
    """Bring the tables of these branches up to date, or to one `revision`; two at once take turns."""
    targets = [f"{branch}@head" for branch in branches] if revision in ("head", "heads") else [revision]

    def climb(config: Config) -> None:
        for target in targets:
            command.upgrade(config, target)

    _run(url, project, climb)


def downgrade(url: str, branch: str, revision: str = "base", *, project: Path | None = None) -> None:
    """Take the tables of a branch back to `revision`: `base` drops them all, `-1` undoes the last step."""
    _run(url, project, lambda config: command.downgrade(config, f"{branch}@{revision}"))


def current(url: str, *, project: Path | None = None) -> tuple[str, ...]:
    """The revisions the database is at, one a branch."""
    return _run(url, project, lambda config: _context(config).get_current_heads())


def pending(url: str, branches: Collection[str] = BRANCHES, *, project: Path | None = None) -> tuple[str, ...]:
    """The newest revisions of these branches that the database has not reached."""

    def look(config: Config) -> tuple[str, ...]:
        script = ScriptDirectory.from_config(config)
        reached = {
            revision.revision
            for head in _context(config).get_current_heads()
            for revision in script.iterate_revisions(head, "base")
        }
        heads = [script.get_revision(f"{branch}@head").revision for branch in branches]
        return tuple(head for head in heads if head not in reached)

    return _run(url, project, look)


def make(
    url: str,
    message: str,
    branch: str,
    metadata: MetaData = Model.metadata,
    *,
    project: Path | None = None,
) -> Path | None:
    """Write the revision that takes a migrated database to what the models say; `None` when it is there.

    The models of the branch must be imported by then.
    """
    folder = project if branch == PROJECT and project else FOLDER / branch
    folder.mkdir(parents=True, exist_ok=True)

    def write(config: Config) -> Path | None:
        first = not any(folder.glob("*.py"))
        _leave_out_unused(config, branch)
        if not _differences(_context(config), metadata, branch):
            return None
        config.attributes.update(metadata=metadata, **_only(branch_tables(branch, metadata)))
        made = command.revision(
            config,
            message,
            autogenerate=True,
            head="base" if first else f"{branch}@head",
            branch_label=branch if first else None,
            version_path=str(folder),
        )
        scripts = made if isinstance(made, list) else [made]
        return next((Path(script.path) for script in scripts if script is not None), None)

    return _run(url, project, write)


def drift(
    url: str,
    metadata: MetaData = Model.metadata,
    branches: Collection[str] = BRANCHES,
    *,
    project: Path | None = None,
) -> list[str]:
    """What the database has otherwise than the models say, one sentence each; empty when they agree."""
    return _run(
        url,
        project,
        lambda config: [
            _sentence(difference)
            for branch in branches
            for difference in _differences(_context(config), metadata, branch)
        ],
    )


def branch_tables(branch: str, metadata: MetaData = Model.metadata) -> frozenset[str]:
    """The names of the branch's tables among those whose models are imported."""
    system = frozenset(name for name in metadata.tables if name.startswith("fastor_"))
    shipped = frozenset(
        mapper.local_table.name  # type: ignore[attr-defined]  # mapped to tables, not to selects
        for mapper in Model.registry.mappers
        if mapper.class_.__module__.startswith("portal.models.")
    )
    if branch == "system":
        return system
    if branch == "starter":
        return shipped - system
    return frozenset(metadata.tables) - shipped - system


def _run(url: str, project: Path | None, work: Callable[[Config], Result]) -> Result:
    async def run() -> Result:
        database = Database(url, statement_timeout=None)
        if database.dialect == "sqlite":
            # Making a table anew drops the old one, which would delete every row that refers to it.
            event.listen(database.engine.sync_engine, "connect", _ignore_references)
        try:
            async with database.engine.begin() as connection:
                return await connection.run_sync(_work)
        finally:
            await database.dispose()

    def _work(connection: Connection) -> Result:
        alone(connection)
        result = work(_config(connection, project))
        check_references(connection)
        return result

    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return asyncio.run(run())
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, run()).result()


def _ignore_references(connection: Any, record: object) -> None:
    cursor = connection.cursor()
    cursor.execute("PRAGMA foreign_keys=off")
    cursor.close()


def _config(connection: Connection, project: Path | None) -> Config:
    folders = [_plain(FOLDER / branch) for branch in BRANCHES] + ([_plain(project)] if project else [])
    config = Config()
    config.set_main_option("script_location", _plain(FOLDER))
    config.set_main_option("path_separator", "newline")
    config.set_main_option("version_locations", "\n".join(folders))
    config.set_main_option("file_template", "%%(year)d%%(month).2d%%(day).2d_%%(slug)s")
    config.attributes.update(
        connection=connection,
        folders=folders,
        metadata=Model.metadata,
        version_table=VERSION_TABLE,
        render_item=render_type,
        process_revision_directives=drop_tables_at_once,
        **_only(frozenset(Model.metadata.tables)),
    )
    return config


def _leave_out_unused(config: Config, branch: str) -> None:
    """Forget the branches the database does not take part in: Alembic wants all it knows up to date."""
    script = ScriptDirectory.from_config(config)
    used = {branch}
    for head in _context(config).get_current_heads():
        used |= script.get_revision(head).branch_labels
    left_out = {_plain(FOLDER / name) for name in BRANCHES if name not in used}
    kept = [folder for folder in config.attributes["folders"] if folder not in left_out]
    config.set_main_option("version_locations", "\n".join(kept))


def _plain(path: Path) -> str:
    return str(path).replace("%", "%%")


def _only(tables: frozenset[str]) -> dict[str, Any]:
    def include_name(name: str | None, kind: str, parents: Any) -> bool:
        return kind != "table" or name in tables

    def include_object(item: Any, name: str | None, kind: str, reflected: bool, other: Any) -> bool:
        if kind == "index" and other is not None:
            return not same_index(item, other)
        return kind != "table" or name in tables

    return {"include_name": include_name, "include_object": include_object}


def _context(config: Config, **options: Any) -> MigrationContext:
    connection = config.attributes["connection"]
    return MigrationContext.configure(connection, opts={"version_table": VERSION_TABLE, **options})


def _differences(context: MigrationContext, metadata: MetaData, branch: str) -> list[Any]:
    context.opts.update(_only(branch_tables(branch, metadata)), compare_type=True)
    found: list[Any] = compare_metadata(context, metadata)
    return found


def _sentence(difference: Any) -> str:
    parts = difference[0] if isinstance(difference, list) else difference
    return " ".join(str(part) for part in parts if part is not None)
