"""Slows guessing down without locking anybody out (SECURITY section 5).

Only wrong attempts count, by name whether it is known or not, and by address. A browser the owner has used
before carries a signed device cookie and is counted by that instead, so that a stranger who guesses at a name
can't keep its owner out.
"""

import hashlib
import hmac
import ipaddress
import math
import secrets
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from portal.auth.signing import Signer
from portal.db.engine import Database
from portal.db.mixins import now
from portal.errors import TooManyAttempts
from portal.models.sign_in_failure import SignInFailure

WINDOW = timedelta(minutes=5)
PER_NAME = 8
PER_ADDRESS = 50

DEVICE_AGE = 180 * 24 * 3600
"""Seconds a browser stays known."""


@dataclass(frozen=True)
class Attempt:
    """A sign-in under way; it counts as a failure until it is forgiven, so that many at once count too."""

    id: int
    name_hash: str


class SignInThrottle:
    """Counts wrong sign-ins in the database, so that every process counts together."""

    def __init__(
        self, database: Database, *, key: bytes, device_key: bytes, clock: Callable[[], datetime] = now
    ) -> None:
        self._database = database
        self._key = key
        self._clock = clock
        self._devices = Signer(device_key, max_age=DEVICE_AGE, clock=lambda: clock().timestamp())

    async def admit(self, name: str, address: str | None, device: str | None = None) -> Attempt:
        """Let an attempt begin, or raise `TooManyAttempts`."""
        counted_as, counted_at = self._hash(name), bucket(address)
        if known := self._known_device(device, counted_as):
            counted_as, counted_at = self._hash(known), None
        await self._check(counted_as, counted_at)
        attempt = await self._note(counted_as, counted_at)
        try:
            # Again among those that came before: of many at once only the allowed number goes on.
            await self._check(counted_as, counted_at, before=attempt.id)
        except TooManyAttempts:
            async with self._database.write() as db:
                await self.forgive(db, attempt)
                await db.commit()
            raise
        return attempt

    async def forgive(self, db: AsyncSession, attempt: Attempt) -> None:
        """The attempt was right and does not count; in the caller's transaction."""
        await db.execute(delete(SignInFailure).where(SignInFailure.id == attempt.id))

    def device_for(self, name: str, device: str | None = None) -> str:
        """The cookie that marks this browser as known to the owner of the name."""
        named = self._hash(name)
        known = self._known_device(device, named)
        return self._devices.sign(f"{named}:{known or secrets.token_urlsafe(16)}")

    def _known_device(self, device: str | None, name_hash: str) -> str | None:
        named, _, identifier = (self._devices.read(device) or "").partition(":")
        return identifier if identifier and hmac.compare_digest(named, name_hash) else None

    def _hash(self, name: str) -> str:
        folded = unicodedata.normalize("NFKC", name).casefold().strip()
        return hmac.digest(self._key, folded.encode("utf-8", "surrogatepass"), hashlib.sha256).hex()

    async def _check(self, name_hash: str, address: str | None, before: int | None = None) -> None:
        waits = [await self._wait(SignInFailure.name_hash == name_hash, PER_NAME, before)]
        if address is not None:
            waits.append(await self._wait(SignInFailure.address == address, PER_ADDRESS, before))
        if (wait := max(waits)) > 0:
            raise TooManyAttempts(retry_after=wait)

    async def _wait(self, which: ColumnElement[bool], most: int, before: int | None) -> int:
        """Seconds until one more attempt is allowed, from the oldest of the last `most` failures."""
        moment = self._clock()
        recent = (
            select(SignInFailure.at)
            .where(which, SignInFailure.at > moment - WINDOW)
            .order_by(SignInFailure.at.desc())
            .limit(most)
        )
        if before is not None:
            recent = recent.where(SignInFailure.id < before)
        async with self._database.read() as db:
            times = (await db.scalars(recent)).all()
        if len(times) < most:
            return 0
        return max(1, math.ceil((times[-1] + WINDOW - moment).total_seconds()))

    async def _note(self, name_hash: str, address: str | None) -> Attempt:
        moment = self._clock()
        async with self._database.write() as db:
            await db.execute(delete(SignInFailure).where(SignInFailure.at < moment - WINDOW))
            failure = SignInFailure(name_hash=name_hash, address=address, at=moment)
            db.add(failure)
            await db.commit()
        return Attempt(id=failure.id, name_hash=name_hash)


def bucket(address: str | None) -> str | None:
    """What an address is counted as: IPv6 visitors own a whole /64, and one behind a socket has none."""
    if not address:
        return None
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address[:45]
    if isinstance(parsed, ipaddress.IPv6Address):
        if parsed.ipv4_mapped:
            return str(parsed.ipv4_mapped)
        return str(ipaddress.ip_network((int(parsed), 64), strict=False).network_address)
    return str(parsed)
