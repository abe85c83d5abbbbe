"""Joins our CSS and JavaScript entry files from the parts they import, so that a page asks for few files.

An entry is an ordinary file that browsers understand alone, and in debug it is served as it stands:

    portal.css       @import url("css/tokens.css");      layers first, then one line a component, in order
    js/portal.js     import './theme.js';                one line a behaviour

A behaviour that exports nothing is set into a block of the entry; what it imports by name is hoisted and
fetched once. Everything else stays an import.
"""

import re
from collections.abc import Callable

Read = Callable[[str], str | None]
"""The text of a static file by its path, or None."""

CSS_IMPORT = re.compile(r'^@import url\("([\w./-]+)"\);[ \t]*\n?', re.MULTILINE)
CSS_COMMENT = re.compile(r'("(?:[^"\\]|\\.)*"|\'(?:[^\'\\]|\\.)*\')|/\*.*?\*/', re.DOTALL)
BLANK_LINES = re.compile(r"\n\s*\n+")

BARE_IMPORT = re.compile(r"^import '\./([\w-]+\.js)';$")
NAMED_IMPORT = re.compile(r"^import \{ ([\w, ]+) \} from '(\./[\w-]+\.js)';$")


def join_css(text: str, read: Read) -> str:
    """The style sheet with the files it imports in their places, without comments."""

    def part(found: re.Match[str]) -> str:
        return read(found[1]) or found[0]

    joined = CSS_COMMENT.sub(lambda found: found[1] or "", CSS_IMPORT.sub(part, text))
    return BLANK_LINES.sub("\n", joined).strip() + "\n"


def join_js(text: str, read: Read) -> str:
    """The module with the behaviours it imports inside it."""
    names: dict[str, list[str]] = {}
    body: list[str] = []
    for line in text.splitlines():
        bare = BARE_IMPORT.match(line)
        inlined = block(read(f"js/{bare[1]}"), names) if bare else None
        if inlined is not None:
            body += inlined
        elif not hoisted(line, names):
            body.append(line)
    imports = [f"import {{ {', '.join(wanted)} }} from '{path}';" for path, wanted in names.items()]
    return "\n".join([*imports, *(line for line in body if kept(line))]) + "\n"


def block(text: str | None, names: dict[str, list[str]]) -> list[str] | None:
    """A behaviour as a block scope of its own, or None when it has to stay a module."""
    if text is None:
        return None
    lines = text.splitlines()
    if any(line.startswith("export ") or BARE_IMPORT.match(line) for line in lines):
        return None
    return ["{", *(line for line in lines if not hoisted(line, names)), "}"]


def hoisted(line: str, names: dict[str, list[str]]) -> bool:
    """Whether the line is an import by name, which then is remembered for the head of the module."""
    found = NAMED_IMPORT.match(line)
    if found is None:
        return False
    wanted = names.setdefault(found[2], [])
    wanted += [name for name in found[1].split(", ") if name not in wanted]
    return True


def kept(line: str) -> bool:
    """Comments on lines of their own and blank lines are left out."""
    bare = line.strip()
    return bool(bare) and not bare.startswith("//")
