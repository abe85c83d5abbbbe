"""Substring search that folds case, width and accents, the same on all three databases."""

from typing import Any

from sqlalchemy import ColumnElement, String, cast, collate, func

from portal.db.text import fold

ESCAPE = "\\"


def contains(column: ColumnElement[Any], term: str, dialect: str) -> ColumnElement[bool]:
    """Rows whose text holds `term`, however it is written."""
    pattern = "%" + escaped(fold(term)) + "%"
    text: ColumnElement[Any] = column if isinstance(column.type, String) else cast(column, String(64))
    if dialect == "sqlite":
        return func.fastor_fold(text).like(pattern, escape=ESCAPE)
    if dialect == "postgresql":
        plain = func.regexp_replace(func.lower(func.normalize(text, _nfkd())), "[\u0300-\u036f]", "", "g")
        return plain.like(pattern, escape=ESCAPE)
    return collate(text, "utf8mb4_unicode_520_ci").like(pattern, escape=ESCAPE)


def escaped(term: str) -> str:
    """`%`, `_` and the escape sign itself as plain characters of a LIKE pattern."""
    return term.replace(ESCAPE, ESCAPE * 2).replace("%", r"\%").replace("_", r"\_")


def _nfkd() -> ColumnElement[Any]:
    from sqlalchemy import literal_column

    return literal_column("NFKD")
