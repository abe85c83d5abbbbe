"""A rich text's editor."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from playwright.sync_api import expect

from portal.testing.library_dialog import LibraryDialog

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

TRANSFER = """(element, {kind, texts, files}) => {
  const data = new DataTransfer();
  for (const [type, text] of Object.entries(texts)) data.setData(type, text);
  for (const {name, type, content} of files) {
    const bytes = Uint8Array.from(atob(content), (letter) => letter.charCodeAt(0));
    data.items.add(new File([bytes], name, {type}));
  }
  const box = element.getBoundingClientRect();
  const event = kind === 'paste'
    ? new ClipboardEvent(kind, {clipboardData: data, bubbles: true, cancelable: true})
    : new DragEvent(kind, {dataTransfer: data, bubbles: true, cancelable: true,
      clientX: box.left + 30, clientY: box.top + 24});
  element.dispatchEvent(event);
}"""


class RichText:
    """The editor of one field."""

    def __init__(self, page: Page, name: str) -> None:
        self.page = page
        self.editor = page.locator(f'portal-richtext[data-field="{name}"]')
        self.textarea = page.get_by_test_id(f"field-{name}")

    @property
    def body(self) -> Locator:
        """What is written in."""
        return self.editor.locator(".jodit-wysiwyg")

    @property
    def value(self) -> str:
        """What the form would send."""
        return self.textarea.input_value()

    def ready(self) -> RichText:
        expect(self.editor).to_have_attribute("data-ready", "")
        return self

    def type(self, text: str) -> None:
        """At the end of what there is."""
        self.body.click()
        self.page.keyboard.press("ControlOrMeta+End")
        self.page.keyboard.type(text)

    def paste(self, html: str = "", *, files: Mapping[str, str] | None = None) -> None:
        """HTML, or files: Base64 by file name."""
        self.body.click()
        self._hand_over("paste", html, files)

    def drop(self, html: str = "", *, files: Mapping[str, str] | None = None) -> None:
        """The same, with the mouse."""
        self._hand_over("drop", html, files)

    def press(self, button: str) -> None:
        """A button by Jodit's name: `source`, `fullsize`, `portalVideo`."""
        self.editor.locator(f".jodit-toolbar-button_{button} .jodit-toolbar-button__button").click()

    def library(self) -> LibraryDialog:
        """Open the dialog with the pictures that are stored already."""
        self.press("library")
        return LibraryDialog(self.page).opened()

    def _hand_over(self, kind: str, html: str, files: Mapping[str, str] | None) -> None:
        texts = {"text/html": html} if html else {}
        sent = [
            {"name": name, "type": f"image/{name.rpartition('.')[2]}", "content": content}
            for name, content in (files or {}).items()
        ]
        self.body.evaluate(TRANSFER, {"kind": kind, "texts": texts, "files": sent})
