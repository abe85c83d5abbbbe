"""Rows carried into another order: by mouse, by keys, across pages, and when somebody else was quicker."""

import sqlite3

import pytest
from playwright.sync_api import Page, expect

from portal.testing import ListPage, ReorderPage
from tests.e2e.conftest import Visit

PLACEMENT = "home"


def order(database: sqlite3.Connection) -> list[str]:
    """The keys of the home page's banners, as stored."""
    sql = "SELECT id FROM banner WHERE placement = ? ORDER BY position, id"
    return [str(key) for (key,) in database.execute(sql, [PLACEMENT])]


@pytest.fixture
def before(database: sqlite3.Connection) -> list[str]:
    return order(database)


def test_row_of_page_two_is_dropped_on_the_top(page: Page, database: sqlite3.Connection, before: list[str]) -> None:
    banners = ListPage(page, "banners").open(placement=PLACEMENT, page=2)
    moved = banners.keys[3]
    banners.drag(banners.row_of(moved), to="top")
    after = [moved, *(key for key in before if key != moved)]
    assert order(database) == after
    banners.open(placement=PLACEMENT)
    assert banners.keys == after[: len(banners.keys)]
    page.reload()
    assert banners.keys[0] == moved


def test_row_is_dragged_between_two_others(page: Page, database: sqlite3.Connection, before: list[str]) -> None:
    banners = ListPage(page, "banners").open(placement=PLACEMENT)
    banners.drag(banners.row_of(before[6]), before=banners.row_of(before[2]))
    after = [*before[:2], before[6], *before[2:6], *before[7:]]
    assert banners.keys == after[: len(banners.keys)]
    assert order(database) == after
    page.reload()
    assert banners.keys == after[: len(banners.keys)]


def test_row_is_dropped_on_the_next_page(page: Page, database: sqlite3.Connection, before: list[str]) -> None:
    banners = ListPage(page, "banners").open(placement=PLACEMENT)
    size = len(banners.keys)
    banners.drag(banners.row_of(before[0]), to="next-page")
    after = order(database)
    assert after == [*before[1 : size + 1], before[0], *before[size + 1 :]]


def test_row_is_dragged_on_the_reorder_page(page: Page, database: sqlite3.Connection, before: list[str]) -> None:
    banners = ReorderPage(page, "banners").open(placement=PLACEMENT)
    assert banners.keys == before
    banners.drag(banners.row_of(before[5]), before=banners.row_of(before[0]))
    after = [before[5], *before[:5], *before[6:]]
    assert banners.keys == after == order(database)
    page.reload()
    assert banners.keys == after


def test_keys_carry_a_row_to_the_top_from_page_two(page: Page, database: sqlite3.Connection, before: list[str]) -> None:
    banners = ListPage(page, "banners").open(placement=PLACEMENT, page=2)
    moved = banners.keys[2]
    grip = banners.row_of(moved).get_by_test_id("grip")
    grip.focus()
    page.keyboard.press("Space")
    expect(grip).to_have_attribute("aria-pressed", "true")
    banners.replaced(lambda: page.keyboard.press("Home"), "#results")
    assert order(database) == [moved, *(key for key in before if key != moved)]
    banners.open(placement=PLACEMENT)
    assert banners.keys[0] == moved


def test_keys_carry_a_row_up_and_escape_puts_it_back(
    page: Page, database: sqlite3.Connection, before: list[str]
) -> None:
    banners = ListPage(page, "banners").open(placement=PLACEMENT)
    grip = banners.row_of(before[4]).get_by_test_id("grip")
    grip.focus()
    for key in ("Space", "ArrowUp", "ArrowUp", "Escape"):
        page.keyboard.press(key)
    assert banners.keys == before[: len(banners.keys)]
    expect(grip).to_be_focused()
    for key in ("Space", "ArrowUp", "ArrowUp"):
        page.keyboard.press(key)
    expect(page.locator("#live")).to_have_text("Position 3 of 48")
    banners.replaced(lambda: page.keyboard.press("Space"), "#results")
    expect(grip).to_be_focused()
    after = [*before[:2], before[4], *before[2:4], *before[5:]]
    assert order(database) == after
    page.reload()
    assert banners.keys == after[: len(banners.keys)]


def test_alt_and_an_arrow_moves_at_once(page: Page, database: sqlite3.Connection, before: list[str]) -> None:
    banners = ListPage(page, "banners").open(placement=PLACEMENT)
    banners.row_of(before[0]).get_by_test_id("grip").focus()
    banners.replaced(lambda: page.keyboard.press("Alt+ArrowDown"), "#results")
    assert order(database) == [before[1], before[0], *before[2:]]


def test_row_menu_moves_without_dragging(page: Page, database: sqlite3.Connection, before: list[str]) -> None:
    banners = ListPage(page, "banners").open(placement=PLACEMENT)
    banners.from_menu(banners.row_of(before[3]), "move-top")
    assert order(database) == [before[3], *before[:3], *before[4:]]
    expect(page).to_have_url(f"/banners?placement={PLACEMENT}")


def test_place_is_typed_on_the_reorder_page(page: Page, database: sqlite3.Connection, before: list[str]) -> None:
    banners = ReorderPage(page, "banners").open(placement=PLACEMENT)
    banners.move_to(banners.row_of(before[9]), 2)
    assert order(database) == [before[0], before[9], *before[1:9], *before[10:]]


def test_stale_list_is_refused_and_shown_fresh(visit: Visit, database: sqlite3.Connection, before: list[str]) -> None:
    slow, quick = visit(), visit()
    stale = ListPage(slow, "banners").open(placement=PLACEMENT)
    other = ListPage(quick, "banners").open(placement=PLACEMENT)
    other.drag(other.row_of(before[1]), to="bottom")
    now = order(database)
    answer = stale.sent(lambda: stale.drag(stale.row_of(before[7]), before=stale.row_of(before[1])))
    assert answer.status == 409
    expect(stale.toast).to_have_attribute("data-tone", "warn")
    assert stale.keys == now[: len(stale.keys)]
    assert order(database) == now
    stale.drag(stale.row_of(before[7]), before=stale.row_of(now[0]))
    assert order(database)[0] == before[7]


def test_list_in_another_order_has_no_grips(page: Page) -> None:
    banners = ListPage(page, "banners").open(placement=PLACEMENT, sort="title")
    expect(page.get_by_test_id("row").first).to_be_visible()
    expect(page.get_by_test_id("grip")).to_have_count(0)
    banners.open()
    expect(page.get_by_test_id("grip")).to_have_count(0)
