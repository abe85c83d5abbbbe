"""The form of a noun, for a new row or an old one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from portal.testing.page import PortalPage
from portal.testing.picker import pick_option, picked

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page


class EditPage(PortalPage):
    """`/<resource>/new` and `/<resource>/<id>/edit`."""

    def __init__(self, page: Page, resource: str, *, path: str = "") -> None:
        super().__init__(page, path=path)
        self.resource = resource

    def new(self) -> EditPage:
        self.go(f"/{self.resource}/new")
        return self

    def open(self, key: str | int) -> EditPage:
        self.go(f"/{self.resource}/{key}/edit")
        return self

    def field(self, name: str) -> Locator:
        """Label, control, help and error of a field."""
        return self.page.locator(f'[data-testid=field][data-name="{name}"]')

    def control(self, name: str) -> Locator:
        return self.by(f"field-{name}")

    def fill(self, **values: str | bool) -> EditPage:
        """Type texts, choose choices by their values, switch switches."""
        for name, value in values.items():
            control = self.control(name)
            if isinstance(value, bool):
                control.set_checked(value)
            elif control.evaluate("(control) => control.tagName") == "SELECT":
                control.select_option(value)
            else:
                control.fill(value)
        return self

    def choose(self, **texts: str) -> EditPage:
        """Pick one row for each relation, by typing its title."""
        for name, text in texts.items():
            pick_option(self.field(name).locator("portal-picker"), text)
        return self

    def pick(self, **texts: Sequence[str]) -> EditPage:
        """Pick several rows for each relation."""
        for name, wanted in texts.items():
            for text in wanted:
                pick_option(self.field(name).locator("portal-picker"), text)
        return self

    def find(self, **texts: str) -> EditPage:
        """The way of `choose` and `pick` without scripts: search, then take what was found."""
        for name, text in texts.items():
            self.page.locator(f'[name="find.{name}"]').fill(text)
            self.replaced(self.page.locator(f'button[name=find][value="{name}"]').click)
            control = self.control(name)
            kept = control.evaluate("(select) => [...select.selectedOptions].map(({value}) => value)")
            found = control.locator("option").get_by_text(text, exact=True).first.get_attribute("value")
            values = [*kept, found or ""] if control.get_attribute("multiple") is not None else [found or ""]
            control.select_option(values)
        return self

    def picked(self, name: str) -> list[str]:
        """The titles that a relation holds."""
        return picked(self.field(name))

    def value(self, name: str) -> str:
        return self.control(name).input_value()

    def save(self, button: str = "save") -> int:
        """Press save, or `save-new` or `save-edit`, and wait for the page after it; returns the status."""
        self.mark()
        status = self.sent(self.by(button).click).status
        if status == 422:
            self.error_summary.wait_for()
        else:
            self.arrive()
        return status

    @property
    def error_summary(self) -> Locator:
        return self.by("error-summary")

    @property
    def errors(self) -> dict[str, str]:
        """What is said below the fields, by their names."""
        return {
            error.get_attribute("data-name") or "": error.inner_text().strip()
            for error in self.page.locator("[data-testid=error][data-name]").all()
        }

    @property
    def leave_question(self) -> Locator:
        """Asked when unsaved changes would be left."""
        return self.by("leave")
