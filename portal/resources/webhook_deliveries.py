from collections.abc import Sequence
from dataclasses import dataclass

from portal import Action, Column, EditPage, ListPage, Resource, _
from portal.kit.page import BoundResource, Route
from portal.models.webhook import WebhookDelivery
from portal.pages.api_keys import NoDeletePage
from portal.services.webhooks.rules import DeliveryService


@dataclass(frozen=True)
class NoEditPage(EditPage):
    """What was sent is not written by hand."""

    def routes(self, resource: BoundResource) -> Sequence[Route]:
        return []


class WebhookDeliveryResource(Resource):
    """What webhooks were told, and what came back."""

    name = "webhook-deliveries"
    model = WebhookDelivery
    service = DeliveryService
    label = _("Delivery")
    label_plural = _("Webhook deliveries")
    icon = "send"
    columns = [
        Column(WebhookDelivery.event, below=WebhookDelivery.event_id),
        WebhookDelivery.webhook,
        WebhookDelivery.state,
        WebhookDelivery.status,
        WebhookDelivery.attempts,
        Column(WebhookDelivery.next_at, wide=True),
        Column(WebhookDelivery.created_at, wide=True),
    ]
    fields = []
    filters = [WebhookDelivery.webhook, WebhookDelivery.state, WebhookDelivery.created_at]
    actions = [Action("redeliver", label=_("Send again"), icon="refresh", confirm=_("Send {n} messages again?"))]
    pages = [ListPage(order_by="-id"), NoEditPage(), NoDeletePage()]
