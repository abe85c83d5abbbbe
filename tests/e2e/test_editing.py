"""Creating, correcting and changing content."""

import sqlite3

from playwright.sync_api import Page, expect

from portal.testing import ConflictPage, EditPage, ListPage
from tests.e2e.conftest import Visit


def created(page: Page, title: str, **values: str | bool) -> str:
    """Make an article, and return its key."""
    edit = EditPage(page, "articles").new()
    edit.fill(title=title, **values)
    assert edit.save("save-edit") == 303
    return page.url.rsplit("/", 2)[1]


def test_article_is_created_with_a_category_and_two_tags(page: Page) -> None:
    edit = EditPage(page, "articles").new()
    edit.fill(title="A walk along the harbour", summary="Cranes, gulls, tea.", body="It was early.", pinned=True)
    edit.choose(category="Travel").pick(tags=["Maps", "Museums"])
    assert edit.value("slug") == "a-walk-along-the-harbour"
    assert edit.save() == 303
    articles = ListPage(page, "articles")
    expect(articles.toast).to_contain_text("A walk along the harbour")
    row = articles.row("A walk along the harbour")
    expect(articles.cell(row, "category")).to_have_text("Travel")

    row.get_by_test_id("open").click()
    expect(page.get_by_test_id("field-title")).to_have_value("A walk along the harbour")
    assert edit.picked("category") == ["Travel"]
    assert sorted(edit.picked("tags")) == ["Maps", "Museums"]
    assert edit.control("pinned").is_checked()


def test_refused_form_says_why_and_keeps_what_was_typed(page: Page) -> None:
    edit = EditPage(page, "articles").new()
    edit.fill(title="", summary="Kept as it is", body="So is this.", slug="not a slug/at all")
    edit.choose(category="Culture").pick(tags=["Maps"])
    assert edit.save() == 422
    expect(edit.error_summary).to_be_focused()
    assert "title" in edit.errors
    title = edit.control("title")
    expect(title).to_have_attribute("aria-invalid", "true")
    described = title.get_attribute("aria-describedby") or ""
    expect(page.locator(f"#{described.split()[0]}")).to_have_text(edit.errors["title"])
    assert (edit.value("summary"), edit.value("body")) == ("Kept as it is", "So is this.")
    assert (edit.picked("category"), edit.picked("tags")) == (["Culture"], ["Maps"])
    expect(page).to_have_url("/articles/new")

    edit.error_summary.get_by_role("link").first.click()
    expect(title).to_be_focused()
    edit.fill(title="Now it has one", slug="")
    assert edit.save() == 303


def test_article_is_changed(page: Page) -> None:
    key = created(page, "Before the change")
    edit = EditPage(page, "articles")
    edit.fill(title="After the change", status="offline").choose(category="Design")
    assert edit.save() == 303
    articles = ListPage(page, "articles")
    expect(articles.row("After the change")).to_have_attribute("data-id", key)
    expect(articles.row("Before the change")).to_have_count(0)


def test_detail_shows_what_was_stored(page: Page) -> None:
    key = created(page, "To be read", summary="In short")
    page.goto(f"/articles/{key}")
    expect(page.get_by_test_id("detail")).to_contain_text("In short")
    page.get_by_test_id("edit").click()
    expect(page.get_by_test_id("field-title")).to_have_value("To be read")


def test_two_people_editing_lose_nothing(visit: Visit, database: sqlite3.Connection) -> None:
    mine, theirs = visit(), visit()
    key = created(mine, "One title", summary="One summary", body="One body")
    EditPage(theirs, "articles").open(key)
    mine_edit, their_edit = EditPage(mine, "articles").open(key), EditPage(theirs, "articles")
    assert their_edit.fill(title="Their title", summary="Their summary").save() == 303
    assert mine_edit.fill(summary="My summary", body="My body\n\nwith more").save() == 409

    conflict = ConflictPage(mine)
    expect(mine.get_by_test_id("error-summary")).to_be_focused()
    assert conflict.differences["summary"] == ("My summary", "Their summary")
    assert conflict.differences["title"] == ("One title", "Their title")
    expect(conflict.difference("title").locator("input[value=theirs]")).to_be_checked()
    expect(conflict.difference("body").locator("input[value=mine]")).to_be_checked()
    conflict.keep(summary="mine")
    conflict.save()

    expect(ListPage(mine, "articles").row("Their title")).to_have_attribute("data-id", key)
    stored = database.execute("SELECT title, summary, body FROM article WHERE id = ?", [key]).fetchone()
    assert stored[:2] == ("Their title", "My summary")
    assert stored[2].replace("\r\n", "\n") == "My body\n\nwith more"


def test_unsaved_changes_are_not_left_without_asking(page: Page) -> None:
    created(page, "Guarded")
    edit = EditPage(page, "articles")
    address = page.url
    edit.fill(summary="Not saved yet")
    edit.menu.filter(has_text="Banners").click()
    edit.leave_question.get_by_role("button", name="Stay here").click()
    expect(page).to_have_url(address)
    assert edit.value("summary") == "Not saved yet"

    edit.menu.filter(has_text="Banners").click()
    edit.leave_question.get_by_role("button", name="Leave", exact=True).click()
    expect(page).to_have_url("/banners")


def test_saved_form_may_be_left(page: Page) -> None:
    created(page, "Not guarded")
    edit = EditPage(page, "articles")
    edit.fill(summary="Saved")
    assert edit.save("save-edit") == 303
    edit.menu.filter(has_text="Banners").click()
    expect(page).to_have_url("/banners")


def test_delete_shows_what_depends_on_it(page: Page) -> None:
    categories = ListPage(page, "categories").open()
    categories.from_menu(categories.row("Travel"), "delete")
    expect(page.get_by_test_id("dependents")).to_contain_text("Articles")
    expect(page.get_by_test_id("confirm-delete")).to_have_count(0)
    page.get_by_test_id("cancel").click()
    expect(categories.row("Travel")).to_be_visible()


def test_delete_asks_and_deletes(page: Page) -> None:
    created(page, "Soon gone")
    articles = ListPage(page, "articles").open()
    articles.from_menu(articles.row("Soon gone"), "delete")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Soon gone")
    articles.replaced(page.get_by_test_id("confirm-delete").click)
    expect(articles.toast).to_contain_text("Soon gone")
    expect(articles.row("Soon gone")).to_have_count(0)


def test_control_s_saves(page: Page) -> None:
    created(page, "By the keyboard")
    edit = EditPage(page, "articles")
    edit.fill(summary="Typed")
    response = edit.sent(lambda: page.keyboard.press("Control+s"))
    assert response.status == 303
    expect(page).to_have_url("/articles")
