"""Searching takes case, width and accents for the same letters, in Python and within SQLite."""

import re

import pytest
from sqlalchemy import text

from portal.db.engine import Database
from portal.db.text import fold
from portal.services.search import PLAIN
from tests.databases import fresh_database


@pytest.mark.parametrize(
    ("typed", "folded"),
    [("CAFÉ", "cafe"), ("Ｃａｆé", "cafe"), ("Straße", "strasse"), ("ｶﾞ", "カ"), ("茶 Ｔｅａ", "茶 tea"), ("", "")],
)
def test_fold_takes_differences_away(typed: str, folded: str) -> None:
    assert fold(typed) == folded
    assert fold(folded) == folded


@pytest.mark.anyio
async def test_sqlite_folds_the_same_way() -> None:
    with fresh_database("sqlite") as url:
        database = Database(url)
        async with database.read() as session:
            row = (
                await session.execute(text("SELECT fastor_fold('Ｃａｆé'), fastor_fold(NULL), fastor_fold(12)"))
            ).one()
        await database.dispose()
    assert tuple(row) == ("cafe", None, "12")


def test_what_databases_take_for_plain_needs_no_folding_but_that_of_case() -> None:
    plain = [chr(code) for code in range(1, 0x10000) if re.fullmatch(f"[{PLAIN}]", chr(code))]
    assert len(plain) > 27_000
    assert not [sign for sign in plain if fold(sign) != sign.lower()]
