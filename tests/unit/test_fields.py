"""What each field takes, what it refuses, and what it shows."""

import datetime
import decimal
import json
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from portal.errors import InputError
from portal.kit.fields import ChoicesField, Field, FieldError, TextField, default_fields, field_for
from portal.kit.forms import bind
from portal.kit.introspect import read_model
from tests.pages.lab import Colour, Gadget, Step

UTC = ZoneInfo("UTC")
BERLIN = ZoneInfo("Europe/Berlin")
GADGET = read_model(Gadget)


def field(name: str, **options: Any) -> Field:
    made = field_for(name, GADGET)
    return type(made)(name, **options).completed(GADGET)


def read(name: str, *sent: str, zone: ZoneInfo = UTC, **options: Any) -> Any:
    return field(name, **options).read(sent, zone)


TAKEN = [
    ("title", "  Tea  ", "Tea"),
    ("title", "x" * 60, "x" * 60),
    ("notes", " a\r\nb ", " a\nb "),
    ("body", "<p>a</p>", "<p>a</p>"),
    ("count", "42", 42),
    ("count", " -7 ", -7),
    ("count", "+7", 7),
    ("count", str(2**31 - 1), 2**31 - 1),
    ("huge", str(-(2**63)), -(2**63)),
    ("tiny", "32767", 32767),
    ("price", "12.50", decimal.Decimal("12.50")),
    ("price", "999999.99", decimal.Decimal("999999.99")),
    ("price", "1e2", decimal.Decimal(100)),
    ("active", "1", True),
    ("active", "on", True),
    ("active", "0", False),
    ("active", "", False),
    ("colour", "deep_blue", Colour.DEEP_BLUE),
    ("level", "2", 2),
    ("born", "2026-02-28", datetime.date(2026, 2, 28)),
    ("opens", "18:30", datetime.time(18, 30)),
    ("opens", "18:30:15", datetime.time(18, 30, 15)),
    ("homepage", "https://example.com/a?b=c", "https://example.com/a?b=c"),
    ("homepage", "/help", "/help"),
    ("email", "a@b.example", "a@b.example"),
    ("api_token", " s p ", " s p "),
    ("settings", '{"a": [1, null]}', {"a": [1, None]}),
    ("settings", "false", False),
    ("photo", "covers/03.webp", "covers/03.webp"),
    ("manual_file", "docs/a.pdf", "docs/a.pdf"),
    ("owner", "7", "7"),
]


@pytest.mark.parametrize(("name", "text", "value"), TAKEN)
def test_takes(name: str, text: str, value: Any) -> None:
    found = read(name, text)
    assert found == value and type(found) is type(value)


REFUSED = [
    ("title", "x" * 61, "At most 60 characters; this has 61."),
    ("title", "a\0b", "can't be stored"),
    ("title", "\ud800", "can't be stored"),
    ("title", "\x1b[2J", "can't be stored"),
    ("title", "   ", "This is needed."),
    ("notes", "a\0", "can't be stored"),
    ("count", "1.5", "whole number"),
    ("count", "x", "whole number"),
    ("count", "٣", "whole number"),
    ("count", "1_000", "whole number"),
    ("count", str(2**31), "A number from -2147483648 to 2147483647"),
    ("count", "9" * 5000, "whole number"),
    ("huge", str(2**63), "A number from"),
    ("tiny", "-32769", "A number from -32768 to 32767"),
    ("price", "x", "like 12.50"),
    ("price", "NaN", "like 12.50"),
    ("price", "Infinity", "like 12.50"),
    ("price", "1e999999999", "."),
    ("price", "9" * 100, "like 12.50"),
    ("price", "0.001", "At most 6 digits before the point and 2 after it."),
    ("price", "1000000", "At most 6 digits before the point"),
    ("active", "maybe", "either on or off"),
    ("colour", "pink", "not one of the choices"),
    ("colour", "RED", "not one of the choices"),
    ("level", "3", "not one of the choices"),
    ("born", "2026-02-30", "2026-12-31"),
    ("born", "yesterday", "2026-12-31"),
    ("opens", "25:00", "18:30"),
    ("starts", "soon", "2026-12-31 18:30"),
    ("starts", "0001-01-01T00:00+14:00", "2026-12-31 18:30"),
    ("homepage", "javascript:alert(1)", "https://"),
    ("homepage", "//evil.example", "https://"),
    ("homepage", "/\\evil.example", "https://"),
    ("homepage", "https://", "https://"),
    ("homepage", "http://[::1", "https://"),
    ("homepage", "https://a b", "https://"),
    ("email", "a@b", "name@example.com"),
    ("email", "a b@c.example", "name@example.com"),
    ("email", "a@b.example, c@d.example", "name@example.com"),
    ("settings", "{", "line 1, column 2"),
    ("settings", "NaN", "not JSON"),
    ("settings", "[" * 100_000, "."),
    ("settings", '"\\u0000"', "can't be stored"),
    ("settings", '"\\ud800"', "not JSON"),
    ("settings", "1" * 5000, "not JSON"),
    ("photo", "../secret", "no file of ours"),
    ("photo", "/etc/passwd", "no file of ours"),
    ("photo", "https://example.com/a.png", "no file of ours"),
    ("manual_file", "a b", "no file of ours"),
]


@pytest.mark.parametrize(("name", "text", "sentence"), REFUSED, ids=[f"{n}-{t[:20]!r}" for n, t, _s in REFUSED])
def test_refuses_with_a_sentence(name: str, text: str, sentence: str) -> None:
    with pytest.raises(FieldError) as caught:
        read(name, text)
    assert sentence in str(caught.value.sentence)


@pytest.mark.parametrize(
    "name",
    ["code", "notes", "count", "price", "colour", "born", "opens", "starts", "homepage", "email", "settings", "photo"],
)
def test_a_blank_input_is_nothing_where_the_column_may_be_empty(name: str) -> None:
    assert read(name, "") is None
    assert read(name) is None
    with pytest.raises(FieldError):
        read(name, "", required=True)


def test_of_repeated_inputs_the_last_counts() -> None:
    assert read("title", "a", "b") == "b"
    assert read("active", "0", "1") is True  # the hidden companion, then the switch
    assert read("owner", "", "7") == "7"


def test_a_moment_is_typed_in_the_viewers_zone_and_stored_in_utc() -> None:
    assert read("starts", "2026-07-01T18:30", zone=BERLIN) == datetime.datetime(2026, 7, 1, 16, 30, tzinfo=datetime.UTC)
    assert read("starts", "2026-01-01 18:30", zone=BERLIN).hour == 17
    assert read("starts", "2026-01-01T18:30+08:00", zone=BERLIN).hour == 10
    assert (
        field("starts").text(datetime.datetime(2026, 7, 1, 16, 30, tzinfo=datetime.UTC), BERLIN) == "2026-07-01T18:30"
    )


def test_a_moment_that_the_clocks_skip_is_refused_with_the_one_meant() -> None:
    with pytest.raises(FieldError) as caught:
        read("starts", "2026-03-29T02:30", zone=BERLIN)
    assert "2026-03-29 03:30" in str(caught.value.sentence) and "Europe/Berlin" in str(caught.value.sentence)


def test_of_an_hour_that_comes_twice_the_first_is_meant_unless_said() -> None:
    assert read("starts", "2026-10-25T02:30", zone=BERLIN).hour == 0
    assert read("starts", "2026-10-25T02:30+01:00", zone=BERLIN).hour == 1


def test_relations_are_keys_each_once() -> None:
    assert read("parts", "2", "", "1", "2") == ["2", "1"]
    assert read("parts") == []
    with pytest.raises(FieldError):
        read("owner", "", required=True)


def test_several_choices_are_a_sorted_list_of_known_ones() -> None:
    chosen = ChoicesField("settings", options=(("a", "A"), ("b", "B"))).completed(GADGET)
    assert chosen.read(["b", "", "a", "b"], UTC) == ["a", "b"]
    with pytest.raises(FieldError):
        chosen.read(["c"], UTC)


SHOWN = [
    ("title", None, ""),
    ("title", "Tea", "Tea"),
    ("count", 0, "0"),
    ("price", decimal.Decimal("1E+2"), "100"),
    ("weight", 1e-7, "0.0000001"),
    ("active", True, "1"),
    ("active", False, "0"),
    ("active", None, "0"),
    ("colour", Colour.DEEP_BLUE, "deep_blue"),
    ("level", 2, "2"),
    ("born", datetime.date(2026, 2, 28), "2026-02-28"),
    ("opens", datetime.time(18, 30), "18:30"),
    ("opens", datetime.time(18, 30, 15), "18:30:15"),
    ("starts", datetime.datetime(2026, 1, 1, 12, 0, 5), "2026-01-01T12:00:05"),
    ("api_token", "hunter2", ""),
    ("settings", {"a": "茶"}, '{\n  "a": "茶"\n}'),
    ("settings", None, ""),
]


@pytest.mark.parametrize(("name", "value", "text"), SHOWN)
def test_shows(name: str, value: Any, text: str) -> None:
    assert field(name).text(value, UTC) == text


@pytest.mark.parametrize(("name", "_text", "value"), TAKEN)
def test_what_is_shown_can_be_sent_back(name: str, _text: str, value: Any) -> None:
    if name == "api_token":
        return  # never shown
    assert read(name, field(name).text(value, UTC)) == value


def test_a_whole_form_tells_all_its_errors_at_once() -> None:
    fields = [field(name) for name in ("title", "count", "price", "born")]
    sent = {"title": [""], "count": ["x"], "price": ["1.50"], "born": ["never"]}
    with pytest.raises(InputError) as caught:
        bind(fields, sent, UTC, creating=True)
    assert caught.value.errors.keys() == {"title", "count", "born"}


def test_what_a_form_does_not_carry_stays_untouched() -> None:
    fields = [field(name) for name in ("title", "count", "active", "api_token")]
    assert bind(fields, {"count": ["1"]}, UTC, creating=False) == {"count": 1}
    with pytest.raises(InputError):
        bind(fields, {"count": ["1"]}, UTC, creating=True)  # a needed one must come
    assert bind(fields, {"api_token": [""]}, UTC, creating=False) == {}  # a blank secret keeps the stored one


def test_read_only_fields_are_never_read() -> None:
    assert bind([field("count", read_only=True)], {"count": ["1"]}, UTC, creating=False) == {}


def test_a_field_of_ones_own_validates_by_parse() -> None:
    class Shout(TextField):
        def parse(self, text: str, zone: ZoneInfo) -> Any:
            if not text.isupper():
                raise FieldError("Louder!")
            return super().parse(text, zone)

    with pytest.raises(InputError) as caught:
        bind([Shout("title").completed(GADGET)], {"title": ["tea"]}, UTC, creating=True)
    assert caught.value.errors == {"title": "Louder!"}


def test_the_guessed_form_asks_for_what_people_may_set() -> None:
    names = [found.name for found in default_fields(GADGET)]
    assert "owner" in names and "owner_id" not in names and "id" not in names
    assert "rank" not in [found.name for found in default_fields(read_model(Step))]


def test_long_json_is_read_by_its_structure() -> None:
    assert read("settings", json.dumps(list(range(1000)))) == list(range(1000))
