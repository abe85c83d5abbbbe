"""What the documentation page calls the API with: a token that is its user's session, for an hour and there only.

It is signed under a label of its own, so it is worth nothing as a cookie, and a cookie nothing as this. The rights are
the user's at each call; when the session ends the token is dead.
"""

from portal.auth.caller import Caller
from portal.auth.refusals import InvalidToken, TokenRevoked
from portal.auth.sessions import SessionState, SessionStore
from portal.auth.signing import Signer

AGE = 3600
"""Seconds."""

PAGE = "page"
"""The kind of these callers."""


class PageTokens:
    """Issues and reads them; nothing is stored."""

    def __init__(self, sessions: SessionStore, key: bytes) -> None:
        self._sessions = sessions
        self._signer = Signer(key, max_age=AGE)

    def issue(self, session: SessionState) -> str:
        return self._signer.sign(session.key)

    async def find(self, text: str) -> Caller:
        """Whose session it is; `InvalidToken` or `TokenRevoked` where it is none, or none any more."""
        key = self._signer.read(text)
        if key is None:
            raise InvalidToken
        session = await self._sessions.load_key(key)
        if session is None or session.actor.must_change_password:
            raise TokenRevoked
        return Caller(session.actor, PAGE, str(session.user_id), session.user_id)
