"""Walking a long list by its own order instead of by OFFSET.

The order is (the sort columns, then the key in the direction of the last of them), so that one index serves it,
and NULLs come first when ascending on every database. A cursor holds the values of the row it stands at and is
signed, so that nobody can ask for positions they were not shown.
"""

import base64
import datetime
import decimal
import enum
import hashlib
import hmac
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, String, and_, false, literal, or_, true
from sqlalchemy.orm import InstrumentedAttribute

from portal.db.kinds import enum_of


@dataclass(frozen=True)
class OrderTerm:
    """One step of the order."""

    column: InstrumentedAttribute[Any]
    descending: bool
    nullable: bool

    def reversed(self) -> "OrderTerm":
        return OrderTerm(self.column, not self.descending, self.nullable)

    def clause(self, dialect: str) -> ColumnElement[Any]:
        step: Any = self.column.desc() if self.descending else self.column.asc()
        if self.nullable and dialect == "postgresql":  # the others already have NULL as the smallest value
            step = step.nulls_last() if self.descending else step.nulls_first()
        clause: ColumnElement[Any] = step
        return clause

    def beyond(self, value: Any) -> ColumnElement[bool]:
        """Rows that come strictly later than `value` in this term."""
        if value is None:
            return false() if self.descending else self.column.is_not(None)
        later = self.column < self.literal(value) if self.descending else self.column > self.literal(value)
        return or_(later, self.column.is_(None)) if self.descending and self.nullable else later

    def same(self, value: Any) -> ColumnElement[bool]:
        found: ColumnElement[bool] = self.column.is_(None) if value is None else self.column == self.literal(value)
        return found

    def literal(self, value: Any) -> ColumnElement[Any]:
        """The value as a parameter: a bare True or False can't be compared by size."""
        strange = isinstance(value, str) and enum_of(self.column) is not None  # type: ignore[arg-type]  # Core column
        return literal(value, String() if strange else self.column.type)


def segments(terms: Sequence[OrderTerm], values: Sequence[Any]) -> list[ColumnElement[bool]]:
    """The rows behind `values`, as one range or, where a descending first term may be NULL, as two in turn.

    Each range bounds the first term on its own, which is what lets an index start there: databases do not see
    through the OR of a lexicographic comparison.
    """
    first, value = terms[0], values[0]
    if not (first.nullable and first.descending and value is not None):
        return [and_(_bound(first, value), _later(terms, values))]
    strict = OrderTerm(first.column, first.descending, nullable=False)
    return [
        and_(first.column <= first.literal(value), _later([strict, *terms[1:]], values)),
        first.column.is_(None),
    ]


def _bound(term: OrderTerm, value: Any) -> ColumnElement[bool]:
    if value is None:
        return term.column.is_(None) if term.descending else true()
    bound: ColumnElement[bool] = (
        term.column <= term.literal(value) if term.descending else term.column >= term.literal(value)
    )
    return bound


def _later(terms: Sequence[OrderTerm], values: Sequence[Any]) -> ColumnElement[bool]:
    steps = []
    for place, term in enumerate(terms):
        ties = [other.same(value) for other, value in zip(terms[:place], values, strict=False)]
        steps.append(and_(*ties, term.beyond(values[place])))
    return or_(*steps)


def write_cursor(key: bytes, order: str, values: Sequence[Any]) -> str:
    """A cursor for the row with these order values; `order` names the list it belongs to."""
    body = msgspec.json.encode([_dump(value) for value in values])
    return base64.urlsafe_b64encode(_sign(key, order, body) + body).rstrip(b"=").decode()


def read_cursor(key: bytes, order: str, text: str) -> list[Any] | None:
    """The values of a cursor, or `None` for one that is not ours or belongs to another order."""
    if len(text) > 2000 or not text.isascii():
        return None
    try:
        raw = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
        signature, body = raw[:16], raw[16:]
        if not hmac.compare_digest(signature, _sign(key, order, body)):
            return None
        return [_load(item) for item in msgspec.json.decode(body)]
    except (ValueError, msgspec.DecodeError):
        return None


def _sign(key: bytes, order: str, body: bytes) -> bytes:
    return hmac.digest(key, order.encode() + b"\0" + body, hashlib.sha256)[:16]


def _dump(value: Any) -> list[Any]:
    match value:
        case enum.Enum():
            return _dump(value.value)
        case datetime.datetime():
            return ["t", value.isoformat()]
        case datetime.date():
            return ["d", value.isoformat()]
        case datetime.time():
            return ["h", value.isoformat()]
        case decimal.Decimal():
            return ["n", str(value)]
        case uuid.UUID():
            return ["u", value.hex]
        case _:
            return ["", value]


_LOADERS: dict[str, Any] = {
    "": lambda value: value,
    "t": datetime.datetime.fromisoformat,
    "d": datetime.date.fromisoformat,
    "h": datetime.time.fromisoformat,
    "n": decimal.Decimal,
    "u": uuid.UUID,
}


def _load(item: Any) -> Any:
    kind, value = item
    return _LOADERS[kind](value)
