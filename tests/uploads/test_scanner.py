"""A site's own scanner looks at every file before anybody else can, by whatever door it comes."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import anyio
import pytest
from sqlalchemy import select

from portal.models.article import Article
from portal.uploads.refusals import UploadRefused
from tests.databases import fresh_database
from tests.faults.house import COVER, House, house, picture
from tests.pages.browser import ORIGIN, Answer
from tests.uploads.papers import film

pytestmark = pytest.mark.anyio

AWAY = "Files can't be checked at the moment. Please try again later."
INFECTED = "This file carries a virus."
ATTACHMENT = "/uploads?resource=articles&field=attachment"


class Infected(UploadRefused):
    code = "upload-infected"
    sentence = INFECTED


class Scanner:
    """Refuses what it is told to, and remembers what it saw."""

    def __init__(self) -> None:
        self.seen: list[str] = []
        self.error: Exception | None = None

    async def __call__(self, path: Path, media_type: str) -> None:
        assert await anyio.Path(path).exists()
        self.seen.append(media_type)
        if self.error is not None:
            raise self.error


@pytest.fixture(scope="module")
def scanner() -> Scanner:
    return Scanner()


@pytest.fixture(scope="module")
async def whole(scanner: Scanner, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[House]:
    with fresh_database("sqlite") as url:
        async with house(url, tmp_path_factory.mktemp("var"), scan=scanner) as portal:
            yield portal


@pytest.fixture
def portal(whole: House, scanner: Scanner) -> Iterator[House]:
    scanner.seen, scanner.error = [], None
    yield whole


async def nothing_stays(portal: House, keys: set[str], objects: dict[str, int]) -> None:
    assert await portal.keys() == keys and await portal.objects() == objects and portal.left_over() == []


@pytest.mark.parametrize("address", [COVER, ATTACHMENT], ids=["picture", "document"])
async def test_what_it_refuses_is_told_in_its_words_and_leaves_nothing(
    portal: House, scanner: Scanner, address: str
) -> None:
    keys, objects = await portal.keys(), await portal.objects()
    scanner.error = Infected()
    content, media_type = (picture(), "image/jpeg") if address == COVER else (film(), "video/mp4")
    answer = await portal.upload(content, address)
    assert (answer.status, answer.json()["detail"]) == (422, INFECTED)
    assert scanner.seen == [media_type]
    await nothing_stays(portal, keys, objects)
    scanner.error = None
    assert (await portal.upload(content, address)).status == 201


async def test_form_without_scripts_says_it_at_the_field(portal: House, scanner: Scanner) -> None:
    keys, objects = await portal.keys(), await portal.objects()
    scanner.error = Infected()
    action = (await portal.client.get("/articles/new")).page.one("form")["action"]
    parts = [("title", (None, "Tea")), ("file.cover", ("a.jpg", picture()))]
    answer = Answer(await portal.client.http.post(action, files=parts, headers={"Origin": ORIGIN}))
    assert answer.status == 422 and answer.errors() == {"cover": INFECTED}
    assert await portal.rows(select(Article.id)) == []
    await nothing_stays(portal, keys, objects)


async def test_editor_is_told_too(portal: House, scanner: Scanner) -> None:
    keys, objects = await portal.keys(), await portal.objects()
    scanner.error = Infected()
    headers = {"Origin": ORIGIN, "X-CSRFToken": await portal.client.token()}
    sent = await portal.client.http.post(
        "/editor/upload_img", files=[("files[]", ("a.jpg", picture()))], headers=headers
    )
    assert INFECTED in sent.text and sent.status_code < 500
    await nothing_stays(portal, keys, objects)


async def test_scanner_that_is_away_lets_nothing_in(portal: House, scanner: Scanner) -> None:
    keys, objects = await portal.keys(), await portal.objects()
    scanner.error = ConnectionRefusedError("no scanner here")
    answer = await portal.upload()
    assert (answer.status, answer.json()["detail"]) == (503, AWAY)
    await nothing_stays(portal, keys, objects)


async def test_a_part_cut_from_a_stored_picture_is_looked_at_as_well(portal: House, scanner: Scanner) -> None:
    key = (await portal.upload()).json()["key"]
    keys, objects = await portal.keys(), await portal.objects()
    scanner.error = Infected()
    headers = {"X-CSRFToken": await portal.client.token()}
    answer = await portal.client.post(f"{COVER}&source={key}&crop=0,0,320,180", headers)
    assert answer.status == 422
    await nothing_stays(portal, keys, objects)
