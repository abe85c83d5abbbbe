"""The dialog that offers what is stored already."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from playwright.sync_api import expect

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page


class LibraryDialog:
    """Opened by a picture, gallery or file field, or by the editor's button."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.dialog = page.get_by_test_id("chooser")

    def by(self, hook: str) -> Locator:
        """What carries this `data-testid` in the dialog."""
        return self.dialog.get_by_test_id(hook)

    @property
    def files(self) -> Locator:
        """Those of this page."""
        return self.by("chooser-file")

    def file(self, name: str) -> Locator:
        """The one of that name."""
        return self.files.filter(has_text=name)

    def opened(self) -> LibraryDialog:
        """Wait for it."""
        expect(self.dialog).to_be_visible()
        return self

    def search(self, words: str) -> LibraryDialog:
        """Type into the search, and wait for what it finds."""
        return self._other_files(lambda: self.by("chooser-search").fill(words))

    def folder(self, name: str) -> LibraryDialog:
        """Look into one folder; an empty name is all of them."""
        return self._other_files(lambda: self.by("chooser-folder").select_option(name))

    def next(self) -> LibraryDialog:
        """To the next page."""
        return self._other_files(self.by("chooser-next").click)

    def previous(self) -> LibraryDialog:
        return self._other_files(self.by("chooser-previous").click)

    def choose(self, *names: str) -> None:
        """Take these files, and, where several can be taken, press the button."""
        for name in names:
            self.file(name).click()
        if self.by("chooser-take").count():
            self.by("chooser-take").click()
        self.closed()

    def closed(self) -> None:
        """Wait until it is gone."""
        expect(self.dialog).to_have_count(0)

    def _other_files(self, act: Callable[[], object]) -> LibraryDialog:
        with self.page.expect_response("**/uploads/library?*"):
            act()
        expect(self.dialog.locator("[aria-busy=true]")).to_have_count(0)
        return self
