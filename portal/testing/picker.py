"""Search-as-you-type fields."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Locator


def pick_option(picker: Locator, text: str) -> None:
    """Type into a picker and take the found option that says exactly this."""
    entry = picker.locator(".ts-control input")
    entry.click()
    entry.fill(text)
    picker.locator(".ts-dropdown [data-selectable]").get_by_text(text, exact=True).click()


def picked(picker: Locator) -> list[str]:
    """The texts of what is picked."""
    found: list[str] = picker.locator("select").evaluate(
        "(select) => [...select.selectedOptions].filter(({value}) => value).map(({text}) => text.trim())"
    )
    return found
