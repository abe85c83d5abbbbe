"""Completing a resource, and every mistake found on the way: numbered, with a hint, all at once.

P101 a name that is no attribute · P102 no model, or none that is mapped · P103 a kind that fits no such use
P104 an action without a method · P105 a name that can't be a path · P106 two resources of one name
P107 an ordering scope that does not exist · P108 a sort that is not possible · P109 an unknown kind in `info`
P110 a verb that the API does not know
"""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, cast

from sqlalchemy import inspect
from sqlalchemy.exc import ArgumentError, InvalidRequestError, NoInspectionAvailable, SQLAlchemyError
from sqlalchemy.orm import InstrumentedAttribute, Mapper

from portal.auth.policy import Policy
from portal.errors import Problem
from portal.kit.actions import Action
from portal.kit.columns import Column, default_columns, name_of
from portal.kit.fields import KINDS, Field, default_fields, field_for
from portal.kit.filters import Filter, default_filters, filter_for
from portal.kit.introspect import ModelFacts, read_model
from portal.kit.page import BoundResource, Page
from portal.kit.resource import VERBS, Resource
from portal.naming import did_you_mean

RESERVED_NAMES = frozenset(
    {
        "api",
        "static",
        "media",
        "health",
        "sign-in",
        "sign-out",
        "password",
        "language",
        "badges",
        "preferences",
        "patterns",
        "editor",
    }
)


@dataclass
class Checker:
    """Binds resources one by one and gathers what is wrong with them."""

    policy: Policy
    standard_pages: Callable[[ModelFacts, Sequence[Page]], tuple[Page, ...]]
    problems: list[Problem] = field(default_factory=list)

    def bind(self, resources: Iterable[type[Resource]]) -> dict[str, BoundResource]:
        """All resources that can be bound, by name; `problems` holds what stands in the way."""
        bound: dict[str, BoundResource] = {}
        for resource in resources:
            made = self._one(resource)
            if made is None:
                continue
            if made.name in bound:
                other = bound[made.name].declared_as
                self._say("P106", resource, "name", f'"{made.name}" is already the name of {other}.')
            bound[made.name] = made
        return {
            name: replace(found, fields=tuple(field.among(bound) for field in found.fields))
            for name, found in bound.items()
        }

    def _one(self, resource: type[Resource]) -> BoundResource | None:
        model = getattr(resource, "model", None)
        if model is None or not _is_mapped(model):
            self._say("P102", resource, "model", f"{model!r} is no mapped SQLAlchemy class.")
            return None
        if not re.fullmatch(r"[a-z][a-z0-9_-]*", resource.name) or resource.name in RESERVED_NAMES:
            self._say(
                "P105",
                resource,
                "name",
                f'"{resource.name}" can\'t be a path: lower-case words, not reserved.',
            )
        try:
            facts = read_model(model)
        except (TypeError, SQLAlchemyError) as error:
            self._say("P102", resource, "model", f"{model.__name__} can't be read: {str(error).splitlines()[0]}")
            return None
        before = len(self.problems)
        self._check_facts(resource, facts)
        columns = self._columns(resource, facts)
        fields = self._fields(resource, facts)
        filters = self._filters(resource, facts)
        actions = tuple(resource.actions) if resource.actions is not None else (Action.delete(),)
        for action in actions:
            if not callable(getattr(resource.service, action.service_method, None)):
                hint = f'Write "async def {action.service_method}(self, rows)" in {resource.service.__name__}.'
                self._say("P104", resource, "actions", f'"{action.name}" has no method of that name.', hint)
        pages = self.standard_pages(facts, resource.pages)
        for page in pages:
            self._check_sort(resource, page, facts)
        self._check_verbs(resource)
        if len(self.problems) > before:
            return None
        return BoundResource(
            name=resource.name,
            label=resource.label,
            label_plural=resource.label_plural,
            icon=resource.icon,
            model=model,
            facts=facts,
            columns=columns,
            fields=fields,
            filters=filters,
            actions=actions,
            pages=pages,
            service_class=resource.service,
            policy=resource.policy or self.policy,
            declared_as=resource.__name__,
            api=resource.api if isinstance(resource.api, bool) else tuple(resource.api),
        )

    def _columns(self, resource: type[Resource], facts: ModelFacts) -> tuple[Column, ...]:
        declared = [item if isinstance(item, Column) else Column(item) for item in resource.columns]
        names = [name for item in declared for name in (item.attribute, item.below) if name is not None]
        if not self._known(resource, "columns", names, facts):
            return ()
        for item in declared:
            if facts.attributes[item.name].kind == "secret":
                self._say("P103", resource, "columns", f'"{item.name}" is a secret and is never listed.')
        return tuple(item.completed(facts) for item in declared or default_columns(facts))

    def _fields(self, resource: type[Resource], facts: ModelFacts) -> tuple[Field, ...]:
        if not self._known(resource, "fields", [_attribute(item) for item in resource.fields], facts):
            return ()
        declared = [item if isinstance(item, Field) else field_for(item, facts) for item in resource.fields]
        return tuple(item.completed(facts) for item in declared or default_fields(facts))

    def _filters(self, resource: type[Resource], facts: ModelFacts) -> tuple[Filter, ...]:
        if resource.filters is None:
            return tuple(item.completed(facts) for item in default_filters(facts))
        if not self._known(resource, "filters", [_attribute(item) for item in resource.filters], facts):
            return ()
        made = []
        for item in resource.filters:
            found = item if isinstance(item, Filter) else filter_for(item, facts)
            if found is None:
                name = name_of(_attribute(item))
                message = f'"{name}" is {facts.attributes[name].kind}: there is no filter for that.'
                self._say("P103", resource, "filters", message, "Give a Filter of your own.")
                continue
            made.append(found.completed(facts))
        return tuple(made)

    def _known(self, resource: type[Resource], option: str, attributes: Sequence[Any], facts: ModelFacts) -> bool:
        good = True
        for attribute in attributes:
            name = name_of(attribute)
            foreign = isinstance(attribute, InstrumentedAttribute) and not issubclass(
                facts.model, cast(type, attribute.class_)
            )
            if name not in facts.attributes or foreign:
                of = facts.model.__name__
                message = f'"{name}" names no attribute of {of}.'
                self._say("P101", resource, option, message, did_you_mean(name, facts.attributes))
                good = False
        return good

    def _check_facts(self, resource: type[Resource], facts: ModelFacts) -> None:
        ordering = facts.mapping.ordering
        if ordering is not None and ordering.within is not None and ordering.within not in facts.mapping.columns:
            message = f'ordering(within="{ordering.within}") names no column of {facts.model.__name__}.'
            self._say("P107", resource, "model", message, did_you_mean(ordering.within, facts.mapping.columns))
        for found in facts.attributes.values():
            if found.facts.kind is not None and found.facts.kind not in KINDS:
                message = f'{facts.model.__name__}.{found.name} says kind="{found.facts.kind}".'
                self._say("P109", resource, "model", message, did_you_mean(found.facts.kind, KINDS))

    def _check_sort(self, resource: type[Resource], page: Page, facts: ModelFacts) -> None:
        order_by = getattr(page, "order_by", None) or ""
        for part in [part for part in order_by.split(",") if part]:
            name = part.strip().removeprefix("-")
            if name not in facts.mapping.columns:
                hint = did_you_mean(name, facts.mapping.columns)
                self._say("P108", resource, "pages", f'order_by="{order_by}": "{name}" is no column.', hint)

    def _check_verbs(self, resource: type[Resource]) -> None:
        for verb in () if isinstance(resource.api, bool) else resource.api:
            if verb not in VERBS:
                self._say("P110", resource, "api", f'"{verb}" is no verb of the API.', did_you_mean(verb, VERBS))

    def _say(self, number: str, resource: type[Resource], option: str, message: str, hint: str | None = None) -> None:
        file, line = resource.declared_at(option)
        self.problems.append(Problem(number, f"{resource.__name__}.{option}", message, hint, file, line))


def _attribute(item: Any) -> Any:
    return item.attribute if isinstance(item, Field | Filter | Column) else item


def _is_mapped(model: Any) -> bool:
    try:
        return isinstance(model, type) and isinstance(inspect(model), Mapper)
    except (NoInspectionAvailable, ArgumentError, InvalidRequestError):
        return False
