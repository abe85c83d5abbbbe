"""The navigation: read from `menu.yaml`, checked at start, marked and thinned out for each page.

The file's shape is in docs/menu.md. A menu knows resources and pages by name only; what they are called,
where they are and who may see them is handed in.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

from portal.errors import Problem
from portal.menu.reader import BadgeProblem, MenuReader
from portal.menu.tree import (
    Kind,
    MakeUrl,
    MenuEntry,
    MenuGroup,
    MenuItem,
    MenuLink,
    MenuNode,
    MenuTarget,
    Target,
    Visible,
    every_entry,
    nodes,
)

__all__ = ["Menu", "MenuEntry", "MenuGroup", "MenuItem", "MenuLink", "MenuNode", "MenuTarget", "Target"]


@dataclass(frozen=True)
class Menu:
    """The whole navigation, the same for everybody; `view` makes one visitor's of it."""

    entries: tuple[MenuEntry, ...] = ()

    @classmethod
    def load(
        cls,
        source: str | Path,
        *,
        resources: Mapping[str, MenuTarget],
        pages: Mapping[str, MenuTarget],
        icons: Collection[str] | None = None,
        badge_problem: BadgeProblem | None = None,
    ) -> tuple["Menu", list[Problem]]:
        """Read a file, or the text of one; what is wrong is left out and told in the problems.

        Icon names are checked if `icons` names all there are, badges if `badge_problem` can judge them.
        """
        reader = MenuReader(
            str(source) if isinstance(source, Path) else "menu.yaml", resources, pages, icons, badge_problem
        )
        entries = reader.read(source)
        return cls(entries), reader.problems

    @classmethod
    def of(cls, *, resources: Mapping[str, MenuTarget], pages: Mapping[str, MenuTarget]) -> "Menu":
        """The menu of a portal that has no `menu.yaml`: its pages, then its resources, in their order."""
        kinds: tuple[tuple[Kind, Mapping[str, MenuTarget]], ...] = (("page", pages), ("resource", resources))
        return cls(tuple(target.item(kind, name) for kind, some in kinds for name, target in some.items()))

    def view(self, current: Target | None, visible: Visible, url: MakeUrl) -> tuple[MenuNode, ...]:
        """What one visitor sees: at most one node is current, the groups around it are open.

        `current` names the entry the page belongs to, `url` puts the mount path in front of a path.
        """
        return tuple(nodes(self.entries, current, visible, url))

    def icons(self) -> frozenset[str]:
        """The names of the icons it shows, for the sprite."""
        return frozenset(entry.icon for entry in every_entry(self.entries) if entry.icon)

    def resources(self) -> list[str]:
        """The resources it leads to, from top to bottom."""
        entries = [entry for entry in every_entry(self.entries) if isinstance(entry, MenuItem)]
        return [entry.name for entry in entries if entry.kind == "resource"]

    def badges(self) -> dict[str, str]:
        """Resource -> what its badge counts, as the query of a list: `status=draft`."""
        entries = [entry for entry in every_entry(self.entries) if isinstance(entry, MenuItem)]
        return {entry.name: entry.badge for entry in entries if entry.badge}
