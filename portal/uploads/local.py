"""Files in a folder of this machine, or of one that several machines share."""

import contextlib
import errno
import os
import re
import secrets
import shutil
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

from portal.errors import StorageError, StorageFull
from portal.uploads.keys import is_path
from portal.uploads.storage import StoredObject, UploadClosed

INCOMING = ".incoming"
PIECE = 256 * 1024

_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_UPLOAD = re.compile(r"[0-9a-f]{32}", re.ASCII)
_HALF = re.compile(r"(.+)\.[0-9a-f]{32}\.part", re.ASCII)


class LocalStorage:
    """A file is written beside its place and moved there once it is on the disk: nobody sees half of it.

    Symbolic links inside the folder lead nowhere.
    """

    direct = False
    origins: tuple[str, ...] = ()

    def __init__(self, folder: Path) -> None:
        self._folder = folder.absolute()

    def put(self, key: str, source: Path, media_type: str) -> None:
        with telling_disk_errors():
            self._make_folder(self._place(key).parent)
            self._write(self._place(key), [source])

    def read(self, key: str, start: int = 0, length: int | None = None) -> Iterator[bytes]:
        with telling_disk_errors(asking=True):
            pieces = self._pieces(self._place(key), start, length)
            next(pieces)  # opens the file: that it is missing is said here, and from here on it is closed for sure
        return pieces

    def stat(self, key: str) -> StoredObject | None:
        with telling_disk_errors(asking=True), contextlib.suppress(FileNotFoundError):
            return self._object(self._place(key))
        return None

    def delete(self, key: str) -> None:
        with telling_disk_errors(asking=True), contextlib.suppress(FileNotFoundError):
            self._place(key).unlink()

    def list(self, prefix: str = "") -> Iterator[StoredObject]:
        with telling_disk_errors():
            for path in self._files(prefix.rpartition("/")[0]):
                if path.suffix == ".part" or path.is_symlink() or not self._key(path).startswith(prefix):
                    continue
                with contextlib.suppress(FileNotFoundError):
                    yield self._object(path)

    def rename(self, source: str, target: str, media_type: str) -> None:
        with telling_disk_errors():
            origin, place = self._place(source), self._place(target)
            self._make_folder(place.parent)
            origin.replace(place)
            _sync_folder(place.parent)
            _sync_folder(origin.parent)

    def signed_url(self, key: str, seconds: int, disposition: str, media_type: str) -> str | None:
        return None

    # -- big files, in parts: a folder each, with a file that says where it will go

    def begin_parts(self, key: str, media_type: str) -> str:
        self._place(key)
        upload = secrets.token_hex(16)
        with telling_disk_errors():
            folder = self._folder / INCOMING / upload
            self._make_folder(folder)
            (folder / "key").write_text(key, encoding="utf-8")
        return upload

    def part_url(self, key: str, upload: str, number: int, length: int, seconds: int) -> str | None:
        return None

    def put_part(self, key: str, upload: str, number: int, source: Path) -> None:
        with telling_disk_errors():
            try:
                self._write(self._opened(key, upload) / f"{number:d}", [source])
            except FileNotFoundError as error:
                raise UploadClosed from error  # at this moment

    def parts(self, key: str, upload: str) -> Mapping[int, int]:
        with telling_disk_errors():
            return {number: path.stat().st_size for number, path in self._arrived(key, upload)}

    def finish_parts(self, key: str, upload: str, media_type: str) -> None:
        with telling_disk_errors():
            arrived = [path for _number, path in self._arrived(key, upload)]
            self._make_folder(self._place(key).parent)
            self._write(self._place(key), arrived)
        self.abort_parts(key, upload)

    def abort_parts(self, key: str, upload: str) -> None:
        with telling_disk_errors(), contextlib.suppress(FileNotFoundError):
            if _UPLOAD.fullmatch(upload):
                shutil.rmtree(self._folder / INCOMING / upload)
            elif _HALF.fullmatch(upload):
                (self._place(key).parent / Path(upload).name).unlink()

    def unfinished(self) -> Iterator[tuple[str, str, datetime]]:
        """Also halves a killed process left behind."""
        with telling_disk_errors():
            for folder in (self._folder / INCOMING).glob("*/"):
                key = ""  # of one that was interrupted while it was aborted
                with contextlib.suppress(FileNotFoundError):
                    key = (folder / "key").read_text(encoding="utf-8")
                with contextlib.suppress(FileNotFoundError):
                    yield key, folder.name, _moment(folder.stat().st_mtime)
            for path in self._files():
                if half := _HALF.fullmatch(path.name):
                    with contextlib.suppress(FileNotFoundError):
                        yield self._key(path.with_name(half[1])), path.name, _moment(path.stat().st_mtime)

    # -- paths

    def _place(self, key: str) -> Path:
        """Where it lies; what can't be a key of ours, or is elsewhere by a symbolic link, is not there."""
        hidden = any(part.startswith(".") for part in key.split("/"))
        place = self._folder / key
        if hidden or key.endswith(".part") or not is_path(key) or not self._holds(place):
            raise FileNotFoundError(errno.ENOENT, "no such object", key)
        return place

    def _holds(self, place: Path) -> bool:
        # The folder itself may be a link, to another disk say.
        return Path(os.path.realpath(place)).is_relative_to(os.path.realpath(self._folder))

    def _key(self, path: Path) -> str:
        return path.relative_to(self._folder).as_posix()

    def _object(self, path: Path) -> StoredObject:
        found = path.stat()
        return StoredObject(self._key(path), found.st_size, _moment(found.st_mtime))

    def _files(self, below: str = "") -> Iterator[Path]:
        root = self._folder / below if is_path(below) else self._folder
        for folder, folders, names in os.walk(root):
            folders[:] = [name for name in folders if not name.startswith(".")]
            yield from (Path(folder, name) for name in names if not name.startswith("."))

    def _opened(self, key: str, upload: str) -> Path:
        folder = self._folder / INCOMING / upload
        with contextlib.suppress(FileNotFoundError):
            if _UPLOAD.fullmatch(upload) and (folder / "key").read_text(encoding="utf-8") == key:
                return folder
        raise UploadClosed

    def _arrived(self, key: str, upload: str) -> Sequence[tuple[int, Path]]:
        folder = self._opened(key, upload)
        return sorted((int(path.name), path) for path in folder.iterdir() if path.name.isdecimal())

    # -- bytes

    def _pieces(self, path: Path, start: int, length: int | None) -> Iterator[bytes]:
        with path.open("rb", buffering=0) as file:
            file.seek(start)
            yield b""
            left = length
            with telling_disk_errors():
                while piece := file.read(PIECE if left is None else min(PIECE, left)):
                    yield piece
                    left = None if left is None else left - len(piece)

    def _write(self, place: Path, sources: Sequence[Path]) -> None:
        """One after the other, as one file, that is on the disk before it can be seen."""
        half = place.with_name(f"{place.name}.{secrets.token_hex(16)}.part")
        try:
            with half.open("xb") as file:
                for source in sources:
                    with source.open("rb") as content:
                        shutil.copyfileobj(content, file, PIECE)
                file.flush()
                os.fsync(file.fileno())
            half.replace(place)
        finally:
            half.unlink(missing_ok=True)
        _sync_folder(place.parent)

    def _make_folder(self, folder: Path) -> None:
        """Each new folder is on the disk too."""
        missing = [parent for parent in (folder, *folder.parents) if not parent.exists()]
        folder.mkdir(parents=True, exist_ok=True)
        for made in missing:
            _sync_folder(made.parent)


@contextlib.contextmanager
def telling_disk_errors(*, asking: bool = False) -> Iterator[None]:
    """What the disk refuses, as a sentence; that something is not there is the caller's to tell. To who only asks,
    what can't be a file is not there either."""
    try:
        yield
    except OSError as error:
        if isinstance(error, FileNotFoundError):
            raise
        if asking and error.errno in (errno.ENOTDIR, errno.EISDIR, errno.ENAMETOOLONG):
            raise FileNotFoundError(errno.ENOENT, "no such object") from error
        if is_full(error):
            raise StorageFull from error
        raise StorageError from error


def is_full(error: BaseException) -> bool:
    """Whether it says that there is no room on a disk."""
    return isinstance(error, OSError) and error.errno in _FULL


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
