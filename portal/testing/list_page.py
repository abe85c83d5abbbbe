"""The list of a noun."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from portal.testing.dragging import drag
from portal.testing.page import PortalPage
from portal.testing.picker import pick_option

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page


class ListPage(PortalPage):
    """`/<resource>`: rows, search, filters, pages, ticks, switches and the order."""

    def __init__(self, page: Page, resource: str, *, path: str = "") -> None:
        super().__init__(page, path=path)
        self.resource = resource

    def open(self, **query: str | int) -> ListPage:
        self.go(f"/{self.resource}" + (f"?{urlencode(query)}" if query else ""))
        return self

    @property
    def rows(self) -> Locator:
        return self.by("row")

    @property
    def titles(self) -> Locator:
        """The links that open the rows, in their order."""
        return self.rows.get_by_test_id("open")

    @property
    def keys(self) -> list[str]:
        """The keys of the rows as they stand now."""
        found: list[str] = self.rows.evaluate_all("(rows) => rows.map((row) => row.dataset.id)")
        return found

    def row(self, title: str) -> Locator:
        """The row with exactly this title."""
        link = self.by("open").filter(has_text=re.compile(rf"^\s*{re.escape(title)}\s*$"))
        return self.rows.filter(has=link)

    def row_of(self, key: str | int) -> Locator:
        """The row with this key."""
        return self.page.locator(f'[data-testid=row][data-id="{key}"]')

    def cell(self, row: Locator, column: str) -> Locator:
        return row.locator(f'[data-column="{column}"]')

    def search(self, text: str) -> None:
        """Type, and wait for what is found."""
        self.replaced(lambda: self.by("search").fill(text), "#results")

    def filter(self, **values: str) -> None:
        """Choose filters by the values of their choices, dates as 2026-11-21, relations by their words."""
        self.by("add-filter").click()
        panel = self.by("filters")
        for name, value in values.items():
            control = panel.get_by_test_id(f"filter-{name}")
            picker = panel.locator("portal-picker", has=self.by(f"filter-{name}"))
            if picker.count():
                pick_option(picker, value)
            elif control.evaluate("(control) => control.tagName") == "SELECT":
                control.select_option(value)
            else:
                control.fill(value)
        self.replaced(self.by("apply-filters").click)

    @property
    def chips(self) -> Locator:
        """The active filters."""
        return self.by("chip")

    def remove_chip(self, words: str) -> None:
        self.replaced(self.chips.filter(has_text=words).get_by_role("link").click)

    def reset(self) -> None:
        """Drop search and filters."""
        self.replaced(self.by("reset").click)

    def sort(self, column: str) -> None:
        """Press the head of a column; a second time turns the order round."""
        self.replaced(self.page.locator(f'th[data-column="{column}"]').get_by_test_id("sort").click)

    @property
    def count(self) -> Locator:
        """How many rows there are; it comes after the rows."""
        return self.by("count")

    @property
    def range(self) -> Locator:
        return self.by("range")

    def next(self) -> None:
        self.replaced(self.by("next").click)

    def previous(self) -> None:
        self.replaced(self.by("previous").click)

    def go_to(self, number: int) -> None:
        """A page by its number in the pager."""
        self.replaced(self.by("page").get_by_text(str(number), exact=True).click)

    def tick(self, *rows: Locator) -> None:
        for row in rows:
            row.locator("td.col-select input[type=checkbox]").check()

    def tick_all(self) -> None:
        """Every row of this page."""
        self.by("tick-all").check()

    def tick_all_matching(self) -> None:
        """Every row that matches, on all pages."""
        self.tick_all()
        self.by("all-matching").check()

    def act(self, name: str, *, confirmed: bool = True) -> None:
        """Run an action on what is ticked; a question of the portal is answered with yes."""
        button = self.by(f"action-{name}")
        asks = button.get_attribute("data-confirm") is not None and confirmed

        def press() -> None:
            button.click()
            if asks:
                self.confirm()

        self.replaced(press)

    def toggle(self, row: Locator, column: str) -> None:
        """Press the switch in a cell, and wait for the stored row."""
        key = row.get_attribute("data-id")
        switch = self.cell(row, column).get_by_test_id("inline")
        self.replaced(switch.click, f'[data-testid=row][data-id="{key}"]')

    def choose(self, row: Locator, column: str, value: str) -> None:
        """Take another value of a choice in a cell, and wait for the stored row."""
        key = row.get_attribute("data-id")
        choice = self.cell(row, column).get_by_test_id("inline")
        self.replaced(lambda: choice.select_option(value), f'[data-testid=row][data-id="{key}"]')

    def from_menu(self, row: Locator, entry: str) -> None:
        """An entry of the row's menu: `view`, `delete`, `move-up` …; without scripts the dots lead to the row."""
        row.get_by_test_id("row-menu").click()
        self.replaced(self.by(entry).click)

    def drag(self, row: Locator, *, before: Locator | None = None, to: str = "") -> None:
        """Carry a row by its grip before another one, or onto a drop target: `top`, `next-page` …"""
        self.replaced(lambda: drag(self.page, row, before=before, to=to), "#results")
