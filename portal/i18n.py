"""Texts in the reader's language.

`_("Title")` is lazy: it may stand in a class body and turns into words when it is shown, in the language
that is active then. The English text is the message id; catalogues are the `portal.po` files of the locale
folders, read at start-up, a project's lying over the portal's.
"""

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from contextvars import ContextVar
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

LANGUAGES: Mapping[str, str] = {"en": "English", "zh-CN": "简体中文"}
"""Language tags on offer and their names for themselves."""

LOCALE_FOLDER = Path(__file__).parent / "locale"


@dataclass(frozen=True)
class Catalogue:
    """The texts of one language; a missing one is shown in English."""

    language: str = "en"
    messages: Mapping[str, tuple[str, ...]] = field(default_factory=dict, repr=False)
    plural_forms: int = 2

    def singular(self, message: str) -> str:
        found = self.messages.get(message)
        return found[0] if found else message

    def plural(self, one: str, many: str, count: int) -> str:
        found = self.messages.get(one)
        if not found:
            return one if count == 1 else many
        return found[0] if len(found) == 1 or count == 1 else found[1]


ENGLISH = Catalogue()

active: ContextVar[Catalogue] = ContextVar("catalogue", default=ENGLISH)


@contextlib.contextmanager
def use(catalogue: Catalogue) -> Iterator[None]:
    """Show texts in the language of `catalogue` inside the block."""
    token = active.set(catalogue)
    try:
        yield
    finally:
        active.reset(token)


class Text:
    """A text that is not translated before somebody reads it."""

    __slots__ = ("_values", "code", "message")

    def __init__(self, message: str, values: Mapping[str, Any] | None = None, code: str | None = None) -> None:
        self.message = message
        self.code = code
        self._values = values

    def __str__(self) -> str:
        text = active.get().singular(self.message)
        return text.format(**self._values) if self._values else text

    def format(self, **values: Any) -> "Text":
        """The same text with its `{places}` filled, still lazy."""
        return Text(self.message, {**(self._values or {}), **values}, self.code)

    def coded(self, code: str) -> "Text":
        """The same text with a stable code, by which programs know the mistake that it tells of."""
        return Text(self.message, self._values, code)

    def __repr__(self) -> str:
        return f"_({self.message!r})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Text) and (self.message, self._values) == (other.message, other._values)

    def __hash__(self) -> int:
        return hash(self.message)

    def __bool__(self) -> bool:
        return bool(self.message)


def _(message: str) -> Text:
    """Mark a text for translation; it is rendered when shown."""
    return Text(message)


def gettext(message: str, **values: Any) -> str:
    """The text in the active language, at once."""
    text = active.get().singular(message)
    return text.format(**values) if values else text


def ngettext(one: str, many: str, count: int, **values: Any) -> str:
    """The text for this many, `{n}` filled with the number."""
    return active.get().plural(one, many, count).format(n=count, **values)


class Translations:
    """The catalogues of the given locale folders; a later folder wins, text by text."""

    def __init__(self, folders: Sequence[Path] = (LOCALE_FOLDER,)) -> None:
        self._catalogues = {tag: _read(tag, folders) for tag in LANGUAGES}

    def get(self, language: str) -> Catalogue:
        """The catalogue of a language tag; English where there is none."""
        return self._catalogues.get(language) or self._catalogues["en"]


def _read(language: str, folders: Sequence[Path]) -> Catalogue:
    from babel.messages.pofile import read_po

    messages: dict[str, tuple[str, ...]] = {}
    for folder in folders:
        path = folder / language.replace("-", "_") / "LC_MESSAGES" / "portal.po"
        if not path.is_file():
            continue
        with path.open("rb") as file:
            for message in read_po(file):
                if not message.id or message.fuzzy:
                    continue
                key = message.id if isinstance(message.id, str) else message.id[0]
                texts = (message.string,) if isinstance(message.string, str) else tuple(message.string or ())
                if texts and all(texts):
                    messages[key] = texts
    return Catalogue(language, messages)
