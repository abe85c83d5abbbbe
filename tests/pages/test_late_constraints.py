"""A constraint that speaks only at COMMIT is told like any other: never a success without a row."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from litestar import Litestar
from sqlalchemy import CheckConstraint, ForeignKey, Integer, MetaData, String, select
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from portal import AllowAll, Portal, Resource
from portal.app import system_resources
from tests.pages.browser import Browser
from tests.pages.lab import OPTIONS
from tests.portals import Add, MakeBrowser, Read, hurry

pytestmark = pytest.mark.anyio


class Late(DeclarativeBase):
    metadata = MetaData()


class Parent(Late):
    __tablename__ = "late_parent"
    __table_args__ = OPTIONS

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    name: Mapped[str] = mapped_column(String(40))


class Child(Late):
    """MySQL knows no deferred constraints and checks at once."""

    __tablename__ = "late_child"
    __table_args__ = (CheckConstraint("name <> 'forbidden'", name="late_child_name"), OPTIONS)

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    name: Mapped[str] = mapped_column(String(40))
    parent_number: Mapped[int | None] = mapped_column(Integer)


class ParentResource(Resource):
    model = Parent


class ChildResource(Resource):
    model = Child


LATE = "ALTER TABLE late_child ADD CONSTRAINT late_fk FOREIGN KEY (parent_number) REFERENCES late_parent (id)"


@pytest.fixture
async def late(portal_app: Any, browse: MakeBrowser) -> AsyncIterator[Browser]:
    """A portal over tables whose foreign key waits for the COMMIT where the database can do so."""
    site = portal_app.state.portal.site
    made = MetaData()  # a copy: what one database needs is not for the next
    tables = {name: table.to_metadata(made) for name, table in Late.metadata.tables.items()}
    if site.database.dialect == "sqlite":  # which can't add a constraint later
        column = tables["late_child"].c.parent_number
        column.append_foreign_key(ForeignKey("late_parent.id", deferrable=True, initially="DEFERRED"))
    async with site.database.engine.begin() as connection:
        await connection.run_sync(made.create_all)
        if site.database.dialect != "sqlite":
            deferred = " DEFERRABLE INITIALLY DEFERRED" if site.database.dialect == "postgresql" else ""
            await connection.exec_driver_sql(LATE + deferred)
    portal = Portal([ParentResource, ChildResource, *system_resources()], policy=AllowAll(), settings=site.settings)
    hurry(portal.site)
    app = Litestar(plugins=[portal], openapi_config=None, logging_config=None)
    async with app.lifespan():
        yield await browse(app, "lena")
    async with site.database.engine.begin() as connection:
        await connection.run_sync(made.drop_all)


async def test_a_commit_that_fails_is_no_success(late: Browser, add: Add, read: Read) -> None:
    await add(parent := Parent(name="p"), child := Child(name="c", parent_number=None))
    assert (await late.post("/childs", name="good", parent_number=str(parent.id))).status == 303
    refused = await late.post("/childs", name="orphan", parent_number="4711")
    assert refused.status in (409, 422), refused
    assert "orphan" in refused.html
    changed = await late.post(f"/childs/{child.id}", name="changed", parent_number="4711")
    assert changed.status in (409, 422), changed
    assert (await late.post(f"/parents/{parent.id}/delete")).status == 409
    for _ in range(2):
        answer = await late.post("/parents/actions/delete", ids=str(parent.id), confirmed="1")
        assert answer.status in (409, 422), answer
    assert await read(select(Parent.id)) == [parent.id]
    found = dict(await read(select(Child.name, Child.parent_number)))
    assert found == {"c": None, "good": parent.id}


async def test_a_check_of_the_database_is_told_in_a_sentence(late: Browser, read: Read) -> None:
    refused = await late.post("/childs", name="forbidden")
    assert refused.status == 422, refused
    assert "can't keep one of these values" in refused.page.one("error-summary").text
    assert refused.page.one("field-name")["value"] == "forbidden"
    assert await read(select(Child.name)) == []
