"""Ways to narrow the library that no column stands for by itself."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import ClassVar, Self
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement

from portal.facts import Label
from portal.i18n import _
from portal.kit.filters import BooleanFilter, Filter
from portal.kit.introspect import ModelFacts
from portal.services.files import NO_FOLDER, is_used
from portal.uploads.families import FAMILIES, media_types_of


@dataclass(frozen=True)
class SameTextFilter(Filter):
    """Rows whose text is exactly what was typed."""

    template: ClassVar[str] = "text"

    def condition(self, sent: Mapping[str, Sequence[str]], zone: ZoneInfo) -> ColumnElement[bool] | None:
        text = _last(sent, self.name).strip()
        if not text or "\0" in text:
            return None
        found: ColumnElement[bool] = self.column == text
        return found


@dataclass(frozen=True)
class FolderFilter(SameTextFilter):
    """Files of one folder, or, with a slash alone, those that are in none."""

    def condition(self, sent: Mapping[str, Sequence[str]], zone: ZoneInfo) -> ColumnElement[bool] | None:
        if _last(sent, self.name) == NO_FOLDER:
            found: ColumnElement[bool] = self.column == ""
            return found
        return super().condition(sent, zone)

    def words(self, sent: Mapping[str, Sequence[str]]) -> Label:
        folder = _last(sent, self.name)
        return _("None") if folder == NO_FOLDER else folder


@dataclass(frozen=True)
class FamilyFilter(Filter):
    """Pictures, documents, sound or video."""

    options: ClassVar[list[tuple[str, Label]]] = list(FAMILIES.items())

    @property
    def name(self) -> str:
        return "type"

    def completed(self, facts: ModelFacts) -> Self:
        return replace(self, label=self.label or _("Type"), facts=facts)

    def condition(self, sent: Mapping[str, Sequence[str]], zone: ZoneInfo) -> ColumnElement[bool] | None:
        asked = [family for family in FAMILIES if family in sent.get(self.name, ())]
        if not asked or self.facts is None:
            return None
        types = [media_type for family in asked for media_type in media_types_of(family)]
        found: ColumnElement[bool] = self.facts.mapping.columns["media_type"].in_(types)
        return found

    def words(self, sent: Mapping[str, Sequence[str]]) -> Label:
        return ", ".join(str(FAMILIES[family]) for family in sent.get(self.name, ()) if family in FAMILIES)


@dataclass(frozen=True)
class UsedFilter(BooleanFilter):
    """Files that something uses, or that nothing does."""

    @property
    def name(self) -> str:
        return "used"

    def completed(self, facts: ModelFacts) -> Self:
        return replace(self, label=self.label or _("Used"), facts=facts)

    def condition(self, sent: Mapping[str, Sequence[str]], zone: ZoneInfo) -> ColumnElement[bool] | None:
        asked = _last(sent, self.name)
        return {"1": is_used(), "0": ~is_used()}.get(asked)


def _last(sent: Mapping[str, Sequence[str]], name: str) -> str:
    return sent.get(name, ("",))[-1]
