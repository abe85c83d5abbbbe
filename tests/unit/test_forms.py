"""Whole forms, and fields in them: what is sent, kept, and left alone."""

import datetime
import decimal
import json
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import String
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from portal.errors import InputError
from portal.kit.fields import Field, FieldError, TextField, field_for
from portal.kit.forms import bind
from portal.kit.introspect import read_model
from tests.pages.lab import Colour, Gadget

FACTS = read_model(Gadget)
UTC = ZoneInfo("UTC")
BERLIN = ZoneInfo("Europe/Berlin")
SHANGHAI = ZoneInfo("Asia/Shanghai")


def field(name: str) -> Field:
    return field_for(name, FACTS).completed(FACTS)


def read(name: str, *sent: str, zone: ZoneInfo = UTC) -> Any:
    return field(name).read(sent, zone)


ROUND: list[tuple[str, Any]] = [
    ("title", "Tea"),
    ("count", -5),
    ("price", decimal.Decimal("0.10")),
    ("weight", 1e-7),
    ("weight", 1 / 3),
    ("weight", 1e21),
    ("active", True),
    ("active", False),
    ("colour", Colour.RED),
    ("level", 1),
    ("born", datetime.date(1, 1, 1)),
    ("opens", datetime.time(0, 0)),
    ("opens", datetime.time(1, 2, 3)),
    ("starts", datetime.datetime(2026, 7, 1, 12, 30, tzinfo=datetime.UTC)),
    ("starts", datetime.datetime(2026, 7, 1, 12, 30, 7, tzinfo=datetime.UTC)),
    ("starts", datetime.datetime(9999, 12, 31, 23, 59, tzinfo=datetime.UTC)),
    ("settings", {"ü": [None, 1.5, {"a": "\u2028"}]}),
]


@pytest.mark.parametrize("zone", [UTC, BERLIN, SHANGHAI])
@pytest.mark.parametrize(("name", "value"), ROUND)
def test_what_stands_in_the_input_is_read_as_the_same_value(name: str, value: Any, zone: ZoneInfo) -> None:
    asked = field(name)
    found = asked.read([asked.text(value, zone)], zone)
    assert float(found) == value if isinstance(value, float) else found == value


def test_an_empty_value_is_an_empty_input() -> None:
    for name in ("title", "count", "price", "colour", "born", "opens", "starts", "settings", "email"):
        assert field(name).text(None, UTC) == ""


def test_a_secret_is_never_in_the_input() -> None:
    assert field("api_token").text("hush", UTC) == ""


def test_a_choice_that_must_be_made() -> None:
    with pytest.raises(FieldError, match="Please choose one"):
        field_for("colour", FACTS).__class__("colour", required=True).completed(FACTS).read([""], UTC)


def test_what_is_said_at_the_field_goes_before_the_model() -> None:
    made = TextField("title", label="Headline", help="Short", required=False, read_only=True, aside=True).completed(
        FACTS
    )
    assert (made.label, made.help, made.required, made.read_only, made.aside) == (
        "Headline",
        "Short",
        False,
        True,
        True,
    )
    guessed = field("title")
    assert (guessed.label, guessed.help, guessed.required) == ("Title", "What it is called.", True)


class TestBinding:
    """A whole form at once."""

    fields = tuple(field(name) for name in ("title", "count", "active", "api_token", "starts"))

    def bind(self, sent: dict[str, list[str]], *, creating: bool = False) -> dict[str, Any]:
        return bind(self.fields, sent, UTC, creating=creating)

    def test_all_errors_are_found_at_once(self) -> None:
        with pytest.raises(InputError) as refused:
            self.bind({"title": [""], "count": ["x"], "starts": ["y"], "active": ["1"]})
        assert set(refused.value.errors) == {"title", "count", "starts"}

    def test_what_is_not_sent_is_not_touched(self) -> None:
        assert self.bind({"count": ["3"], "other": ["x"]}) == {"count": 3}

    def test_what_is_needed_must_be_there_for_a_new_row(self) -> None:
        with pytest.raises(InputError) as refused:
            self.bind({"count": ["3"]}, creating=True)
        assert set(refused.value.errors) == {"title"}

    def test_a_blank_secret_is_left_alone(self) -> None:
        assert self.bind({"api_token": [""]}) == {}
        assert self.bind({"api_token": ["new"]}) == {"api_token": "new"}
        assert self.bind({"title": ["x"], "api_token": [""]}, creating=True) == {"title": "x", "api_token": None}

    def test_read_only_fields_are_never_read(self) -> None:
        locked = TextField("title", read_only=True).completed(FACTS)
        assert bind([locked], {"title": ["x"]}, UTC, creating=True) == {}


class Own(DeclarativeBase):
    pass


class Note(Own):
    __tablename__ = "note"
    id: Mapped[int] = mapped_column(primary_key=True)
    text: Mapped[str] = mapped_column(String(20))


class ShoutedField(TextField):
    """What a developer writes to take an input differently."""

    def parse(self, text: str, zone: ZoneInfo) -> Any:
        if not text.isupper():
            raise FieldError("Louder!")
        return super().parse(text, zone)


def test_json_keeps_what_it_cannot_show_differently() -> None:
    value = {"b": 1, "a": [1.0, 10**30, "é"]}
    assert json.loads(field("settings").text(value, UTC)) == value
