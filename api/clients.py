"""Clients that sign: `Authorization: Fastor-HMAC-SHA256 …`, and, where the setting says so, the old MD5 form.

The signature is checked before anything of the body is read; that the body is the one that was signed is known
when all of it has passed.
"""

import logging
import time
from collections.abc import Callable
from typing import Any

from api import legacy_signing
from api.call import Call
from api.endpoint import BODY
from api.signature_errors import WrongSignature
from api.signing import Signatures, checked
from api.target import Target
from portal.auth.caller import Caller
from portal.auth.client_keys import Client, ClientKeys
from portal.auth.nonces import Nonces

_log = logging.getLogger("api")


class SignedClients:
    """Reads the new form; each request is let in once."""

    def __init__(self, keys: ClientKeys, nonces: Nonces) -> None:
        self._keys = keys
        self._signatures = Signatures(nonces)

    async def __call__(self, call: Call, credentials: str) -> Caller:
        async def find(key_id: str) -> Client:
            return await self._keys.find(key_id, call.address)

        scope: Any = call.request.scope
        claim, client = await self._signatures.admit(scope["headers"], Target.of(scope), find)
        call.receive_through(lambda receive: checked(receive, claim, call.max_body or BODY))
        call.signed, call.sealed_only = True, client.sealed_only
        return client.caller


class LegacyClients:
    """Reads the old form, which does not say whose it is: the clients that may use it are all tried."""

    def __init__(self, keys: ClientKeys, window: int, *, clock: Callable[[], float] = time.time) -> None:
        self._keys = keys
        self._window = window
        self._clock = clock

    async def caller(self, call: Call) -> Caller | None:
        """Who signed in the old form; nobody where nothing says that somebody did."""
        scope: Any = call.request.scope
        target = Target.of(scope)
        if not legacy_signing.is_signed(target):
            return None
        body = await call.request.body()
        claim = legacy_signing.parse(target, body, call.received.get("content-type", ""))
        clients = {client.caller.subject: client for client in await self._keys.legacy()}
        secrets = {key: client.secret for key, client in clients.items() if not client.sealed_only}
        try:
            found = legacy_signing.verify(claim, secrets, self._clock(), self._window)
        except WrongSignature:
            _log.warning("a signature of the old form is wrong: address=%s", call.address)
            raise
        call.signed = call.legacy = True
        return clients[found].caller
