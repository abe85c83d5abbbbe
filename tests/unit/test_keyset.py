"""Walking by cursors over random tables agrees with sorting the rows in Python."""

import datetime
import decimal
import enum
import random
import uuid
from typing import Any

import pytest
from sqlalchemy import Enum, Numeric, String, create_engine, select
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

from portal.db.columns import EnumString
from portal.services.keyset import OrderTerm, read_cursor, segments, write_cursor


class Base(DeclarativeBase):
    pass


class Tone(enum.StrEnum):
    low = "low"
    high = "high"


class Native(enum.Enum):
    B = 1
    A = 2


class Thing(Base):
    __tablename__ = "thing"

    left: Mapped[int] = mapped_column(primary_key=True)
    right: Mapped[str] = mapped_column(String(5), primary_key=True)
    number: Mapped[int | None]
    sure: Mapped[int] = mapped_column(default=0)
    text: Mapped[str | None] = mapped_column(String(20))
    flag: Mapped[bool | None]
    amount: Mapped[decimal.Decimal | None] = mapped_column(Numeric(8, 2))
    tone: Mapped[Tone | None] = mapped_column(EnumString(Tone))
    native: Mapped[Native | None] = mapped_column(Enum(Native))


NAMES = ["number", "sure", "text", "flag", "tone", "native"]
TABLE = Thing.__table__.c


def things(chance: random.Random, count: int) -> list[Thing]:
    def some(*values: Any) -> Any:
        return chance.choice([None, *values])

    keys = chance.sample([(left, right) for left in range(20) for right in "abcé"], count)
    return [
        Thing(
            left=left,
            right=right,
            number=some(-1, 0, 1),
            sure=chance.randint(0, 2),
            text=some("", "a", "b", "A", "%"),
            flag=some(True, False),
            tone=some(Tone.low, Tone.high),
            native=some(Native.A, Native.B),
        )
        for left, right in keys
    ]


def rank(value: Any) -> tuple[Any, ...]:
    if value is None:
        return (0,)
    return (1, value.name if isinstance(value, Native) else str(value) if isinstance(value, str) else value)


def expected(rows: list[Thing], order: list[tuple[str, bool]]) -> list[tuple[int, str]]:
    found = list(rows)
    for name, descending in reversed(order):
        found.sort(key=lambda row: rank(getattr(row, name)), reverse=descending)
    return [(row.left, row.right) for row in found]


def walk(session: Session, terms: list[OrderTerm], size: int) -> list[tuple[int, str]]:
    """Page by page; each cursor goes through its text, as it would in an address."""
    found: list[tuple[int, str]] = []
    values: list[Any] | None = None
    while len(found) <= 100:
        ranges = segments(terms, values) if values is not None else [None]
        page: list[Any] = []
        for part in ranges:
            statement = select(*TABLE).order_by(*[term.clause("sqlite") for term in terms])
            statement = statement.where(part) if part is not None else statement
            page += list(session.execute(statement.limit(size - len(page))))
            if len(page) == size:
                break
        if not page:
            return found
        found += [(row.left, row.right) for row in page]
        ends = [getattr(page[-1], term.column.key) for term in terms]
        read = read_cursor(b"key", "list", write_cursor(b"key", "list", ends))
        assert read is not None
        values = [
            type(end)(value) if isinstance(end, enum.Enum) else value for end, value in zip(ends, read, strict=True)
        ]
    raise AssertionError("it never ends")


@pytest.mark.parametrize("seed", range(25))
def test_every_row_once_in_the_order_asked(seed: int) -> None:
    chance = random.Random(seed)
    engine = create_engine("sqlite://")
    Base.metadata.create_all(engine)
    with Session(engine) as session:
        rows = things(chance, chance.randint(0, 40))
        session.add_all(rows)
        session.flush()
        for _ in range(4):
            names = chance.sample(NAMES, chance.randint(0, 3))
            order = [(name, chance.random() < 0.5) for name in names]
            last = order[-1][1] if order else chance.random() < 0.5
            order += [("left", last), ("right", last)]
            terms = [OrderTerm(TABLE[name], down, bool(TABLE[name].nullable)) for name, down in order]  # type: ignore[arg-type]
            wanted = expected(rows, order)
            assert walk(session, terms, chance.randint(1, 7)) == wanted, order
            assert walk(session, [term.reversed() for term in terms], chance.randint(1, 7)) == wanted[::-1], order
    engine.dispose()


def test_postgresql_is_told_where_empty_values_go() -> None:
    term = OrderTerm(TABLE.number, False, True)  # type: ignore[arg-type]
    assert "NULLS FIRST" in str(term.clause("postgresql"))
    assert "NULLS LAST" in str(term.reversed().clause("postgresql"))
    assert "NULLS" not in str(term.clause("mysql"))
    assert "NULLS" not in str(OrderTerm(TABLE.sure, False, False).clause("postgresql"))  # type: ignore[arg-type]


VALUES: list[Any] = [
    None,
    True,
    0,
    -(2**63),
    "",
    "中文 🚀 \"'",
    1.5,
    decimal.Decimal("12.50"),
    datetime.date(2026, 1, 2),
    datetime.time(23, 59, 59, 999999),
    datetime.datetime(2026, 1, 2, 3, 4, 5, 678901, tzinfo=datetime.UTC),
    uuid.UUID(int=7),
]


def test_cursors_carry_every_kind_of_value() -> None:
    text = write_cursor(b"key", "list", VALUES)
    assert text.isascii() and not set(text) & set("=+/&?# ")
    assert read_cursor(b"key", "list", text) == VALUES
    assert read_cursor(b"key", "list", write_cursor(b"key", "list", [Tone.low])) == ["low"]


def test_forged_cursors_are_none() -> None:
    good = write_cursor(b"key", "list", [1, "a"])
    assert read_cursor(b"other key", "list", good) is None
    assert read_cursor(b"key", "other list", good) is None
    for forged in (
        "",
        "A",
        good[:-1],
        good[1:],
        good + "AAAA",
        good[::-1],
        "é",
        "\0",
        "=" * 10,
        "A" * 5000,
        good.swapcase(),
    ):
        assert read_cursor(b"key", "list", forged) is None, forged
    chance = random.Random(5)
    for _ in range(300):
        place = chance.randrange(len(good))
        forged = good[:place] + chance.choice("ABCxyz019-_") + good[place + 1 :]
        assert forged == good or read_cursor(b"key", "list", forged) in (None, [1, "a"])
