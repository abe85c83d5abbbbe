from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Self

from portal import ChoicesField, Column, ListPage, Resource, _
from portal.models.role import Role
from portal.services.users import RoleService

OPERATIONS = {
    "view": _("View"),
    "create": _("Create"),
    "edit": _("Edit"),
    "delete": _("Delete"),
    "order": _("Order"),
}

API = (_("API"), (("api.docs", _("Documentation")),))
"""What is no resource's."""


@dataclass(frozen=True)
class PermissionsField(ChoicesField):
    """Operations by resource, as a table of boxes."""

    template = "permissions"
    nouns: tuple[tuple[Any, tuple[tuple[str, Any], ...]], ...] = ()
    """Label of a resource, and the permissions there are on it with their labels."""

    def among(self, resources: Mapping[str, Any]) -> Self:
        nouns = (*[(found.label_plural, self._of(found)) for found in resources.values()], API)
        return replace(self, nouns=nouns, options=tuple(pair for _label, pairs in nouns for pair in pairs))

    def _of(self, resource: Any) -> tuple[tuple[str, Any], ...]:
        ordered = resource.facts.mapping.ordering is not None
        operations = {name: label for name, label in OPERATIONS.items() if name != "order" or ordered}
        for page in resource.pages:
            operations |= page.operations
        operations |= {
            action.permission: action.label for action in resource.actions if action.permission not in operations
        }
        return tuple((f"{resource.name}.{name}", label) for name, label in operations.items())


class RoleResource(Resource):
    """What groups of users may do."""

    model = Role
    service = RoleService
    label = _("Role")
    label_plural = _("Roles")
    icon = "shield"
    columns = [Role.name, Role.description, Column(Role.updated_at)]
    fields = [Role.name, Role.description, PermissionsField(Role.permissions)]
    filters = []
    actions = []
    pages = [ListPage(order_by="name")]
