"""The migrations make what the models say, and take it away again, on all three databases."""

import asyncio
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import Boolean, Column, ForeignKey, Integer, MetaData, String, Table, false, inspect

import portal.models.starter
import portal.models.system  # noqa: F401 -- both for the tables they bring
from portal.db import migrate
from portal.db.columns import BigKey
from portal.db.engine import Database
from portal.db.model import Model


def tables(url: str) -> set[str]:
    async def look() -> set[str]:
        database = Database(url)
        async with database.engine.connect() as connection:
            found = await connection.run_sync(lambda bound: set(inspect(bound).get_table_names()))
        await database.dispose()
        return found - {migrate.VERSION_TABLE}

    return asyncio.run(look())


def test_upgrade_makes_what_the_models_say(database_url: str) -> None:
    migrate.upgrade(database_url)
    shipped = migrate.branch_tables("system") | migrate.branch_tables("starter")
    assert {"fastor_user", "fastor_session", "article", "article_tag", "customer"} <= shipped
    assert tables(database_url) == shipped
    assert migrate.drift(database_url) == []
    assert migrate.pending(database_url) == ()


def test_down_and_up_again_leaves_nothing_behind_and_loses_nothing(database_url: str) -> None:
    migrate.upgrade(database_url)
    for branch in migrate.BRANCHES:
        migrate.downgrade(database_url, branch)
    assert tables(database_url) == set()
    migrate.upgrade(database_url)
    migrate.upgrade(database_url)
    assert migrate.drift(database_url) == []


def test_portal_without_starter_content_has_only_the_system_tables(database_url: str) -> None:
    migrate.upgrade(database_url, ("system",))
    assert tables(database_url) == migrate.branch_tables("system")
    assert len(migrate.pending(database_url)) == 1
    assert migrate.drift(database_url, branches=("system",)) == []


def test_drift_is_told(database_url: str) -> None:
    migrate.upgrade(database_url)
    changed = MetaData()
    for table in Model.metadata.tables.values():
        table.to_metadata(changed)
    changed.tables["article"].append_column(Column("extra", String(20)))
    changed.tables["tag"].c.name.type = String(80)
    sentences = migrate.drift(database_url, changed)
    assert len(sentences) == 2
    assert any("add_column article" in sentence for sentence in sentences)


def test_two_upgrades_at_once_both_succeed(database_url: str) -> None:
    with ThreadPoolExecutor(2) as threads:
        list(threads.map(_upgrade_in_process, [database_url] * 2))
    assert migrate.drift(database_url) == []


def _upgrade_in_process(url: str) -> None:
    # A process of its own, as two workers are: Alembic keeps its context in a global.
    import subprocess

    code = f"from portal.db import migrate; migrate.upgrade({url!r})"
    subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, timeout=60)


@pytest.mark.anyio
async def test_upgrade_works_within_a_running_loop(database_url: str) -> None:
    migrate.upgrade(database_url, ("system",))
    assert migrate.current(database_url) == ("system_0007",)


def test_project_makes_its_first_revision_and_moves_both_ways(database_url: str, tmp_path: Path) -> None:
    # Metadata of its own: other tests have models too.
    known = MetaData(naming_convention=Model.metadata.naming_convention)
    for name in migrate.branch_tables("system"):
        Model.metadata.tables[name].to_metadata(known)
    migrate.upgrade(database_url, ("system",))
    assert migrate.make(database_url, "nothing yet", "project", known, project=tmp_path) is None
    event = Table(
        "event",
        known,
        Column("id", BigKey, primary_key=True),
        Column("user_id", BigKey, ForeignKey("fastor_user.id"), index=True),
        Column("open", Integer, server_default="1"),
        Column("loud", Boolean, server_default=false()),
    )
    path = migrate.make(database_url, "add events", "project", known, project=tmp_path)
    assert path is not None and path.name.endswith("_add_events.py")
    written = path.read_text()
    assert "columns.BigKey" in written and "sa.false()" in written and "fastor_role" not in written
    migrate.upgrade(database_url, ("project",), project=tmp_path)
    assert migrate.drift(database_url, known, ("project",), project=tmp_path) == []
    event.append_column(Column("place", String(50)))
    assert migrate.make(database_url, "add place", "project", known, project=tmp_path) is not None
    migrate.upgrade(database_url, ("system", "project"), project=tmp_path)
    assert migrate.make(database_url, "nothing new", "project", known, project=tmp_path) is None
    migrate.downgrade(database_url, "project", "-1", project=tmp_path)
    migrate.downgrade(database_url, "project", project=tmp_path)
    assert tables(database_url) == migrate.branch_tables("system")
