"""No page breaks WCAG 2.2 AA, in either language and either theme."""

import sqlite3
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page, expect

from portal.testing import EditPage, ListPage, PortalPage, SignInPage, check_accessibility
from tests.e2e.conftest import Visit
from tests.e2e.server import ROOT

AXE = ROOT / "node_modules/axe-core/axe.min.js"


def check(page: Page) -> None:
    """Look at what is shown in the light and in the dark."""
    for theme in ("light", "dark"):
        page.locator("html").evaluate("(root, theme) => { root.dataset.theme = theme; }", theme)
        check_accessibility(page, axe=AXE)


def search_for_nothing(page: Page) -> None:
    ListPage(page, "articles").open(q="nothing is called this")


def tick_rows(page: Page) -> None:
    ListPage(page, "articles").open().tick_all()


def open_filters(page: Page) -> None:
    ListPage(page, "articles").open(status="published").by("add-filter").click()


def open_row_menu(page: Page) -> None:
    ListPage(page, "banners").open(placement="home").by("row-menu").first.click()
    expect(page.get_by_test_id("menu-of-row")).to_be_visible()


def open_picker(page: Page) -> None:
    edit = EditPage(page, "articles").open(1)
    edit.field("tags").locator(".ts-control input").click()
    expect(edit.field("tags").locator(".ts-dropdown [data-selectable]").first).to_be_visible()


def refuse_form(page: Page) -> None:
    edit = EditPage(page, "articles").new()
    edit.fill(summary="The title is missing")
    assert edit.save() == 422


def refuse_delete(page: Page) -> None:
    PortalPage(page).go("/categories/8/delete")


def ask_before_delete(page: Page) -> None:
    tags = ListPage(page, "tags").open()
    tags.tick(tags.row_of(tags.keys[0]))
    tags.by("action-delete").click()
    expect(tags.by("confirm")).to_be_visible()


def ask_before_leaving(page: Page) -> None:
    edit = EditPage(page, "articles").open(1)
    edit.fill(summary="Not saved")
    edit.menu.first.click()
    expect(edit.leave_question).to_be_visible()


def make_conflict(page: Page) -> None:
    edit = EditPage(page, "tags").open(3)
    with page.context.new_page() as other:
        their = EditPage(other, "tags").open(3)
        their.fill(name=their.value("name") + "!")
        assert their.save() == 303
    edit.fill(name=edit.value("name") + "?")
    assert edit.save() == 409


def change_order(page: Page) -> None:
    banners = ListPage(page, "banners").open(placement="home")
    banners.from_menu(banners.row_of(banners.keys[1]), "move-top")
    expect(banners.toast).to_be_visible()


ADDRESSES = (
    "/", "/articles", "/articles/new", "/articles/1", "/articles/1/edit", "/articles/1/delete",
    "/categories", "/tags", "/banners?placement=home", "/banners/order?placement=home", "/customers", "/users",
    "/users/1/edit", "/roles/new", "/password", "/patterns", "/articles/999999",
)  # fmt: skip
STATES: tuple[Callable[[Page], None], ...] = (
    search_for_nothing, tick_rows, open_filters, open_row_menu, open_picker, refuse_form, refuse_delete,
    ask_before_delete, ask_before_leaving, make_conflict, change_order,
)  # fmt: skip
LOOKS = (("en", "light"), ("zh-CN", "dark"))
"""Contrast is a matter of the theme, names are one of the language: two of the four combinations find both."""


@pytest.mark.parametrize(("language", "theme"), LOOKS)
@pytest.mark.parametrize("address", ADDRESSES)
def test_page_is_accessible(visit: Visit, address: str, language: str, theme: str) -> None:
    page = visit(language=language, theme=theme)
    page.goto(address)
    page.wait_for_load_state("networkidle")
    expect(page.locator("html")).to_have_attribute("lang", language)
    expect(page.locator("html")).to_have_attribute("data-theme", theme)
    check_accessibility(page, axe=AXE)


@pytest.mark.parametrize("state", STATES, ids=lambda state: state.__name__)
def test_state_is_accessible(visit: Visit, state: Callable[[Page], None]) -> None:
    """One language is enough: what differs from the pages above is no text."""
    page = visit(language="zh-CN")
    state(page)
    check(page)


@pytest.mark.parametrize("address", ["/", "/articles", "/articles/1/edit", "/banners/order?placement=home"])
def test_page_is_accessible_on_a_phone(visit: Visit, address: str) -> None:
    page = visit(language="zh-CN", viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    page.goto(address)
    check_accessibility(page, axe=AXE)


@pytest.mark.parametrize("language", ["en", "zh-CN"])
def test_sign_in_is_accessible(visit: Visit, language: str) -> None:
    page = visit(signed=False, language=language)
    sign_in = SignInPage(page).open()
    check(page)
    sign_in.sign_in("nobody", "nothing at all")
    expect(sign_in.error).to_be_visible()
    check(page)


def test_refusal_is_accessible(visit: Visit, page: Page, role_without_rights: tuple[str, str]) -> None:
    stranger = visit(signed=False)
    sign_in = SignInPage(stranger).open()
    sign_in.sign_in(*role_without_rights)
    sign_in.change_password(role_without_rights[1], "granite-lantern-53-fox")
    stranger.goto("/articles")
    expect(stranger.get_by_test_id("error-page")).to_have_attribute("data-status", "403")
    check(stranger)


@pytest.fixture
def role_without_rights(page: Page, database: sqlite3.Connection) -> Iterator[tuple[str, str]]:
    """A user who may sign in and do nothing."""
    name, password = "visitor", "lantern-gravel-77-owl"
    edit = EditPage(page, "users").new()
    edit.fill(username=name, password_hash=password)
    assert edit.save() == 303
    yield name, password
    database.execute("DELETE FROM fastor_user WHERE username = ?", [name])
