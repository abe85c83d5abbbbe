"""Who may do what. Every portal has exactly one policy, and a resource may have its own."""

from abc import ABC, abstractmethod

from portal.auth.actor import Actor
from portal.errors import PermissionDenied


class Policy(ABC):
    """Answers whether an actor may do an operation on a resource, or on one row of it.

    Operations are `view`, `create`, `edit`, `delete`, `order` and the names of the resource's actions.
    Without a row the question is about the resource as a whole: may the list be opened, is the button shown?
    """

    @abstractmethod
    def allows(self, actor: Actor, operation: str, resource: str, row: object | None = None) -> bool: ...


class RolePolicy(Policy):
    """Superusers may do everything, others what a role of theirs lists as `resource.operation`."""

    def allows(self, actor: Actor, operation: str, resource: str, row: object | None = None) -> bool:
        return actor.may(f"{resource}.{operation}")


class AllowAll(Policy):
    """Everybody who is signed in may do everything, a token what it is good for; to be chosen on purpose."""

    def allows(self, actor: Actor, operation: str, resource: str, row: object | None = None) -> bool:
        return actor.in_scope(f"{resource}.{operation}")


def check(policy: Policy, actor: Actor, operation: str, resource: str, row: object | None = None) -> None:
    """Raise `PermissionDenied` unless the policy allows it."""
    if not policy.allows(actor, operation, resource, row):
        raise PermissionDenied
