"""Counts that keep pages quick: statements before first paint, columns that are read, bytes of a page."""

import pytest
from sqlalchemy import insert

from portal.models.article import Article
from portal.models.category import Category
from portal.models.tag import Tag
from tests.pages.browser import Browser
from tests.pages.content import article, articles, category, tag
from tests.portals import Add, CountStatements

pytestmark = pytest.mark.anyio


async def warmed(client: Browser, path: str) -> str:
    """The first visit may note the session; a page is judged by the ones after it."""
    assert (await client.get(path)).status == 200
    return path


async def test_a_list_takes_four_statements_and_one_for_each_relation_filter(
    client: Browser, add: Add, statements: CountStatements
) -> None:
    drinks, hot = category("Drinks"), tag("hot")
    await add(*[article(f"Tea {n}", category=drinks, tags=[hot]) for n in range(30)])
    for path, most in (
        ("/articles", 4),
        ("/articles?q=tea&status=draft&sort=-publish_time,title&page=2", 4),
        (f"/articles?category={drinks.id}", 5),
        (f"/articles?category={drinks.id}&tags={hot.id}", 6),
        ("/banners", 4),
        ("/customers", 4),
        ("/users", 4),
    ):
        await warmed(client, path)
        with statements() as seen:
            assert (await client.get(path)).status == 200
        assert len(seen) <= most, (path, seen)


async def test_the_list_never_reads_the_body(client: Browser, add: Add, statements: CountStatements) -> None:
    await add(*articles(3))
    for path in ("/articles", "/articles?q=article", "/articles/count", "/articles?sort=title&size=100"):
        with statements() as seen:
            await client.get(path)
        assert not [sql for sql in seen if "body" in sql], path


@pytest.mark.parametrize("categories", [12, 5000])
async def test_a_form_takes_six_statements_whatever_there_is_to_pick(
    client: Browser, add: Add, database, statements: CountStatements, categories: int
) -> None:
    async with database.write() as session:
        rows = [{"name": f"C{n}", "slug": f"c{n}", "position": n} for n in range(categories)]
        await session.execute(insert(Category), rows)
        await session.execute(insert(Tag), [{"name": f"T{n}"} for n in range(200)])
        await session.commit()
    tags = [tag(f"mine {n}") for n in range(12)]
    await add(row := article("Tea", category=category("Mine"), tags=tags))
    sizes = []
    for path in (f"/articles/{row.id}/edit", "/articles/new"):
        await warmed(client, path)
        with statements() as seen:
            answer = await client.get(path)
        assert len(seen) <= 6, seen
        sizes.append(len(answer.html))
    assert max(sizes) < 60_000


async def test_saving_takes_few_statements(client: Browser, add: Add, statements: CountStatements) -> None:
    await add(row := article("Tea", category=category("Drinks"), tags=[tag(f"t{n}") for n in range(10)]))
    with statements() as seen:
        assert (await client.post(f"/articles/{row.id}", title="Changed")).status == 303
    assert len(seen) <= 4, seen


async def test_a_full_list_stays_small(client: Browser, add: Add) -> None:
    await add(
        *[
            Article(title=f"A title of the usual length, number {n}", slug=f"a-title-of-the-usual-length-{n}")
            for n in range(25)
        ]
    )
    assert len((await client.get("/articles")).html.encode()) <= 60 * 1024
