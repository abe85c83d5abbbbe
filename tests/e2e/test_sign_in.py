"""Coming in and going out."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from portal.testing import SignInPage
from tests.e2e.conftest import Visit
from tests.e2e.server import PASSWORD, Server


def test_right_password_leads_to_the_dashboard(visit: Visit) -> None:
    page = visit(signed=False)
    SignInPage(page).open().sign_in("admin", PASSWORD)
    expect(page).to_have_url("/")
    expect(page.get_by_test_id("dashboard")).to_be_visible()


def test_wrong_password_is_told_and_the_name_kept(visit: Visit) -> None:
    page = visit(signed=False)
    sign_in = SignInPage(page).open()
    sign_in.sign_in("admin", "not the password")
    expect(sign_in.error).to_be_visible()
    expect(page.get_by_test_id("field-username")).to_have_value("admin")
    expect(page.get_by_test_id("field-password")).to_have_value("")
    expect(page.get_by_test_id("field-password")).to_be_focused()


def test_stranger_comes_back_to_the_page_asked_for(visit: Visit) -> None:
    page = visit(signed=False)
    page.goto("/articles?status=draft")
    expect(page).to_have_url("/sign-in?next=/articles%3Fstatus%3Ddraft")
    SignInPage(page).sign_in("admin", PASSWORD)
    expect(page).to_have_url("/articles?status=draft")


def test_foreign_next_is_not_followed(visit: Visit) -> None:
    page = visit(signed=False)
    page.goto("/sign-in?next=//example.com/")
    SignInPage(page).sign_in("admin", PASSWORD)
    expect(page).to_have_url("/")


@pytest.mark.parametrize("remember", [True, False])
def test_session_outlives_the_browser_only_when_remembered(visit: Visit, remember: bool) -> None:
    page = visit(signed=False)
    SignInPage(page).open().sign_in("admin", PASSWORD, remember=remember)
    expect(page).to_have_url("/")
    sessions = [cookie for cookie in page.context.cookies() if "session" in str(cookie.get("name"))]
    assert sessions
    assert all((cookie.get("expires", -1) > 0) is remember for cookie in sessions)


def test_signing_out_ends_the_session(visit: Visit) -> None:
    page = visit(signed=False)
    sign_in = SignInPage(page).open()
    sign_in.sign_in("admin", PASSWORD)
    sign_in.sign_out()
    page.goto("/articles")
    expect(page.get_by_test_id("sign-in-form")).to_be_visible()


@pytest.fixture(scope="module")
def first_start(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """An empty portal that prints the password of its first administrator."""
    server = Server(tmp_path_factory.mktemp("first"), password=None)
    server.command("db", "upgrade")
    with server:
        yield server


def test_printed_password_is_changed_at_the_first_sign_in(visit: Visit, first_start: Server) -> None:
    page = visit(signed=False, base_url=first_start.url)
    sign_in = SignInPage(page).open()
    sign_in.sign_in("admin", first_start.printed_password)
    page.goto("/articles")
    expect(page.get_by_test_id("password-form")).to_be_visible()

    sign_in.change_password(first_start.printed_password, "plum-kettle-orbit-4", repeat="plum-kettle-orbit-5")
    expect(sign_in.error).to_be_visible()
    sign_in.change_password(first_start.printed_password, "plum-kettle-orbit-4")
    page.goto("/articles")
    expect(page.get_by_test_id("empty")).to_be_visible()

    sign_in.sign_out()
    sign_in.open().sign_in("admin", "plum-kettle-orbit-4")
    expect(page.get_by_test_id("dashboard")).to_be_visible()
