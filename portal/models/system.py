"""The tables every portal has, to be imported without the starter ones."""

from portal.models.api_token import ApiToken
from portal.models.client_key import ClientKey
from portal.models.file import FileUse, StoredFile
from portal.models.idempotent_answer import IdempotentAnswer
from portal.models.nonce import Nonce
from portal.models.pending_upload import PendingUpload
from portal.models.role import Role, user_role
from portal.models.session import Session
from portal.models.sign_in_failure import SignInFailure
from portal.models.user import User
from portal.models.webhook import Webhook, WebhookDelivery

__all__ = [
    "ApiToken",
    "ClientKey",
    "FileUse",
    "IdempotentAnswer",
    "Nonce",
    "PendingUpload",
    "Role",
    "Session",
    "SignInFailure",
    "StoredFile",
    "User",
    "Webhook",
    "WebhookDelivery",
    "user_role",
]
