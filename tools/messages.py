"""The portal's texts and their translations: `python tools/messages.py extract | check | update`.

`extract` lists every text of the sources with the files it stands in, `update` brings the catalogues up to it
(new texts empty, gone ones dropped), `check` tells what is left to translate; a test runs the same check.
A catalogue is sorted and carries neither dates nor line numbers, so that a change shows what changed.
"""

import argparse
import io
import re
import string
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract
from babel.messages.pofile import read_po, write_po
from jinja2.ext import babel_extract

ROOT = Path(__file__).resolve().parent.parent
LOCALES = ("zh_CN",)
"""English is in the sources."""

KEYWORDS: Mapping[str, tuple[int, ...] | None] = {"_": None, "gettext": None, "ngettext": (1, 2)}
MENU_KEYS = ("label", "group")
HEADER = """\
# The portal's texts in {locale}; see docs/translations.md.
msgid ""
msgstr ""
"Language: {locale}\\n"
"Plural-Forms: nplurals={forms}; plural={expression};\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Content-Transfer-Encoding: 8bit\\n"

"""

Id = str | tuple[str, str]
"""A text, or one and many of it."""


@dataclass(frozen=True)
class Fault:
    """One text of a catalogue that is not as it should be."""

    kind: str
    """missing, fuzzy, obsolete or places."""
    message: str

    def __str__(self) -> str:
        return f"{self.kind}: {self.message!r}"


def sources(root: Path = ROOT) -> Iterator[tuple[Path, Any]]:
    """The files that hold texts, each with its way to read them."""
    for room in ("portal", "api", "codegen"):
        yield from ((path, "python") for path in sorted((root / room).rglob("*.py")))
    for path in sorted((root / "portal" / "templates").rglob("*")):
        if path.suffix in {".html", ".txt", ".svg"}:
            yield path, babel_extract
    yield root / "portal" / "menu.yaml", _menu_labels


def extracted(root: Path = ROOT) -> dict[Id, list[str]]:
    """Every text of the sources, and the files it stands in."""
    found: dict[Id, list[str]] = {}
    for path, method in sources(root):
        options = {"trimmed": "true", "silent": "false"} if method is babel_extract else {}
        with path.open("rb") as file:
            for _line, message, _comments, _context in extract(method, file, KEYWORDS, options=options):
                places = found.setdefault(message if isinstance(message, str) else (message[0], message[1]), [])
                name = path.relative_to(root).as_posix()
                if name not in places:
                    places.append(name)
    found.pop("", None)
    return found


def read(locale: str, root: Path = ROOT) -> Catalog:
    """The catalogue of a locale; an empty one if there is none yet."""
    path = catalogue_path(locale, root)
    if not path.is_file():
        return Catalog(locale=locale)
    with path.open("rb") as file:
        return read_po(file, locale=locale)


def catalogue_path(locale: str, root: Path = ROOT) -> Path:
    """Where the texts of a locale are kept."""
    return root / "portal" / "locale" / locale / "LC_MESSAGES" / "portal.po"


def faults(catalogue: Catalog, ids: Mapping[Id, list[str]]) -> list[Fault]:
    """What is missing, unsure, left over, or names other places to fill than the original."""
    found: list[Fault] = []
    for id_ in ids:
        message = _find(catalogue, id_)
        if message is None or not all(_strings(message)):
            found.append(Fault("missing", _one(id_)))
        elif message.fuzzy:
            found.append(Fault("fuzzy", _one(id_)))
        elif any(places(text) != places(_many(id_)) for text in _strings(message)):
            found.append(Fault("places", _one(id_)))
    kept = {_one(id_) for id_ in ids}
    left = [*(message for message in catalogue if message.id), *catalogue.obsolete.values()]
    found += [Fault("obsolete", _one(message.id)) for message in left if _one(message.id) not in kept]
    return found


def updated(catalogue: Catalog, ids: Mapping[Id, list[str]]) -> Catalog:
    """The same translations for exactly the texts of the sources."""
    result = Catalog(locale=catalogue.locale, fuzzy=False)
    for id_ in ids:
        known = _find(catalogue, id_)
        result.add(id_, known.string if known else "", flags=known.flags if known else ())
    return result


def written(catalogue: Catalog, locale: str) -> str:
    """The text of the catalogue's file."""
    for message in catalogue:
        message.flags &= {"fuzzy"}  # the format flags are guesses of Babel's and differ between its versions
    buffer = io.BytesIO()
    write_po(buffer, catalogue, width=110, no_location=True, omit_header=True, sort_output=True)
    header = HEADER.format(locale=locale, forms=catalogue.num_plurals, expression=catalogue.plural_expr)
    return header + buffer.getvalue().decode().strip() + "\n"


def places(text: str) -> frozenset[str]:
    """The names to be filled in: `{n}` of Python texts, `%(n)s` of templates."""
    try:
        braces = {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}
    except ValueError:  # braces that are only braces
        braces = set()
    return frozenset(braces | set(re.findall(r"%\((\w+)\)", text)))


def _menu_labels(
    file: Any, keywords: Any, comment_tags: Any, options: Any
) -> Iterator[tuple[int, str, str, list[str]]]:
    def labels(node: yaml.Node | None) -> Iterator[yaml.ScalarNode]:
        for child in node.value if isinstance(node, yaml.CollectionNode) else ():
            if not isinstance(child, tuple):
                yield from labels(child)
            elif child[0].value in MENU_KEYS and isinstance(child[1], yaml.ScalarNode):
                yield child[1]
            else:
                yield from labels(child[1])

    for label in labels(yaml.compose(file.read().decode(), Loader=yaml.SafeLoader)):
        yield label.start_mark.line + 1, "_", label.value, []


def _find(catalogue: Catalog, id_: Id) -> Message | None:
    message = catalogue.get(_one(id_))
    # A text that got a plural, or lost it, has to be translated again.
    return message if message is not None and isinstance(message.id, str) == isinstance(id_, str) else None


def _strings(message: Message) -> tuple[str, ...]:
    texts = message.string or ""
    return (texts,) if isinstance(texts, str) else tuple(texts)


def _one(id_: Any) -> str:
    return str(id_) if isinstance(id_, str) else str(id_[0])


def _many(id_: Id) -> str:
    return id_ if isinstance(id_, str) else id_[1]


def main(arguments: list[str] | None = None) -> int:
    """Run one of the three commands; 1 if `check` finds faults."""
    parser = argparse.ArgumentParser(prog="messages", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("command", choices=("extract", "check", "update"))
    command = parser.parse_args(arguments).command
    ids = extracted()
    if command == "extract":
        for id_ in sorted(ids, key=_one):
            print(f"{_one(id_)!r}  {', '.join(ids[id_])}")
        return 0
    failed = False
    for locale in LOCALES:
        catalogue = read(locale)
        if command == "update":
            path = catalogue_path(locale)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(written(updated(catalogue, ids), locale), encoding="utf-8")
            catalogue = read(locale)
        for fault in faults(catalogue, ids):
            failed = True
            print(f"{locale} {fault}")
    return 1 if failed and command == "check" else 0


if __name__ == "__main__":
    sys.exit(main())
