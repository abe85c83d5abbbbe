"""Both versions of a row that two people saved."""

from __future__ import annotations

from typing import TYPE_CHECKING

from portal.testing.page import PortalPage

if TYPE_CHECKING:
    from playwright.sync_api import Locator


class ConflictPage(PortalPage):
    """The answer with status 409 to a save."""

    @property
    def differences(self) -> dict[str, tuple[str, str]]:
        """Mine and theirs, by the name of the field."""
        return {
            found.get_attribute("data-name") or "": (
                found.get_by_test_id("mine").inner_text(),
                found.get_by_test_id("theirs").inner_text(),
            )
            for found in self.by("difference").all()
        }

    def difference(self, name: str) -> Locator:
        return self.page.locator(f'[data-testid=difference][data-name="{name}"]')

    def keep(self, **versions: str) -> ConflictPage:
        """Choose `mine` or `theirs` for each field."""
        for name, version in versions.items():
            self.difference(name).locator(f'input[value="{version}"]').check()
        return self

    def save(self) -> None:
        self.replaced(self.by("save").click)
