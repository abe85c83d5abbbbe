from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Self

from portal import Action, ChoiceField, Column, Resource, _
from portal.models.api_token import SERVICE, USER, ApiToken
from portal.pages.api_keys import IssuePage, KeyPage, NoDeletePage, StateFilter, TokenListPage
from portal.resources.roles import OPERATIONS, PermissionsField
from portal.services.api_keys import ApiTokenService


@dataclass(frozen=True)
class ScopesField(PermissionsField):
    """Permissions, and besides them all of a resource, or an operation on all resources, also later ones."""

    def among(self, resources: Mapping[str, Any]) -> Self:
        shown = {name: found for name, found in resources.items() if found.api is not False}
        found = super().among(shown or resources)  # a portal without the API may have endpoints of its own
        everything = tuple((f"*.{name}", label) for name, label in OPERATIONS.items())
        rows = [(noun, _with_all(pairs)) for noun, pairs in found.nouns]
        nouns = ((_("All resources"), (("*.*", _("Everything")), *everything)), *rows)
        return replace(found, nouns=nouns, options=tuple(pair for _label, pairs in nouns for pair in pairs))


def _with_all(pairs: Sequence[tuple[str, Any]]) -> tuple[tuple[str, Any], ...]:
    noun = pairs[0][0].rpartition(".")[0]
    return ((f"{noun}.*", _("Everything")), *pairs)


@dataclass(frozen=True)
class OwnerField(ChoiceField):
    """Customers get their tokens by signing in."""

    @property
    def choices(self) -> Sequence[tuple[str, Any]]:
        labels = {SERVICE: _("A service"), USER: _("Me")}
        return list(labels.items())


class ApiTokenResource(Resource):
    """What programs, users and customers are let into the JSON API with."""

    name = "api-keys"
    model = ApiToken
    service = ApiTokenService
    label = _("API key")
    label_plural = _("API keys")
    icon = "key"
    columns = [
        Column(ApiToken.name, below=ApiToken.hint),
        Column(ApiToken.id, label=_("Status"), cell="key_state", sortable=False),
        Column(ApiToken.kind, wide=True),
        Column(ApiToken.created_by, wide=True),
        ApiToken.last_used_at,
        ApiToken.expires_at,
        Column(ApiToken.created_at, wide=True),
    ]
    fields = [
        ApiToken.name,
        ScopesField(
            ApiToken.scopes, help=_("Whatever is ticked, a token of your own can never do more than you may yourself.")
        ),
        OwnerField(ApiToken.kind),
        ApiToken.expires_at,
    ]
    filters = [
        StateFilter(ApiToken.revoked_at, state=ApiTokenService.state, states=("active", "expired", "revoked")),
        ApiToken.kind,
        ApiToken.last_used_at,
    ]
    actions = [
        Action(
            "revoke",
            label=_("Revoke"),
            icon="lock",
            confirm=_("Revoke {n} keys? Whoever uses them is refused from now on. This can't be undone."),
            danger=True,
        )
    ]
    pages = [
        TokenListPage(order_by="-id", usual=(SERVICE, USER)),
        IssuePage(fixed=("kind",)),
        NoDeletePage(),
        KeyPage(),
    ]
