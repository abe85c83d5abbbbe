from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Self

from portal import Action, Column, ListPage, Resource, _
from portal.models.webhook import Webhook
from portal.pages.api_keys import IssuePage
from portal.resources.roles import OPERATIONS, PermissionsField
from portal.services.webhooks.rules import WebhookService

UNTOLD = frozenset({"webhooks", "webhook-deliveries"})


@dataclass(frozen=True)
class EventsField(PermissionsField):
    """Operations that change rows, by resource; also all of a resource, and later ones."""

    def among(self, resources: Mapping[str, Any]) -> Self:
        rows = []
        for name, found in resources.items():
            pairs = [(event, label) for event, label in self._of(found) if not event.endswith(".view")]
            if name not in UNTOLD:
                rows.append((found.label_plural, ((f"{name}.*", _("Everything")), *pairs)))
        everything = tuple((f"*.{name}", label) for name, label in OPERATIONS.items() if name != "view")
        nouns = ((_("All resources"), (("*.*", _("Everything")), *everything)), *rows)
        return replace(self, nouns=nouns, options=tuple(pair for _label, pairs in nouns for pair in pairs))


class WebhookResource(Resource):
    """Addresses outside that are told of changes."""

    name = "webhooks"
    model = Webhook
    service = WebhookService
    label = _("Webhook")
    label_plural = _("Webhooks")
    icon = "webhook"
    columns = [
        Column(Webhook.name, below=Webhook.address),
        Webhook.active,
        Webhook.failing_since,
        Column(Webhook.stopped_at, wide=True),
        Column(Webhook.created_at, wide=True),
    ]
    fields = [Webhook.name, Webhook.address, EventsField(Webhook.events), Webhook.active]
    filters = [Webhook.active]
    actions = [Action("test", label=_("Send a test"), icon="send", operation="edit"), Action.delete()]
    pages = [ListPage(order_by="name"), IssuePage()]
