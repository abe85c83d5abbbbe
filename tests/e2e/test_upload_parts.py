"""Big files in a real browser: in parts, on again after a reload, straight into a bucket."""

import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Request, Route, expect

from portal.testing import EditPage, SignInPage, UploadField, Watch
from portal.uploads.parts import PART
from tests.e2e.conftest import CONTEXT
from tests.e2e.server import PASSWORD, Server
from tests.uploads.papers import long_film
from tests.uploads.servers import bucket_url, make_bucket, moto, seaweed

__all__ = ["moto", "seaweed"]

COUNT = 4
PATIENCE = 20
SIZE = 3 * PART + 6_000_000
HERE = "**/uploads/parts/*/*?ticket=*"


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("film") / "tea.mp4"
    path.write_bytes(long_film(SIZE))
    return path


@pytest.fixture
def attachment(page: Page) -> UploadField:
    return UploadField(EditPage(page, "articles").new().page, "attachment")


class Parts:
    """The parts that a page sends: their numbers, and which of them are let through."""

    def __init__(self, page: Page) -> None:
        self.sent: list[int] = []
        self.held: list[Route] = []
        self._page = page
        page.on("requestfinished", self._note)

    def let_through(self, most: int) -> None:
        passed: list[Route] = []

        def judge(route: Route) -> None:
            if len(passed) < most:
                passed.append(route)
                route.continue_()
            else:
                self.held.append(route)

        self._page.route(HERE, judge)

    def wait(self, count: int) -> None:
        """Until so many have arrived and another is on its way."""
        end = time.monotonic() + PATIENCE
        while len(self.sent) < count or not self.held:
            assert time.monotonic() < end, (self.sent, self.held)
            self._page.wait_for_timeout(50)

    def _note(self, request: Request) -> None:
        if request.method == "PUT":
            self.sent.append(int(request.url.partition("?")[0].rpartition("/")[2]))


def uploads(database: sqlite3.Connection, name: str = "tea.mp4") -> list[tuple[int, str]]:
    sql = "SELECT size, media_type FROM fastor_file WHERE original_name = ?"
    return list(database.execute(sql, [name]))


def test_big_file_goes_in_parts_and_is_saved(attachment: UploadField, film: Path, database: sqlite3.Connection) -> None:
    parts = Parts(attachment.page)
    attachment.attach(film)
    key = attachment.stored()
    assert sorted(parts.sent) == [1, 2, 3, 4]
    expect(attachment.by("upload-about")).to_contain_text("tea.mp4")
    expect(attachment.by("upload-progress")).to_be_hidden()
    edit = EditPage(attachment.page, "articles").fill(title="With a long film")
    assert edit.save() == 303
    assert database.execute("SELECT attachment FROM article WHERE title = 'With a long film'").fetchone() == (key,)
    assert database.execute("SELECT size FROM fastor_file WHERE key = ?", [key]).fetchone() == (SIZE,)


def test_chosen_again_after_a_reload_it_goes_on(attachment: UploadField, film: Path) -> None:
    page = attachment.page
    parts = Parts(page)
    parts.let_through(2)
    attachment.attach(film)
    expect(attachment.by("upload-progress")).to_be_visible()
    parts.wait(2)
    first = list(parts.sent)
    page.reload()
    page.unroute_all()  # before, what is held would go through
    assert attachment.key == ""
    parts.sent.clear()
    attachment.attach(film)
    assert attachment.stored()
    assert sorted(first + parts.sent) == [1, 2, 3, 4]


def test_part_that_fails_is_sent_again(attachment: UploadField, film: Path) -> None:
    refused: list[Route] = []

    def judge(route: Route) -> None:
        if len(refused) < 3:
            refused.append(route)
            route.fulfill(status=429, body="")
        else:
            route.continue_()

    attachment.page.route(HERE, judge)
    attachment.attach(film)
    assert attachment.stored()
    assert len(refused) == 3


def test_interrupted_for_good_it_goes_on_by_the_button(attachment: UploadField, film: Path) -> None:
    page = attachment.page
    parts = Parts(page)
    page.route("**/uploads/parts/*/3?ticket=*", lambda route: route.fulfill(status=403, body=""))
    attachment.attach(film)
    expect(attachment.error).to_contain_text("interrupted", timeout=20_000)
    before = {number for number in parts.sent if number != 3}
    page.unroute_all()
    parts.sent.clear()
    attachment.by("upload-retry").click()
    assert attachment.stored()
    assert 3 in parts.sent and len(parts.sent) <= COUNT - len(before) + 2
    expect(attachment.error).to_have_count(0)


def test_cancelled_it_is_forgotten(attachment: UploadField, film: Path, database: sqlite3.Connection) -> None:
    parts = Parts(attachment.page)
    parts.let_through(1)
    attachment.attach(film)
    parts.wait(1)
    with attachment.page.expect_response("**/cancel") as answer:
        attachment.by("upload-cancel").click()
    assert answer.value.status == 204
    expect(attachment.error).to_contain_text("cancelled")
    assert database.execute("SELECT COUNT(*) FROM fastor_pending_upload WHERE stored_key IS NULL").fetchone() == (0,)
    assert attachment.page.evaluate("localStorage.getItem('portal-uploads')") == "{}"


def test_what_it_really_is_is_said_at_the_field(attachment: UploadField, tmp_path: Path) -> None:
    fake = tmp_path / "fake.mp4"
    fake.write_bytes(b"This is no film at all. " * 1_000_000)
    attachment.attach(fake)
    expect(attachment.error).to_contain_text("only PDF")
    assert attachment.key == ""


@pytest.fixture(params=["seaweed", "moto"])
def bucket_server(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Server]:
    """A portal whose files lie in a bucket that browsers talk to."""
    server = Server(tmp_path)
    host = request.getfixturevalue(request.param)
    make_bucket(host, "films", [server.url])
    server.environment["FASTOR_STORAGE_URL"] = bucket_url(host, bucket="films")
    server.command("db", "upgrade")
    with server:
        yield server


def test_parts_go_straight_into_the_bucket(bucket_server: Server, browser: Browser, film: Path) -> None:
    context = browser.new_context(base_url=bucket_server.url, **CONTEXT)
    watch = Watch(context)
    page = context.new_page()
    SignInPage(page).open().sign_in("admin", PASSWORD)
    attachment = UploadField(EditPage(page, "articles").new().page, "attachment")
    elsewhere: list[str] = []
    page.on("request", lambda request: elsewhere.append(request.url) if request.method == "PUT" else None)
    attachment.attach(film)
    key = attachment.stored()
    assert len(elsewhere) == COUNT and not any(url.startswith(bucket_server.url) for url in elsewhere)
    edit = EditPage(page, "articles").fill(title="In the bucket")
    assert edit.save("save-edit") == 303
    link = attachment.by("upload-about").get_attribute("href")
    answer = context.request.get(f"{bucket_server.url}{link}")
    assert key in str(link) and answer.body() == film.read_bytes()
    watch.finish()
    context.close()
