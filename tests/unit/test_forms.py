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


def refusal(name: str, *sent: str, zone: ZoneInfo = UTC) -> str:
    with pytest.raises(FieldError) as refused:
        field(name).read(sent, zone)
    return str(refused.value.sentence)


TAKEN: list[tuple[str, str, Any]] = [
    ("title", "  Tea  ", "Tea"),
    ("title", "x" * 60, "x" * 60),
    ("title", "🚀" * 60, "🚀" * 60),
    ("notes", "a\r\nb\nc", "a\nb\nc"),
    ("notes", "  indented\n", "  indented\n"),
    ("notes", "\t", None),
    ("count", "42", 42),
    ("count", " +7 ", 7),
    ("count", "-0", 0),
    ("count", "", None),
    ("huge", str(2**63 - 1), 2**63 - 1),
    ("price", "12.50", decimal.Decimal("12.50")),
    ("price", "-0.01", decimal.Decimal("-0.01")),
    ("price", "1e2", decimal.Decimal(100)),
    ("active", "1", True),
    ("active", "on", True),
    ("active", "0", False),
    ("active", "", False),
    ("colour", "deep_blue", Colour.DEEP_BLUE),
    ("colour", "", None),
    ("level", "2", 2),
    ("born", "2026-12-31", datetime.date(2026, 12, 31)),
    ("opens", "18:30", datetime.time(18, 30)),
    ("opens", "18:30:05", datetime.time(18, 30, 5)),
    ("starts", "2026-12-31T18:30", datetime.datetime(2026, 12, 31, 18, 30, tzinfo=datetime.UTC)),
    ("starts", "2026-12-31 18:30:07", datetime.datetime(2026, 12, 31, 18, 30, 7, tzinfo=datetime.UTC)),
    ("homepage", "https://example.com/ä?q=1#x", "https://example.com/ä?q=1#x"),
    ("homepage", "HTTP://EXAMPLE.com", "HTTP://EXAMPLE.com"),
    ("homepage", "/news/1", "/news/1"),
    ("email", "a.b+c@example.co.uk", "a.b+c@example.co.uk"),
    ("settings", '{"a": [1, null]}', {"a": [1, None]}),
    ("settings", "0", 0),
    ("photo", "covers/03.webp", "covers/03.webp"),
    ("owner", "7", "7"),
    ("owner", "", None),
    ("api_token", " with blanks ", " with blanks "),
]


REFUSED: list[tuple[str, str, str]] = [
    ("title", "", "This is needed."),
    ("title", " \n ", "This is needed."),
    ("title", "x" * 61, "At most 60 characters; this has 61."),
    ("title", "a\0b", "This holds characters that can't be stored."),
    ("title", "a\ud800b", "This holds characters that can't be stored."),
    ("notes", "a\x0bb", "This holds characters that can't be stored."),
    ("count", "1.0", "Please write a whole number, like 42."),
    ("count", "1_000", "Please write a whole number, like 42."),
    ("count", "٣", "Please write a whole number, like 42."),
    ("count", "9" * 5000, "Please write a whole number, like 42."),
    ("count", str(2**31), "A number from -2147483648 to 2147483647, please."),
    ("tiny", "-32769", "A number from -32768 to 32767, please."),
    ("price", "x", "Please write a number, like 12.50."),
    ("price", "NaN", "Please write a number, like 12.50."),
    ("price", "-inf", "Please write a number, like 12.50."),
    ("price", "1e999999999", "Please write a number, like 12.50."),
    ("price", "1.005", "At most 6 digits before the point and 2 after it."),
    ("price", "1000000", "At most 6 digits before the point and 2 after it."),
    ("active", "2", "This is either on or off."),
    ("colour", "DEEP_BLUE", "This is not one of the choices."),
    ("level", "3", "This is not one of the choices."),
    ("born", "31.12.2026", "Please write a date as 2026-12-31."),
    ("opens", "24:01", "Please write a time as 18:30."),
    ("starts", "tomorrow", "Please write a date and time as 2026-12-31 18:30."),
    ("homepage", "example.com", "Please write an address that begins with https:// or with /."),
    ("homepage", "javascript:alert(1)", "Please write an address that begins with https:// or with /."),
    ("homepage", "//evil.example", "Please write an address that begins with https:// or with /."),
    ("homepage", "https://a b", "Please write an address that begins with https:// or with /."),
    ("email", "a@b", "Please write an e-mail address, like name@example.com."),
    ("email", "a" * 65 + "@example.com", "Please write an e-mail address, like name@example.com."),
    ("settings", "{'a': 1}", "This is not JSON: line 1, column 2."),
    ("settings", "NaN", "This is not JSON."),
    ("settings", "[1e999]", "This is not JSON."),
    ("settings", '"\\ud800"', "This is not JSON."),
    ("settings", '"\\u0000"', "This holds characters that can't be stored."),
    ("settings", "[" * 200_000, "This is nested too deeply."),
    ("photo", "../x", "Please write the path of a stored file, like covers/03.webp."),
    ("photo", "https://x/y", "Please write the path of a stored file, like covers/03.webp."),
    ("manual_file", "\\\\server\\share", "Please write the path of a stored file, like covers/03.webp."),
]


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
