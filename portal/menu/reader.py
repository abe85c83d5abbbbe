"""Reads `menu.yaml`, tells every mistake in it with its line."""

from collections.abc import Callable, Collection, Iterator, Mapping
from pathlib import Path
from urllib.parse import urlsplit

import yaml

from portal.errors import Problem
from portal.i18n import Text
from portal.menu.tree import Kind, Label, MenuEntry, MenuGroup, MenuItem, MenuLink, MenuTarget, Target
from portal.naming import did_you_mean

DEEPEST = 3
"""Levels of entries; a sidebar has no room for more."""

KEYS: Mapping[str, frozenset[str]] = {
    "page": frozenset({"label", "icon"}),
    "resource": frozenset({"label", "icon", "badge"}),
    "url": frozenset({"label", "icon"}),
    "group": frozenset({"items", "icon", "collapsed"}),
}
"""What an entry may lead with, and what may stand beside it."""

SCHEMES = ("https", "http", "mailto")

Values = Mapping[str, yaml.Node]


BadgeProblem = Callable[[str, str], str | None]
"""Takes a resource's name and its badge; why that can't be counted, or nothing."""


class MenuReader:
    """Turns one menu file into entries, leaving out what is wrong and collecting `problems`."""

    def __init__(
        self,
        file: str,
        resources: Mapping[str, MenuTarget],
        pages: Mapping[str, MenuTarget],
        icons: Collection[str] | None,
        badge_problem: BadgeProblem | None,
    ) -> None:
        self.problems: list[Problem] = []
        self._file = file
        self._targets: Mapping[Kind, Mapping[str, MenuTarget]] = {"resource": resources, "page": pages}
        self._icons = icons
        self._badge_problem = badge_problem
        self._lines: dict[Target, int] = {}

    def read(self, source: str | Path) -> tuple[MenuEntry, ...]:
        """The entries of a file or text."""
        try:
            text = source.read_text(encoding="utf-8") if isinstance(source, Path) else source
            root = yaml.compose(text, Loader=yaml.SafeLoader)
        except (OSError, UnicodeDecodeError) as error:
            self._report("P301", None, f"The file can't be read: {error}.")
        except yaml.YAMLError as error:
            self._report_broken(error)
        else:
            if isinstance(root, yaml.SequenceNode) and root.value:
                return tuple(self._entries(root, depth=1))
            self._report("P302", root, "The menu is a list of entries.", "Begin each entry with a dash.")
        return ()

    def _entries(self, node: yaml.SequenceNode, depth: int) -> Iterator[MenuEntry]:
        for child in node.value:
            entry = self._entry(child, depth)
            if entry is not None:
                yield entry

    def _entry(self, node: yaml.Node, depth: int) -> MenuEntry | None:
        if not isinstance(node, yaml.MappingNode):
            self._report("P302", node, "An entry has keys, such as “resource: articles”.")
            return None
        values = self._values(node)
        leads = [key for key in KEYS if key in values]
        if len(leads) != 1:
            self._report_lead(node, values, leads)
            return None
        self._check_keys(leads[0], values)
        make: dict[str, Callable[[Values], MenuEntry | None]] = {
            "page": lambda values: self._item("page", values),
            "resource": lambda values: self._item("resource", values),
            "url": self._link,
            "group": lambda values: self._group(values, depth),
        }
        return make[leads[0]](values)

    def _values(self, node: yaml.MappingNode) -> Values:
        values: dict[str, yaml.Node] = {}
        for key, value in node.value:
            name = str(key.value) if isinstance(key, yaml.ScalarNode) else "?"
            if name in values:
                self._report("P303", key, f"“{name}” is said twice in one entry.")
            values.setdefault(name, value)
        return values

    def _report_lead(self, node: yaml.Node, values: Values, leads: list[str]) -> None:
        if leads:
            self._report("P304", node, f"An entry can't be both {' and '.join(leads)}.", "Make two of it.")
        elif "items" in values:
            self._report("P304", node, "What has items is a group.", "Write “group: <its title>” above them.")
        else:
            hint = next((hint for key in values if (hint := did_you_mean(key, KEYS))), None)
            self._report("P304", node, "An entry says where it leads: page, resource, url or group.", hint)

    def _check_keys(self, lead: str, values: Values) -> None:
        for key, value in values.items():
            if key == lead or key in KEYS[lead]:
                continue
            hint = did_you_mean(key, KEYS[lead]) or f"Known here: {', '.join(sorted(KEYS[lead]))}."
            self._report("P303", value, f"“{key}” is nothing a {lead} entry can say.", hint)

    def _item(self, kind: Kind, values: Values) -> MenuItem | None:
        name = self._text(values, kind)
        label, icon, badge = self._label(values), self._icon(values), self._text(values, "badge")
        if name is None:
            return None
        target = self._targets[kind].get(name)
        if target is None:
            number = "P305" if kind == "resource" else "P306"
            hint = did_you_mean(name, self._targets[kind]) or self._known(kind)
            self._report(number, values[kind], f"There is no {kind} “{name}”.", hint)
            return None
        if (kind, name) in self._lines:
            first, hint = self._lines[kind, name], "One entry only can be the current one."
            self._report("P310", values[kind], f"“{name}” is in the menu already, in line {first}.", hint)
            return None
        self._lines[kind, name] = _line(values[kind])
        problem = self._badge_problem(name, badge) if badge and self._badge_problem else None
        if problem is not None:
            self._report(
                "P313", values["badge"], problem, "A badge counts a list, as its address names it: status=draft"
            )
        return target.item(kind, name, label=label, icon=icon, badge=badge)

    def _known(self, kind: Kind) -> str | None:
        return f"Known: {', '.join(sorted(self._targets[kind]))}." if self._targets[kind] else None

    def _link(self, values: Values) -> MenuLink | None:
        url, label, icon = self._text(values, "url"), self._label(values), self._icon(values)
        if "label" not in values:
            self._report("P307", values["url"], "A link needs a label.")
        if url is None:
            return None
        if not _may_lead_to(url):
            hint = "Use https://…, http://…, mailto:… or a path that begins with one slash."
            self._report("P308", values["url"], f"“{url}” is no address for a menu.", hint)
            return None
        return MenuLink(label, url, icon) if label else None

    def _group(self, values: Values, depth: int) -> MenuGroup | None:
        title, icon = self._text(values, "group"), self._icon(values)
        collapsed, items = values.get("collapsed"), values.get("items")
        if collapsed is not None and collapsed.value not in ("true", "false"):
            self._report("P302", collapsed, "“collapsed” is true or false.")
        if depth >= DEEPEST:
            self._report("P311", values["group"], f"A menu is at most {DEEPEST} levels deep.")
            return None
        if items is None or not items.value:
            self._report("P309", values["group"], "The group has no items.", "Give it some or take it out.")
            return None
        if not isinstance(items, yaml.SequenceNode):
            self._report("P302", items, "“items” is a list of entries.", "Begin each entry with a dash.")
            return None
        entries = tuple(self._entries(items, depth + 1))
        is_collapsed = collapsed is not None and collapsed.value == "true"
        return MenuGroup(Text(title), entries, icon, is_collapsed) if title else None

    def _label(self, values: Values) -> Label | None:
        text = self._text(values, "label")
        return Text(text) if text else None

    def _icon(self, values: Values) -> str | None:
        icon = self._text(values, "icon")
        if icon is not None and self._icons is not None and icon not in self._icons:
            self._report("P312", values["icon"], f"There is no icon “{icon}”.", did_you_mean(icon, self._icons))
            return None
        return icon

    def _text(self, values: Values, key: str) -> str | None:
        """A value that must be text, if it is said at all."""
        node = values.get(key)
        if node is None:
            return None
        text = node.value.strip() if isinstance(node, yaml.ScalarNode) else ""
        if node.tag == "tag:yaml.org,2002:str" and text:
            return str(text)
        hint = f'Write it in quotes: {key}: "{text}".' if text else None
        number = "P307" if key in ("label", "group") and not text else "P302"
        self._report(number, node, f"“{key}” needs a text.", hint)
        return None

    def _report_broken(self, error: yaml.YAMLError) -> None:
        mark = getattr(error, "problem_mark", None)
        message = getattr(error, "problem", None) or str(error).splitlines()[0]
        line = mark.line + 1 if mark else None
        self.problems.append(Problem("P301", "menu.yaml", f"This is not YAML: {message}.", None, self._file, line))

    def _report(self, number: str, node: yaml.Node | None, message: str, hint: str | None = None) -> None:
        line = _line(node) if node is not None else None
        self.problems.append(Problem(number, "menu.yaml", message, hint, self._file, line))


def _line(node: yaml.Node) -> int:
    return int(node.start_mark.line) + 1


def _may_lead_to(url: str) -> bool:
    if "\\" in url or any(character.isspace() or not character.isprintable() for character in url):
        return False
    if url.startswith("/"):
        return not url.startswith("//")
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme in SCHEMES and bool(parts.path if parts.scheme == "mailto" else parts.hostname)
