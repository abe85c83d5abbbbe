"""Every storage there is, by settings alone."""

import base64
from pathlib import Path
from uuid import uuid4

import pytest

from portal.uploads.backends import open_storage
from portal.uploads.storage import Storage
from tests.uploads.servers import bucket_url, moto, seaweed

__all__ = ["moto", "seaweed"]

KEY = base64.b64encode(bytes(range(32))).decode()
STORAGES = ("local", "encrypted local", "moto", "seaweed", "encrypted seaweed")


@pytest.fixture(params=STORAGES)
def storage(request: pytest.FixtureRequest, tmp_path: Path) -> Storage:
    """An empty one: each test has its own folder, or its own part of the bucket."""
    name = request.param.removeprefix("encrypted ")
    if name == "local":
        url = f"local:{tmp_path / 'media'}"
    else:
        url = bucket_url(request.getfixturevalue(name), bucket=f"files/{uuid4().hex}")
    return open_storage(url, KEY if request.param.startswith("encrypted") else None)


@pytest.fixture
def file(tmp_path: Path) -> "Files":
    return Files(tmp_path)


class Files:
    """Makes files of a given content."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._count = 0

    def __call__(self, content: bytes) -> Path:
        self._count += 1
        path = self._folder / f"sent-{self._count}"
        path.write_bytes(content)
        return path
