"""The outermost layer: each request gets an id and, once it is answered, one line in the log.

    {"time": "…", "request_id": "…", "method": "GET", "path": "/articles", "status": 200, "bytes": 5120, "ms": 8.1, …}

Around the outer guard, so that what that refuses is told too. docs/logging.md says what is written, and what never.
"""

import logging
import re
import secrets
from datetime import UTC, datetime
from time import perf_counter
from typing import Any

import msgspec

from portal.request_notes import RequestNotes, notes
from portal.settings import Settings
from portal.web.asgi import ASGIApp, Message, Receive, Scope, Send
from portal.web.masking import masked_path, masked_query
from portal.web.proxies import Proxies

HEADER = b"x-request-id"
REQUEST_ID = "request_id"
"""Where in `scope["state"]` it stands."""
CALLER = "caller"
"""Where there the JSON API says who called."""

LONGEST_AGENT = 200
LONGEST_PATH = 1000

_GOOD_ID = re.compile(rb"[A-Za-z0-9._-]{1,64}")
_SEEN = "fastor_seen"

_access = logging.getLogger("portal.access")
_slow = logging.getLogger("portal.slow")


class Entry(msgspec.Struct, omit_defaults=True):
    """One line of the access log."""

    time: datetime
    request_id: str
    method: str
    path: str
    query: str = ""
    route: str = ""
    """The path as it is declared: `/articles/{key}/edit`."""
    status: int = 0
    """0 if there was no answer: the visitor had gone."""
    bytes: int = 0
    """Of the body that was sent."""
    ms: float = 0
    sql: int = 0
    """Statements."""
    sql_ms: float = 0
    address: str = ""
    user: str = ""
    """The id of who is signed in."""
    caller: str = ""
    """What the API was called with: the kind and the id of a token or key."""
    agent: str = ""


class AccessLog:
    """Wraps the whole application, the outer guard too."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self.app = app
        self._proxies = Proxies(settings.trusted_proxies)
        self._writes = settings.access_log
        self._slow_after = settings.slow_request

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        noted = RequestNotes(self._id(scope))
        state = scope.setdefault("state", {})
        state[REQUEST_ID] = noted.id
        answer = _Sent(send, noted.id)
        begun = perf_counter()
        before = notes.set(noted)
        try:
            await self.app(scope, receive, answer.send)
        except Exception:
            answer.status = answer.status or 500  # which the server says in its own words
            raise
        finally:
            self._tell(state.pop(_SEEN, scope), noted, answer, perf_counter() - begun)
            notes.reset(before)

    def _id(self, scope: Scope) -> str:
        """The proxy's own, so that its log and ours tell of the same request; strangers' words stay outside."""
        client = scope.get("client")
        given = [value for name, value in scope["headers"] if name == HEADER]
        if len(given) == 1 and _GOOD_ID.fullmatch(given[0]) and self._proxies.trust(client[0] if client else None):
            return bytes(given[0]).decode()
        return secrets.token_hex(8)

    def _tell(self, scope: Scope, noted: RequestNotes, answer: "_Sent", seconds: float) -> None:
        slow = 0 < self._slow_after <= seconds
        if not slow and not (self._writes and _access.isEnabledFor(logging.INFO)):
            return
        entry = _entry(scope, noted, answer, seconds)
        if self._writes:
            _write(entry)
        if slow:
            text = "%s %s took %d ms, with %d SQL statements that took %d ms [%s]"
            where = entry.route or entry.path
            _slow.warning(text, entry.method, where, entry.ms, entry.sql, entry.sql_ms, entry.request_id)


def seen(scope: Scope) -> Scope:
    """Leave the scope that the application gets for the log, which knows the one from before only."""
    if "state" in scope and REQUEST_ID in scope["state"]:
        scope["state"][_SEEN] = scope
    return scope


class _Sent:
    """Passes the answer on, marked with the request's id, and looks how much it is."""

    __slots__ = ("_header", "_send", "bytes", "status")

    def __init__(self, send: Send, id: str) -> None:
        self._send = send
        self._header = (HEADER, id.encode())
        self.status = 0
        self.bytes = 0

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            message["headers"] = [*message["headers"], self._header]
        else:
            self.bytes += len(message.get("body", b""))
        await self._send(message)


def _entry(scope: Scope, noted: RequestNotes, answer: _Sent, seconds: float) -> Entry:
    state = scope["state"]
    client = scope.get("client")
    caller = state.get(CALLER)
    actor = getattr(state.get("fastor"), "actor", None)
    agents = [value for name, value in scope["headers"] if name == b"user-agent"]
    return Entry(
        time=datetime.now(UTC),
        request_id=noted.id,
        method=scope["method"][:20],
        path=masked_path(scope["path"])[:LONGEST_PATH],
        query=masked_query(scope["query_string"].decode("latin-1"))[:LONGEST_PATH],
        route=_route(scope),
        status=answer.status,
        bytes=answer.bytes,
        ms=round(seconds * 1000, 1),
        sql=noted.statements,
        sql_ms=round(noted.sql_seconds * 1000, 1),
        address=client[0] if client else "",
        user=str(actor.id) if actor else "",
        caller=f"{caller.kind}:{caller.id}" if caller else "",
        agent=masked_path(agents[0].decode("latin-1"))[:LONGEST_AGENT] if agents else "",
    )


def _write(entry: Entry) -> None:
    """As `_access.info` would, which takes twice as long to find out that it was called here."""
    said = (entry.method, entry.path, entry.status)
    _access.handle(
        _access.makeRecord(_access.name, logging.INFO, __file__, 0, "%s %s %s", said, None, extra={"entry": entry})
    )


def _route(scope: Scope) -> str:
    found: Any = scope.get("path_template")
    return found if isinstance(found, str) else ""
