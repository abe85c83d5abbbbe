"""Documentation that can't go stale: `python tools/docs.py` checks it, `--write` brings it up to date.

Pages that are made from the code must be as the code makes them, and a link to a file, or to a heading in
one, must lead somewhere.
"""

import re
import sys
from collections.abc import Iterator
from pathlib import Path

from error_page import errors_page

ROOT = Path(__file__).resolve().parent.parent
LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
CODE = re.compile(r"^```.*?^```|`[^`\n]*`", re.MULTILINE | re.DOTALL)
HEADING = re.compile(r"^#+ +(.+?) *$", re.MULTILINE)

SETTINGS_HEAD = """\
# Settings

Made by `make docs ARGS=--write` from `portal/settings.py`.

A setting has a default, which `fastor.toml` in the current folder overrides (`language = "zh-CN"`), which a
variable of the environment overrides (`FASTOR_LANGUAGE=zh-CN`). Lists are lists in the file and separated by
commas in a variable; an empty variable counts as none. Unknown names and impossible values stop the start.

As long as the portal listens on an address of this machine alone, or `debug` is on, it is in development:
then `secret`, `base_url` and `hosts` may be left out. Otherwise they are obligatory. `<var>` is the folder
of that name.

| name | variable | default | what it is |
|---|---|---|---|
"""


def main(arguments: list[str]) -> int:
    generated = {
        ROOT / "docs" / "settings.md": settings_page(),
        ROOT / "docs" / "api" / "errors.md": errors_page(),
    }
    if "--write" in arguments:
        for path, text in generated.items():
            path.write_text(text, encoding="utf-8")
    complaints = [*stale(generated), *broken_links()]
    print("\n".join(complaints) or "docs: up to date, no broken link")
    return 1 if complaints else 0


def settings_page() -> str:
    from portal.settings import settings_table

    rows = [f"| `{row.name}` | `{row.variable}` | {_code(row.default)} | {row.help} |\n" for row in settings_table()]
    return SETTINGS_HEAD + "".join(rows)


def _code(default: str) -> str:
    """A value is set as code, a sentence about it is not."""
    return f"`{default}`" if default and " " not in default else default


def stale(generated: dict[Path, str]) -> Iterator[str]:
    for path, text in generated.items():
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            yield f"{path.relative_to(ROOT)} is out of date: make docs ARGS=--write"


def broken_links() -> Iterator[str]:
    for page in sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")]):
        for link in LINK.findall(CODE.sub("", page.read_text(encoding="utf-8"))):
            if re.match(r"[a-z]+:", link):
                continue
            name, _, anchor = link.partition("#")
            target = (page.parent / name).resolve() if name else page
            if not target.exists():
                yield f"{page.relative_to(ROOT)}: {link} is not there"
            elif anchor and anchor not in _anchors(target):
                yield f"{page.relative_to(ROOT)}: {link} has no such heading"


def _anchors(page: Path) -> set[str]:
    headings = HEADING.findall(page.read_text(encoding="utf-8"))
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
