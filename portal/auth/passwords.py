"""Passwords: hashed with argon2id beside the event loop, and refused when they are easy to guess."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

import anyio
import anyio.to_thread
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError, VerifyMismatchError
from argon2.low_level import Type

from portal.auth.guessable import is_guessable
from portal.errors import TooManyAttempts
from portal.i18n import Text, _

MINIMUM = 12
MAXIMUM = 128
"""Characters; both from SECURITY section 2. Nothing is cut off and no kind of character is demanded."""

AT_ONCE = 2
"""Each hashing takes 64 MiB, so that unbounded sign-ins would exhaust the memory."""

MOST_WAITING = 100
"""Beyond this many waiting for a slot people are told to come back: waiting longer helps nobody."""

_Result = TypeVar("_Result")
_log = logging.getLogger("portal.auth")


def _hasher() -> PasswordHasher:
    return PasswordHasher(time_cost=3, memory_cost=64 * 1024, parallelism=4, type=Type.ID)


@dataclass
class Passwords:
    """Hashes and checks passwords; one object a process, because it holds the limiter."""

    hasher: PasswordHasher = field(default_factory=_hasher)
    _slots: anyio.CapacityLimiter = field(default_factory=lambda: anyio.CapacityLimiter(AT_ONCE), repr=False)
    _under_way: int = field(default=0, repr=False)
    _nobodys: str | None = field(default=None, repr=False)

    async def hash(self, password: str) -> str:
        """The argon2id hash to store."""
        return await self._run(self.hasher.hash, password)

    async def verify(self, stored: str | None, password: str) -> bool:
        """Whether the password fits the stored hash.

        Without a stored hash (an unknown name) the same work is done, so that the time tells nothing.
        """
        if self._nobodys is None:
            self._nobodys = await self.hash("nobody has this password")
        fits = await self._run(self._fits, stored or self._nobodys, password)
        return fits and stored is not None

    def needs_rehash(self, stored: str) -> bool:
        """Whether the hash was made with other parameters than today's."""
        return self.hasher.check_needs_rehash(stored)

    def _fits(self, stored: str, password: str) -> bool:
        try:
            return self.hasher.verify(stored, password if len(password) <= MAXIMUM else "")
        except (VerifyMismatchError, UnicodeEncodeError):
            return False
        except (VerificationError, InvalidHashError):
            _log.exception("a stored password hash can't be read")
            return False

    async def _run(self, work: Callable[..., _Result], *arguments: str) -> _Result:
        # The limiter's own count comes too late for a crowd that arrives in one moment.
        if self._under_way >= MOST_WAITING:
            raise TooManyAttempts(retry_after=10)
        self._under_way += 1
        try:
            return await anyio.to_thread.run_sync(work, *arguments, limiter=self._slots)
        finally:
            self._under_way -= 1


def complaint(password: str, *, names: Sequence[str] = ()) -> Text | None:
    """Why a new password can't be taken, or nothing; `names` are words that belong to its owner."""
    if len(password) < MINIMUM:
        return _("Use at least {n} characters.").format(n=MINIMUM)
    if len(password) > MAXIMUM:
        return _("Use at most {n} characters.").format(n=MAXIMUM)
    try:
        password.encode()
    except UnicodeEncodeError:
        return _("This holds characters that can't be stored.")
    if is_guessable(password, names):
        return _("This password is among the first that are tried. Use several unrelated words.")
    return None
