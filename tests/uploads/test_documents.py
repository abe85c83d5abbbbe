"""Documents, archives, sound and film: known by their content and kept as they are."""

import hashlib
import os
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from pathlib import Path

import pytest

from portal.uploads.examine import Examiner
from portal.uploads.refusals import Damaged, WrongKind
from portal.uploads.rules import MEDIA_TYPES, document_rules
from tests.uploads.papers import SHEET, WORD, papers, zipped

pytestmark = pytest.mark.anyio

RULES = document_rules()
GOOD = [(name, make) for name, make, status in papers() if status == 200]


@pytest.fixture
async def examiner() -> AsyncIterator[Examiner]:
    examiner = Examiner()
    yield examiner
    await examiner.close()


def sent(folder: Path, data: bytes) -> Path:
    path = folder / "sent"
    path.write_bytes(data)
    return path


@pytest.mark.parametrize(("name", "make"), GOOD, ids=[name for name, _make in GOOD])
async def test_document_is_kept_byte_by_byte(
    examiner: Examiner, tmp_path: Path, name: str, make: Callable[[], bytes]
) -> None:
    data = make()
    (workshop := tmp_path / "workshop").mkdir()
    made = await examiner.examine(sent(tmp_path, data), "anything.at.all", RULES, workshop)
    assert made.ending == name.rpartition(".")[2]
    assert made.media_type == MEDIA_TYPES[made.ending]
    assert made.path.parent == workshop and made.path.read_bytes() == data
    assert (made.size, made.sha256) == (len(data), hashlib.sha256(data).hexdigest())
    assert made.width is None and not made.copies


async def test_office_document_is_an_archive_where_only_archives_are_taken(examiner: Examiner, tmp_path: Path) -> None:
    for parts in (WORD, SHEET):
        made = await examiner.examine(
            sent(tmp_path, zipped(parts)), "a.docx", replace(RULES, formats=("zip",)), tmp_path
        )
        assert made.ending == "zip"


async def test_kind_that_the_field_does_not_take_is_refused_by_name(examiner: Examiner, tmp_path: Path) -> None:
    with pytest.raises(WrongKind, match=r"only PDF, DOCX are\."):
        await examiner.examine(
            sent(tmp_path, zipped(SHEET)), "a.pdf", replace(RULES, formats=("pdf", "docx")), tmp_path
        )


async def test_directory_larger_than_memory_allows_is_not_read(examiner: Examiner, tmp_path: Path) -> None:
    parts = zipped({f"{'x' * 60_000}{number}": b"" for number in range(60)})
    with pytest.raises(Damaged, match="too much"):
        await examiner.examine(sent(tmp_path, parts), "a.zip", RULES, tmp_path)


async def test_large_file_is_hashed_in_pieces(examiner: Examiner, tmp_path: Path) -> None:
    source = sent(tmp_path, b"%PDF-1.7\n")
    os.truncate(source, 200 * 1024 * 1024)
    made = await examiner.examine(source, "a.pdf", replace(RULES, max_bytes=256 * 1024 * 1024), tmp_path)
    assert made.size == 200 * 1024 * 1024
