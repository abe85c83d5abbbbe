"""What a menu is made of, and the part of it one visitor sees on one page."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

from portal.i18n import Text

Label = str | Text
Kind = Literal["resource", "page"]
Target = tuple[Kind, str]
"""What an entry leads to: `("resource", "articles")`, `("page", "dashboard")`."""
Visible = Callable[[Kind, str], bool]
MakeUrl = Callable[[str], str]


@dataclass(frozen=True)
class MenuTarget:
    """A resource or page as the menu needs it."""

    label: Label
    icon: str | None = None
    path: str | None = None
    """Below the portal's own path; `/<name>` unless said here."""

    def item(
        self,
        kind: Kind,
        name: str,
        *,
        label: Label | None = None,
        icon: str | None = None,
        badge: str | None = None,
    ) -> "MenuItem":
        """Its entry, under its own label and icon unless the menu gives others."""
        path = self.path if self.path is not None else f"/{name}"
        return MenuItem(kind, name, label or self.label, path, icon or self.icon, badge)


@dataclass(frozen=True)
class MenuItem:
    """Leads to a resource or to a page of the portal."""

    kind: Kind
    name: str
    label: Label
    path: str
    icon: str | None = None
    badge: str | None = None
    """What is counted, as the query of the resource's list; the number comes later, by a request of its own."""


@dataclass(frozen=True)
class MenuLink:
    """Leads out of the portal."""

    label: Label
    url: str
    icon: str | None = None

    @property
    def external(self) -> bool:
        """Opens another site, so in a new tab; a path of the same host and a mail address do not."""
        return self.url.lower().startswith(("https:", "http:"))


@dataclass(frozen=True)
class MenuGroup:
    """A title with entries below it."""

    label: Label
    items: tuple["MenuEntry", ...]
    icon: str | None = None
    collapsed: bool = False
    """Closed until opened, or until it holds the current page."""


MenuEntry = MenuItem | MenuLink | MenuGroup


@dataclass(frozen=True)
class MenuNode:
    """One entry, ready to be rendered."""

    name: str | None
    """The resource or page; nothing for groups and links."""
    label: Label
    icon: str | None = None
    href: str | None = None
    current: bool = False
    open: bool = False
    """For groups: shown unfolded."""
    external: bool = False
    """To be opened in a new tab with `rel="noopener"`."""
    badge: str | None = None
    children: tuple["MenuNode", ...] = ()

    @property
    def holds_current(self) -> bool:
        """This entry or one below it is the current one."""
        return self.current or any(child.holds_current for child in self.children)


def nodes(entries: tuple[MenuEntry, ...], current: Target | None, visible: Visible, url: MakeUrl) -> Iterator[MenuNode]:
    """The entries that may be seen; a group with none of them is left out."""
    for entry in entries:
        if isinstance(entry, MenuGroup):
            children = tuple(nodes(entry.items, current, visible, url))
            if children:
                unfolded = not entry.collapsed or any(child.holds_current for child in children)
                yield MenuNode(None, entry.label, entry.icon, open=unfolded, children=children)
        elif isinstance(entry, MenuLink):
            yield MenuNode(None, entry.label, entry.icon, entry.url, external=entry.external)
        elif visible(entry.kind, entry.name):
            is_current = current == (entry.kind, entry.name)
            yield MenuNode(entry.name, entry.label, entry.icon, url(entry.path), is_current, badge=entry.badge)


def every_entry(entries: tuple[MenuEntry, ...]) -> Iterator[MenuEntry]:
    """Every entry, groups before what they hold."""
    for entry in entries:
        yield entry
        if isinstance(entry, MenuGroup):
            yield from every_entry(entry.items)
