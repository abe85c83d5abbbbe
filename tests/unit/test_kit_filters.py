"""Filters: what their conditions ask for, and that bad values ask for nothing."""

import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import create_engine, select
from sqlalchemy.orm import Session

from portal.kit.filters import BooleanFilter, ChoiceFilter, DateRangeFilter, Filter, RelationFilter, filter_for
from portal.kit.introspect import read_model
from portal.kit.listing import clean_search
from tests.pages.lab import Colour, Gadget, Lab, Owner, Part

FACTS = read_model(Gadget)
UTC = ZoneInfo("UTC")
SHANGHAI = ZoneInfo("Asia/Shanghai")


@pytest.fixture(scope="module")
def session() -> Any:
    engine = create_engine("sqlite://")
    Lab.metadata.create_all(engine)
    with Session(engine) as opened:
        ada, bob = Owner(id=1, name="Ada"), Owner(id=2, name="Bob")
        lid, cup = Part(id=1, name="Lid"), Part(id=2, name="Cup")
        moment = datetime.datetime(2026, 3, 1, 23, 30, tzinfo=datetime.UTC)
        opened.add_all(
            [
                Gadget(
                    title="a",
                    colour=Colour.RED,
                    level=1,
                    active=True,
                    owner=ada,
                    parts=[lid],
                    born=datetime.date(2026, 3, 1),
                    starts=moment,
                ),
                Gadget(
                    title="b",
                    colour=Colour.DEEP_BLUE,
                    level=2,
                    owner=bob,
                    parts=[lid, cup],
                    born=datetime.date(2026, 3, 2),
                ),
                Gadget(title="c", starts=moment + datetime.timedelta(hours=1)),
            ]
        )
        opened.flush()
        yield opened
    engine.dispose()


def made(name: str) -> Filter:
    found = filter_for(name, FACTS)
    assert found is not None
    return found.completed(FACTS)


def matches(session: Session, name: str, zone: ZoneInfo = UTC, **sent: list[str]) -> str | None:
    condition = made(name).condition(sent, zone)
    if condition is None:
        return None
    return "".join(session.execute(select(Gadget.title).where(condition).order_by(Gadget.title)).scalars())


def test_each_kind_has_its_filter() -> None:
    kinds = {
        "colour": ChoiceFilter,
        "active": BooleanFilter,
        "owner": RelationFilter,
        "parts": RelationFilter,
        "born": DateRangeFilter,
        "starts": DateRangeFilter,
    }
    assert {name: type(made(name)) for name in kinds} == kinds
    for name in ("title", "count", "settings", "api_token", "photo"):
        assert filter_for(name, FACTS) is None


def test_choices(session: Session) -> None:
    assert matches(session, "colour", colour=["red"]) == "a"
    assert matches(session, "colour", colour=["red", "deep_blue", "nope"]) == "ab"
    assert matches(session, "colour", colour=["nope", "RED", ""]) is None
    assert matches(session, "level", level=["2"]) == "b"
    assert made("colour").words({"colour": ["deep_blue", "nope"]}) == "Deep blue"


def test_switches(session: Session) -> None:
    assert matches(session, "active", active=["1"]) == "a"
    assert matches(session, "active", active=["0"]) == "bc"
    assert matches(session, "active", active=["yes"]) is None


def test_relations(session: Session) -> None:
    assert matches(session, "owner", owner=["1"]) == "a"
    assert matches(session, "owner", owner=["1", "2"]) == "ab"
    assert matches(session, "owner", owner=["77"]) == ""
    assert matches(session, "parts", parts=["1"]) == "ab"
    assert matches(session, "parts", parts=["2"]) == "b"
    for bad in ("x", "", "01", "9" * 30, "\0", "1~2", "\ud800"):
        assert matches(session, "owner", owner=[bad]) is None
        assert matches(session, "owner", owner=[bad, "2"]) == "b"


def test_days_include_both_ends_in_the_viewers_zone(session: Session) -> None:
    assert matches(session, "born", born_from=["2026-03-01"], born_to=["2026-03-01"]) == "a"
    assert matches(session, "born", born_from=["2026-03-02"]) == "b"
    assert matches(session, "starts", starts_from=["2026-03-01"], starts_to=["2026-03-01"]) == "a"
    assert matches(session, "starts", SHANGHAI, starts_from=["2026-03-02"], starts_to=["2026-03-02"]) == "ac"
    assert matches(session, "starts", SHANGHAI, starts_to=["2026-03-01"]) == ""


@pytest.mark.parametrize("bad", ["", "yesterday", "2026-02-30", "0001-01-01", "9999-12-31", "2026-03-01T00:00", "\0"])
def test_days_that_are_none_ask_for_nothing(session: Session, bad: str) -> None:
    assert matches(session, "starts", starts_from=[bad], starts_to=[bad]) is None


def test_what_was_typed_into_the_search_box_is_cleaned() -> None:
    assert clean_search("  a\tb\n\0c\x07 \ud800d  ") == "a b c d"
    assert clean_search("👨‍👩‍👧") == "👨‍👩‍👧"
    assert len(clean_search("x" * 5000)) == 200
