"""`Door`: what stands before every endpoint: who calls, in which language, and may they?

Cookies mean nothing here: a caller sends `Authorization`, so that no other site's page can call in a visitor's
name. Each scheme has one reader: `Bearer` a token; others are added by their names.
"""

import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Protocol

from api.call import Call
from api.clients import LegacyClients
from api.endpoint import Endpoint
from api.limits import Asker, Limits
from api.signature_errors import SignatureMissing
from portal.auth.caller import CLIENT, SERVICE, Caller
from portal.auth.client_keys import ClientKeys
from portal.auth.page_tokens import PAGE
from portal.auth.refusals import InvalidToken
from portal.auth.tokens import Tokens
from portal.errors import SignInRequired

if TYPE_CHECKING:
    from portal.web.site import Site

Credentials = Callable[[Call, str], Awaitable[Caller]]
"""Reads what stands behind a scheme's name in `Authorization`; raises why the caller is not let in."""

_log = logging.getLogger("api")


class Check(Protocol):
    """Something else that is looked at before an endpoint answers: limits, signatures."""

    async def before(self, call: Call, endpoint: Endpoint) -> None:
        """Raise why the call is refused; headers of the answer go into `call.headers`."""

    async def after(self, call: Call, endpoint: Endpoint, status: int) -> None:
        """Once the answer is made."""


class Door:
    """Lets calls in."""

    def __init__(
        self,
        site: "Site",
        schemes: Mapping[str, Credentials],
        limits: Limits,
        checks: Sequence[Check] = (),
        legacy: LegacyClients | None = None,
    ) -> None:
        self.site = site
        self._limits = limits
        self._legacy = legacy
        self._schemes = {name.lower(): reader for name, reader in schemes.items()}
        self._checks = tuple(checks)

    async def admit(self, call: Call, endpoint: Endpoint) -> None:
        """Find out who calls, and refuse those who may not."""
        standing = await self._limits.arrive(call.address)
        try:
            call.caller = await self._caller(call)
            standing |= await self._limits.admit(asker_of(call), endpoint.name, endpoint.rate)
        finally:
            call.headers |= standing.headers
        for check in self._checks:
            await check.before(call, endpoint)
        if endpoint.public:
            return
        if call.caller is None:
            raise SignInRequired
        if endpoint.signed and not call.signed:
            raise SignatureMissing
        if endpoint.permission:
            call.caller.require(endpoint.permission)

    async def leave(self, call: Call, endpoint: Endpoint, status: int) -> None:
        for check in self._checks:
            await check.after(call, endpoint, status)

    async def _caller(self, call: Call) -> Caller | None:
        given = call.received.get("authorization")
        if not given:
            return await self._legacy.caller(call) if self._legacy else None
        scheme, _, credentials = given.partition(" ")
        reader = self._schemes.get(scheme.lower())
        if reader is None:
            raise InvalidToken
        return await reader(call, credentials.strip())


def asker_of(call: Call) -> Asker:
    """Who calls, for limits: the token or key, and the person where one may have several."""
    caller = call.caller
    if caller is None:
        return Asker(call.address)
    user = caller.subject if caller.kind not in (CLIENT, SERVICE) else None
    return Asker(call.address, token=f"{caller.kind}:{caller.id}", user=user and f"{caller.kind}:{user}")


class BearerTokens:
    """`Authorization: Bearer fst_…`"""

    def __init__(self, tokens: Tokens) -> None:
        self._tokens = tokens

    async def __call__(self, call: Call, credentials: str) -> Caller:
        return await self._tokens.find(credentials, call.address)


class LastUse:
    """Notes that tokens and keys are in use; a use that can't be noted is no call lost."""

    def __init__(self, tokens: Tokens, keys: ClientKeys) -> None:
        self._tokens = tokens
        self._keys = keys

    async def before(self, call: Call, endpoint: Endpoint) -> None: ...

    async def after(self, call: Call, endpoint: Endpoint, status: int) -> None:
        if call.caller is None or call.caller.kind == PAGE:
            return
        store = self._keys if call.caller.kind == CLIENT else self._tokens
        try:
            if store.wants_touch(call.caller):
                await store.touch(call.caller, call.address)
        except Exception:
            _log.warning("the use of a token or key could not be noted", exc_info=True)
