"""`Action`: something done to ticked rows, to all that match, or to one row."""

from dataclasses import dataclass

from portal.facts import Label
from portal.i18n import _


@dataclass(frozen=True)
class Action:
    """A named operation; the work is the service's method of the same name.

    `Action("publish", label=_("Publish"))` calls `await service.publish(rows)`, where `rows` is a condition for
    `update_rows` or `delete_rows`, and shows how many rows it says it touched.
    """

    name: str
    label: Label = ""
    icon: str | None = None
    operation: str | None = None
    """What the policy is asked; the action's own name unless said."""
    confirm: Label | None = None
    """Asked before it is done; `{n}` is the number of rows."""
    danger: bool = False
    method: str | None = None

    @property
    def permission(self) -> str:
        return self.operation or self.name

    @property
    def service_method(self) -> str:
        return self.method or self.name

    @classmethod
    def delete(cls) -> "Action":
        """Deletes the rows; offered on every resource unless its `actions` leave it out."""
        return cls(
            "delete",
            label=_("Delete"),
            icon="trash",
            confirm=_("Delete {n} rows for good?"),
            danger=True,
            method="delete_rows",
        )
