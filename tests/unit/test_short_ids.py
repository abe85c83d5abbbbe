"""Short ids: a fixed bijection between the numbers of rows and texts for addresses."""

import random

import pytest

from portal.short_ids import number_of, short_id

LARGEST = 2**63 - 1
SIX, EIGHT = 58**6, 58**6 + 58**8
EDGES = [0, 1, SIX - 1, SIX, SIX + 1, EIGHT - 1, EIGHT, LARGEST - 1, LARGEST]


def test_every_number_of_63_bits_comes_back():
    chance = random.Random(1)
    numbers = [*EDGES, *range(5000), *(chance.randrange(LARGEST) for _ in range(5000))]
    assert [number_of(short_id(number)) for number in numbers] == numbers


def test_ids_differ_and_never_change():
    assert len({short_id(number) for number in range(20_000)}) == 20_000
    assert [short_id(number) for number in (0, 1, 2, LARGEST)] == PINNED


PINNED = ["uHX3MY", "JJKBXV", "sdNKhS", "DoKCdksvKMf"]
"""What stands in links out there."""


@pytest.mark.parametrize(("number", "length"), [(1, 6), (SIX - 1, 6), (SIX, 8), (EIGHT - 1, 8), (EIGHT, 11)])
def test_big_numbers_have_longer_ids(number: int, length: int):
    assert len(short_id(number)) == length


def test_neighbours_look_nothing_alike():
    shared = [sum(a == b for a, b in zip(short_id(n), short_id(n + 1), strict=True)) for n in range(1, 2000)]
    assert sum(shared) / len(shared) < 0.5


@pytest.mark.parametrize("text", ["", "1", "11111", "1111111", "O0Il11", "111 11", "é11111", "zzzzzzzzzzz", "1" * 400])
def test_what_is_no_short_id_is_nothing(text: str):
    assert number_of(text) is None


def test_each_number_has_one_spelling():
    chance = random.Random(2)
    letters = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
    for length in (6, 8, 11):
        for _ in range(2000):
            text = "".join(chance.choices(letters, k=length))
            number = number_of(text)
            assert number is None or short_id(number) == text


@pytest.mark.parametrize("number", [-1, LARGEST + 1])
def test_a_number_no_row_can_have_is_refused(number: int):
    with pytest.raises(ValueError, match="no number of a row"):
        short_id(number)
