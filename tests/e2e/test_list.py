"""Finding rows, and doing something to them."""

import re
import sqlite3

from playwright.sync_api import Page, expect

from portal.testing import EditPage, ListPage


def test_filters_narrow_the_list_and_chips_widen_it(page: Page) -> None:
    articles = ListPage(page, "articles").open()
    articles.filter(status="draft", category="Travel")
    expect(page).to_have_url(re.compile(r"\?status=draft&category=8$"))
    expect(articles.chips).to_have_count(2)
    expect(articles.chips.nth(1)).to_contain_text("Travel")
    assert {articles.cell(row, "category").inner_text().strip() for row in articles.rows.all()} == {"Travel"}

    articles.remove_chip("Draft")
    expect(page).to_have_url("/articles?category=8")
    expect(articles.chips).to_have_count(1)
    articles.reset()
    expect(page).to_have_url("/articles")
    expect(articles.chips).to_have_count(0)


def test_filter_by_days_takes_both_ends(page: Page) -> None:
    articles = ListPage(page, "articles").open()
    articles.filter(publish_time_from="2026-01-01", publish_time_to="2026-03-31")
    expect(page).to_have_url("/articles?publish_time_from=2026-01-01&publish_time_to=2026-03-31")
    expect(articles.chips).to_have_count(1)


def test_head_of_a_column_sorts_and_turns_round(page: Page) -> None:
    articles = ListPage(page, "articles").open()
    articles.sort("views")
    first = [views(cell) for cell in articles.cell(articles.rows, "views").all_inner_texts()]
    head = page.locator("th[data-column=views]")
    expect(head).to_have_attribute("aria-sort", re.compile("ascending|descending"))
    before = head.get_attribute("aria-sort")
    assert first == sorted(first, reverse=before == "descending")
    articles.sort("views")
    second = [views(cell) for cell in articles.cell(articles.rows, "views").all_inner_texts()]
    assert head.get_attribute("aria-sort") != before
    assert second == sorted(second, reverse=before == "ascending")


def views(text: str) -> int:
    return int(text.replace(",", ""))


def test_count_comes_after_the_rows_and_numbers_the_pages(page: Page, database: sqlite3.Connection) -> None:
    total = database.execute("SELECT count(*) FROM article").fetchone()[0]
    articles = ListPage(page, "articles").open()
    expect(articles.count).to_have_text(str(total))
    expect(articles.range).to_have_text(f"1–20 of {total}")
    first = articles.keys
    articles.next()
    expect(articles.range).to_have_text(f"21–40 of {total}")
    assert not set(first) & set(articles.keys)
    articles.go_to(-(-total // 20))
    expect(articles.range).to_contain_text(f"–{total} of {total}")
    articles.go_to(1)
    assert articles.keys == first


def test_search_finds_while_typing_and_keeps_the_focus(page: Page) -> None:
    articles = ListPage(page, "articles").open()
    articles.search("icons, before")
    expect(page).to_have_url("/articles?q=icons%2C+before")
    titles = articles.titles.all_inner_texts()
    assert titles and all("icons, before" in title.lower() for title in titles)
    expect(page.get_by_test_id("search")).to_be_focused()
    page.keyboard.type("zzz")
    expect(page.get_by_test_id("empty")).to_be_visible()


def test_back_forward_and_reload_keep_the_list(page: Page) -> None:
    articles = ListPage(page, "articles").open()
    plain = articles.keys
    articles.filter(status="draft")
    articles.next()
    drafts = articles.keys
    articles.titles.first.click()
    expect(page.get_by_test_id("form")).to_be_visible()
    page.go_back()
    expect(page).to_have_url("/articles?status=draft&page=2")
    expect(articles.row_of(drafts[0])).to_be_visible()
    assert articles.keys == drafts
    page.reload()
    assert articles.keys == drafts
    page.go_back()
    page.go_back()
    expect(page).to_have_url("/articles")
    expect(articles.row_of(plain[0])).to_be_visible()
    page.go_forward()
    expect(page).to_have_url("/articles?status=draft")
    expect(articles.chips).to_have_count(1)


def test_saving_leads_back_to_the_same_list(page: Page) -> None:
    articles = ListPage(page, "articles").open(status="draft", page=2)
    articles.titles.first.click()
    edit = EditPage(page, "articles")
    expect(page.get_by_test_id("form")).to_be_visible()
    edit.fill(summary="Changed on the way")
    assert edit.save() == 303
    expect(page).to_have_url("/articles?status=draft&page=2")


def test_switch_in_the_list_is_stored_at_once(page: Page) -> None:
    banners = ListPage(page, "banners").open(placement="app")
    row = banners.row_of(banners.keys[0])
    switch = banners.cell(row, "is_active").get_by_role("switch")
    before = switch.get_attribute("aria-checked")
    after = "false" if before == "true" else "true"
    banners.toggle(row, "is_active")
    expect(switch).to_have_attribute("aria-checked", after)
    expect(switch).to_be_focused()
    page.reload()
    expect(switch).to_have_attribute("aria-checked", after)
    banners.toggle(row, "is_active")


def test_choice_in_the_list_is_stored_at_once(page: Page, database: sqlite3.Connection) -> None:
    articles = ListPage(page, "articles").open(status="offline")
    key = articles.keys[0]
    articles.choose(articles.row_of(key), "status", "draft")
    expect(articles.cell(articles.row_of(key), "status").get_by_role("combobox")).to_have_value("draft")
    assert database.execute("SELECT status FROM article WHERE id = ?", [key]).fetchone()[0] == "draft"


def test_ticked_rows_are_taken_offline(page: Page, database: sqlite3.Connection) -> None:
    articles = ListPage(page, "articles").open(status="published", sort="id")
    keys = articles.keys[:2]
    articles.tick(*(articles.row_of(key) for key in keys))
    expect(page.get_by_test_id("bulk-bar")).to_contain_text("2 selected")
    articles.act("unpublish")
    expect(articles.toast).to_contain_text("2")
    found = database.execute("SELECT status FROM article WHERE id IN (?, ?)", keys).fetchall()
    assert found == [("offline",), ("offline",)]


def test_all_that_match_are_published(page: Page, database: sqlite3.Connection) -> None:
    drafts = "SELECT count(*) FROM article WHERE status = 'draft'"
    others = database.execute("SELECT count(*) FROM article WHERE status = 'offline'").fetchone()
    total = database.execute(drafts).fetchone()[0]
    assert total > 20
    articles = ListPage(page, "articles").open(status="draft")
    articles.tick_all_matching()
    expect(page.get_by_test_id("bulk-bar")).to_contain_text("All that match are selected")
    articles.act("publish")
    expect(articles.toast).to_contain_text(str(total))
    expect(page.get_by_test_id("empty")).to_be_visible()
    assert database.execute(drafts).fetchone()[0] == 0
    assert database.execute("SELECT count(*) FROM article WHERE status = 'offline'").fetchone() == others


def test_bulk_delete_asks_first(page: Page) -> None:
    tags = ListPage(page, "tags").open()
    key = tags.keys[-1]
    tags.tick(tags.row_of(key))
    page.get_by_test_id("action-delete").click()
    tags.confirm(yes=False)
    expect(tags.row_of(key)).to_be_visible()
    tags.act("delete")
    expect(tags.toast).to_be_visible()
    expect(tags.row_of(key)).to_have_count(0)
