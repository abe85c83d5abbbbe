"""Small templates drawn many times: a row, a cell.

An include costs a lookup and a new context each time, and every piece it yields climbs through all the blocks
around it. A leaf keeps its compiled template and one context, and hands over a finished piece of markup.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from jinja2 import Environment
from markupsafe import Markup


class Leaf:
    """A template with what stays the same; call it with what differs. Made for one request, used by one task."""

    __slots__ = ("_context", "_render", "_values")

    def __init__(self, environment: Environment, names: Sequence[str], shared: Mapping[str, Any]) -> None:
        template = environment.select_template(list(names))
        self._context = template.new_context(dict(shared))
        self._values = self._context.vars
        self._render = template.root_render_func

    def __call__(self, **values: Any) -> Markup:
        self._values.update(values)
        # what a compiled template yields is escaped already
        return Markup("".join(self._render(self._context)))
