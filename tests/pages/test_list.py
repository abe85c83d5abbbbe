"""The list of a noun: what it shows, and how it is narrowed, sorted and walked."""

import datetime
from typing import Any
from urllib.parse import urlencode

import pytest

from portal.db.text import fold
from portal.models.article import ArticleStatus
from portal.models.banner import Placement
from portal.web.site import Site
from tests.pages.browser import PARTIAL, Browser
from tests.pages.content import NOON, article, articles, banners, category, customer, published, tag
from tests.pages.lab import Gadget, Owner
from tests.portals import Add, MakeBrowser

pytestmark = pytest.mark.anyio


async def titles(client: Browser, path: str) -> list[str]:
    answer = await client.get(path)
    assert answer.status == 200, answer
    return answer.column("title")


async def test_shows_the_declared_columns_under_their_labels(client: Browser, add: Add) -> None:
    await add(article("Tea", category=category("Drinks"), tags=[tag("hot"), tag("green")], views=1234))
    answer = await client.get("/articles")
    heads = [head.text for head in answer.page.all(tag="th") if "data-column" in head]
    assert heads == ["Title", "Status", "Category", "Pinned", "Views", "Publish time"]
    assert answer.column("category") == ["Drinks"]
    assert answer.column("views") == ["1,234"]


async def test_shows_chinese_labels_to_those_who_read_chinese(portal_app, add: Add, browse: MakeBrowser) -> None:
    client = await browse(portal_app, "zhang", language="zh-CN")
    await add(article("茶"))
    answer = await client.get("/articles")
    heads = [head.text for head in answer.page.all(tag="th") if "data-column" in head]
    assert heads[:2] == ["标题", "状态"]
    assert answer.page.one(tag="html")["lang"] == "zh-CN"


async def test_guesses_columns_where_none_are_declared(lab: Browser, add: Add) -> None:
    await add(Gadget(title="Kettle", photo="a.webp", owner=Owner(name="Ada")))
    answer = await lab.get("/gadgets")
    assert answer.column("title") == ["Kettle"]
    assert answer.page.has(tag="img")


async def test_never_shows_a_secret(lab: Browser, client: Browser, add: Add, read) -> None:
    await add(Gadget(title="Kettle", api_token="hush-hush"))
    for path in ("/gadgets", "/gadgets?sort=api_token", "/gadgets?q=hush"):
        answer = await lab.get(path)
        assert answer.status == 200 and "hush-hush" not in answer.html
        assert "api_token" not in {head.get("data-column") for head in answer.page.all(tag="th")}
    users = await client.get("/users?sort=password_hash")
    assert "$argon2" not in users.html
    assert users.rows()


SEARCHES = [
    ("Café Zürich", "cafe zurich"),
    ("CAFE ZURICH", "café zürich"),
    ("Cafe\u0301 noir", "café"),
    ("Ｆｕｌｌｗｉｄｔｈ １２３", "fullwidth 123"),
    ("halfwidth", "ＨＡＬＦ"),
    ("小茶馆 ＡＢＣ", "茶馆 abc"),
    ("Straße nach Süden", "STRASSE"),
    ("strasse", "straße"),
    ("한국어 신문", "한국어"),
    ("日本語がくしゅう", "がく"),
    ("Ελλάδα", "ΕΛΛΑΔΑ"),
    ("ПРИВЕТ мир", "привет"),
    ("100% real_thing", "100%"),
    ("100% real_thing", "real_"),
    ("back\\slash", "k\\s"),
    ('it\'s "quoted"', "it's \"q"),
    ("Family 👨‍👩‍👧 trip", "👨‍👩‍👧"),
    ("rocket 🚀 start", "🚀"),
    ("שָׁלוֹם", "שלום"),
    ("re\u0301sume\u0301 anderswo", "résumé"),
    ("Ελλάς", "ελλασ"),
    ("ガイド ｶﾞｲﾄﾞ", "ガイド"),
]


async def test_search_folds_case_width_and_accents(client: Browser, add: Add) -> None:
    stored = list(dict.fromkeys(text for text, _asked in SEARCHES))
    await add(*[article(text, str(n)) for n, text in enumerate(stored)])
    for text, asked in SEARCHES:
        found = await titles(client, f"/articles?{_query(q=asked, size='100')}")
        assert text in found, asked
        assert set(found) == {other for other in stored if all(word in fold(other) for word in fold(asked).split())}


async def test_search_takes_signs_as_they_are(client: Browser, add: Add) -> None:
    await add(article("abc", "one"), article("xyz", "two"))
    for asked in ("%", "_", "\\", "'", "a_c", "a%c", "🦊", "é\0x", "((", "[a-z]", "*"):
        assert await titles(client, f"/articles?{_query(q=asked)}") == [], asked


async def test_search_wants_every_word(client: Browser, add: Add) -> None:
    await add(article("Green tea", "one"), article("Black tea", "two"), article("Green salad", "three"))
    assert await titles(client, "/articles?q=tea+green") == ["Green tea"]
    assert (await client.get("/articles?q=coffee")).page.has("empty")


async def test_filters_of_each_kind(client: Browser, add: Add, read) -> None:
    drinks, hot, cold = category("Drinks"), tag("hot"), tag("cold")
    await add(
        published("Tea", category=drinks, tags=[hot], pinned=True, publish_time=NOON),
        article("Juice", category=drinks, tags=[cold], publish_time=NOON + datetime.timedelta(days=1)),
        article("Soup", tags=[hot, cold], status=ArticleStatus.offline),
    )
    asked = {
        "status=published": {"Tea"},
        "status=published&status=offline": {"Tea", "Soup"},
        f"category={drinks.id}": {"Tea", "Juice"},
        f"tags={hot.id}": {"Tea", "Soup"},
        f"tags={hot.id}&tags={cold.id}": {"Tea", "Soup", "Juice"},
        "pinned=1": {"Tea"},
        "pinned=0": {"Juice", "Soup"},
        "publish_time_from=2026-03-01&publish_time_to=2026-03-01": {"Tea"},
        "publish_time_from=2026-03-02": {"Juice"},
        "publish_time_to=2026-03-02": {"Tea", "Juice"},
        f"category={drinks.id}&status=draft&q=ju": {"Juice"},
        "category=999999": set(),
    }
    for query, expected in asked.items():
        assert set(await titles(client, f"/articles?{query}")) == expected, query


async def test_active_filters_stand_in_chips_that_take_them_off(client: Browser, add: Add) -> None:
    drinks = category("Drinks")
    await add(published("Tea", category=drinks))
    answer = await client.get(f"/articles?status=published&category={drinks.id}&q=te&sort=title&page=1")
    chips = answer.page.all("chip")
    assert [chip.text for chip in chips] == ["Status Published", "Category Drinks"]
    (link,) = chips[0].all(tag="a")
    assert link["href"] == f"/articles?q=te&category={drinks.id}&sort=title"


NOT_UNDERSTOOD = [
    "sort=nope",
    "sort=-",
    "sort=title;drop table article",
    "sort=body",
    "sort=" + "title," * 100,
    "status=nope",
    "status=",
    "category=abc",
    "category=%00",
    "category=%ff",
    "category=99999999999999999999",
    "tags=abc",
    "pinned=maybe",
    "publish_time_from=yesterday",
    "publish_time_to=2026-13-45",
    "publish_time_from=0001-01-01",
    "publish_time_to=9999-12-31",
    "page=0",
    "page=-1",
    "page=abc",
    "page=1e9",
    "page=٣",
    "page=",
    "size=0",
    "size=7",
    "size=1000000",
    "size=x",
    "after=",
    "after=nonsense",
    "before=%00%ff",
    "after=" + "A" * 3000,
    "nope=1",
    "q=%00",
    "q=%ff%fe",
    "q=%ed%a0%80",
    "%00=1",
    "=&&==",
]


async def test_what_is_not_understood_is_ignored(client: Browser, add: Add) -> None:
    await add(article("Tea", publish_time=NOON), article("Juice", publish_time=NOON))
    for query in NOT_UNDERSTOOD:
        answer = await client.get(f"/articles?{query}")
        assert answer.status == 200, query
        assert sorted(answer.column("title")) == ["Juice", "Tea"], query
        assert (await client.get(f"/articles/count?{query}")).status == 200, query


async def test_sorts_by_several_columns(client: Browser, add: Add) -> None:
    await add(article("B", views=1), article("A", views=2), article("C", views=1), article("D", views=2, pinned=True))
    assert await titles(client, "/articles?sort=views,title") == ["B", "C", "A", "D"]
    assert await titles(client, "/articles?sort=-views,-title") == ["D", "A", "C", "B"]
    assert await titles(client, "/articles?sort=pinned,-views,title") == ["A", "B", "C", "D"]


async def test_empty_values_come_first_when_ascending_and_last_when_descending(client: Browser, add: Add) -> None:
    await add(
        article("None"), article("Late", publish_time=NOON + datetime.timedelta(1)), article("Early", publish_time=NOON)
    )
    assert await titles(client, "/articles?sort=publish_time") == ["None", "Early", "Late"]
    assert await titles(client, "/articles?sort=-publish_time") == ["Late", "Early", "None"]


async def test_the_head_says_how_it_is_sorted_and_leads_to_the_other_way(client: Browser, add: Add) -> None:
    await add(article("Tea"))
    head = (await client.get("/articles?sort=views")).page.one(tag="th", data_column="views")
    assert head["aria-sort"] == "ascending"
    assert head.one("sort")["href"] == "/articles?sort=-views"


async def test_sizes_and_pages(client: Browser, add: Add) -> None:
    await add(*articles(45))
    first = await client.get("/articles?sort=title")
    assert first.column("title") == [f"Article {n:03}" for n in range(1, 21)]
    second = await client.get(first.page.one("next")["href"])
    assert second.column("title") == [f"Article {n:03}" for n in range(21, 41)]
    third = await client.get(second.page.one("next")["href"])
    assert third.column("title") == [f"Article {n:03}" for n in range(41, 46)]
    assert not third.page.has("next")
    assert third.page.one("range").text == "41–45 of 45"
    back = await client.get(third.page.one("previous")["href"])
    assert back.column("title") == second.column("title")
    assert len((await client.get("/articles?size=50")).rows()) == 45
    assert (await client.get("/articles?page=2&size=20")).page.one(tag="span", aria_current="page").text == "2"


async def test_a_page_beyond_the_end_is_empty_and_leads_back(client: Browser, add: Add) -> None:
    await add(*articles(40))
    for page in (3, 50, 100):
        answer = await client.get(f"/articles?page={page}")
        assert answer.status == 200 and answer.rows() == []
        assert answer.page.has("empty")
        assert (await client.get(f"/articles/count?page={page}")).status == 200


async def test_the_count_comes_late_and_is_capped(client: Browser, add: Add, site: Site, monkeypatch) -> None:
    await add(*articles(45))
    first = await client.get("/articles")
    assert first.page.one("count").text == ""
    href = first.page.one("pager")["hx-get"]
    late = await client.get(href, PARTIAL)
    assert late.page.one("count").text == "45"
    assert late.page.one("range").text == "1–20 of 45"
    monkeypatch.setattr("portal.services.listing.Listing.count.__defaults__", (30,))
    await site.cache.clear()
    late = await client.get(href, PARTIAL)
    assert late.page.one("count").text == "30+"


async def test_a_part_is_only_the_results(client: Browser, add: Add) -> None:
    await add(article("Tea"))
    part = await client.get("/articles", PARTIAL)
    assert "<html" not in part.html
    assert part.page.one("results").has("row", data_id=part.rows()[0])
    assert "HX-Request-Type" in part.headers["vary"]


async def test_string_keys_and_below_lines(client: Browser, add: Add) -> None:
    await add(customer("wx/42", "Lin"))
    answer = await client.get("/customers")
    assert answer.rows() == ["wx%2F42"]
    assert answer.page.one("open")["href"] == "/customers/wx%252F42/edit"


async def test_dragging_is_offered_in_its_own_order_and_scope_only(client: Browser, add: Add) -> None:
    await add(*banners("ab"), *banners("cd", Placement.app))
    assert (await client.get("/banners?placement=home")).page.has("grip")
    for query in ("", "?placement=home&sort=title", "?placement=home&q=a", "?placement=home&is_active=1"):
        assert not (await client.get(f"/banners{query}")).page.has("grip"), query


async def test_nothing_here_yet_offers_the_first(client: Browser) -> None:
    answer = await client.get("/articles")
    assert answer.page.one("empty").has(tag="a", href="/articles/new")


async def test_odd_values_in_the_database_do_not_take_the_list_away(client: Browser, database, add: Add) -> None:
    """A status nobody knows, moments at both ends of time."""
    from sqlalchemy import text

    far = datetime.datetime(9999, 12, 31, 23, 59, tzinfo=datetime.UTC)
    await add(*articles(30), article("Far", publish_time=far))
    async with database.write() as session:
        await session.execute(text("UPDATE article SET status = 'weird' WHERE slug = 'article-007'"))
        await session.commit()
    client.http.cookies.set("fastor_tz", "Asia/Shanghai")
    for sort in ("status", "-status", "publish_time", "-publish_time"):
        answer = await client.get(f"/articles?sort={sort}&size=100")
        assert answer.status == 200 and len(answer.rows()) == 31


async def test_odd_referers_do_no_harm(client: Browser, add: Add) -> None:
    await add(row := article("Tea"))
    for referer in ("http://[", "//", "http://localhost/articles?%ff", "\u00ff", "http://localhost:99999/x"):
        headers: Any = {"Referer": referer.encode("latin-1"), "HX-Current-URL": referer.encode("latin-1")}
        for path in (f"/articles/{row.id}/edit", f"/articles/{row.id}", f"/articles/{row.id}/delete", "/articles"):
            assert (await client.get(path, headers)).status == 200, referer
        answer = await client.post(f"/articles/{row.id}/fields/pinned", {**headers, **PARTIAL}, pinned="1")
        assert answer.status == 200, referer


def _query(**values: str) -> str:
    return urlencode(values)
