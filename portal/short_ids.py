"""Short names for numbered rows, for addresses people pass on: `/e/JJKBXV`.

They look random and keep the count of rows off the address, but anybody with this source can read the number out
of them: a short id is no secret and no permission.
"""

_LETTERS = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
"""Base 58: nothing that is taken for something else when it is read out."""

_BASE = len(_LETTERS)
_VALUES = {letter: value for value, letter in enumerate(_LETTERS)}
_LENGTHS = (6, 8, 11)
"""Six letters do for the first 38 thousand million rows; eleven hold the rest of 63 bits."""

_LARGEST = 2**63 - 1
_FACTORS = (7_368_787_349_190_053_241, 6_364_136_223_846_793_005)
"""Odd and no multiples of 29, so that multiplying by them can be undone in base 58."""

_SHIFT = 7919


def short_id(number: int) -> str:
    """The short id of a row's number, the same for ever; each number has exactly one."""
    if not 0 <= number <= _LARGEST:
        raise ValueError(f"{number} is no number of a row.")
    for length in _LENGTHS:
        if number < _BASE**length:
            return _written(_mixed(number, length), length)
        number -= _BASE**length
    raise AssertionError("eleven letters hold every number of 63 bits")


def number_of(text: str) -> int | None:
    """The number a short id stands for; nothing for a text that is none."""
    if len(text) not in _LENGTHS or not all(letter in _VALUES for letter in text):
        return None
    number = _unmixed(_read(text), len(text))
    number += sum(_BASE**length for length in _LENGTHS if length < len(text))
    return number if number <= _LARGEST else None


def _mixed(number: int, length: int) -> int:
    """Spread neighbours: multiply, turn the digits around, so that the last ones rule the first, multiply again."""
    size: int = _BASE**length
    number = (number * _FACTORS[0] + _SHIFT) % size
    number = _turned(number, length)
    return (number * _FACTORS[1] + _SHIFT) % size


def _unmixed(number: int, length: int) -> int:
    size: int = _BASE**length
    number = (number - _SHIFT) * pow(_FACTORS[1], -1, size) % size
    number = _turned(number, length)
    return (number - _SHIFT) * pow(_FACTORS[0], -1, size) % size


def _turned(number: int, length: int) -> int:
    return _read(_written(number, length)[::-1])


def _written(number: int, length: int) -> str:
    letters = []
    for _ in range(length):
        number, digit = divmod(number, _BASE)
        letters.append(_LETTERS[digit])
    return "".join(reversed(letters))


def _read(text: str) -> int:
    number = 0
    for letter in text:
        number = number * _BASE + _VALUES[letter]
    return number
