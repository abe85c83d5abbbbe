"""Big files in parts, on every storage: what is taken, what is refused, and what is left of either."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import pytest
from sqlalchemy import func, select, update

from portal.db.engine import Database
from portal.errors import ConflictError, NotFound, StorageError
from portal.models.file import FileUse, StoredFile
from portal.models.pending_upload import PendingUpload
from portal.uploads.examine import Box
from portal.uploads.parts import IDLE, MOST_OPEN, PART, PartedUploads, PartsMissing, TooManyOpen, WrongLength
from portal.uploads.pending import CLAIM, LIFE, settle
from portal.uploads.refusals import Damaged, TooBig, UploadRefused, WrongKind
from portal.uploads.rules import Rules, document_rules, picture_rules
from portal.uploads.service import Uploads
from portal.uploads.storage import Storage, UploadClosed
from tests.uploads.drawing import good
from tests.uploads.papers import long_film

pytestmark = pytest.mark.anyio

FILM = long_film(2 * PART + 1000)
RULES = document_rules()
TABLES = [StoredFile.__table__, FileUse.__table__, PendingUpload.__table__]


class Sender:
    """Somebody who sends files in parts, as a browser would."""

    def __init__(self, database: Database, storage: Storage, folder: Path) -> None:
        self.database = database
        self.storage = storage
        self.folder = folder
        self.uploads = Uploads(database, storage, folder / "tmp")
        self.parts = PartedUploads(database, self.uploads)

    async def begin(
        self, size: int = len(FILM), name: str = "tea.mp4", rules: Rules = RULES, owner: str = "maria"
    ) -> PendingUpload:
        return await self.parts.begin(name, size, rules, resource="articles", field="attachment", owner=owner)

    async def send(self, pending: PendingUpload, number: int, content: bytes) -> None:
        address = await self.parts.address(pending, number)
        if address is None:
            path = self.folder / "part"
            path.write_bytes(content)
            await self.parts.take(pending, number, path)
        else:
            request = Request(address, content, {"Content-Type": "application/octet-stream"}, method="PUT")
            with await asyncio.to_thread(urlopen, request, timeout=20) as answer:
                assert answer.status == 200

    async def send_all(self, pending: PendingUpload, content: bytes = FILM) -> None:
        for number in range(pending.count, 0, -1):  # their order does not matter
            await self.send(pending, number, content[(number - 1) * PART : number * PART])

    async def sent(self, content: bytes = FILM, **more: object) -> PendingUpload:
        pending = await self.begin(len(content), **more)  # type: ignore[arg-type]  # one of its options
        await self.send_all(pending, content)
        return await self.again(pending)

    async def again(self, pending: PendingUpload) -> PendingUpload:
        return await self.parts.find(pending.name, pending.owner)

    async def change(self, pending: PendingUpload, **values: object) -> PendingUpload:
        async with self.database.write() as session:
            await session.execute(update(PendingUpload).where(PendingUpload.id == pending.id).values(values))
            await session.commit()
        return await self.again(pending)

    async def count(self, model: type) -> int:
        async with self.database.read() as session:
            return int(await session.scalar(select(func.count()).select_from(model)) or 0)

    async def is_clean(self) -> bool:
        """Nothing lies in the storage, or is known, of any upload."""
        rest = [*self.storage.list(), *self.storage.unfinished(), *(self.folder / "tmp").glob("*")]
        return not rest and not await self.count(StoredFile) and not await self.count(PendingUpload)


@pytest.fixture
async def sender(storage: Storage, tmp_path: Path) -> AsyncIterator[Sender]:
    database = Database(f"sqlite+aiosqlite:///{tmp_path / 'parts.db'}")
    async with database.engine.begin() as connection:
        for table in TABLES:
            await connection.run_sync(table.create)  # type: ignore[attr-defined]  # a Table
    sender = Sender(database, storage, tmp_path)
    yield sender
    await sender.uploads.close()
    await database.dispose()


local_only = pytest.mark.parametrize("storage", ["local"], indirect=True)
"""What no storage has a part in."""


async def test_parts_become_a_file_with_its_row(sender: Sender) -> None:
    pending = await sender.sent()
    assert await sender.count(StoredFile) == 0
    file = await sender.parts.finish(pending, RULES)
    assert (file.media_type, file.size, file.owner, file.original_name) == ("video/mp4", len(FILM), "maria", "tea.mp4")
    assert b"".join(sender.storage.read(file.key)) == FILM
    assert [found.key for found in sender.storage.list()] == [file.key]
    assert list(sender.storage.unfinished()) == []


async def test_upload_goes_on_where_it_stopped(sender: Sender) -> None:
    pending = await sender.begin()
    assert await sender.parts.arrived(pending) == []
    await sender.send(pending, 3, FILM[2 * PART :])
    await sender.send(pending, 1, FILM[:PART])
    assert await sender.parts.arrived(await sender.again(pending)) == [1, 3]
    with pytest.raises(PartsMissing):
        await sender.parts.finish(pending, RULES)
    await sender.send(pending, 2, FILM[PART : 2 * PART])
    assert (await sender.parts.finish(await sender.again(pending), RULES)).size == len(FILM)


async def test_finished_twice_is_the_same_file(sender: Sender) -> None:
    pending = await sender.sent()
    first = await sender.parts.finish(pending, RULES)
    second = await sender.parts.finish(await sender.again(pending), RULES)
    assert first.key == second.key and await sender.count(StoredFile) == 1
    with pytest.raises(ConflictError):
        await sender.parts.finish(pending, RULES)  # by who has not noticed
    with pytest.raises(ConflictError):
        await sender.parts.address(await sender.again(pending), 1)
    await sender.parts.cancel(await sender.again(pending))
    assert sender.storage.stat(first.key) is not None


async def test_finished_by_two_at_once_it_is_one_file(sender: Sender) -> None:
    pending = await sender.sent()
    ends = await asyncio.gather(*[sender.parts.finish(pending, RULES) for _ in range(3)], return_exceptions=True)
    files = [end for end in ends if isinstance(end, StoredFile)]
    assert len(files) == 1 and all(isinstance(end, ConflictError) for end in ends if end not in files)
    assert [found.key for found in sender.storage.list()] == [files[0].key]


async def test_whoever_asks_while_it_is_finished_does_no_harm(sender: Sender, monkeypatch: pytest.MonkeyPatch) -> None:
    """After a reload, when the file lies under its own key already and its row is not committed yet."""
    pending = await sender.sent()
    told: list[object] = []

    async def asked(*given: Any, **more: Any) -> None:
        told.append(await sender.parts.arrived(await sender.again(pending)))
        await settle(*given, **more)

    monkeypatch.setattr("portal.uploads.parts.settle", asked)
    assert (await sender.parts.finish(pending, RULES)).size == len(FILM)
    assert told == [[1, 2, 3]]


async def test_picture_is_made_anew_and_cut(sender: Sender) -> None:
    content = good("PNG", size=(400, 300))
    pending = await sender.sent(content, name="tea.png", rules=picture_rules())
    file = await sender.parts.finish(pending, picture_rules(), crop=Box(0, 0, 160, 90))
    assert (file.width, file.height) == (160, 90)
    assert {found.key.split("/")[0] for found in sender.storage.list()} == {f"{datetime.now(UTC):%Y}"}


async def test_content_decides_and_what_is_refused_is_gone(sender: Sender) -> None:
    pending = await sender.sent(b"<script>alert(1)</script>" * 400, name="tea.mp4")
    with pytest.raises(WrongKind):
        await sender.parts.finish(pending, RULES)
    assert await sender.is_clean()
    with pytest.raises(UploadClosed):
        await sender.again(pending)


async def test_cancelled_upload_leaves_nothing(sender: Sender) -> None:
    pending = await sender.begin()
    await sender.send(pending, 1, FILM[:PART])
    await sender.parts.cancel(pending)
    assert await sender.is_clean()


async def test_upload_the_storage_has_given_up_is_forgotten(sender: Sender) -> None:
    pending = await sender.begin()
    sender.storage.abort_parts(pending.key, pending.upload)
    with pytest.raises(UploadClosed):
        await sender.parts.arrived(pending)
    assert await sender.is_clean()


async def test_what_was_put_together_is_taken_up_again(sender: Sender) -> None:
    """The process was killed between the two."""
    pending = await sender.sent()
    sender.storage.finish_parts(pending.key, pending.upload, pending.media_type)
    pending = await sender.change(pending, claimed_at=datetime.now(UTC) - CLAIM)
    assert await sender.parts.arrived(pending) == [1, 2, 3]
    assert (await sender.parts.finish(pending, RULES)).size == len(FILM)


async def test_file_waits_where_it_was_when_its_row_can_not_be_written(
    sender: Sender, monkeypatch: pytest.MonkeyPatch
) -> None:
    pending = await sender.sent()

    async def away(*_: object, **__: object) -> None:
        raise StorageError

    with monkeypatch.context() as patch:
        patch.setattr("portal.uploads.parts.settle", away)
        with pytest.raises(StorageError):
            await sender.parts.finish(pending, RULES)
    assert await sender.count(StoredFile) == 0
    assert [found.key for found in sender.storage.list()] == [pending.key]
    assert (await sender.parts.finish(await sender.again(pending), RULES)).size == len(FILM)


@local_only
@pytest.mark.parametrize(
    ("name", "size", "rules", "refusal"),
    [
        ("a.mp4", RULES.max_bytes + 1, RULES, TooBig),
        ("a.mp4", 0, RULES, Damaged),
        ("a.exe", 10, RULES, WrongKind),
        ("a.png", 10, RULES, WrongKind),
        ("a.pdf", 10, picture_rules(), WrongKind),
    ],
    ids=["too big", "nothing", "program", "picture", "paper"],
)
async def test_what_would_be_in_vain_is_not_begun(
    sender: Sender, name: str, size: int, rules: Rules, refusal: type[UploadRefused]
) -> None:
    with pytest.raises(refusal):
        await sender.begin(size, name, rules)
    assert await sender.is_clean()


@local_only
async def test_name_without_an_ending_is_left_to_the_content(sender: Sender) -> None:
    pending = await sender.sent(name="../../etc/tea")
    assert pending.key.endswith(".bin")
    file = await sender.parts.finish(pending, RULES)
    assert file.key.endswith(".mp4") and file.original_name == "tea"


@local_only
async def test_part_has_its_length_and_its_number(sender: Sender) -> None:
    pending = await sender.begin()
    for content in (b"", FILM[: PART - 1], FILM[: PART + 1]):
        with pytest.raises(WrongLength):
            await sender.send(pending, 1, content)
    for number in (0, -1, 4):
        with pytest.raises(NotFound):
            await sender.parts.address(pending, number)
    assert await sender.parts.arrived(pending) == []


@pytest.mark.parametrize("storage", ["moto"], indirect=True)
async def test_bucket_that_takes_any_length_is_not_believed(sender: Sender) -> None:
    """Not every imitation keeps to what was signed."""
    pending = await sender.sent()
    await sender.send(pending, 3, FILM[2 * PART :] + b"more")
    assert await sender.parts.arrived(pending) == [1, 2]
    with pytest.raises(PartsMissing):
        await sender.parts.finish(pending, RULES)
    assert await sender.count(StoredFile) == 0


@local_only
async def test_uploads_of_others_and_of_long_ago_are_not_there(sender: Sender) -> None:
    pending = await sender.begin()
    with pytest.raises(UploadClosed):
        await sender.parts.find(pending.name, "erik")
    with pytest.raises(UploadClosed):
        await sender.change(pending, expires_at=datetime.now(UTC))


@local_only
async def test_part_puts_the_end_off(sender: Sender) -> None:
    pending = await sender.begin()
    soon = datetime.now(UTC) + timedelta(minutes=5)
    pending = await sender.change(pending, expires_at=soon)
    await sender.send(pending, 1, FILM[:PART])
    assert (await sender.again(pending)).expires_at > soon + LIFE / 2


@local_only
async def test_so_many_are_open_for_one_person_and_idle_ones_make_room(sender: Sender) -> None:
    opened = [await sender.begin() for _ in range(MOST_OPEN)]
    with pytest.raises(TooManyOpen):
        await sender.begin()
    await sender.begin(owner="erik")
    await sender.change(opened[3], expires_at=datetime.now(UTC) + LIFE - IDLE - timedelta(minutes=1))
    await sender.begin()
    with pytest.raises(UploadClosed):
        await sender.again(opened[3])
    assert await sender.count(PendingUpload) == MOST_OPEN + 1
    assert len(list(sender.storage.unfinished())) == MOST_OPEN + 1


@local_only
async def test_many_begun_at_once_are_no_more(sender: Sender) -> None:
    ends = await asyncio.gather(*[sender.begin() for _ in range(MOST_OPEN * 2)], return_exceptions=True)
    assert {type(end) for end in ends} <= {PendingUpload, TooManyOpen}
    assert await sender.count(PendingUpload) <= MOST_OPEN


@local_only
async def test_private_file_has_a_key_of_its_own_kind(sender: Sender) -> None:
    rules = replace(RULES, private=True)
    file = await sender.parts.finish(await sender.sent(rules=rules), rules)
    assert file.private and file.key.startswith("private/")
