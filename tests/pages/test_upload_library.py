"""What of the library a field is offered, to whom; and what a save makes of a file that was picked."""

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import quote

import pytest
from sqlalchemy import select

from portal.db.engine import Database
from portal.facts import FileFacts
from portal.models.article import Article
from portal.models.file import StoredFile
from portal.services.suitable_files import PAGE, Seeker, Wish, objection, offer
from portal.uploads.keys import new_key
from portal.uploads.rules import Rules, document_rules, picture_rules
from tests.pages.browser import PARTIAL, Answer, Browser
from tests.pages.content import article
from tests.portals import Add, Read

pytestmark = pytest.mark.anyio

COVER = "/uploads/library?resource=articles&field=cover"
ATTACHMENT = "/uploads/library?resource=articles&field=attachment"
BODY = "/uploads/library?resource=articles&field=body"


def picture(name: str, **values: Any) -> StoredFile:
    """A picture of the library, 16:9, without its object: nobody opens it here."""
    known = {"media_type": "image/webp", "width": 1600, "height": 900, "sizes": {"thumb": [160, 90, 9]}}
    return stored(name, "webp", **{"kind": "image", **known, **values})


def document(name: str, **values: Any) -> StoredFile:
    return stored(name, "pdf", **{"kind": "file", "media_type": "application/pdf", **values})


def stored(name: str, ending: str, **values: Any) -> StoredFile:
    known = {"size": 1000, "sha256": "0" * 64, "kept": True, "owner": "starter", "sizes": {}}
    return StoredFile(key=new_key(ending), original_name=name, **{**known, **values})


def names(answer: Answer) -> list[str]:
    assert answer.status == 200, answer
    return [told(item)["name"] for item in answer.page.all("chooser-file")]


def told(item: Any) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(item["data-told"])
    return found


async def test_fields_are_offered_what_they_take_the_newest_first(client: Browser, add: Add) -> None:
    for file in (picture("old.webp"), document("plan.pdf"), picture("new.webp")):
        await add(file)
    assert names(await client.get(COVER)) == ["new.webp", "old.webp"]
    assert names(await client.get(BODY)) == ["new.webp", "old.webp"]
    assert names(await client.get(ATTACHMENT)) == ["plan.pdf"]


async def test_only_those_who_may_fill_the_field_in_are_told(
    client: Browser, editor: Browser, anonymous: Browser, add: Add
) -> None:
    await add(picture("tea.webp"))
    assert names(await editor.get(COVER)) == ["tea.webp"]
    assert (await editor.get("/uploads/library?resource=banners&field=picture")).status == 403
    assert (await anonymous.get(COVER, PARTIAL)).status == 401
    for query in ("", "?resource=articles", "?resource=articles&field=title", "?resource=nothing&field=cover"):
        assert (await client.get(f"/uploads/library{query}")).status == 404


async def test_without_the_library_one_sees_what_is_kept_and_ones_own(
    client: Browser, editor: Browser, add: Add
) -> None:
    await add(picture("kept.webp"))
    await add(picture("mine.webp", kept=False, owner="erik"))
    await add(picture("theirs.webp", kept=False, owner="maria"))
    assert names(await editor.get(COVER)) == ["mine.webp", "kept.webp"]
    assert names(await client.get(COVER)) == ["theirs.webp", "mine.webp", "kept.webp"]


async def test_private_files_are_for_private_fields_of_their_owners(
    client: Browser, add: Add, database: Database
) -> None:
    await add(picture("open.webp"))
    await add(picture("mine.webp", private=True, owner="maria"))
    await add(picture("theirs.webp", private=True, owner="erik"))
    assert names(await client.get(COVER)) == ["open.webp"]
    assert await offered(database, picture_rules(FileFacts(private=True)), "maria") == ["mine.webp"]
    assert await offered(database, picture_rules(FileFacts(private=True)), "tom") == []


async def offered(database: Database, rules: Rules, name: str) -> list[str]:
    async with database.read() as session:
        found = await offer(session, rules, Seeker(name, sees_library=True), Wish())
    return [file.original_name for file in found.files]


async def test_declared_formats_and_sizes_hold_for_the_library(database: Database, add: Add) -> None:
    await add(picture("tea.webp"), picture("tea.png", media_type="image/png"))
    await add(document("small.pdf"), document("big.pdf", size=3 * 1024 * 1024))
    await add(document("book.docx", media_type=MEDIA["docx"]))
    assert await offered(database, picture_rules(FileFacts(formats=("png",))), "tom") == ["tea.png"]
    rules = document_rules(FileFacts(formats=("pdf",), max_mb=2))
    assert await offered(database, rules, "tom") == ["small.pdf"]


MEDIA = {"docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document"}


async def test_pages_follow_each_other(client: Browser, add: Add) -> None:
    for number in range(PAGE + 3):
        await add(picture(f"{number:02d}.webp"))
    first, second = await client.get(COVER), await client.get(f"{COVER}&page=2", PARTIAL)
    assert len(names(first)) == PAGE and names(second) == ["02.webp", "01.webp", "00.webp"]
    assert first.page.one("chooser-range").text == "1–24" and second.page.one("chooser-range").text == "25–27"
    assert "disabled" in first.page.one("chooser-previous") and "disabled" not in first.page.one("chooser-next")
    assert "disabled" in second.page.one("chooser-next") and second.page.one("chooser-previous")["data-page"] == "1"
    for odd in ("", "0", "-1", "two", "1e3", "٢", "99999999999999999999"):
        assert names(await client.get(f"{COVER}&page={quote(odd)}")) == names(first)
    beyond = await client.get(f"{COVER}&page=99", PARTIAL)
    assert names(beyond) == [] and beyond.page.has("empty")


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("%", ["100%.webp"]),
        ("_", ["tea_cup.webp"]),
        ("\\", ["a\\b.webp"]),
        ("TEA cup", ["tea_cup.webp"]),
        ("cafe", ["menu.webp"]),
        ("cafe tea", []),
        ("茶", ["茶.webp"]),
        ("' OR 1=1 --", []),
    ],
    ids=["percent", "underscore", "backslash", "words", "description", "both", "chinese", "quote"],
)
async def test_search_looks_at_names_and_descriptions(
    client: Browser, add: Add, words: str, found: Sequence[str]
) -> None:
    await add(picture("100%.webp"), picture("tea_cup.webp"), picture("a\\b.webp"), picture("茶.webp"))
    await add(picture("menu.webp", alt="In the Café"))
    assert names(await client.get(f"{COVER}&q={quote(words)}", PARTIAL)) == found


async def test_odd_words_find_nothing_and_break_nothing(client: Browser, add: Add) -> None:
    await add(picture("tea.webp", folder="covers"))
    for query in ("q=%00", "q=%ff%fe", "q=" + "x" * 4000, "folder=%00", "folder=%ff", "q=a&q=b"):
        assert (await client.get(f"{COVER}&{query}", PARTIAL)).status == 200
    assert names(await client.get(f"{COVER}&folder=nowhere")) == []


async def test_folders_are_those_of_suitable_files(client: Browser, editor: Browser, add: Add) -> None:
    await add(picture("tea.webp", folder="Drinks & more"), picture("cup.webp"))
    await add(document("plan.pdf", folder="papers"), picture("x.webp", folder="secret", kept=False, owner="maria"))
    options = (await editor.get(COVER)).page.one("chooser-folder").all(tag="option")
    assert [option.text for option in options] == ["All folders", "Drinks & more"]
    assert names(await editor.get(f"{COVER}&folder=Drinks%20%26%20more", PARTIAL)) == ["tea.webp"]
    assert names(await editor.get(f"{COVER}&folder=secret", PARTIAL)) == []
    await add(document("loose.pdf"))
    assert names(await client.get(f"{ATTACHMENT}&folder=papers")) == ["plan.pdf"]


async def test_a_file_is_told_as_an_upload_would_have_been(client: Browser, add: Add) -> None:
    await add(file := picture("<b>.webp", alt='A "cup"', sizes={"thumb": [160, 90, 9], "small": [480, 270, 99]}))
    answer = await client.get(COVER)
    (item,) = answer.page.all("chooser-file")
    stem = file.key.removesuffix(".webp")
    assert told(item) == {
        "key": file.key,
        "url": f"/media/{file.key}",
        "thumb": f"/media/{stem}.thumb.webp",
        "preview": f"/media/{stem}.small.webp",
        "name": "<b>.webp",
        "size": 1000,
        "width": 1600,
        "height": 900,
        "alt": 'A "cup"',
        "type": "image/webp",
    }
    assert item["data-key"] == file.key and "<b>.webp" in item.text and "<b>.webp" not in answer.html
    assert answer.headers["cache-control"] == "no-store"


async def test_several_can_be_taken_where_several_fit(client: Browser, add: Add) -> None:
    await add(picture("tea.webp"), document("plan.pdf"))
    for field, many in (("cover", False), ("gallery", True), ("attachment", False), ("body", True)):
        page = (await client.get(f"/uploads/library?resource=articles&field={field}")).page
        assert page.has("chooser-take") == many, field
        assert ("aria-multiselectable" in page.one("chooser-files")) == many, field


async def test_only_the_files_are_sent_for_another_search(client: Browser, add: Add) -> None:
    await add(picture("tea.webp"))
    whole, part = await client.get(COVER), await client.get(COVER, PARTIAL)
    assert whole.page.has("chooser") and whole.page.has("chooser-search")
    assert not part.page.has("chooser") and part.page.has("chooser-files")
    assert not whole.page.has("menu")


async def test_a_picked_file_is_saved_and_used(client: Browser, add: Add, read: Read) -> None:
    await add(cover := picture("tea.webp"), paper := document("plan.pdf"))
    answer = await client.post("/articles", title="Tea", cover=cover.key, gallery=["", cover.key], attachment=paper.key)
    assert answer.status == 303, answer.errors()
    assert await read(select(Article.cover, Article.attachment)) == [(cover.key, paper.key)]
    assert await read(select(Article.gallery)) == [[cover.key]]


async def test_what_does_not_fit_is_a_sentence_at_its_field(client: Browser, add: Add) -> None:
    await add(square := picture("square.webp", width=900, height=900), paper := document("plan.pdf"))
    await add(private := picture("private.webp", private=True, owner="maria"), sound := picture("tea.webp"))
    cases = {
        "cover": {"square": square.key, "paper": paper.key, "private": private.key},
        "gallery": {"paper": paper.key, "private": private.key},
        "attachment": {"picture": sound.key},
    }
    for field, keys in cases.items():
        for name, key in keys.items():
            answer = await client.post("/articles", title="Tea", **{field: key})
            assert answer.status == 422 and set(answer.errors()) == {field}, (field, name)
    answer = await client.post("/articles", title="Tea", cover=square.key)
    assert answer.errors() == {"cover": "This picture is not 16:9. Please crop it."}


async def test_what_a_row_holds_may_stay_whatever_is_declared_now(client: Browser, add: Add, read: Read) -> None:
    await add(square := picture("square.webp", width=900, height=900))
    await add(row := article("Tea", cover=square.key))
    assert (await client.post(f"/articles/{row.id}", title="Coffee", cover=square.key)).status == 303
    assert await read(select(Article.title, Article.cover)) == [("Coffee", square.key)]


async def test_a_private_picture_of_another_can_not_be_written_into_a_text(
    client: Browser, editor: Browser, add: Add, read: Read
) -> None:
    await add(theirs := picture("theirs.webp", private=True, owner="maria"), row := article("Tea"))
    body = f'<p><img src="/media/{theirs.key}" alt=""></p>'
    answer = await editor.post(f"/articles/{row.id}", body=body)
    assert answer.status == 422 and set(answer.errors()) == {"body"}
    assert (await client.post(f"/articles/{row.id}", body=body)).status == 303
    assert (await editor.post(f"/articles/{row.id}", body=body + "<p>more</p>")).status == 303
    (stored_body,) = await read(select(Article.body))
    assert "more" in stored_body


@pytest.mark.parametrize(
    ("width", "height", "fits"),
    [(1600, 900, True), (1601, 900, True), (1600, 901, True), (1602, 900, False), (33, 19, True)],
    ids=["exact", "a-column-more", "a-row-more", "two-columns-more", "tiny"],
)
def test_a_ratio_is_as_exact_as_whole_pixels(width: int, height: int, fits: bool) -> None:
    file = picture("tea.webp", width=width, height=height, private=False)
    assert (objection(picture_rules(FileFacts(ratio="16:9")), file) is None) == fits


def test_objections_name_what_is_wrong() -> None:
    file = document("plan.pdf", size=3 * 1024 * 1024, private=False)
    rules = document_rules(FileFacts(formats=("pdf",), max_mb=4))
    assert objection(rules, file) is None
    assert "DOCX" in str(objection(replace(rules, formats=("docx",)), file))
    assert "2 MB" in str(objection(replace(rules, max_bytes=2 * 1024 * 1024), file))
    assert "private" in str(objection(replace(rules, private=True), file))
