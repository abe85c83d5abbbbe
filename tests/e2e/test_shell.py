"""What surrounds every page: menu, language, look, keys, and a narrow window."""

import re
import sqlite3
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from portal.testing import ListPage, PortalPage
from tests.e2e.conftest import Visit

CURRENT = {
    "/": "dashboard",
    "/articles": "articles",
    "/articles?status=draft&page=2": "articles",
    "/articles/new": "articles",
    "/articles/1": "articles",
    "/articles/1/edit": "articles",
    "/articles/1/delete": "articles",
    "/banners/order?placement=home": "banners",
    "/customers": "customers",
}


@pytest.mark.parametrize("address", CURRENT)
def test_one_menu_item_is_current(page: Page, address: str) -> None:
    portal = PortalPage(page)
    portal.go(address)
    expect(portal.current_menu_item).to_have_count(1)
    expect(portal.current_menu_item).to_have_attribute("data-name", re.compile(f"(^|:){CURRENT[address]}$"))


@pytest.fixture
def own_language(database: sqlite3.Connection) -> Iterator[None]:
    """The administrator's choice of a language is forgotten afterwards."""
    yield
    database.execute("UPDATE fastor_user SET language = NULL")


def test_language_is_switched_at_run_time_and_back(page: Page, own_language: None) -> None:
    articles = ListPage(page, "articles").open(status="draft")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Articles")
    articles.replaced(articles.by("language-zh-CN").click)
    expect(page.locator("html")).to_have_attribute("lang", "zh-CN")
    expect(page.get_by_role("heading", level=1)).to_contain_text("文章")
    expect(page).to_have_url("/articles?status=draft")
    articles.menu.filter(has_text="轮播图").or_(articles.menu.filter(has_text="横幅")).click()
    expect(page.locator("html")).to_have_attribute("lang", "zh-CN")
    articles.replaced(articles.by("language-en").click)
    expect(page.locator("html")).to_have_attribute("lang", "en")


def test_stranger_sees_the_language_of_the_browser(visit: Visit) -> None:
    page = visit(signed=False, locale="zh-CN")
    page.goto("/sign-in")
    expect(page.locator("html")).to_have_attribute("lang", "zh-CN")


def test_theme_and_density_stay(page: Page) -> None:
    articles = ListPage(page, "articles").open()
    root = page.locator("html")
    articles.by("theme-toggle").click()
    articles.by("density-toggle").click()
    expect(root).to_have_attribute("data-theme", "dark")
    expect(root).to_have_attribute("data-density", "compact")
    page.reload()
    expect(root).to_have_attribute("data-theme", "dark")
    expect(root).to_have_attribute("data-density", "compact")
    articles.menu.filter(has_text="Banners").click()
    expect(page).to_have_url("/banners")
    expect(root).to_have_attribute("data-theme", "dark")


def test_first_tab_skips_to_the_content(page: Page) -> None:
    page.goto("/articles")
    page.keyboard.press("Tab")
    link = page.locator(".skip-link")
    expect(link).to_be_focused()
    expect(link).to_be_in_viewport()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.getElementById('main').contains(document.activeElement)")


def test_slash_goes_to_the_search(page: Page) -> None:
    page.goto("/articles")
    page.keyboard.press("/")
    expect(page.get_by_test_id("search")).to_be_focused()
    expect(page.get_by_test_id("search")).to_have_value("")


def test_keys_alone_open_filter_and_row_menu(page: Page) -> None:
    articles = ListPage(page, "articles").open()
    articles.by("add-filter").focus()
    page.keyboard.press("Enter")
    expect(articles.by("filters")).to_be_visible()
    expect(articles.by("filter-status")).to_be_focused()
    page.keyboard.press("Escape")
    expect(articles.by("filters")).to_be_hidden()
    expect(articles.by("add-filter")).to_be_focused()

    row = articles.row_of(articles.keys[0])
    row.get_by_test_id("row-menu").focus()
    page.keyboard.press("Enter")
    expect(articles.by("view")).to_be_focused()
    page.keyboard.press("ArrowUp")
    expect(articles.by("delete")).to_be_focused()
    page.keyboard.press("Escape")
    expect(row.get_by_test_id("row-menu")).to_be_focused()


def test_focus_goes_to_the_heading_of_the_next_page(page: Page) -> None:
    articles = ListPage(page, "articles").open()
    articles.menu.filter(has_text="Banners").click()
    expect(page).to_have_url("/banners")
    expect(page.get_by_role("heading", level=1)).to_be_focused()


PHONE = {"width": 390, "height": 844}
NARROW = (
    "/", "/articles", "/articles?status=draft&category=8", "/articles/new", "/articles/1", "/articles/1/edit",
    "/articles/1/delete", "/banners?placement=home", "/banners/order?placement=home", "/customers", "/roles/new",
    "/users", "/password", "/patterns", "/nothing-here",
)  # fmt: skip


def test_nothing_is_wider_than_a_phone(visit: Visit) -> None:
    page = visit(viewport=PHONE, has_touch=True, is_mobile=True)
    wide = {}
    for address in NARROW:
        page.goto(address)
        width = page.evaluate("document.documentElement.scrollWidth")
        if width > PHONE["width"]:
            wide[address] = width
    assert not wide


def test_sign_in_is_no_wider_than_a_phone(visit: Visit) -> None:
    page = visit(signed=False, viewport=PHONE)
    page.goto("/sign-in")
    assert page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]


def test_drawer_of_a_phone_opens_leads_on_and_closes(visit: Visit) -> None:
    page = visit(viewport=PHONE, has_touch=True, is_mobile=True)
    portal = PortalPage(page)
    portal.go("/articles")
    expect(portal.by("menu")).to_be_hidden()
    page.get_by_role("button", name="Menu", exact=True).tap()
    expect(portal.by("menu")).to_be_visible()
    portal.menu.filter(has_text="Banners").tap()
    expect(page).to_have_url("/banners")
    expect(portal.by("menu")).to_be_hidden()
    page.get_by_role("button", name="Menu", exact=True).tap()
    page.keyboard.press("Escape")
    expect(portal.by("menu")).to_be_hidden()
