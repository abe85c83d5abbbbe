"""What a filter asks the database for; what it can't read, it does not ask."""

import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Date, ForeignKey, String
from sqlalchemy.dialects import sqlite
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship

from portal.kit.filters import Filter, default_filters, filter_for
from portal.kit.introspect import read_model
from tests.pages.lab import Gadget

UTC = ZoneInfo("UTC")
BERLIN = ZoneInfo("Europe/Berlin")
GADGET = read_model(Gadget)


def made(name: str) -> Filter:
    found = filter_for(name, GADGET)
    assert found is not None
    return found.completed(GADGET)


def sql(name: str, zone: ZoneInfo = UTC, /, **sent: list[str]) -> str | None:
    """The condition as SQL with its values, or nothing."""
    condition = made(name).condition(sent, zone)
    if condition is None:
        return None
    text = str(condition.compile(dialect=sqlite.dialect(), compile_kwargs={"literal_binds": True}))
    return " ".join(text.replace("lab_gadget.", "").split())


def test_a_choice() -> None:
    assert sql("colour", colour=["red"]) == "colour = 'RED'"
    assert sql("colour", colour=["red", "deep_blue"]) == "colour IN ('RED', 'DEEP_BLUE')"
    assert sql("colour", colour=["pink", "red"]) == "colour = 'RED'"
    assert sql("level", level=["2"]) == "level = 2"


@pytest.mark.parametrize("sent", [[], [""], ["pink"], ["RED"], ["\0"], ["red\0"]])
def test_an_unknown_choice_is_no_filter(sent: list[str]) -> None:
    assert sql("colour", colour=sent) is None


def test_a_switch() -> None:
    assert sql("active", active=["1"]) == "active IS 1"
    assert sql("active", active=["0"]) == "active IS 0"
    assert sql("active", active=["0", "1"]) == "active IS 1"
    assert sql("active", active=["maybe"]) is None


def test_a_range_of_days_holds_both_ends() -> None:
    assert (
        sql("born", born_from=["2026-03-01"], born_to=["2026-03-31"]) == "born >= '2026-03-01' AND born < '2026-04-01'"
    )
    assert sql("born", born_from=["2026-03-01"]) == "born >= '2026-03-01'"
    assert sql("born", born_to=["2026-12-31"]) == "born < '2027-01-01'"


def test_days_of_a_moment_begin_at_the_viewers_midnight() -> None:
    condition = made("starts").condition({"starts_from": ["2026-07-01"], "starts_to": ["2026-07-01"]}, BERLIN)
    assert condition is not None
    first, last = sorted(condition.compile().params.values())
    assert first == datetime.datetime(2026, 6, 30, 22, tzinfo=datetime.UTC)
    assert last - first == datetime.timedelta(days=1)
    condition = made("starts").condition({"starts_from": ["2026-03-29"], "starts_to": ["2026-03-29"]}, BERLIN)
    assert condition is not None
    first, last = sorted(condition.compile().params.values())
    assert last - first == datetime.timedelta(hours=23)  # the clocks were put forward


@pytest.mark.parametrize("day", ["", "yesterday", "2026-02-30", "0001-01-01", "9999-12-31", "\0", "2026-W01-9"])
def test_what_is_no_day_is_no_bound(day: str) -> None:
    for zone in (UTC, BERLIN, ZoneInfo("Pacific/Kiritimati")):
        assert made("starts").condition({"starts_from": [day], "starts_to": [day]}, zone) is None


def test_a_relation_by_the_keys_of_its_rows() -> None:
    assert sql("owner", owner=["7"]) == "owner_id = 7"
    assert sql("owner", owner=["7", "x", "8"]) == "owner_id = 7 OR owner_id = 8"
    assert sql("owner", owner=["x", "", "07", "9" * 30]) is None


def test_a_relation_to_many_goes_over_the_table_between() -> None:
    text = sql("parts", parts=["3"])
    assert text is not None
    assert text.startswith("id IN (SELECT lab_gadget_part.gadget_id") and "part_id = 3" in text


def test_a_filter_takes_no_more_keys_than_a_person_picks() -> None:
    text = sql("owner", owner=[str(n) for n in range(1, 1000)])
    assert text is not None and text.count("OR") == 49


def test_words_for_the_chip() -> None:
    assert made("colour").words({"colour": ["deep_blue", "red"]}) == "Red, Deep blue"
    assert str(made("active").words({"active": ["1"]})) == "Yes"
    assert made("born").words({"born_from": ["2026-03-01"]}) == "2026-03-01 – …"


def test_the_guessed_filters_are_few_and_of_kinds_that_can_be() -> None:
    names = [found.name for found in default_filters(GADGET)]
    assert names == ["active", "colour", "level", "born", "starts", "owner"]
    assert filter_for("title", GADGET) is None


def test_a_label_of_its_own_wins() -> None:
    found = type(made("colour"))("colour", label="Paint").completed(GADGET)
    assert found.label == "Paint"
    assert made("colour").label == "Colour"


class Places(DeclarativeBase):
    pass


class Place(Places):
    __tablename__ = "place"
    country: Mapped[str] = mapped_column(String(2), primary_key=True)
    code: Mapped[str] = mapped_column(String(8), primary_key=True)


class Trip(Places):
    __tablename__ = "trip"
    id: Mapped[int] = mapped_column(primary_key=True)
    on: Mapped[datetime.date] = mapped_column(Date)
    by: Mapped[str] = mapped_column(ForeignKey("person.name"))
    person: Mapped["Person"] = relationship()


class Person(Places):
    __tablename__ = "person"
    name: Mapped[str] = mapped_column(String(20), primary_key=True)


def test_a_relation_to_a_string_key() -> None:
    facts = read_model(Trip)
    found: Any = filter_for("person", facts)
    condition = found.completed(facts).condition({"person": ["~new", "a%2Fb"]}, UTC)
    assert sorted(condition.compile().params.values()) == ["a/b", "new"]
