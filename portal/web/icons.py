"""The icon sprite: only the icons that templates, menu and resources name, checked at start-up."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from jinja2 import Environment, TemplateSyntaxError, nodes

from portal.errors import Problem
from portal.naming import did_you_mean

OUTLINES = "vendor/tabler.json"
PARAMETERS = ("icon", "icon_name")
"""Macro arguments that name an icon."""
STROKE = (
    'viewBox="0 0 24 24" fill="none" stroke="currentColor" '
    'stroke-width="1.75" stroke-linecap="round" stroke-linejoin="round"'
)


@dataclass(frozen=True)
class IconUse:
    """One place that names an icon."""

    name: str
    where: str
    file: str | None = None
    line: int | None = None


def template_icons(folders: Iterable[Path]) -> list[IconUse]:
    """The icons that templates name: `icon('plus')`, `icon_url('plus')`, both arms of a condition, and what
    is given to any macro's `icon` or `icon_name`."""
    environment = Environment(extensions=["jinja2.ext.i18n"], autoescape=True)
    trees: list[tuple[Path, str, nodes.Template]] = []
    for folder in folders:
        for path in sorted(folder.rglob("*.html")):
            try:
                tree = environment.parse(path.read_text(encoding="utf-8"))
            except TemplateSyntaxError:
                continue  # rendering it says so, with the line
            trees.append((path, path.relative_to(folder).as_posix(), tree))
    places = {"icon": 0, "icon_url": 0}
    for _path, _where, tree in trees:
        places |= macro_places(tree)
    return [
        IconUse(name, where, str(path), line)
        for path, where, tree in trees
        for node in named(tree, places)
        for name, line in literals(node)
    ]


def macro_places(tree: nodes.Template) -> dict[str, int]:
    """Which argument of the template's macros is an icon."""
    return {
        macro.name: place
        for macro in tree.find_all(nodes.Macro)
        for place, argument in enumerate(macro.args)
        if argument.name in PARAMETERS
    }


def named(tree: nodes.Template, places: Mapping[str, int]) -> Iterator[nodes.Node]:
    """The expressions that stand for an icon's name."""
    for call in tree.find_all(nodes.Call):
        if isinstance(call.node, nodes.Name) and call.node.name in places:
            yield from call.args[places[call.node.name] :][:1]
        yield from (keyword.value for keyword in call.kwargs if keyword.key in PARAMETERS)
    for macro in tree.find_all(nodes.Macro):
        defaulted = macro.args[len(macro.args) - len(macro.defaults) :]
        for argument, default in zip(defaulted, macro.defaults, strict=True):
            if argument.name in PARAMETERS:
                yield default


def literals(node: nodes.Node | None) -> Iterator[tuple[str, int]]:
    """The texts an expression can be, as far as the template says so."""
    if isinstance(node, nodes.Const):
        if isinstance(node.value, str) and node.value:
            yield node.value, node.lineno
    elif isinstance(node, nodes.CondExpr):
        yield from literals(node.expr1)
        yield from literals(node.expr2)
    elif isinstance(node, nodes.Or):
        yield from literals(node.left)
        yield from literals(node.right)


class Icons:
    """The outlines at hand, by name."""

    def __init__(self, outlines: Mapping[str, str]) -> None:
        self.outlines = outlines

    @classmethod
    def load(cls, roots: Sequence[Path]) -> Self:
        """Read the outlines that the assets step packed; the strongest root that has them wins."""
        for root in roots:
            path = root / OUTLINES
            if path.is_file():
                return cls(json.loads(path.read_text(encoding="utf-8")))
        return cls({})

    def problems(self, uses: Iterable[IconUse]) -> list[Problem]:
        """Names without an outline, each place once."""
        if not self.outlines:
            hint = "Run `python -m portal.web.assets`."
            return [Problem("P402", "icons", "The icons are not prepared.", hint)]
        found: list[Problem] = []
        for use in dict.fromkeys(uses):
            if use.name not in self.outlines:
                hint = did_you_mean(use.name, self.outlines) or "The names are those of Tabler's outline icons."
                message = f'There is no icon "{use.name}".'
                found.append(Problem("P401", use.where, message, hint, use.file, use.line))
        return found

    def sprite(self, names: Iterable[str]) -> str:
        """One SVG whose symbols carry the names; unknown names are left out."""
        symbols = "".join(
            f'<symbol id="{name}" {STROKE}>{self.outlines[name]}</symbol>'
            for name in sorted(set(names))
            if name in self.outlines
        )
        return f'<svg xmlns="http://www.w3.org/2000/svg" aria-hidden="true">{symbols}</svg>'
