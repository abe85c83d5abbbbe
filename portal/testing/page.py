"""What all page objects share."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page, Response

OLD = "data-test-old"
"""Marks what a swap or a new page will replace; scripts and styles of the portal don't know it."""


class PortalPage:
    """A page of the portal; `path` is where the portal is mounted."""

    def __init__(self, page: Page, *, path: str = "") -> None:
        self.page = page
        self.path = path.rstrip("/")

    def by(self, hook: str) -> Locator:
        """Everything that carries this `data-testid`."""
        return self.page.get_by_test_id(hook)

    def go(self, address: str) -> Response | None:
        """Open an address of the portal anew."""
        return self.page.goto(f"{self.path}{address}")

    @property
    def menu(self) -> Locator:
        return self.by("menu-item")

    @property
    def current_menu_item(self) -> Locator:
        """What the menu says we are at."""
        return self.page.locator('[data-testid=menu-item][aria-current="page"]')

    @property
    def toast(self) -> Locator:
        return self.by("toast")

    def confirm(self, *, yes: bool = True) -> None:
        """Answer the question in the dialog."""
        dialog = self.by("confirm")
        dialog.wait_for()
        if yes:
            dialog.get_by_test_id("confirm-ok").click()
        else:
            self.page.keyboard.press("Escape")

    def replaced(self, act: Callable[[], object], what: str = "#main") -> None:
        """Do something, and wait until `what` was replaced, by a swap or by a new page."""
        self.mark(what)
        act()
        self.arrive(what)

    def mark(self, what: str = "#main") -> None:
        """Remember what will be replaced."""
        self.page.locator(what).evaluate(f"(element) => element.setAttribute('{OLD}', '')")

    def arrive(self, what: str = "#main") -> None:
        """Wait until what was marked is replaced."""
        self.page.locator(f"{what}:not([{OLD}])").wait_for(state="attached")

    def sent(self, act: Callable[[], object]) -> Response:
        """Do something that sends a form, and return the answer to it."""
        with self.page.expect_response(lambda response: response.request.method == "POST") as caught:
            act()
        return caught.value
