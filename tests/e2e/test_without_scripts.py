"""Everything but dragging itself works with JavaScript off."""

import sqlite3

import pytest
from playwright.sync_api import Page, expect

from portal.testing import EditPage, ListPage, ReorderPage, SignInPage
from tests.e2e.conftest import Visit
from tests.e2e.server import PASSWORD


@pytest.fixture
def page(visit: Visit) -> Page:
    return visit(java_script_enabled=False)


def test_signing_in_and_out(visit: Visit) -> None:
    page = visit(signed=False, java_script_enabled=False)
    sign_in = SignInPage(page).open()
    sign_in.sign_in("admin", PASSWORD)
    expect(page.get_by_test_id("dashboard")).to_be_visible()
    sign_in.sign_out()
    expect(page.get_by_test_id("sign-in-form")).to_be_visible()


def test_article_is_created_with_found_relations(page: Page) -> None:
    edit = EditPage(page, "articles").new()
    edit.fill(title="Written on paper", summary="Typed before searching").find(category="Travel")
    edit.find(tags="Maps").find(tags="Museums")
    assert edit.value("summary") == "Typed before searching"
    assert edit.save() == 303
    ListPage(page, "articles").titles.first.click()
    assert edit.picked("category") == ["Travel"]
    assert sorted(edit.picked("tags")) == ["Maps", "Museums"]


def test_refused_form_keeps_what_was_typed(page: Page) -> None:
    edit = EditPage(page, "articles").new()
    edit.fill(summary="Kept as it is")
    assert edit.save() == 422
    assert "title" in edit.errors
    assert edit.value("summary") == "Kept as it is"


def test_article_is_changed_and_deleted(page: Page) -> None:
    edit = EditPage(page, "articles").new()
    edit.fill(title="To be changed")
    assert edit.save() == 303
    articles = ListPage(page, "articles")
    articles.row("To be changed").get_by_test_id("open").click()
    edit.fill(title="To be deleted", status="published")
    assert edit.save() == 303
    articles.from_menu(articles.row("To be deleted"), "delete")
    articles.replaced(page.get_by_test_id("confirm-delete").click)
    expect(articles.toast).to_contain_text("To be deleted")
    expect(articles.row("To be deleted")).to_have_count(0)


def test_bulk_delete_asks_on_a_page_of_its_own(page: Page) -> None:
    tags = ListPage(page, "tags").open()
    gone, kept = tags.keys[-2:]
    tags.tick(tags.row_of(gone))
    tags.act("delete", confirmed=False)
    expect(page.get_by_test_id("action-page")).to_contain_text("1")
    tags.replaced(page.get_by_test_id("confirm-action").click)
    expect(tags.row_of(gone)).to_have_count(0)
    expect(tags.row_of(kept)).to_be_visible()


def test_all_that_match_is_a_box(page: Page, database: sqlite3.Connection) -> None:
    articles = ListPage(page, "articles").open(q="icons, before", status="published")
    number = database.execute(
        "SELECT count(*) FROM article WHERE title LIKE '%icons, before%' AND status = 'published'"
    ).fetchone()[0]
    assert number
    page.get_by_test_id("all-matching").check()
    articles.act("unpublish")
    expect(articles.toast).to_contain_text(str(number))
    expect(page.get_by_test_id("empty")).to_be_visible()


def test_search_and_filters_find(page: Page) -> None:
    articles = ListPage(page, "articles").open()
    page.get_by_test_id("search").fill("icons, before")
    articles.replaced(lambda: page.get_by_test_id("search").press("Enter"))
    titles = articles.titles.all_inner_texts()
    assert titles and all("icons, before" in title.lower() for title in titles)
    articles.open().filter(status="offline")
    expect(articles.chips).to_have_count(1)
    articles.remove_chip("Offline")
    articles.sort("views")
    articles.next()
    expect(articles.range).to_contain_text("21–40")


def test_switch_in_the_list_is_a_button(page: Page) -> None:
    banners = ListPage(page, "banners").open(placement="app")
    row = banners.row_of(banners.keys[0])
    switch = banners.cell(row, "is_active").get_by_role("switch")
    before = switch.get_attribute("aria-checked")
    banners.toggle(row, "is_active")
    expect(switch).to_have_attribute("aria-checked", "false" if before == "true" else "true")
    expect(page).to_have_url("/banners?placement=app")


def test_order_is_changed_by_buttons(page: Page) -> None:
    banners = ReorderPage(page, "banners").open(placement="app")
    before = banners.keys
    banners.press(banners.row_of(before[2]), "up")
    assert banners.keys == [before[0], before[2], before[1], *before[3:]]
    banners.press(banners.row_of(before[-1]), "top")
    assert banners.keys[0] == before[-1]
    banners.move_to(banners.row_of(before[-1]), 3)
    assert banners.keys[2] == before[-1]
    page.reload()
    assert banners.keys[2] == before[-1]


def test_conflict_is_settled(visit: Visit, page: Page) -> None:
    other = visit(java_script_enabled=False)
    edit = EditPage(page, "articles").new()
    edit.fill(title="Paper against paper")
    edit.save("save-edit")
    key = page.url.rsplit("/", 2)[1]
    theirs = EditPage(other, "articles").open(key)
    assert theirs.fill(summary="Theirs").save() == 303
    assert edit.fill(title="Mine").save() == 409
    edit.replaced(page.get_by_test_id("save").click)
    edit.open(key)
    assert (edit.value("title"), edit.value("summary")) == ("Mine", "Theirs")
