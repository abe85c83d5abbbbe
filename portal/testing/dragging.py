"""Carrying a row with the mouse, as a hand does it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import FloatRect, Locator, Page

SETTLED = 250
"""Milliseconds the rows take to make room."""

STEPS = 8
"""Mouse moves on the way; a single jump is no drag to a browser."""


def drag(page: Page, row: Locator, *, before: Locator | None = None, to: str = "") -> None:
    """Take `row` by its grip and let it go in the upper half of `before`, or on the drop target `to`."""
    start = _box(row.get_by_test_id("grip"))
    page.mouse.move(start["x"] + start["width"] / 2, start["y"] + start["height"] / 2)
    page.mouse.down()
    page.mouse.move(start["x"] + start["width"] / 2, start["y"] + start["height"] / 2 + 4, steps=STEPS)
    if before is None:
        target = page.locator(f'[data-order-to="{to}"]')
        target.wait_for()
    else:
        target = before
    page.wait_for_timeout(SETTLED)
    end = _box(target)
    down = end["height"] / (2 if before is None else 4)
    across = end["width"] / 2 if before is None else start["x"] - end["x"] + start["width"] / 2
    for _ in range(2):  # the browser speaks of what is below only at the second move
        page.mouse.move(end["x"] + across, end["y"] + down, steps=STEPS)
        page.wait_for_timeout(SETTLED)
    page.mouse.up()


def _box(locator: Locator) -> FloatRect:
    locator.scroll_into_view_if_needed()
    box = locator.bounding_box()
    if box is None:
        raise AssertionError(f"{locator} is not shown")
    return box
