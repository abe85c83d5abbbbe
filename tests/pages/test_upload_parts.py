"""Big files in parts through the door of the portal: who may, what is refused, and how it goes on."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from portal.models.article import Article
from portal.models.file import FileUse, StoredFile
from portal.models.pending_upload import PendingUpload
from portal.uploads.parts import PART
from portal.web.site import Site
from tests.pages.browser import ORIGIN, Answer, Browser
from tests.portals import Read
from tests.uploads.papers import long_film

pytestmark = pytest.mark.anyio

FILM = long_film(PART + 1000)
ATTACHMENT = "/uploads/parts?resource=articles&field=attachment"
BYTES = "application/octet-stream"


class Sender:
    """A browser whose script sends parts."""

    def __init__(self, browser: Browser) -> None:
        self.browser = browser

    async def ask(self, method: str, path: str, *, token: bool = True, **more: Any) -> Answer:
        headers = {"Origin": ORIGIN, **more.pop("headers", {})}
        headers |= {"X-CSRFToken": await self.browser.token()} if token else {}
        return Answer(await self.browser.http.request(method, path, headers=headers, **more))

    async def begin(self, size: int = len(FILM), name: str = "tea.mp4", path: str = ATTACHMENT, **more: Any) -> Answer:
        return await self.ask("POST", path, data={"name": name, "size": str(size)}, **more)

    async def begun(self, **more: Any) -> str:
        answer = await self.begin(**more)
        assert answer.status == 201, answer
        return f"/uploads/parts/{answer.json()['id']}"

    async def put(self, path: str, number: int, content: bytes | None = None) -> Answer:
        """As scripts do it: to the address they are told, with nothing else along."""
        told = await self.ask("GET", f"{path}/{number}", token=False)
        if told.status != 200:
            return told
        content = FILM[(number - 1) * PART : number * PART] if content is None else content
        return await self.ask("PUT", told.json()["url"], token=False, content=content, headers={"Content-Type": BYTES})

    async def sent(self) -> str:
        path = await self.begun()
        for number in (1, 2):
            assert (await self.put(path, number)).status == 204
        return path


@pytest.fixture
def sender(client: Browser, site: Site) -> Sender:
    storage = site.uploads.storage  # tables are emptied between tests, folders are not
    for key, upload, _moment in list(storage.unfinished()):
        storage.abort_parts(key, upload)
    return Sender(client)


async def is_clean(site: Site, read: Read) -> bool:
    """Nothing is left of any upload, nowhere."""
    storage, temporary = site.uploads.storage, site.settings.var / "tmp"
    rows = [*await read(select(PendingUpload.id)), *await read(select(StoredFile.id))]
    return not [*rows, *storage.unfinished(), *storage.list("incoming/"), *temporary.glob("*")]


async def test_a_big_file_arrives_and_is_saved_with_its_row(sender: Sender, site: Site, read: Read) -> None:
    path = await sender.sent()
    answer = await sender.ask("POST", f"{path}/done")
    found = answer.json()
    assert (answer.status, found["name"], found["size"], found["type"]) == (201, "tea.mp4", len(FILM), "video/mp4")
    saved = await sender.browser.post("/articles", title="Tea", attachment=found["key"])
    assert saved.status == 303
    assert await read(select(Article.attachment)) == [found["key"]] and len(await read(select(FileUse.id))) == 1
    assert (await sender.browser.get(found["url"])).response.content == FILM
    assert list(site.uploads.storage.unfinished()) == []


async def test_what_is_there_is_told_so_that_only_the_rest_is_sent(sender: Sender) -> None:
    path = await sender.begun()
    told = {"id": path.rpartition("/")[2], "part": PART, "size": len(FILM)}
    assert (await sender.ask("GET", path)).json() == {**told, "parts": []}
    assert (await sender.put(path, 2)).status == 204
    assert (await sender.ask("GET", path)).json() == {**told, "parts": [2]}
    early = await sender.ask("POST", f"{path}/done")
    assert early.status == 422 and "has not arrived" in early.json()["detail"]
    assert (await sender.put(path, 1)).status == 204
    assert (await sender.ask("POST", f"{path}/done")).status == 201


async def test_done_twice_is_the_same_file(sender: Sender, read: Read) -> None:
    path = await sender.sent()
    first, second = [(await sender.ask("POST", f"{path}/done")).json() for _ in range(2)]
    assert first == second and len(await read(select(StoredFile.id))) == 1
    assert (await sender.ask("GET", path)).json()["parts"] == [1, 2]
    assert (await sender.put(path, 1)).status == 409


@pytest.mark.parametrize(
    ("name", "size", "status"),
    [
        ("tea.mp4", 600 * 1024 * 1024, 413),
        ("tea.mp4", 0, 422),
        ("tea.exe", 1000, 415),
        ("tea.svg", 1000, 415),
        ("tea.mp4", -1, 422),
        ("tea.mp4", 10**17, 422),
    ],
)
async def test_what_would_be_in_vain_is_refused_in_a_sentence(
    sender: Sender, site: Site, read: Read, name: str, size: int, status: int
) -> None:
    answer = await sender.begin(size, name)
    assert answer.status == status and answer.json()["detail"]
    assert answer.headers["content-type"].startswith("application/problem+json")
    assert await is_clean(site, read)


@pytest.mark.parametrize(
    ("content", "status"),
    [(b"", 422), (FILM[: PART - 1], 422), (FILM[: PART + 1], 413), (FILM + FILM, 413)],
    ids=["nothing", "short", "long", "very long"],
)
async def test_a_part_of_another_length_is_refused(sender: Sender, site: Site, content: bytes, status: int) -> None:
    path = await sender.begun()
    assert (await sender.put(path, 1, content)).status == status
    assert (await sender.ask("GET", path)).json()["parts"] == []
    assert list((site.settings.var / "tmp").glob("*")) == []


async def test_a_length_that_is_not_announced_is_counted(sender: Sender, site: Site) -> None:
    async def pieces(content: bytes) -> Any:
        for start in range(0, len(content), 100_000):
            yield content[start : start + 100_000]

    path = await sender.begun()
    url = (await sender.ask("GET", f"{path}/2")).json()["url"]
    for content, status in ((FILM[:999], 422), (FILM[:1001], 413), (FILM[PART:], 204)):
        answer = await sender.ask("PUT", url, content=pieces(content), headers={"Content-Type": BYTES})
        assert answer.status == status
    assert (await sender.ask("GET", path)).json()["parts"] == [2]
    assert list((site.settings.var / "tmp").glob("*")) == []


@pytest.mark.parametrize("number", ["0", "3", "-1", "x", "9" * 30, "1.0"])
async def test_there_are_no_other_parts(sender: Sender, number: str) -> None:
    path = await sender.begun()
    for method in ("GET", "PUT"):
        assert (await sender.ask(method, f"{path}/{number}", content=b"")).status == 404


async def test_content_decides_and_what_is_refused_is_gone(sender: Sender, site: Site, read: Read) -> None:
    content = b"<svg xmlns='http://www.w3.org/2000/svg'/>" * 10
    path = await sender.begun(size=len(content))
    assert (await sender.put(path, 1, content)).status == 204
    answer = await sender.ask("POST", f"{path}/done")
    assert answer.status == 415 and "MP4" in answer.json()["detail"]
    assert await is_clean(site, read)
    assert (await sender.ask("POST", f"{path}/done")).status == 404


async def test_cancelled_it_is_gone(sender: Sender, site: Site, read: Read) -> None:
    path = await sender.begun()
    assert (await sender.put(path, 1)).status == 204
    assert (await sender.ask("POST", f"{path}/cancel")).status == 204
    assert await is_clean(site, read)
    for method, tail in (("GET", ""), ("GET", "/1"), ("POST", "/done"), ("POST", "/cancel")):
        assert (await sender.ask(method, path + tail)).status == 404


async def test_its_time_is_over(sender: Sender, add: Any, site: Site) -> None:
    path = await sender.begun()
    async with site.database.write() as session:
        await session.execute(update(PendingUpload).values(expires_at=datetime.now(UTC) - timedelta(seconds=1)))
        await session.commit()
    assert (await sender.ask("GET", path)).status == 404
    assert (await sender.ask("POST", f"{path}/done")).status == 404


async def test_it_belongs_to_one_person(sender: Sender, editor: Browser, anonymous: Browser) -> None:
    path = await sender.sent()
    other = Sender(editor)
    url = (await sender.ask("GET", f"{path}/1")).json()["url"]
    asked = [("GET", path), ("GET", f"{path}/1"), ("POST", f"{path}/done"), ("POST", f"{path}/cancel")]
    for method, address in asked:
        assert (await other.ask(method, address)).status == 404
    assert (await other.ask("PUT", f"{path}/1", content=b"x", headers={"Content-Type": BYTES})).status == 404
    assert (await other.ask("PUT", url, token=False, content=b"x", headers={"Content-Type": BYTES})).status == 403
    for method, address in asked:
        assert (await Sender(anonymous).ask(method, address)).status == 401
    assert (await sender.ask("POST", f"{path}/done")).status == 201


async def test_only_fields_one_may_fill_in_take_parts(sender: Sender, editor: Browser, anonymous: Browser) -> None:
    other = Sender(editor)
    assert (await other.begin()).status == 201
    assert (await other.begin(path="/uploads/parts?resource=banners&field=picture")).status == 403
    assert (await sender.begin(path="/uploads/parts?resource=articles&field=title")).status == 404
    assert (await sender.begin(path="/uploads/parts")).status == 404
    assert (await sender.begin(token=False)).status == 403
    assert (await Sender(anonymous).begin()).status == 401


async def test_who_may_no_more_can_not_go_on(editor: Browser, site: Site, read: Read) -> None:
    from portal.models.role import Role

    other = Sender(editor)
    path = await other.begun()
    async with site.database.write() as session:
        await session.execute(update(Role).values(permissions=["articles.view"]))
        await session.commit()
    assert (await other.ask("GET", path)).status == 403
    assert (await other.ask("POST", f"{path}/done")).status == 403


async def test_parts_need_a_token_or_the_ticket_of_their_session(sender: Sender) -> None:
    path = await sender.begun()
    part = {"content": FILM[PART:], "headers": {"Content-Type": BYTES}}
    assert (await sender.ask("PUT", f"{path}/2", token=False, **part)).status == 403
    assert (await sender.ask("PUT", f"{path}/2?ticket=" + "a" * 40, token=False, **part)).status == 403
    elsewhere = {**part["headers"], "Origin": "https://evil.example"}
    url = (await sender.ask("GET", f"{path}/2")).json()["url"]
    assert (await sender.ask("PUT", url, token=False, content=FILM[PART:], headers=elsewhere)).status == 403
    assert (await sender.ask("PUT", f"{path}/2", **part)).status == 204
    assert (await sender.ask("POST", f"{path}/done?{url.partition('?')[2]}", token=False)).status == 403


async def test_a_plain_form_says_what_it_bears(client: Browser) -> None:
    page = (await client.get("/articles/new")).page
    limits = {name: page.one("upload", data_name=name).all(tag="p")[-1].text for name in ("cover", "attachment")}
    assert "512 MB" in limits["attachment"] and "at most 64 MB for the whole form" in limits["attachment"]
    assert "without JavaScript" not in limits["cover"]
