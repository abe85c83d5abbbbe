"""Small templates drawn many times: a row, a cell.

An include costs a lookup and a new context each time, and every piece it yields climbs through all the blocks
around it. A leaf keeps its compiled template and one context, and hands over a finished piece of markup.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from markupsafe import Markup, escape

from portal.web.environment import PortalEnvironment


class Leaf:
    """A template with what stays the same; call it with what differs. Made for one request, used by one task."""

    __slots__ = ("_context", "_drawn", "_plain", "_render", "_values")

    def __init__(
        self, environment: PortalEnvironment, names: Sequence[str], shared: Mapping[str, Any], *, by_value: bool = False
    ) -> None:
        """With `by_value`, a template that uses no other of the differing names is drawn once for each value."""
        template = environment.first_of(*names)
        self._context = template.new_context(dict(shared))
        self._values = self._context.vars
        self._render = template.root_render_func
        facts = environment.facts(template)
        self._plain = facts.plain
        self._drawn: dict[Any, Markup] | None = {} if by_value and "row" not in facts.variables else None

    def __call__(self, **values: Any) -> Markup:
        self._values.update(values)
        # what a compiled template yields is escaped already
        return Markup("".join(self._render(self._context)))

    def of(self, value: Any, row: Any) -> Markup:
        """The leaf of one value of a row."""
        if self._plain:
            return escape(value)
        drawn = self._drawn
        if drawn is None:
            return self(value=value, row=row)
        try:
            found = drawn.get(value)
        except TypeError:  # a list of labels
            return self(value=value, row=row)
        if found is None:
            found = drawn[value] = self(value=value, row=row)
        return found
