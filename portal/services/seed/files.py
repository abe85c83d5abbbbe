"""Takes the pictures of the sample content in, by the same door as everybody's."""

import asyncio
import random
from collections.abc import Callable, Iterable
from typing import Any

from PIL import Image
from sqlalchemy import select

from portal.db.engine import Database
from portal.db.mapping import mapping_of
from portal.facts import FileFacts
from portal.models.file import FileUse, StoredFile
from portal.services.file_uses import keys_of
from portal.services.seed.calendar import AUTHOR
from portal.services.seed.pictures import AVATARS, BANNERS, COVERS, avatar_key, banner_key, cover_key, face, scene
from portal.uploads.rules import picture_rules
from portal.uploads.service import Uploads

Drawing = Callable[[random.Random], Image.Image]


async def add_pictures(database: Database, uploads: Uploads) -> int:
    """Draw and store the pictures that are missing; how many that were."""
    wanted: list[tuple[str, str, str, Drawing]] = []
    wanted += [(cover_key(n), "covers", f"cover-{n:02d}.webp", scene(n)) for n in range(COVERS)]
    wanted += [(banner_key(n), "banners", f"banner-{n:02d}.webp", scene(n + 2)) for n in range(BANNERS)]
    wanted += [(avatar_key(n), "avatars", f"avatar-{n:02d}.webp", face) for n in range(AVATARS)]
    keys = [key for key, *_ in wanted]
    async with database.read() as session:
        there = set(await session.scalars(select(StoredFile.key).where(StoredFile.key.in_(keys))))
    missing = [item for item in wanted if item[0] not in there]
    for key, folder, name, draw in missing:
        rules = picture_rules(FileFacts(folder=folder))
        async with uploads.workshop() as workshop:
            path = workshop / "drawn"
            await asyncio.to_thread(_draw, draw, key, path)
            await uploads.add(path, name, rules, owner=AUTHOR, kept=True, key=key)
    return len(missing)


async def uses(session: Any, rows: Iterable[Any]) -> list[FileUse]:
    """What these rows, flushed already, use."""
    ids = dict((await session.execute(select(StoredFile.key, StoredFile.id))).tuples().all())
    found = []
    for row in rows:
        mapping = mapping_of(type(row))
        for name in mapping.files:
            for key in sorted(keys_of(mapping, name, getattr(row, name)) & ids.keys()):
                use = FileUse(file_id=ids[key], noun=mapping.table_name, row_key=mapping.key_of(row), field=name)
                found.append(use)
    return found


def _draw(draw: Drawing, key: str, path: Any) -> None:
    draw(random.Random(key)).save(path, "WEBP", quality=86, method=2)
