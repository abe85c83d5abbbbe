"""Picture, gallery and file fields of a form."""

from __future__ import annotations

import base64
import mimetypes
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from portal.testing.library_dialog import LibraryDialog

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

TRANSFER = """(files) => {
  const transfer = new DataTransfer();
  for (const [name, type, text] of files) {
    const bytes = Uint8Array.from(atob(text), (sign) => sign.charCodeAt(0));
    transfer.items.add(new File([bytes], name, { type }));
  }
  return transfer;
}"""


class UploadField:
    """One field that takes files, by its name."""

    def __init__(self, page: Page, name: str) -> None:
        self.page = page
        self.name = name
        self.widget = page.locator(f'[data-testid=upload][data-name="{name}"]')

    def by(self, hook: str) -> Locator:
        """What carries this `data-testid` within the field."""
        return self.widget.get_by_test_id(hook)

    @property
    def key(self) -> str:
        """The key of the stored file; empty without one."""
        return self.by(f"key-{self.name}").input_value()

    @property
    def keys(self) -> list[str]:
        """Those of a gallery, in their order."""
        return [tile.get_attribute("data-key") or "" for tile in self.tiles.all()]

    @property
    def tiles(self) -> Locator:
        return self.by("gallery-tile")

    @property
    def error(self) -> Locator:
        return self.by("upload-error").locator("visible=true")

    @property
    def crop_dialog(self) -> Locator:
        return self.page.get_by_test_id("crop")

    def attach(self, *paths: Path) -> UploadField:
        """Choose files, as the dialog of the system does."""
        self.by(f"field-{self.name}").set_input_files(list(paths))
        return self

    def drop(self, *paths: Path) -> UploadField:
        """Let files fall onto the field."""
        self._give(paths, "drop")
        return self

    def paste(self, *paths: Path) -> UploadField:
        """Paste files while the field has the focus."""
        self.by(f"field-{self.name}").focus()
        self._give(paths, "paste")
        return self

    def library(self) -> LibraryDialog:
        """Open the dialog with what is stored already."""
        self.by("upload-library").click()
        return LibraryDialog(self.page).opened()

    def crop(self, *keys: str) -> UploadField:
        """Press keys in the dialog that cuts, then its yes."""
        self.page.locator("[data-testid=crop] .cropper-crop-box").wait_for()
        for key in keys:
            self.page.get_by_test_id("crop-stage").press(key)
        self.crop_dialog.get_by_test_id("crop-ok").click()
        return self

    def stored(self, before: str = "") -> str:
        """Wait for the file to have arrived, and return its key."""
        self.page.wait_for_function(
            "([hook, before]) => ![before, ''].includes(document.querySelector(`[data-testid=\"${hook}\"]`).value)",
            arg=[f"key-{self.name}", before],
        )
        return self.key

    def _give(self, paths: Sequence[Path], event: str) -> None:
        files = [
            (path.name, mimetypes.guess_type(path.name)[0] or "", base64.b64encode(path.read_bytes()).decode())
            for path in paths
        ]
        self.by(f"field-{self.name}").evaluate(
            f"""(input, files) => {{
              const transfer = ({TRANSFER})(files);
              const options = {{ bubbles: true, cancelable: true }};
              input.dispatchEvent({event!r} === 'drop'
                ? new DragEvent('drop', {{ ...options, dataTransfer: transfer }})
                : new ClipboardEvent('paste', {{ ...options, clipboardData: transfer }}));
            }}""",
            files,
        )
