"""Keys that clients sign with: a public id, and a secret that is encrypted where it is stored.

A signature is checked with the secret itself, so a digest would not do. What a reader of the database finds is of no
use without the portal's own secret.
"""

import base64
import binascii
import logging
import re
import secrets
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import ColumnElement, select, update
from sqlalchemy.engine import CursorResult

from portal.auth.caller import CLIENT, Caller
from portal.auth.recall import MemoryRecall, Recall, RedisRecall
from portal.auth.refusals import KeyRefused, KeyRevoked
from portal.auth.seen import Seen
from portal.auth.token_records import program
from portal.db.engine import Database
from portal.db.mixins import now
from portal.models.client_key import ClientKey
from portal.redis_server import RedisServer
from portal.settings import Settings

PREFIX = "fck_"
_KEY_ID = re.compile(r"fck_[0-9a-f]{20}")

_NONCE = 12

_log = logging.getLogger("portal.auth")


class KeyRecord(msgspec.Struct, frozen=True):
    """A key that is good; its secret still encrypted, because this may lie in Redis."""

    id: int
    key_id: str
    name: str
    sealed: str
    scopes: tuple[str, ...]
    legacy_allowed: bool
    sealed_only: bool
    last_used_at: datetime | None


@dataclass(frozen=True)
class Client:
    """What is needed to check a signature, and whom it then stands for."""

    caller: Caller
    secret: str = field(repr=False)
    legacy_allowed: bool
    """Whether the MD5 form will do."""
    sealed_only: bool
    """Whether a body must come encrypted."""


@dataclass(frozen=True)
class IssuedKey:
    """A new key, and the only time its secret can be read."""

    row: ClientKey
    secret: str = field(repr=False)


class ClientKeys:
    """Issues, finds and ends them, as `Tokens` does."""

    def __init__(
        self,
        database: Database,
        settings: Settings,
        redis: RedisServer | None = None,
        *,
        clock: Callable[[], datetime] = now,
    ) -> None:
        self.database = database
        self.clock = clock
        self._cipher = AESGCM(settings.key("client keys"))
        self._recall: Recall[KeyRecord] = (
            RedisRecall(redis, "client-key", KeyRecord, settings.key("client key recall")) if redis else MemoryRecall()
        )
        self._seen = Seen(ClientKey, database, clock)

    def draft(self, row: ClientKey) -> str:
        """Give a row that is not stored yet its id and its secret, which is returned."""
        row.key_id, secret = PREFIX + secrets.token_hex(10), secrets.token_urlsafe(32)
        row.secret = self._seal(row.key_id, secret)
        return secret

    async def issue(
        self, name: str, *, scopes: Collection[str] = (), created_by: str | None = None, **flags: bool
    ) -> IssuedKey:
        """A new key in a transaction of its own; `flags` are those of `ClientKey`."""
        row = ClientKey(name=name, scopes=sorted(set(scopes)), created_by=created_by, updated_by=created_by, **flags)
        secret = self.draft(row)
        async with self.database.write() as db:
            db.add(row)
            await db.commit()
        _log.info("client key issued: key=%s", row.key_id)
        return IssuedKey(row, secret)

    async def find(self, key_id: str, address: str | None = None) -> Client:
        """The client of a key id; `KeyRefused` or `KeyRevoked` where there is none."""
        if not _KEY_ID.fullmatch(key_id):
            raise KeyRefused
        record = await self._recall.get(key_id)
        if record is None:
            record = await self._read(key_id, address)
            await self._recall.put(key_id, record)
        actor = program(f"{CLIENT}:{record.key_id}", record.name, frozenset(record.scopes))
        return Client(
            Caller(actor, CLIENT, record.key_id, record.id, record.last_used_at),
            self._open(record.key_id, record.sealed),
            legacy_allowed=record.legacy_allowed,
            sealed_only=record.sealed_only,
        )

    async def legacy(self) -> list[Client]:
        """The clients whose signatures may have the old form, which does not name its key; few, and asked for anew
        each time."""
        async with self.database.read() as db:
            alive = ClientKey.legacy_allowed.is_(True) & ClientKey.active.is_(True) & ClientKey.revoked_at.is_(None)
            key_ids = (await db.scalars(select(ClientKey.key_id).where(alive).order_by(ClientKey.id))).all()
        return [await self.find(key_id) for key_id in key_ids]

    def wants_touch(self, caller: Caller) -> bool:
        """Whether the time of the last use is old enough to be written, which is done after the answer."""
        return self._seen.is_due(caller)

    async def touch(self, caller: Caller, address: str | None) -> None:
        """Note that the key is in use."""
        await self._seen.note(caller, address)

    async def revoke(self, row_id: int) -> bool:
        """End a key; false where it had ended before."""
        alive = (ClientKey.id == row_id) & ClientKey.revoked_at.is_(None)
        async with self.database.write() as db:
            done = await db.execute(update(ClientKey).where(alive).values(revoked_at=self.clock()))
            await db.commit()
        await self.forget(ClientKey.id == row_id)
        return isinstance(done, CursorResult) and bool(done.rowcount)

    async def forget(self, rows: ColumnElement[bool]) -> None:
        """Ask the database about these keys from now on."""
        async with self.database.read() as db:
            key_ids = (await db.scalars(select(ClientKey.key_id).where(rows))).all()
        await self._recall.drop(key_ids)

    async def recording(self, work: Any, changes: Any) -> None:
        """Nothing of ours is kept with the rows."""

    async def committed(self, changes: Any) -> None:
        """As an observer of services: keys that were changed are read anew."""
        for change in changes:
            if change.table == ClientKey.__tablename__ and change.operation != "create":
                keys = [int(key) for key in change.keys]
                await self.forget(ClientKey.id.in_(keys) if keys else ClientKey.id.is_not(None))

    async def _read(self, key_id: str, address: str | None) -> KeyRecord:
        async with self.database.read() as db:
            row = await db.scalar(select(ClientKey).where(ClientKey.key_id == key_id))
        if row is None or row.revoked_at is not None or not row.active:
            error = KeyRefused() if row is None else KeyRevoked()
            _log.warning("client key refused: %s key=%s address=%s", error.code, key_id, address)
            raise error
        return KeyRecord(
            id=row.id,
            key_id=row.key_id,
            name=row.name,
            sealed=row.secret,
            scopes=tuple(row.scopes),
            legacy_allowed=row.legacy_allowed,
            sealed_only=row.sealed_only,
            last_used_at=row.last_used_at,
        )

    def _seal(self, key_id: str, secret: str) -> str:
        nonce = secrets.token_bytes(_NONCE)
        return base64.urlsafe_b64encode(nonce + self._cipher.encrypt(nonce, secret.encode(), key_id.encode())).decode()

    def _open(self, key_id: str, sealed: str) -> str:
        """The secret; where `FASTOR_SECRET` is another one by now, nobody can say what it was."""
        try:
            box = base64.urlsafe_b64decode(sealed)
            return self._cipher.decrypt(box[:_NONCE], box[_NONCE:], key_id.encode()).decode()
        except (InvalidTag, binascii.Error, ValueError) as error:
            _log.exception("the secret of client key %s can't be decrypted: was FASTOR_SECRET changed?", key_id)
            raise KeyRefused from error
