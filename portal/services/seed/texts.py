"""The hand-written building blocks of the sample content, read from the YAML files beside this module."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

FOLDER = Path(__file__).parent


@dataclass(frozen=True)
class Section:
    """One category: what its articles are called and what they are made of."""

    name: str
    slug: str
    language: str
    titles: tuple[str, ...]
    """Finished ones first, then what `patterns` and `subjects` make together."""
    openings: tuple[str, ...]
    paragraphs: tuple[str, ...]
    closings: tuple[str, ...]
    headings: tuple[str, ...]
    tags: tuple[str, ...]


@cache
def sections() -> tuple[Section, ...]:
    """All categories, Chinese and English by turns, as an editor would have put them."""
    chinese, english = _sections("zh"), _sections("en")
    mixed = [section for pair in zip(chinese, english, strict=False) for section in pair]
    return tuple(mixed + chinese[len(english) :])


@cache
def tags() -> tuple[str, ...]:
    """The names of all tags."""
    return tuple(name for language in ("zh", "en") for name in _read(f"texts_{language}.yaml")["tags"])


@cache
def banner_titles() -> dict[str, list[str]]:
    """Placement to titles, in their order."""
    titles: dict[str, list[str]] = _read("banners.yaml")
    return titles


@cache
def nicknames() -> dict[str, list[str]]:
    """Sex to nicknames."""
    names: dict[str, list[str]] = _read("people.yaml")
    return names


def _sections(language: str) -> list[Section]:
    texts = _read(f"texts_{language}.yaml")
    return [
        Section(
            name=given["name"],
            slug=given["slug"],
            language=language,
            titles=(*given["titles"], *_made_titles(given["patterns"], given["subjects"])),
            openings=tuple(given["openings"]),
            paragraphs=tuple(given["paragraphs"]),
            closings=tuple(given["closings"]),
            headings=tuple(texts["headings"]),
            tags=tuple(texts["tags"]),
        )
        for given in texts["sections"]
    ]


def _made_titles(patterns: list[str], subjects: list[str]) -> list[str]:
    made = [pattern.replace("{x}", subject) for subject in subjects for pattern in patterns]
    return [title[0].upper() + title[1:] for title in made]


def _read(name: str) -> Any:
    return yaml.safe_load((FOLDER / name).read_text(encoding="utf-8"))
