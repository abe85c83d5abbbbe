from portal import Action, Column, ListPage, Resource, _
from portal.models.client_key import ClientKey
from portal.pages.api_keys import IssuePage, KeyPage, NoDeletePage, StateFilter
from portal.resources.api_tokens import ScopesField
from portal.services.api_keys import ClientKeyService


class ClientKeyResource(Resource):
    """What clients sign their requests with."""

    model = ClientKey
    service = ClientKeyService
    name = "client-keys"
    label = _("Signing key")
    label_plural = _("Signing keys")
    icon = "signature"
    columns = [
        Column(ClientKey.name, below=ClientKey.key_id),
        Column(ClientKey.id, label=_("Status"), cell="key_state", sortable=False),
        Column(ClientKey.legacy_allowed, wide=True),
        Column(ClientKey.sealed_only, wide=True),
        ClientKey.last_used_at,
        Column(ClientKey.created_at, wide=True),
    ]
    fields = [
        ClientKey.name,
        ScopesField(ClientKey.scopes),
        ClientKey.active,
        ClientKey.legacy_allowed,
        ClientKey.sealed_only,
    ]
    filters = [
        StateFilter(ClientKey.revoked_at, state=ClientKeyService.state, states=("active", "off", "revoked")),
        ClientKey.legacy_allowed,
        ClientKey.last_used_at,
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
    pages = [ListPage(order_by="-id"), IssuePage(), NoDeletePage(), KeyPage()]
