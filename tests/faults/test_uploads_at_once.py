"""Several people at the same file: whoever is last has it, nobody loses one, and nothing stays behind."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from sqlalchemy import delete, select

from portal.models.article import Article
from portal.models.file import FileUse, StoredFile
from tests.databases import KINDS, fresh_database
from tests.faults.house import House, house
from tests.pages.content import article

pytestmark = pytest.mark.anyio

ROUNDS = 5


@pytest.fixture(scope="module", params=KINDS)
async def portal(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[House]:
    with fresh_database(request.param) as url:
        async with house(url, tmp_path_factory.mktemp("var")) as portal:
            yield portal


async def uploaded(portal: House) -> str:
    answer = await portal.upload()
    assert answer.status == 201, answer
    return str(answer.json()["key"])


async def with_cover(portal: House, *titles: str) -> list[Article]:
    """Articles with one cover between them."""
    key = await uploaded(portal)
    (file_id,) = await portal.rows(select(StoredFile.id).where(StoredFile.key == key))
    async with portal.truth.write() as session:
        rows = [article(title, cover=key) for title in titles]
        session.add_all(rows)
        await session.flush()
        session.add_all(FileUse(file_id=file_id, noun="article", row_key=str(row.id), field="cover") for row in rows)
        await session.commit()
    return rows


async def clear(portal: House) -> None:
    async with portal.truth.write() as session:
        for model in (FileUse, Article):
            await session.execute(delete(model))
        await session.commit()
    await portal.sweep()


async def test_cover_replaced_by_two_at_once(portal: House) -> None:
    for number in range(ROUNDS):
        (row,) = await with_cover(portal, f"Tea {number}")
        new = [await uploaded(portal) for _ in range(2)]
        answers = await asyncio.gather(
            *[portal.client.post(f"/articles/{row.id}", title=row.title, cover=key) for key in new]
        )
        assert {answer.status for answer in answers} <= {303, 409, 503}, answers
        assert 303 in {answer.status for answer in answers}
        assert (await portal.rows(select(Article.cover)))[0] in new
        await portal.examine(number)
        await clear(portal)


async def test_row_deleted_while_its_cover_is_replaced(portal: House) -> None:
    for number in range(ROUNDS):
        (row,) = await with_cover(portal, f"Tea {number}")
        key = await uploaded(portal)
        answers = await asyncio.gather(
            portal.client.post(f"/articles/{row.id}", title=row.title, cover=key),
            portal.client.post(f"/articles/{row.id}/delete"),
            portal.client.post(f"/articles/{row.id}/delete"),
        )
        assert {answer.status for answer in answers} <= {303, 404, 409, 503}, answers
        await portal.examine(number)
        await clear(portal)


async def test_last_two_rows_that_use_a_file_are_deleted_at_once(portal: House) -> None:
    for number in range(ROUNDS):
        rows = await with_cover(portal, f"Tea {number}", f"Coffee {number}")
        answers = await asyncio.gather(*[portal.client.post(f"/articles/{row.id}/delete") for row in rows])
        assert {answer.status for answer in answers} <= {303, 503}, answers
        await portal.examine(number)
        await clear(portal)


async def test_file_chosen_for_a_row_while_it_is_deleted(portal: House) -> None:
    """Either the row has it, or the person is told that it is gone."""
    for number in range(ROUNDS):
        key = await uploaded(portal)
        (file_id,) = await portal.rows(select(StoredFile.id).where(StoredFile.key == key))
        made, deleted = await asyncio.gather(
            portal.client.post("/articles", title=f"Tea {number}", cover=key),
            portal.client.post(f"/files/{file_id}/delete"),
        )
        assert (made.status, deleted.status) in {
            (303, 409),
            (422, 303),
            (303, 200),
            (409, 303),
            (503, 303),
            (303, 503),
        }, (
            made,
            deleted,
        )
        await portal.examine(number)
        await clear(portal)
