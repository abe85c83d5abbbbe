"""Each kind of mistake has one number, and its number is documented."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]


def numbers(*files: Path) -> set[str]:
    return {found for file in files for found in re.findall(r"\bP\d{3}\b", file.read_text(encoding="utf-8"))}


def test_every_number_of_the_code_is_documented_and_the_other_way_round():
    code = numbers(*(ROOT / "portal").rglob("*.py")) - numbers(ROOT / "portal" / "errors.py") | {"P101"}
    documented = numbers(ROOT / "docs" / "problems.md", ROOT / "docs" / "menu.md")
    assert code == documented


def test_no_number_is_used_by_two_rooms():
    rooms: dict[str, set[str]] = {}
    for file in (ROOT / "portal").rglob("*.py"):
        room = file.relative_to(ROOT / "portal").parts[0]
        for number in re.findall(r'"(P\d{3})"', file.read_text(encoding="utf-8")):
            rooms.setdefault(number, set()).add(room)
    assert not {number: shared for number, shared in rooms.items() if len(shared) > 1}
