"""The media library in a browser."""

from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import expect

from portal.testing import ListPage, check_accessibility
from tests.e2e.conftest import Visit


@pytest.mark.parametrize("scripts", [True, False])
def test_files_are_added_looked_at_and_deleted(visit: Visit, tmp_path: Path, *, scripts: bool) -> None:
    names = [f"{colour}-{scripts}.png" for colour in ("red", "blue")]
    for name in names:
        Image.new("RGB", (300, 200), name.partition("-")[0]).save(tmp_path / name)
    library = ListPage(visit(java_script_enabled=scripts), "files").open()
    library.by("library-files").set_input_files([tmp_path / name for name in names])
    library.by("library-send").click()
    for name in names:
        expect(library.row(name)).to_contain_text("300 × 200")
    if scripts:
        check_accessibility(library.page)
    for name in names:
        library.open()
        library.go(f"/files/{library.row(name).get_attribute('data-id')}")
        expect(library.by("detail")).to_contain_text("Nothing uses it.")
        if scripts:
            check_accessibility(library.page)
        library.by("delete").click()
        library.by("confirm-delete").click()
        expect(library.row(name)).to_have_count(0)
