"""What a model may say of its columns, for `mapped_column(info=…)` and `relationship(info=…)`.

Each helper returns the dictionary that SQLAlchemy's `info` wants, with one frozen `Facts` in it, so that a
model stays free of any portal object and a mistyped argument is a type error:

    title: Mapped[str] = mapped_column(String(200), info=ui(label=_("Title"), search=True))
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from portal.i18n import Text

KEY = "fastor"
"""The one key of `info` that is ours."""

Tone = Literal["ok", "warn", "bad", "info", "muted"]
Label = str | Text


@dataclass(frozen=True)
class FileFacts:
    """What a column takes of files; what is left `None` is the default of `portal.uploads.rules`."""

    folder: str = ""
    """Where the media library files them."""
    formats: tuple[str, ...] | None = None
    """Endings without a dot: `jpg png gif webp`, `pdf docx xlsx zip mp3 mp4`."""
    max_mb: float | None = None
    max_pixels: int | None = None
    """Width times height."""
    ratio: str | None = None
    """Width to height, as in `16:9`: pictures are cut to it."""
    sizes: tuple[tuple[str, int, int], ...] = ()
    """Smaller copies besides the standard ones: a name and the box they fit into, in pixels."""
    private: bool = False
    """Only for people who may see the row; everything else is open to whoever has its address."""
    most: int | None = None
    """Files in a gallery."""


@dataclass(frozen=True)
class Facts:
    """All that is declared of one column; what is left `None` is guessed from type and name."""

    label: Label | None = None
    help: Label | None = None
    kind: str | None = None
    """The kind of field, a key of `portal.kit.fields.KINDS`: `image`, `rich_text`, `secret` …"""
    search: bool | None = None
    """Found by the search box of the list."""
    choices: tuple[tuple[Any, Label], ...] | None = None
    """Value and label, in the order shown; an enum column names its members without it."""
    badge: tuple[tuple[Any, Tone], ...] | None = None
    inline: bool | None = None
    """May be changed in the list."""
    within: str | None = None
    """For `ordering`: the attribute whose rows are ordered among themselves."""
    file: FileFacts | None = None
    """For `image`, `gallery`, `file` and the pictures of `rich_text`."""
    prefix: str | None = None
    """Shown in front of the input: `/news/`."""
    slug_from: str | None = None
    """The attribute this one is written after while it is untouched."""
    aside: bool | None = None
    """On the edit page: in the narrow column beside the content."""


def ui(
    *,
    label: Label | None = None,
    help: Label | None = None,
    search: bool | None = None,
    choices: Mapping[Any, Label] | None = None,
    badge: Mapping[Any, Tone] | None = None,
    inline: bool | None = None,
    prefix: str | None = None,
    slug_from: str | None = None,
    aside: bool | None = None,
    kind: str | None = None,
) -> dict[str, Facts]:
    """How a column is called and shown."""
    return {
        KEY: Facts(
            label=label,
            help=help,
            kind=kind,
            search=search,
            choices=tuple(choices.items()) if choices is not None else None,
            badge=tuple(badge.items()) if badge is not None else None,
            inline=inline,
            prefix=prefix,
            slug_from=slug_from,
            aside=aside,
        )
    }


def image(
    *,
    label: Label | None = None,
    help: Label | None = None,
    folder: str = "",
    ratio: str | None = None,
    max_mb: float | None = None,
    max_pixels: int | None = None,
    formats: Sequence[str] | None = None,
    sizes: Mapping[str, tuple[int, int]] | None = None,
    private: bool = False,
) -> dict[str, Facts]:
    """A text column that holds the key of a stored picture. `ratio` reads `16:9`; `sizes` names smaller copies."""
    found = FileFacts(folder, _named(formats), max_mb, max_pixels, ratio, _boxes(sizes), private)
    return {KEY: Facts(label=label, help=help, kind="image", file=found)}


def gallery(
    *,
    label: Label | None = None,
    help: Label | None = None,
    folder: str = "",
    ratio: str | None = None,
    max_mb: float | None = None,
    max_pixels: int | None = None,
    formats: Sequence[str] | None = None,
    sizes: Mapping[str, tuple[int, int]] | None = None,
    private: bool = False,
    most: int | None = None,
) -> dict[str, Facts]:
    """A JSON column that holds the keys of stored pictures, in the order they are shown; `most` is how many."""
    found = FileFacts(folder, _named(formats), max_mb, max_pixels, ratio, _boxes(sizes), private, most)
    return {KEY: Facts(label=label, help=help, kind="gallery", file=found)}


def file(
    *,
    label: Label | None = None,
    help: Label | None = None,
    folder: str = "",
    max_mb: float | None = None,
    formats: Sequence[str] | None = None,
    private: bool = False,
) -> dict[str, Facts]:
    """A text column that holds the key of a stored file: a document, an archive, sound, a film."""
    found = FileFacts(folder, _named(formats), max_mb, private=private)
    return {KEY: Facts(label=label, help=help, kind="file", file=found)}


def rich_text(
    *, label: Label | None = None, help: Label | None = None, folder: str = "", max_mb: float | None = None
) -> dict[str, Facts]:
    """A long text with headings, pictures and links; never read for a list. Its pictures are filed in `folder`."""
    return {KEY: Facts(label=label, help=help, kind="rich_text", file=FileFacts(folder, max_mb=max_mb))}


def ordering(*, within: str | None = None, label: Label | None = None) -> dict[str, Facts]:
    """A number that rows are dragged into order by, among those that share `within`."""
    return {KEY: Facts(label=label, kind="position", within=within)}


def secret(*, label: Label | None = None, help: Label | None = None) -> dict[str, Facts]:
    """A text that may be set and is never shown, listed, searched or sent."""
    return {KEY: Facts(label=label, help=help, kind="secret")}


def choices(
    options: Mapping[Any, Label],
    *,
    label: Label | None = None,
    help: Label | None = None,
    badge: Mapping[Any, Tone] | None = None,
    inline: bool | None = None,
) -> dict[str, Facts]:
    """A column that holds one of these values."""
    return ui(label=label, help=help, choices=options, badge=badge, inline=inline)


def _named(formats: Sequence[str] | None) -> tuple[str, ...] | None:
    return None if formats is None else tuple(formats)


def _boxes(sizes: Mapping[str, tuple[int, int]] | None) -> tuple[tuple[str, int, int], ...]:
    return tuple((name, *box) for name, box in (sizes or {}).items())


NOTHING = Facts()


def facts_of(info: Mapping[Any, Any]) -> Facts:
    """The facts in a column's or relationship's `info`; empty ones where nothing is declared."""
    found = info.get(KEY, NOTHING)
    return found if isinstance(found, Facts) else NOTHING
