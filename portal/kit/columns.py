"""`Column`: one thing a list shows."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy.orm import InstrumentedAttribute

from portal.facts import Label, Tone
from portal.kit.introspect import Attribute, ModelFacts

CELLS: Mapping[str, str] = {
    "boolean": "boolean",
    "choice": "choice",
    "date": "date",
    "datetime": "datetime",
    "decimal": "number",
    "email": "email",
    "file": "file",
    "gallery": "gallery",
    "image": "image",
    "integer": "number",
    "position": "number",
    "relation": "relation",
    "relations": "relations",
    "rich_text": "rich_text",
    "time": "time",
    "url": "url",
}
"""Kind -> the template of `cells/` that shows it; `text` for all others."""

UNSORTABLE = frozenset(
    {"relation", "relations", "json", "rich_text", "long_text", "image", "file", "gallery", "secret"}
)


@dataclass(frozen=True)
class Column:
    """How an attribute is shown in a list. What is left out is taken from the model."""

    attribute: InstrumentedAttribute[Any] | str
    label: Label | None = None
    cell: str | None = None
    """A template of `cells/`, without `.html`."""
    sortable: bool | None = None
    inline: bool | None = None
    """May be switched or chosen right in the list."""
    wide: bool = False
    """Left out on narrow screens."""
    below: InstrumentedAttribute[Any] | str | None = None
    """A second attribute, shown small under the first."""
    kind: str = field(default="", init=False)
    choices: Mapping[Any, Label] = field(default_factory=dict, init=False)
    badge: Mapping[Any, Tone] = field(default_factory=dict, init=False)

    @property
    def name(self) -> str:
        return name_of(self.attribute)

    @property
    def below_name(self) -> str | None:
        return None if self.below is None else name_of(self.below)

    def completed(self, facts: ModelFacts) -> "Column":
        """This column with every gap filled from the model."""
        found = facts.attributes[self.name]
        sortable = self.sortable if self.sortable is not None else found.kind not in UNSORTABLE
        inline = self.inline if self.inline is not None else bool(found.facts.inline)
        made = replace(
            self,
            label=self.label if self.label is not None else found.label,
            cell=self.cell or CELLS.get(found.kind, "text"),
            sortable=sortable and found.target is None,
            inline=inline and found.kind in {"boolean", "choice"} and not found.automatic,
        )
        object.__setattr__(made, "kind", found.kind)
        object.__setattr__(made, "choices", dict(found.choices))
        object.__setattr__(made, "badge", found.badge)
        return made


def name_of(attribute: InstrumentedAttribute[Any] | str) -> str:
    return attribute if isinstance(attribute, str) else attribute.key


DEFAULT_COLUMNS = 7
_RANK = {
    "image": 0,
    "choice": 2,
    "boolean": 2,
    "relation": 3,
    "date": 5,
    "datetime": 5,
    "integer": 4,
    "decimal": 4,
    "email": 4,
    "text": 6,
    "url": 7,
}


def default_columns(facts: ModelFacts) -> list[Column]:
    """A sensible list when nothing is declared: picture, title, then what tells rows apart; never a secret."""
    title = facts.mapping.title
    hidden = {*facts.mapping.foreign_keys, title, "version", "updated_by", "created_by"}
    found = [item for item in facts.attributes.values() if item.kind in _RANK and item.name not in hidden]
    found = [item for item in found if item.name not in facts.mapping.key or not item.automatic]
    ranked = sorted(found, key=_rank)[: DEFAULT_COLUMNS - 1]
    images = [item for item in ranked if item.kind == "image"][:1]
    rest = [item for item in ranked if item.kind != "image"]
    return [Column(item.name) for item in images] + [Column(title)] + [Column(item.name) for item in rest]


def _rank(item: Attribute) -> int:
    return _RANK[item.kind] + (3 if item.name in {"created_at", "updated_at"} else 0)
