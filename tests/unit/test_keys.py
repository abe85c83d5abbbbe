"""Keys as they travel in addresses."""

import datetime
import itertools
import uuid

import pytest
from sqlalchemy import Date, Enum, Integer, String, Uuid
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from portal.db.mapping import RESERVED, ModelMapping, decode_key, encode_key
from portal.errors import NotFound
from tests.pages.lab import Colour


class Keyed(DeclarativeBase):
    pass


class Word(Keyed):
    __tablename__ = "word"
    word: Mapped[str] = mapped_column(String(60), primary_key=True)


class Number(Keyed):
    __tablename__ = "number"
    id: Mapped[int] = mapped_column(Integer, primary_key=True)


class Shelf(Keyed):
    __tablename__ = "shelf"
    region: Mapped[str] = mapped_column(String(20), primary_key=True)
    day: Mapped[datetime.date] = mapped_column(Date, primary_key=True)
    colour: Mapped[Colour] = mapped_column(Enum(Colour), primary_key=True)
    id: Mapped[uuid.UUID] = mapped_column(Uuid, primary_key=True)


ODD = [
    "a",
    "/",
    "%",
    "~",
    "~~",
    ".",
    "..",
    "...",
    "a/b",
    "a%2Fb",
    "%25",
    "a~b",
    "~a",
    "a~",
    "茶",
    "new",
    "a b",
    "?#&=",
    "\\",
]


@pytest.mark.parametrize("text", [*ODD, *sorted(RESERVED), "~new", "New", "order~"])
def test_a_key_of_one_part_comes_back(text: str) -> None:
    assert decode_key(encode_key([text])) == [text]
    assert ModelMapping(Word).key_values(encode_key([text])) == {"word": text}


@pytest.mark.parametrize("parts", list(itertools.product(ODD, repeat=2)), ids=repr)
def test_a_key_of_two_parts_comes_back(parts: tuple[str, str]) -> None:
    assert decode_key(encode_key(parts)) == list(parts)


def test_keys_of_several_parts_are_told_apart() -> None:
    parts = list(itertools.product(ODD, repeat=2))
    singles = [(text,) for text in ODD]
    assert len({encode_key(values) for values in parts}) == len(parts)
    assert len({encode_key(values) for values in singles}) == len(singles)


def test_no_key_is_a_word_of_the_address_space_or_a_step_of_a_path() -> None:
    for text in [*ODD, *RESERVED]:
        encoded = encode_key([text])
        assert encoded not in RESERVED | {".", "..", ""}
        assert "/" not in encoded


def test_reserved_words_get_a_tilde() -> None:
    assert encode_key(["new"]) == "~new"
    assert encode_key(["news"]) == "news"


def test_parts_have_their_types_again() -> None:
    values = ["a~b", datetime.date(2026, 3, 1), Colour.DEEP_BLUE, uuid.UUID(int=7)]
    mapping = ModelMapping(Shelf)
    text = mapping.key_of(Shelf(region=values[0], day=values[1], colour=values[2], id=values[3]))
    assert text == "a%7Eb~2026-03-01~deep_blue~00000000-0000-0000-0000-000000000007"
    assert list(mapping.key_values(text).values()) == values


@pytest.mark.parametrize(
    "text",
    ["", "x", "1.5", "07", "+7", " 7", "7 ", "1_000", "٣", "9" * 30, str(2**31), "1~2", "\0", "7\0", "~", "-0", "0x1"],
)
def test_what_is_no_whole_number_leads_nowhere(text: str) -> None:
    with pytest.raises(NotFound):
        ModelMapping(Number).key_values(text)


@pytest.mark.parametrize("text", ["7", "-7", "0", str(2**31 - 1)])
def test_whole_numbers_are_keys(text: str) -> None:
    assert ModelMapping(Number).key_values(text) == {"id": int(text)}


@pytest.mark.parametrize("text", ["", "a\0b", "\ud800", "%00", "x" * 600, "a~b"])
def test_what_no_database_takes_leads_nowhere(text: str) -> None:
    with pytest.raises(NotFound):
        ModelMapping(Word).key_values(text)


@pytest.mark.parametrize(
    "text", ["a~2026-03-01~red", "a~tomorrow~red~1", "a~2026-03-01~pink~" + "0" * 32, "a~2026-03-01~red~zz"]
)
def test_parts_of_the_wrong_type_lead_nowhere(text: str) -> None:
    with pytest.raises(NotFound):
        ModelMapping(Shelf).key_values(text)
