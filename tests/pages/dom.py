"""A page as its readers see it: elements by test hook, id or tag, and their text."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser

VOID = frozenset({"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "use", "wbr"})


@dataclass
class Element:
    """One element with what is in it."""

    tag: str
    attributes: dict[str, str] = field(default_factory=dict)
    content: list["Element | str"] = field(default_factory=list)

    def __getitem__(self, name: str) -> str:
        return self.attributes[name]

    def get(self, name: str) -> str | None:
        return self.attributes.get(name)

    def __contains__(self, name: str) -> bool:
        return name in self.attributes

    @property
    def raw(self) -> str:
        """Its text as it stands, for textareas."""
        return "".join(item if isinstance(item, str) else item.raw for item in self.content)

    @property
    def text(self) -> str:
        """Its text with white space as browsers show it."""
        return " ".join(self.raw.split())

    def walk(self) -> Iterator["Element"]:
        yield self
        for item in self.content:
            if isinstance(item, Element):
                yield from item.walk()

    def all(self, testid: str | None = None, tag: str | None = None, **attributes: str) -> list["Element"]:
        """Every element below with this test hook, tag and attributes (`data_id="3"` is `data-id`)."""
        wanted = {name.rstrip("_").replace("_", "-"): value for name, value in attributes.items()}
        if testid is not None:
            wanted["data-testid"] = testid
        return [
            found
            for found in self.walk()
            if (tag is None or found.tag == tag)
            and all(found.attributes.get(name) == value for name, value in wanted.items())
        ]

    def one(self, testid: str | None = None, tag: str | None = None, **attributes: str) -> "Element":
        """The only such element."""
        found = self.all(testid, tag, **attributes)
        assert len(found) == 1, f"{len(found)} of {testid or tag} {attributes} in: {self.text[:300]}"
        return found[0]

    def has(self, testid: str | None = None, tag: str | None = None, **attributes: str) -> bool:
        return bool(self.all(testid, tag, **attributes))

    def form(self) -> dict[str, list[str]]:
        """What a browser would send for the inputs of this form: names with their values."""
        found: dict[str, list[str]] = {}
        for item in self.walk():
            name = item.get("name")
            if not name or "disabled" in item or item.tag == "button":
                continue
            if item.tag == "input" and item.get("type") in {"checkbox", "radio"} and "checked" not in item:
                continue
            if item.tag == "input":
                found.setdefault(name, []).append(item.get("value") or "")
            elif item.tag == "textarea":
                found.setdefault(name, []).append(item.raw.removeprefix("\n"))
            elif item.tag == "select":
                options = item.all(tag="option")
                chosen = [option for option in options if "selected" in option]
                if not chosen and "multiple" not in item:
                    chosen = options[:1]
                found.setdefault(name, []).extend(option.get("value") or "" for option in chosen)
        return {name: values for name, values in found.items() if values}


class _Builder(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.root = Element("document")
        self._open = [self.root]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        made = Element(tag, {name: value or "" for name, value in reversed(attrs)})
        self._open[-1].content.append(made)
        if tag not in VOID:
            self._open.append(made)

    def handle_endtag(self, tag: str) -> None:
        if any(found.tag == tag for found in self._open[1:]):
            while self._open.pop().tag != tag:
                pass

    def handle_data(self, data: str) -> None:
        self._open[-1].content.append(data)


def parse(html: str) -> Element:
    builder = _Builder()
    builder.feed(html)
    builder.close()
    return builder.root
