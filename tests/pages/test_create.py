"""Making a row: every kind of field, and what is said when something is wrong."""

import asyncio
import datetime
import decimal
from typing import Any

import pytest
from sqlalchemy import func, select

from portal.models.article import Article, ArticleStatus, ArticleTag
from portal.models.banner import Banner
from portal.models.category import Category
from portal.models.customer import Customer
from portal.models.file import StoredFile
from portal.models.tag import Tag
from tests.pages.browser import Browser
from tests.pages.content import article, category, tag
from tests.pages.lab import Colour, Gadget, Owner, Pair, Part, Word
from tests.portals import Add, MakeBrowser, Read

pytestmark = pytest.mark.anyio

COVER = f"2026/07/01/{'a' * 32}.webp"
MANUAL = f"2026/07/01/{'b' * 32}.pdf"

COUNT = select(func.count()).select_from(Article)


async def test_the_form_has_every_field_with_its_defaults(client: Browser) -> None:
    answer = await client.get("/articles/new")
    names = [field["data-name"] for field in answer.page.all("field")]
    expected = ["title", "slug", "summary", "body", "status", "publish_time", "pinned", "category", "tags", "cover"]
    assert sorted(names) == sorted([*expected, "gallery", "attachment"])
    form = answer.page.one("form").form()
    assert form["status"] == ["draft"]
    assert form["pinned"] == ["0"]
    assert answer.page.one("field-title").get("required") is not None


async def test_the_address_can_fill_the_form(client: Browser) -> None:
    answer = await client.get("/banners/new?placement=app&title=%3Cb%3E%00%ff&nope=1")
    form = answer.page.one("form").form()
    assert form["placement"] == ["app"]
    assert form["title"] == ["<b>\ufffd?"] or form["title"][0].startswith("<b>")


async def test_makes_a_row_and_goes_back_to_the_list(client: Browser, add: Add, read: Read) -> None:
    await add(drinks := category("Drinks"), hot := tag("hot"), cold := tag("cold"))
    answer = await client.post(
        "/articles",
        title="Green tea 茶",
        body="line\r\nline",
        status="published",
        pinned=["0", "1"],
        category=drinks.id,
        tags=["", str(hot.id), str(cold.id)],
        _list="?status=published",
    )
    assert (answer.status, answer.location) == (303, "/articles?status=published")
    ((title, slug, body, status, pinned, category_id, by, version, when),) = await read(
        select(
            Article.title,
            Article.slug,
            Article.body,
            Article.status,
            Article.pinned,
            Article.category_id,
            Article.created_by,
            Article.version,
            Article.publish_time,
        )
    )
    assert (title, slug, body, status) == ("Green tea 茶", "green-tea", "line\nline", ArticleStatus.published)
    assert (pinned, category_id, by, version) == (True, drinks.id, "maria", 1)
    assert when is not None
    assert len(await read(select(ArticleTag.tag_id))) == 2
    assert (await client.follow(answer)).toasts() == ["“Green tea 茶” was created."]


async def test_the_next_page_can_be_chosen(client: Browser, read: Read) -> None:
    answer = await client.post("/tags", name="one", _then="new")
    assert answer.location == "/tags/new"
    answer = await client.post("/tags", name="two", _then="edit")
    (key,) = await read(select(Tag.id).where(Tag.name == "two"))
    assert answer.location == f"/tags/{key}/edit"


def stored_file(key: str, kind: str) -> StoredFile:
    media_type = "image/webp" if kind == "image" else "application/pdf"
    return StoredFile(key=key, kind=kind, media_type=media_type, size=1, sha256="0" * 64, original_name=key)


async def test_every_kind_of_field_is_kept_and_shown_again(lab: Browser, add: Add, read: Read) -> None:
    await add(owner := Owner(name="Ada"), part := Part(name="Lid"))
    await add(stored_file(COVER, "image"), stored_file(MANUAL, "file"))
    sent: dict[str, Any] = {
        "title": "Kettle",
        "code": "K-1",
        "notes": "first\nsecond",
        "body": "<p>rich</p>",
        "count": "-2147483648",
        "huge": "9223372036854775807",
        "tiny": "32767",
        "price": "999999.99",
        "weight": "0.1",
        "active": ["0", "1"],
        "colour": "deep_blue",
        "level": "2",
        "born": "1999-12-31",
        "opens": "08:30",
        "starts": "2026-07-01T12:30",
        "homepage": "https://example.com/?q=1&r=2",
        "email": "ada@example.com",
        "api_token": "hush",
        "settings": '{"a": [1, 2.5, null, "ü"]}',
        "photo": COVER,
        "manual_file": MANUAL,
        "owner": owner.id,
        "parts": ["", str(part.id)],
    }
    answer = await lab.post("/gadgets", **sent)
    assert answer.status == 303, answer.errors()
    found = (await read(select(Gadget.__table__)))[0]
    assert found[1:5] == ("Kettle", "K-1", "first\nsecond", "<p>rich</p>")
    assert found[5:11] == (-(2**31), 2**63 - 1, 32767, decimal.Decimal("999999.99"), 0.1, True)
    assert found[11:15] == (Colour.DEEP_BLUE, 2, datetime.date(1999, 12, 31), datetime.time(8, 30))
    assert found[15] == datetime.datetime(2026, 7, 1, 12, 30, tzinfo=datetime.UTC)
    assert found[16:20] == ("https://example.com/?q=1&r=2", "ada@example.com", "hush", {"a": [1, 2.5, None, "ü"]})
    form = (await lab.get(f"/gadgets/{found[0]}/edit")).page.one("form").form()
    for name, value in sent.items():
        shown = form.get(name, [""])
        if name == "api_token":
            assert shown == [""]
        elif name == "settings":
            assert '"ü"' in shown[0]
        else:
            assert [text for text in shown if text] == [
                text for text in ([str(value)] if not isinstance(value, list) else value) if text
            ], name
    detail = await lab.get(f"/gadgets/{found[0]}")
    assert detail.status == 200 and "hush" not in detail.html
    assert (await lab.get("/gadgets")).rows() == [str(found[0])]


BAD: list[tuple[str, str | bytes]] = [
    ("title", ""),
    ("title", "   "),
    ("title", "x" * 61),
    ("title", "nul\0"),
    ("title", b"\xff\xfe"),
    ("title", b"\xed\xa0\x80"),
    ("title", "bell\x07"),
    ("code", "x" * 21),
    ("count", "1.5"),
    ("count", "abc"),
    ("count", "2147483648"),
    ("count", "-2147483649"),
    ("count", "9" * 5000),
    ("count", "٣"),
    ("count", "1e3"),
    ("huge", "9223372036854775808"),
    ("tiny", "32768"),
    ("price", "12.345"),
    ("price", "1000000"),
    ("price", "NaN"),
    ("price", "Infinity"),
    ("price", "1e400"),
    ("price", "1e-400"),
    ("price", "twelve"),
    ("weight", "nan"),
    ("weight", "1e999"),
    ("weight", "-1e400"),
    ("active", "perhaps"),
    ("colour", "green"),
    ("colour", "DEEP_BLUE"),
    ("level", "3"),
    ("born", "2026-02-30"),
    ("born", "31.12.2026"),
    ("born", "0000-01-01"),
    ("born", "10000-01-01"),
    ("opens", "25:00"),
    ("opens", "noon"),
    ("starts", "2026-13-01T00:00"),
    ("starts", "yesterday"),
    ("starts", "9999-12-31T23:59-14:00"),
    ("starts", "0001-01-01T00:00+14:00"),
    ("starts", "0000-00-00T00:00"),
    ("homepage", "javascript:alert(1)"),
    ("homepage", "JaVaScRiPt://x/%0aalert(1)"),
    ("homepage", "//evil.example"),
    ("homepage", "/\\evil.example"),
    ("homepage", "data:text/html,x"),
    ("homepage", "https://"),
    ("homepage", "http://[x"),
    ("email", "nobody"),
    ("email", "a@b@c.de"),
    ("email", "a b@c.de"),
    ("settings", "{"),
    ("settings", "[" * 100_000),
    ("settings", '"\\ud800"'),
    ("settings", '"\\u0000"'),
    ("settings", "NaN"),
    ("settings", "1e999"),
    ("settings", "-Infinity"),
    ("photo", "../../etc/passwd"),
    ("photo", "/etc/passwd"),
    ("photo", "javascript:alert(1)"),
    ("manual_file", "a\\b"),
    ("owner", "999999"),
    ("owner", "abc"),
    ("owner", "-1"),
    ("owner", "99999999999999999999"),
    ("owner", "\0"),
    ("owner", b"\xff"),
    ("parts", "999999"),
    ("parts", "x"),
    ("parts", b"\xed\xa0\x80"),
]


async def test_what_can_not_be_taken_is_said_beside_the_field(lab: Browser, add: Add, read: Read) -> None:
    for name, value in BAD:
        good: dict[str, Any] = {"title": "Good title", "notes": "typed <b>"}
        answer = await lab.post("/gadgets", **{**good, name: value})
        assert answer.status == 422, (name, value)
        assert name in answer.errors(), (name, value, answer.errors())
        assert "typed <b>" in answer.page.one("field-notes").raw
    assert await read(select(func.count()).select_from(Gadget)) == [0]


async def test_everything_typed_is_kept_and_the_errors_are_tied_to_their_fields(client: Browser, add: Add) -> None:
    await add(drinks := category("Drinks"), hot := tag("hot"))
    typed = {
        "title": "",
        "slug": "my-slug",
        "summary": 'say "hi" & <b>bye</b>',
        "body": "\n\nstarts with empty lines\n<p>and goes on <b>loudly</b></p>",
        "status": "offline",
        "publish_time": "never",
        "pinned": ["0", "1"],
        "category": str(drinks.id),
        "tags": ["", str(hot.id)],
        "cover": "covers/ä.webp",
        "_list": "?q=x&page=2",
    }
    answer = await client.post("/articles", **typed)
    assert answer.status == 422
    assert set(answer.errors()) == {"title", "publish_time"}
    form = answer.page.one("form").form()
    for name, value in typed.items():
        values = value if isinstance(value, list) else [value]
        shown = [text.replace("\r\n", "\n") for text in form.get(name, [""])]
        if name == "publish_time":
            assert answer.page.one("field-publish_time")["value"] == "never"
        else:
            assert [text for text in shown if text] == [text for text in values if text], name
    for name in ("title", "publish_time"):
        field = answer.page.one(f"field-{name}")
        assert field["aria-invalid"] == "true"
        ids = field["aria-describedby"].split()
        assert all(answer.page.has(id=found) for found in ids)
        assert f"{name}-error" in ids
    links = [link["href"] for link in answer.page.one("error-summary").all(tag="a")]
    assert links == ["#title", "#publish_time"] or set(links) == {"#title", "#publish_time"}
    assert not answer.page.has(tag="script", src="")
    assert "<script>alert" not in answer.html


async def test_a_taken_slug_names_who_holds_it(client: Browser, add: Add, read: Read) -> None:
    await add(article("The first", "same"))
    answer = await client.post("/articles", title="The second", slug="same", body="kept text")
    assert answer.status == 422
    assert "“The first” already has this" in answer.errors()["slug"]
    assert answer.page.one("field-title")["value"] == "The second"
    assert "kept text" in answer.page.one("field-body").raw
    assert await read(COUNT) == [1]
    assert (await client.post("/articles", title="The second", slug="Same")).status == 303


async def test_a_taken_key_names_who_holds_it(client: Browser, lab: Browser, add: Add) -> None:
    await add(Customer(user_id="u1", nickname="Lin"), Pair(region="n", number=1, label="North one", shelf="s", slot=1))
    answer = await client.post("/customers", user_id="u1", nickname="Other")
    assert answer.status == 422 and "Lin" in answer.errors()["user_id"]
    answer = await lab.post("/pairs", region="n", number="1")
    assert answer.status == 422 and answer.errors().keys() & {"region", "number"}
    answer = await lab.post("/pairs", region="n", number="2", shelf="s", slot="1")
    assert answer.status == 422 and answer.errors().keys() & {"shelf", "slot"}


async def test_missing_slugs_are_made_and_numbered(client: Browser, read: Read) -> None:
    for _ in range(3):
        assert (await client.post("/articles", title="Spring Launch!")).status == 303
    assert (await client.post("/articles", title="春天")).status == 303
    found = await read(select(Article.slug).order_by(Article.id))
    assert found[:3] == ["spring-launch", "spring-launch-2", "spring-launch-3"]
    assert len(found[3]) == 8


async def test_ten_at_once_make_one_row(client: Browser, read: Read) -> None:
    """2.3.4: the unique index decides; nobody is answered by a fault of the server."""
    await client.token()
    answers = await asyncio.gather(*[client.post("/articles", title=f"Racer {n}", slug="the-one") for n in range(10)])
    assert sorted(answer.status for answer in answers) == [303] + [422] * 9
    assert all("slug" in answer.errors() for answer in answers if answer.status == 422)
    assert await read(COUNT) == [1]
    answers = await asyncio.gather(*[client.post("/tags", name="same") for n in range(10)])
    assert sorted(answer.status for answer in answers) == [303] + [422] * 9


async def test_a_new_row_of_an_ordered_noun_is_the_last_of_its_scope(client: Browser, read: Read) -> None:
    for title, placement in (("a", "home"), ("b", "home"), ("c", "app")):
        assert (await client.post("/banners", title=title, placement=placement)).status == 303
    positions = dict(await read(select(Banner.title, Banner.position)))
    assert positions["a"] < positions["b"] and positions["c"] == positions["a"]


async def test_rules_of_the_noun_are_said_at_their_field(client: Browser) -> None:
    answer = await client.post(
        "/banners", title="x", placement="home", starts_at="2026-02-02T10:00", ends_at="2026-02-02T09:00"
    )
    assert answer.status == 422 and set(answer.errors()) == {"ends_at"}


async def test_what_only_the_portal_sets_can_not_be_sent(client: Browser, read: Read) -> None:
    answer = await client.post(
        "/articles",
        title="Tea",
        id="77",
        version="9",
        created_by="eve",
        updated_at="2020-01-01",
        created_at="2020-01-01",
        views="99",
        category_id="1",
    )
    assert answer.status == 303
    ((key, version, by, views),) = await read(select(Article.id, Article.version, Article.created_by, Article.views))
    assert (version, by, views) == (1, "maria", 0) and key != 77


@pytest.mark.parametrize(
    ("zone", "typed", "stored"),
    [
        ("Europe/Berlin", "2026-07-01T12:00", datetime.datetime(2026, 7, 1, 10, tzinfo=datetime.UTC)),
        ("Asia/Shanghai", "2026-07-01T07:30", datetime.datetime(2026, 6, 30, 23, 30, tzinfo=datetime.UTC)),
        ("Europe/Berlin", "2026-03-29T02:30", None),
        ("Europe/Berlin", "2026-10-25T02:30", datetime.datetime(2026, 10, 25, 0, 30, tzinfo=datetime.UTC)),
        ("Europe/Berlin", "2026-10-25T02:30+01:00", datetime.datetime(2026, 10, 25, 1, 30, tzinfo=datetime.UTC)),
    ],
)
async def test_moments_are_typed_in_the_viewers_zone(
    portal_app, browse: MakeBrowser, read: Read, zone: str, typed: str, stored: Any
) -> None:
    client = await browse(portal_app, "zoe", time_zone=zone)
    answer = await client.post("/articles", title="Tea", publish_time=typed)
    if stored is None:
        assert answer.status == 422
        assert "2026-03-29 03:30" in answer.errors()["publish_time"]
        assert answer.page.one("field-publish_time")["value"] == typed
    else:
        assert answer.status == 303
        assert await read(select(Article.publish_time)) == [stored]


async def test_pickers_work_without_scripts(client: Browser, add: Add) -> None:
    await add(*[category(f"Category {n}") for n in range(3)], drinks := category("Drinks"))
    answer = await client.post(
        "/articles", **{"title": "Tea", "body": "typed", "find": "category", "find.category": "drin"}
    )
    assert answer.status == 200
    options = [option["value"] for option in answer.page.one("field-category").all(tag="option")]
    assert str(drinks.id) in options and len(options) == 2
    assert "typed" in answer.page.one("field-body").raw
    for odd in ("%00", b"\xff", "'", "\ud800".encode("utf-8", "surrogatepass")):
        found = await client.post("/articles", **{"title": "Tea", "find": "category", "find.category": odd})
        assert found.status == 200


async def test_odd_bodies_are_refused_politely(client: Browser, read: Read) -> None:
    token = await client.token()
    headers = {"Origin": "http://localhost", "X-CSRFToken": token}
    for kind, body in [
        ("application/json", b"{}"),
        ("multipart/form-data; boundary=x", b"--x--"),
        ("text/plain", b"title=x"),
        ("application/x-www-form-urlencoded", b"&".join(b"a%d=1" % n for n in range(2000))),
        ("application/x-www-form-urlencoded", b"%" * 1000 + b"=&&&=%zz"),
        ("application/x-www-form-urlencoded", b""),
    ]:
        response = await client.http.post("/articles", content=body, headers={**headers, "Content-Type": kind})
        assert 400 <= response.status_code < 500, (kind, body[:20])
    assert await read(COUNT) == [0]


async def test_string_keys_of_every_shape(lab: Browser, read: Read) -> None:
    """ARCHITECTURE decision 3: whatever the key, its page opens, saves and deletes that row and no other."""
    odd = [
        "a/b",
        "..",
        ".",
        "new",
        "order",
        "actions",
        "count",
        "~x",
        "~",
        "x~y",
        "~~",
        "50%",
        "%2F",
        "%252F",
        "中文",
        "a b",
        "q?x=1#f",
        "'\"<>&",
        "+",
        "\\",
        "🚀",
        "edit",
        "~new",
    ]
    for n, word in enumerate(odd):
        answer = await lab.post("/words", word=word, meaning=f"meaning {n}")
        assert answer.status == 303, (word, answer.errors())
    links = [row.one("open")["href"] for row in (await lab.get("/words?size=100&sort=meaning")).page.all("row")]
    assert len(links) == len(odd)
    for link in links:
        form = (await lab.get(link)).page.one("form")
        word_field = form.one("field-word")["value"]
        number = odd.index(word_field)
        assert form.form()["meaning"] == [f"meaning {number}"]
        answer = await lab.post(form["action"], meaning=f"changed {number}", word="other")
        assert answer.status == 303, word_field
    assert dict(await read(select(Word.word, Word.meaning))) == {word: f"changed {n}" for n, word in enumerate(odd)}
    for link in links[: len(odd) // 2]:
        assert (await lab.post(link.replace("/edit", "/delete"))).status == 303, link
    assert len(await read(select(Word.word))) == len(odd) - len(odd) // 2


async def test_composite_keys(lab: Browser, read: Read) -> None:
    odd = [("a~", 1), ("a", 1), ("~b", 2), ("x/y", 3), ("new", 4), ("", 5), ("%", -6), ("a~~1", 7)]
    for region, number in odd:
        answer = await lab.post("/pairs", region=region, number=str(number), label=f"{region}|{number}")
        assert answer.status == (303 if region else 422), (region, answer.errors())
    for row in (await lab.get("/pairs?size=100")).page.all("row"):
        form = (await lab.get(row.one("open")["href"])).page.one("form")
        (label,) = form.form()["label"]
        assert label == f"{form.one('field-region')['value']}|{form.one('field-number')['value']}"
        assert (await lab.post(form["action"], label=label + "!")).status == 303
    found = await read(select(Pair.region, Pair.number, Pair.label))
    assert sorted(found) == sorted((region, number, f"{region}|{number}!") for region, number in odd if region)


TEXTS = [
    "emoji 🚀👨‍👩‍👧🏳️‍🌈",
    "שלום עולם",
    "zero\u200bwidth\u200djoin\ufeffbom",
    "\u202eright to left override",
    "<script>alert(1)</script>",
    "\"'><img src=x onerror=alert(1)>",
    "{{ 7*7 }} {% raw %} ${7*7} #{7} %s %(x)s {0} {title}",
    "&lt;b&gt; &amp; &#39; %41 \\u0041",
    "Robert'); DROP TABLE article;--",
    "e\u0301 é Å ﬁ ½",
    "中文，標點。「引號」",
    "line\u2028and\u2029paragraph",
    "]]> --> */ // <!--",
]


async def test_texts_come_back_as_they_were_typed(client: Browser, read: Read) -> None:
    """1.1.1, 1.2.1: stored byte for byte, shown as typed, and never markup."""
    plain = (await client.get("/articles/new")).page
    shape = [element.tag for element in plain.one("form").walk()]
    for number, text in enumerate(TEXTS):
        answer = await client.post("/articles", title=text, slug=f"s{number}", summary=text)
        assert answer.status == 303, (text, answer.errors())
        (flash,) = (await client.follow(answer)).toasts()
        assert " ".join(text.split()) in flash
        ((key, title, summary),) = await read(
            select(Article.id, Article.title, Article.summary).where(Article.slug == f"s{number}")
        )
        assert (title, summary) == (text, text)
        edit = await client.get(f"/articles/{key}/edit")
        assert edit.page.one("field-title")["value"] == text
        assert edit.page.one("field-summary").raw.removeprefix("\n") == text
        tags = [element.tag for element in edit.page.one("form").walk()]
        assert (
            [tag for tag in tags if tag in shape] and "script" not in tags and tags.count("img") == shape.count("img")
        )
        for path in (f"/articles/{key}", f"/articles/{key}/delete", "/articles", "/"):
            page = await client.get(path)
            assert page.status == 200
            assert "<script>alert" not in page.html and "<img src=x" not in page.html, path
    shown = (await client.get("/articles?sort=id&size=100")).column("title")
    assert shown == [" ".join(text.split()) for text in TEXTS]


async def test_255_emoji_fit_where_255_characters_fit(client: Browser, read: Read) -> None:
    assert (await client.post("/articles", title="🚀" * 200, slug="full")).status == 303
    assert (await client.post("/articles", title="🚀" * 201, slug="over")).status == 422
    assert await read(select(Article.title)) == ["🚀" * 200]
    long = "字" * 100_000
    assert (await client.post("/articles", title="Long", slug="long", body=long)).status == 303
    assert await read(select(Article.body).where(Article.slug == "long")) == [long]


assert Category
