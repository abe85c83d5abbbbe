"""A real server with seeded content, a real Chromium, and a watch on whatever the pages do."""

import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from portal.testing import SignInPage, Watch
from tests.e2e.browser import launch_options
from tests.e2e.server import PASSWORD, Server

HERE = Path(__file__).parent
# Nothing moves: what is measured and what is clicked stands still.
CONTEXT: dict[str, Any] = {
    "viewport": {"width": 1440, "height": 900},
    "locale": "en",
    "timezone_id": "Asia/Shanghai",
    "reduced_motion": "reduce",
}
Visit = Callable[..., Page]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Browser tests come last: Playwright's loop would be in the way of tests that run one of their own."""
    items.sort(key=lambda item: HERE in item.path.parents)


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """The machine's Chromium, with what was asked for on the command line."""
    return {**browser_type_launch_args, **launch_options()}


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A portal with the starter content, for the whole run."""
    server = Server(tmp_path_factory.mktemp("portal"))
    server.command("db", "upgrade")
    server.command("seed")
    with server:
        yield server


@pytest.fixture(scope="session")
def base_url() -> None:
    """`visit` says where the portal is; some tests have one of their own."""


@pytest.fixture(scope="session")
def signed_in(browser: Browser, server: Server) -> Any:
    """Cookies of the administrator."""
    context = browser.new_context(base_url=server.url, **CONTEXT)
    SignInPage(context.new_page()).open().sign_in("admin", PASSWORD)
    state = context.storage_state()
    context.close()
    return state


@pytest.fixture(scope="session")
def newsroom(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Somebody's application with a portal at `/admin` (tests/e2e/newsroom)."""
    server = Server(tmp_path_factory.mktemp("newsroom"), app="tests.e2e.newsroom.app:create")
    server.command("db", "upgrade")
    with server:
        yield server


@pytest.fixture(scope="session")
def newsroom_state(browser: Browser, newsroom: Server) -> Any:
    """Cookies of its administrator."""
    context = browser.new_context(base_url=newsroom.url, **CONTEXT)
    SignInPage(context.new_page(), path="/admin").open().sign_in("admin", PASSWORD)
    state = context.storage_state()
    context.close()
    return state


@pytest.fixture
def visit(new_context: Callable[..., BrowserContext], server: Server, signed_in: Any) -> Iterator[Visit]:
    """Opens a browser of its own for a visitor: `visit()` is signed in, `visit(signed_in=False)` a stranger;
    theme and language are those of the portal's cookies, anything else goes to Playwright. At the end none of
    them may have complained."""
    watches = []

    def open_page(*, signed: bool = True, theme: str = "", language: str = "", **options: Any) -> Page:
        address = options.setdefault("base_url", server.url)
        context = new_context(**{**CONTEXT, **({"storage_state": signed_in} if signed else {}), **options})
        context.set_default_timeout(10_000)
        watches.append(Watch(context))
        page = context.new_page()
        values = {"fastor_theme": theme, "fastor_language": language}
        context.add_cookies([{"name": name, "value": value, "url": address} for name, value in values.items() if value])
        return page

    yield open_page
    for watch in watches:
        watch.finish()


@pytest.fixture
def page(visit: Visit) -> Page:
    """The administrator's browser."""
    return visit()


@pytest.fixture
def database(server: Server) -> Iterator[sqlite3.Connection]:
    """The portal's own database, to look at what was stored."""
    connection = sqlite3.connect(server.folder / "fastor.db", timeout=10, isolation_level=None)
    yield connection
    connection.close()
