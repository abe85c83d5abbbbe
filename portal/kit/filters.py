"""`Filter`: one way to narrow a list. Bad input never fails a list: a value that can't be read is no filter."""

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Self
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import InstrumentedAttribute, RelationshipProperty

from portal.db.mapping import ModelMapping, mapping_of
from portal.errors import NotFound
from portal.facts import Label
from portal.i18n import _
from portal.kit.columns import name_of
from portal.kit.fields import plain
from portal.kit.introspect import ModelFacts

MOST_VALUES = 50
"""Values of one filter: more than a person picks."""


@dataclass(frozen=True)
class Filter:
    """The base: a name in the address, a condition, and words for the chip."""

    attribute: InstrumentedAttribute[Any] | str
    label: Label | None = None
    facts: ModelFacts | None = None

    template: ClassVar[str] = "choice"

    @property
    def name(self) -> str:
        return name_of(self.attribute)

    @property
    def parameters(self) -> tuple[str, ...]:
        """The names it uses in the address."""
        return (self.name,)

    @property
    def column(self) -> Any:
        assert self.facts is not None
        return self.facts.mapping.columns[self.name]

    def completed(self, facts: ModelFacts) -> Self:
        found = facts.attributes[self.name]
        return replace(self, label=self.label if self.label is not None else found.label, facts=facts)

    def condition(self, sent: Mapping[str, Sequence[str]], zone: ZoneInfo) -> ColumnElement[bool] | None:
        """What the sent values ask for, or `None` when they ask for nothing that can be understood."""
        raise NotImplementedError

    def words(self, sent: Mapping[str, Sequence[str]]) -> Label:
        """What the chip says behind the label."""
        return ", ".join(value for name in self.parameters for value in sent.get(name, ()))


@dataclass(frozen=True)
class ChoiceFilter(Filter):
    """One or several of the declared values."""

    @property
    def options(self) -> list[tuple[str, Label]]:
        assert self.facts is not None
        return [(plain(value), label) for value, label in self.facts.attributes[self.name].choices]

    def condition(self, sent: Mapping[str, Sequence[str]], zone: ZoneInfo) -> ColumnElement[bool] | None:
        assert self.facts is not None
        asked = set(sent.get(self.name, ()))
        values = [value for value, _label in self.facts.attributes[self.name].choices if plain(value) in asked]
        if not values:
            return None
        found: ColumnElement[bool] = self.column == values[0] if len(values) == 1 else self.column.in_(values)
        return found

    def words(self, sent: Mapping[str, Sequence[str]]) -> Label:
        asked = sent.get(self.name, ())
        return ", ".join(str(label) for value, label in self.options if value in asked)


@dataclass(frozen=True)
class BooleanFilter(Filter):
    """On or off."""

    options: ClassVar[list[tuple[str, Label]]] = [("1", _("Yes")), ("0", _("No"))]

    def condition(self, sent: Mapping[str, Sequence[str]], zone: ZoneInfo) -> ColumnElement[bool] | None:
        asked = [value for value in sent.get(self.name, ()) if value in {"0", "1"}]
        if not asked:
            return None
        found: ColumnElement[bool] = self.column.is_(asked[-1] == "1")
        return found

    def words(self, sent: Mapping[str, Sequence[str]]) -> Label:
        return dict(self.options).get(sent[self.name][-1], "")


@dataclass(frozen=True)
class RelationFilter(Filter):
    """Rows that lead to one of the picked rows; sent are their keys."""

    template = "relation"

    def condition(self, sent: Mapping[str, Sequence[str]], zone: ZoneInfo) -> ColumnElement[bool] | None:
        assert self.facts is not None
        relation = self.facts.mapping.relations[self.name]
        target = mapping_of(relation.mapper.class_)
        conditions: list[ColumnElement[bool]] = []
        for key in [key for key in sent.get(self.name, ()) if key][:MOST_VALUES]:
            try:
                values = target.key_values(key)
            except NotFound:
                continue
            if relation.uselist:
                conditions.append(_linked_to(self.facts, relation, target, values))
            else:
                pairs = relation.local_remote_pairs or []
                names = [target.mapper.get_property_by_column(remote).key for _local, remote in pairs]
                conditions.append(
                    and_(*[local == values[name] for (local, _r), name in zip(pairs, names, strict=True)])
                )
        return or_(*conditions) if conditions else None


@dataclass(frozen=True)
class DateRangeFilter(Filter):
    """From one day to another, both included, as days of the viewer's time zone."""

    template = "date_range"

    @property
    def parameters(self) -> tuple[str, ...]:
        return (f"{self.name}_from", f"{self.name}_to")

    def condition(self, sent: Mapping[str, Sequence[str]], zone: ZoneInfo) -> ColumnElement[bool] | None:
        first, last = (_day(sent.get(name, ())) for name in self.parameters)
        if first is None and last is None:
            return None
        assert self.facts is not None
        timed = self.facts.attributes[self.name].kind == "datetime"
        steps: list[ColumnElement[bool]] = []
        if first is not None:
            steps.append(self.column >= (_midnight(first, zone) if timed else first))
        if last is not None and last < datetime.date.max:
            following = last + datetime.timedelta(days=1)
            steps.append(self.column < (_midnight(following, zone) if timed else following))
        return and_(*steps)

    def words(self, sent: Mapping[str, Sequence[str]]) -> Label:
        first, last = (_day(sent.get(name, ())) for name in self.parameters)
        return f"{first or '…'} – {last or '…'}"


def _linked_to(
    facts: ModelFacts, relation: RelationshipProperty[Any], target: ModelMapping, values: Mapping[str, Any]
) -> ColumnElement[bool]:
    """Rows linked to one target, as `key IN (SELECT …)`: databases walk the small side first, unlike EXISTS."""
    same = [getattr(target.model, name) == value for name, value in values.items()]
    if relation.secondary is None or len(relation.synchronize_pairs) != 1:
        found: ColumnElement[bool] = getattr(facts.model, relation.key).any(and_(*same))
        return found
    ((near, far),) = relation.synchronize_pairs
    chosen = [
        link == values[target.mapper.get_property_by_column(key).key]
        for key, link in relation.secondary_synchronize_pairs or []
    ]
    linked: ColumnElement[bool] = near.in_(select(far).where(*chosen))
    return linked


def _day(sent: Sequence[str]) -> datetime.date | None:
    try:
        day = datetime.date.fromisoformat(sent[-1]) if sent else None
    except ValueError:
        return None
    return day if day is None or 1900 <= day.year <= 9998 else None


def _midnight(day: datetime.date, zone: ZoneInfo) -> datetime.datetime:
    return datetime.datetime.combine(day, datetime.time(), zone).astimezone(datetime.UTC)


_KINDS: Mapping[str, type[Filter]] = {
    "boolean": BooleanFilter,
    "choice": ChoiceFilter,
    "date": DateRangeFilter,
    "datetime": DateRangeFilter,
    "relation": RelationFilter,
    "relations": RelationFilter,
}


def filter_for(attribute: InstrumentedAttribute[Any] | str, facts: ModelFacts) -> Filter | None:
    """The filter a bare attribute stands for, if its kind has one."""
    kind = _KINDS.get(facts.attributes[name_of(attribute)].kind)
    return kind(attribute) if kind else None


def default_filters(facts: ModelFacts) -> list[Filter]:
    """Choices, switches, relations and the moments that matter, when nothing is declared."""
    found = []
    for item in facts.attributes.values():
        if item.name in {"updated_at"} or item.kind not in _KINDS:
            continue
        made = filter_for(item.name, facts)
        if made is not None:
            found.append(made)
    return found[:6]
