"""The whole order of a noun on one page."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlencode

from portal.testing.dragging import drag
from portal.testing.page import PortalPage

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page


class ReorderPage(PortalPage):
    """`/<resource>/order`."""

    def __init__(self, page: Page, resource: str, *, path: str = "") -> None:
        super().__init__(page, path=path)
        self.resource = resource

    def open(self, **query: str | int) -> ReorderPage:
        self.go(f"/{self.resource}/order" + (f"?{urlencode(query)}" if query else ""))
        return self

    @property
    def rows(self) -> Locator:
        return self.by("row")

    @property
    def keys(self) -> list[str]:
        """The keys in the order shown."""
        found: list[str] = self.rows.evaluate_all("(rows) => rows.map((row) => row.dataset.id)")
        return found

    def row_of(self, key: str | int) -> Locator:
        return self.page.locator(f'[data-testid=row][data-id="{key}"]')

    def drag(self, row: Locator, *, before: Locator | None = None, to: str = "") -> None:
        """Carry a row by its grip before another one, or onto a drop target: `top` or `bottom`."""
        self.replaced(lambda: drag(self.page, row, before=before, to=to), "#results")

    def press(self, row: Locator, button: str) -> None:
        """A button of a row: `top`, `up`, `down` or `bottom`."""
        self.replaced(row.get_by_test_id(f"move-{button}").click, "#results")

    def move_to(self, row: Locator, number: int) -> None:
        """Type the place a row shall have."""
        entry = row.get_by_test_id("position")
        entry.fill(str(number))
        self.replaced(lambda: entry.press("Enter"), "#results")
