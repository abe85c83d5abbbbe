"""The `data-testid` hooks are public: templates and scripts use the ones that docs/testing.md names."""

import re
from pathlib import Path

import portal

TEMPLATES = Path(portal.__file__).parent / "templates"
SCRIPTS = Path(portal.__file__).parent / "static"
PAGE = Path(__file__).parents[2] / "docs" / "testing.md"


def hooks_of_templates() -> set[str]:
    """What is filled in at run time stands as `…`."""
    texts = "\n".join(path.read_text(encoding="utf-8") for path in TEMPLATES.rglob("*.html"))
    return {re.sub(r"\{\{.*?\}\}", "…", hook) for hook in re.findall(r'data-testid="([^"]+)"', texts)}


def hooks_of_scripts() -> set[str]:
    """What is made in the browser; third-party files set none."""
    paths = [path for path in SCRIPTS.rglob("*.js") if "vendor" not in path.parts]
    texts = "\n".join(path.read_text(encoding="utf-8") for path in paths)
    return {re.sub(r"\$\{.*?\}", "…", hook) for _, hook in re.findall(r"dataset\.testid = (['`])(.+?)\1", texts)}


def hooks_of_page() -> set[str]:
    """The first cell of each row in the tables."""
    text = PAGE.read_text(encoding="utf-8")
    cells = re.findall(r"^\| (`[^|]+`) \|", text, flags=re.MULTILINE)
    return {hook for cell in cells for hook in re.findall(r"`([^`]+)`", cell)}


def test_every_hook_is_documented_and_there() -> None:
    assert hooks_of_templates() | hooks_of_scripts() == hooks_of_page()
