"""Tells the passwords that are tried first: well-known words with digits, keyboard walks, repetitions.

The commonest published passwords are nearly all made by these few patterns, so the patterns are refused with
everything they could have made; `common_words.txt` holds the words.
"""

import itertools
import re
import unicodedata
from collections.abc import Collection, Sequence
from functools import cache
from pathlib import Path

_WORDS_FILE = Path(__file__).with_name("common_words.txt")

_LEET = (
    str.maketrans("013457@$!|+", "oleastasiit"),
    str.maketrans("013457@$!|+", "oieastaslit"),
)
"""Digits that stand for letters; 1 is read both ways."""

_SHIFTED = str.maketrans('!@#$%^&*()_+{}|:"<>?~', "1234567890-=[]\\;',./`")

_WALKS = (
    "`1234567890-=",
    "qwertyuiop[]\\",
    "asdfghjkl;'",
    "zxcvbnm,./",
    "abcdefghijklmnopqrstuvwxyz",
    "9876543210",
    *("1qaz", "2wsx", "3edc", "4rfv", "5tgb", "6yhn", "7ujm", "8ik,", "9ol.", "0p;/"),
)
_STEPS = frozenset(
    pair for walk in _WALKS for left, right in itertools.pairwise(walk) for pair in (left + right, right + left)
)

_MOST_STEPS = 0.7
"""Above this share of neighbouring or equal keys a password is a walk over the keyboard."""

_LONGEST_BLOCK = 4
_FEWEST_DIFFERENT = 4
_MOST_WORDS = 2
"""A password needs more different words than this to be a pass phrase."""


def is_guessable(password: str, names: Sequence[str] = ()) -> bool:
    """Whether somebody who knows the owner's names and no more would soon try this one."""
    folded = unicodedata.normalize("NFKC", password).casefold()
    return _is_repetition(folded) or _is_walk(folded) or _is_few_words(folded, names)


def _is_repetition(text: str) -> bool:
    return len(set(text)) < _FEWEST_DIFFERENT or any(
        all(character == text[place % size] for place, character in enumerate(text))
        for size in range(1, _LONGEST_BLOCK + 1)
    )


def _is_walk(text: str) -> bool:
    plain = text.translate(_SHIFTED)
    pairs = [left + right for left, right in itertools.pairwise(plain)]
    return sum(pair in _STEPS or pair[0] == pair[1] for pair in pairs) >= _MOST_STEPS * len(pairs)


def _is_few_words(text: str, names: Sequence[str]) -> bool:
    words = _common_words() | {_letters(name.casefold()) for name in names} - {""}
    readings = {_letters(text), *(_letters(text.translate(leet)) for leet in _LEET)}
    # Digits at the end are a year or a count more often than letters in disguise.
    ended = re.sub(r"[\W\d_]+$", "", text)
    readings |= {_letters(ended.translate(leet)) for leet in _LEET}
    return any(reading and _is_made_of(reading, words) for reading in readings)


def _letters(text: str) -> str:
    return "".join(character for character in text if character.isalpha())


def _is_made_of(text: str, words: Collection[str]) -> bool:
    """Whether the text is nothing but at most two different words, however often repeated."""
    ways: list[set[frozenset[str]]] = [{frozenset()}, *(set() for _ in text)]
    longest = max(map(len, words))
    for end in range(1, len(text) + 1):
        for start in range(max(0, end - longest), end):
            if ways[start] and (word := text[start:end]) in words:
                ways[end] |= {way | {word} for way in ways[start] if len(way | {word}) <= _MOST_WORDS}
    return bool(ways[-1])


@cache
def _common_words() -> frozenset[str]:
    lines = _WORDS_FILE.read_text(encoding="utf-8").splitlines()
    return frozenset(line for line in lines if line and not line.startswith("#"))
