"""The same rows, moments and refusals on SQLite, MySQL/MariaDB and PostgreSQL."""

import asyncio
import enum
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy import BigInteger, MetaData, String, func, make_url, select, text
from sqlalchemy.exc import IntegrityError, InvalidRequestError, StatementError
from sqlalchemy.orm import Mapped, mapped_column

from portal.db.columns import JSON, ExactString
from portal.db.engine import Database, is_unavailable
from portal.db.mixins import AuthorMixin, TimestampMixin, VersionMixin
from portal.db.model import Base, Model
from tests.databases import fresh_database
from tests.faults.proxy import Proxy, proxy_before

pytestmark = pytest.mark.anyio


class Colour(enum.StrEnum):
    red = "r"
    green = "g"


class Thing(Base, TimestampMixin, AuthorMixin, VersionMixin):
    __tablename__ = "test_thing"

    name: Mapped[str] = mapped_column(String(20))
    code: Mapped[str | None] = mapped_column(ExactString(20), unique=True)
    colour: Mapped[Colour | None]
    seen: Mapped[datetime | None]
    extra: Mapped[dict[str, object] | None] = mapped_column(JSON)
    number: Mapped[int | None] = mapped_column(BigInteger)


@pytest.fixture(autouse=True, scope="module")
def _forget_thing() -> Iterator[None]:
    # Other tests look at the metadata of the whole portal.
    yield
    Model.metadata.remove(Thing.__table__)  # type: ignore[arg-type]  # a mapped class has a Table here


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    database = Database(database_url)
    async with database.engine.begin() as connection:
        await connection.run_sync(lambda bound: Thing.metadata.create_all(bound, [Thing.__table__]))
    yield database
    await database.dispose()


async def save(database: Database, **values: object) -> int:
    async with database.write() as session:
        thing = Thing(**{"name": "x", **values})
        session.add(thing)
        await session.commit()
        return thing.id


async def load(database: Database, key: int) -> Thing:
    async with database.read() as session:
        return (await session.scalars(select(Thing).where(Thing.id == key))).one()


async def test_moment_keeps_its_microseconds_and_comes_back_in_utc(database: Database) -> None:
    tokyo = datetime(2026, 11, 21, 8, 30, 15, 123456, tzinfo=timezone(timedelta(hours=9)))
    seen = (await load(database, await save(database, seen=tokyo))).seen
    assert seen == tokyo
    assert seen is not None and seen.tzinfo is UTC and seen.microsecond == 123456


async def test_moments_are_compared_by_the_microsecond(database: Database) -> None:
    first = datetime(2026, 1, 1, tzinfo=UTC)
    for step in (1, 0, 2):
        await save(database, name=str(step), seen=first + timedelta(microseconds=step))
    async with database.read() as session:
        after = await session.scalars(select(Thing.name).where(Thing.seen > first).order_by(Thing.seen))
        assert list(after) == ["1", "2"]


async def test_moment_without_a_zone_is_refused(database: Database) -> None:
    with pytest.raises(StatementError, match="has no time zone"):
        await save(database, seen=datetime(2026, 1, 1))


async def test_new_row_has_its_times_and_first_version(database: Database) -> None:
    before = datetime.now(UTC)
    thing = await load(database, await save(database))
    assert before <= thing.created_at <= datetime.now(UTC)
    assert thing.version == 1 and thing.created_by is None


async def test_changed_row_has_a_new_changed_time_and_the_old_created_time(database: Database) -> None:
    key = await save(database)
    old = await load(database, key)
    async with database.write() as session:
        (await session.get_one(Thing, key)).name = "y"
        await session.commit()
    new = await load(database, key)
    assert new.updated_at > old.updated_at
    assert new.created_at == old.created_at


async def test_exact_text_tells_case_and_accents_apart(database: Database) -> None:
    for code in ("cafe", "Cafe", "café", "😀", "😁"):
        await save(database, code=code)
    async with database.read() as session:
        codes = await session.scalars(select(Thing.code).order_by(Thing.code))
        assert list(codes) == ["Cafe", "cafe", "café", "😀", "😁"]
    with pytest.raises(IntegrityError) as caught:
        await save(database, code="Cafe")
    assert not is_unavailable(caught.value)


async def test_enum_is_stored_as_its_value(database: Database) -> None:
    key = await save(database, colour=Colour.green)
    assert (await load(database, key)).colour is Colour.green
    async with database.read() as session:
        assert await session.scalar(text("SELECT colour FROM test_thing")) == "g"
        assert await session.scalar(select(Thing.id).where(Thing.colour == "g")) == key


async def test_enum_refuses_what_no_member_has(database: Database) -> None:
    with pytest.raises(StatementError, match="is not a valid Colour"):
        await save(database, colour="blue")


async def test_stored_value_that_no_member_has_comes_back_as_text(database: Database) -> None:
    key = await save(database)
    async with database.write() as session:
        await session.execute(text("UPDATE test_thing SET colour = 'blue'"))
        await session.commit()
    assert (await load(database, key)).colour == "blue"


async def test_emoji_json_and_big_numbers_come_back_as_they_were(database: Database) -> None:
    extra = {"名": ["茶", None, 1.5], "😀": True}
    key = await save(database, name="😀" * 20, extra=extra, number=2**63 - 1)
    thing = await load(database, key)
    assert (thing.name, thing.extra, thing.number) == ("😀" * 20, extra, 2**63 - 1)


async def test_uncommitted_write_is_rolled_back(database: Database) -> None:
    async with database.write() as session:
        session.add(Thing(name="lost"))
        await session.flush()
    async with database.read() as session:
        assert await session.scalar(select(func.count()).select_from(Thing)) == 0


async def test_failed_write_leaves_nothing_and_the_connection_usable(database: Database) -> None:
    await save(database, code="taken")
    with pytest.raises(IntegrityError):
        async with database.write() as session:
            session.add(Thing(name="first half"))
            await session.flush()
            session.add(Thing(name="second half", code="taken"))
            await session.commit()
    async with database.read() as session:
        assert await session.scalar(select(func.count()).select_from(Thing)) == 1


async def test_reading_session_refuses_to_write(database: Database) -> None:
    with pytest.raises(InvalidRequestError, match="only reads"):
        async with database.read() as session:
            session.add(Thing(name="sneaked in"))
            await session.commit()


async def test_key_of_a_deleted_last_row_is_not_given_again(database: Database) -> None:
    key = await save(database)
    async with database.write() as session:
        await session.delete(await session.get_one(Thing, key))
        await session.commit()
    assert await save(database) > key


async def test_many_writers_at_once_all_succeed(database: Database) -> None:
    async def count_up() -> None:
        for _ in range(10):
            async with database.write() as session:
                thing = await session.get_one(Thing, key, with_for_update=True)
                thing.number = (thing.number or 0) + 1
                await session.commit()

    key = await save(database, number=0)
    await asyncio.gather(*(count_up() for _ in range(8)))
    assert (await load(database, key)).number == 80


async def test_exhausted_pool_is_unavailable(database_url: str) -> None:
    database = Database(database_url, pool_size=1, pool_timeout=0.1)
    async with database.read() as holder:
        await holder.execute(text("SELECT 1"))
        with pytest.raises(Exception) as caught:
            await database.ping()
    assert is_unavailable(caught.value)
    await database.ping()
    await database.dispose()


async def test_broken_statement_is_not_unavailable(database: Database) -> None:
    with pytest.raises(Exception) as caught:
        async with database.read() as session:
            await session.execute(text("SELECT nothing FROM nowhere"))
    assert not is_unavailable(caught.value)


async def test_address_of_another_driver_is_refused() -> None:
    with pytest.raises(ValueError, match="is not one of"):
        Database("mysql+pymysql://root@127.0.0.1/x")


@asynccontextmanager
async def behind_proxy(kind: str, **options: float) -> AsyncIterator[tuple[Proxy, Database]]:
    with fresh_database(kind) as direct:
        url = make_url(direct)
        assert url.host is not None and url.port is not None
        async with proxy_before(url.host, url.port) as proxy:
            through = url.set(host="127.0.0.1", port=proxy.port)
            database = Database(through.render_as_string(hide_password=False), **options)  # type: ignore[arg-type]
            await database.ping()
            try:
                yield proxy, database
            finally:
                await proxy.listen()
                await database.dispose()


@pytest.mark.parametrize("kind", ["mysql", "postgresql"])
async def test_lost_connection_is_replaced_before_the_next_use(kind: str) -> None:
    async with behind_proxy(kind) as (proxy, database):
        proxy.cut()
        await database.ping()


@pytest.mark.parametrize("kind", ["mysql", "postgresql"])
async def test_connection_lost_within_a_session_is_unavailable_and_the_next_session_works(kind: str) -> None:
    async with behind_proxy(kind) as (proxy, database):
        with pytest.raises(Exception) as caught:
            async with database.write() as session:
                await session.execute(text("SELECT 1"))
                proxy.cut()
                await session.execute(text("SELECT 2"))
        assert is_unavailable(caught.value)
        await database.ping()


@pytest.mark.parametrize("kind", ["mysql", "postgresql"])
async def test_hung_server_is_unavailable_within_the_deadline_and_back_afterwards(kind: str) -> None:
    async with behind_proxy(kind, statement_timeout=0.5, pool_timeout=1) as (proxy, database):
        proxy.hang()
        started = asyncio.get_running_loop().time()
        with pytest.raises(Exception) as caught:
            await database.ping()
        assert is_unavailable(caught.value)
        assert asyncio.get_running_loop().time() - started < 5
        await proxy.listen()
        await database.ping()


@pytest.mark.parametrize("kind", ["mysql", "postgresql"])
async def test_refused_connection_is_unavailable(kind: str) -> None:
    async with behind_proxy(kind) as (proxy, database):
        await proxy.refuse()
        with pytest.raises(Exception) as caught:
            await database.ping()
        assert is_unavailable(caught.value)


@pytest.mark.parametrize(
    ("kind", "sleep"), [("mysql", "SELECT SLEEP(3) FROM (SELECT 1) t"), ("postgresql", "SELECT pg_sleep(3)")]
)
async def test_statement_that_takes_too_long_is_unavailable(kind: str, sleep: str) -> None:
    with fresh_database(kind) as url:
        database = Database(url, statement_timeout=0.2)
        with pytest.raises(Exception) as caught:
            async with database.read() as session:
                await session.execute(text(sleep))
        assert is_unavailable(caught.value)
        await database.dispose()


async def test_missing_sqlite_folder_is_unavailable() -> None:
    database = Database("sqlite+aiosqlite:////nonexistent-folder/x.db")
    with pytest.raises(Exception) as caught:
        await database.ping()
    assert is_unavailable(caught.value)
    await database.dispose()
    # aiosqlite doesn't wait for the thread of a connection that could not be made; it needs the loop once more.
    await asyncio.sleep(0.1)


async def test_reading_sends_no_transaction_statements(database: Database) -> None:
    sent: list[str] = []

    async def run() -> None:
        async with database.read() as session:
            await session.execute(select(Thing.id))
            await session.execute(select(Thing.name))

    from sqlalchemy import event

    event.listen(
        database.engine.sync_engine,
        "before_cursor_execute",
        lambda connection, cursor, statement, *rest: sent.append(statement),
    )
    await run()
    assert len(sent) == 2 and all(statement.startswith("SELECT") for statement in sent)


async def test_metadata_names_are_the_same_everywhere() -> None:
    assert isinstance(Thing.metadata, MetaData)
    table = Thing.__table__
    assert {constraint.name for constraint in table.constraints if constraint.name} == {"uq_test_thing_code"}
    assert {index.name for index in table.indexes} == {"ix_test_thing_created_at", "ix_test_thing_updated_at"}
