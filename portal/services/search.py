"""Substring search that folds case, width and accents, the same on all three databases."""

import functools
import unicodedata
from typing import Any

from sqlalchemy import ColumnElement, String, case, cast, collate, func, literal_column

from portal.db.text import fold

ESCAPE = "\\"

PLAIN = "\x01-\x7f\u2014\u2018-\u201d\u3001-\u3029\u3400-\u4dbf\u4e00-\u9fff"
"""Inside a bracket expression: ASCII and Chinese, which need no folding but that of case. Most texts are nothing
else, and are spared the price of the rest."""


def contains(column: ColumnElement[Any], term: str, dialect: str) -> ColumnElement[bool]:
    """Rows whose text holds `term`, however it is written."""
    pattern = "%" + escaped(fold(term)) + "%"
    text: ColumnElement[Any] = column if isinstance(column.type, String) else cast(column, String(64))
    if dialect == "sqlite":
        return func.fastor_fold(text).like(pattern, escape=ESCAPE)
    if dialect == "postgresql":
        return _folded_by_postgresql(text).like(pattern, escape=ESCAPE)
    return collate(_folded_by_mysql(text), "utf8mb4_unicode_520_ci").like(pattern, escape=ESCAPE)


def escaped(term: str) -> str:
    """`%`, `_` and the escape sign itself as plain characters of a LIKE pattern."""
    return term.replace(ESCAPE, ESCAPE * 2).replace("%", r"\%").replace("_", r"\_")


def _folded_by_postgresql(text: ColumnElement[Any]) -> ColumnElement[Any]:
    """What `portal.db.text.fold` makes, step by step."""
    bare = func.regexp_replace(func.lower(func.normalize(text, literal_column("NFKD"))), _marks(), "", "g")
    composed = func.normalize(bare, literal_column("NFKC"))
    folded = func.replace(func.translate(composed, "ς", "σ"), "ß", "ss")
    return case((text.regexp_match(f"[^{PLAIN}]"), folded), else_=func.lower(text))


def _folded_by_mysql(text: ColumnElement[Any]) -> ColumnElement[Any]:
    """What the collation does not do inside LIKE, which compares sign by sign."""
    bare = func.regexp_replace(text, r"\p{M}", "")
    whole = func.replace(func.replace(bare, "ß", "ss"), "ẞ", "ss")
    return case((text.regexp_match(f"[^{PLAIN}]"), whole), else_=text)


@functools.cache
def _marks() -> str:
    """A bracket expression of every combining mark of the basic plane."""
    ranges: list[list[int]] = []
    for code in range(0x300, 0x10000):
        if unicodedata.combining(chr(code)):
            if ranges and ranges[-1][1] == code - 1:
                ranges[-1][1] = code
            else:
                ranges.append([code, code])
    return "[" + "".join(f"{chr(first)}-{chr(last)}" for first, last in ranges) + "]"
