"""Serves the browser files: overlay, joined entries, compressed variants, immutable addresses.

    <prefix>/<build id>/portal.css             own files, the project's over the portal's
    <prefix>/<build id>/icons.svg              the icon sprite
    <prefix>/vendor/<package>@<version>/…      third-party files

The version is a folder of the address, so relative imports keep working and all of it may be cached for ever.
"""

import hashlib
import json
import os
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping, MutableMapping, Sequence
from pathlib import Path
from typing import Any

import anyio.to_thread

from portal.errors import ConfigurationError, Problem
from portal.web.joining import join_css, join_js
from portal.web.static_file import StaticFile

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Any]]
Send = Callable[[Any], Awaitable[None]]

IMMUTABLE = "public, max-age=31536000, immutable"
SPRITE = "icons.svg"
PACKED = {"br": ".br", "gzip": ".gz"}
DEBUG_MEMORY = 0.05
"""Seconds for which a build id made from file times holds: one page asks for it a dozen times."""
MEMORY_LIMIT = 1_000_000
"""Bytes; a larger file is read anew for each request."""


class StaticFiles:
    """A plain ASGI application over folders of browser files, and the addresses of what it serves."""

    def __init__(self, roots: Sequence[Path], *, prefix: str = "/static", icons: str = "", debug: bool = False) -> None:
        """`roots`: strongest first; `icons`: the sprite; `debug`: files as they are now, uncompressed."""
        self.roots = tuple(root.resolve() for root in roots)
        self.prefix = "/" + prefix.strip("/")
        self.icons = icons
        self.debug = debug
        self.vendored = self._read_manifest()
        self._files: dict[str, StaticFile] = {}
        self._present: dict[str, bool] = {}
        self._build = (time.monotonic(), self._digest())

    # -- addresses --

    @property
    def build_id(self) -> str:
        """A digest of everything we serve of our own; in debug made anew from the files' times."""
        made, build = self._build
        if self.debug and time.monotonic() - made > DEBUG_MEMORY:
            build = self._digest()
            self._build = (time.monotonic(), build)
        return build

    def url(self, path: str) -> str:
        """The address of a file of ours: `portal.css`, `js/list.js`."""
        return f"{self.prefix}/{self.build_id}/{path.lstrip('/')}"

    def vendor(self, name: str) -> str:
        """The address of a third-party file: `htmx.org/htmx.min.js`."""
        path = self.vendored.get(name)
        if path is None:
            message = f'There is no third-party file "{name}".'
            raise ConfigurationError([Problem("P403", "static files", message, "Run `python -m portal.web.assets`.")])
        return f"{self.prefix}/vendor/{path}"

    @property
    def sprite_url(self) -> str:
        return self.url(SPRITE)

    def icon_url(self, name: str) -> str:
        """What an icon's `<use>` points to."""
        return f"{self.sprite_url}#{name}"

    def has(self, path: str) -> bool:
        """Whether some root holds this file, such as a project's `theme.css`."""
        if self.debug:
            return self._find(path) is not None
        if path not in self._present:
            self._present[path] = self._find(path) is not None
        return self._present[path]

    # -- ASGI --

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            return
        if scope["method"] not in {"GET", "HEAD"}:
            await answer(send, 405, {"Allow": "GET, HEAD"})
            return
        version, name = self._split(scope)
        file = await anyio.to_thread.run_sync(self._load, name)
        if file is None:
            await answer(send, 404, {})
            return
        headers = {key.decode("latin-1").lower(): value.decode("latin-1") for key, value in scope["headers"]}
        lasting = version == "vendor" or (version == self.build_id and not self.debug)
        status, fields, body = file.respond(headers, IMMUTABLE if lasting else "no-cache")
        await answer(send, status, fields, body, head=scope["method"] == "HEAD")

    def _split(self, scope: Scope) -> tuple[str, str]:
        """Version and name; a mount hands over the path with or without our prefix, a slash behind it."""
        path = "/" + str(scope["path"]).strip("/")
        version, _, name = path.removeprefix(f"{self.prefix}/").lstrip("/").partition("/")
        return version, f"vendor/{name}" if version == "vendor" else name

    def _load(self, name: str) -> StaticFile | None:
        """The file by its name, joined and compressed; kept in memory outside debug."""
        file = self._files.get(name)
        if file is None:
            file = self._read(name)
            if file is not None and not self.debug and len(file.content) <= MEMORY_LIMIT:
                file.compress()
                self._files[name] = file
        return file

    def _read(self, name: str) -> StaticFile | None:
        if name == SPRITE and self.icons:
            return StaticFile(name, self.icons.encode())
        path = self._find(name)
        if path is None:
            return None
        if name.startswith("vendor/"):
            beside = {encoding: path.with_name(path.name + suffix) for encoding, suffix in PACKED.items()}
            packed = {encoding: file.read_bytes() for encoding, file in beside.items() if file.is_file()}
            return StaticFile(name, path.read_bytes(), packed)
        return StaticFile(name, path.read_bytes() if self.debug else self._joined(name, path))

    def _joined(self, name: str, path: Path) -> bytes:
        if path.suffix == ".css":
            return join_css(path.read_text(encoding="utf-8"), self._text).encode()
        if path.suffix == ".js":
            return join_js(path.read_text(encoding="utf-8"), self._text).encode()
        return path.read_bytes()

    def _text(self, name: str) -> str | None:
        path = self._find(name)
        return path.read_text(encoding="utf-8") if path else None

    def _find(self, name: str) -> Path | None:
        """The strongest root's file of that name; nothing outside the roots, nothing hidden."""
        segments = name.split("/")
        if "\0" in name or "\\" in name or any(not part or part.startswith(".") for part in segments):
            return None
        for root in self.roots:
            path = root.joinpath(*segments).resolve()
            if path.is_relative_to(root) and os.path.isfile(path):  # and no error for a long name
                return path
        return None

    # -- what there is --

    def _read_manifest(self) -> Mapping[str, str]:
        """The third-party files of all roots; the strongest root's version of a package wins."""
        merged: dict[str, str] = {}
        for root in reversed(self.roots):
            path = root / "vendor" / "manifest.json"
            if path.is_file():
                merged |= json.loads(path.read_text(encoding="utf-8"))
        return merged

    def _digest(self) -> str:
        digest = hashlib.sha256(self.icons.encode())
        for root, path in self._own_files():
            digest.update(path.relative_to(root).as_posix().encode())
            if self.debug:
                stat = path.stat()
                digest.update(f"{stat.st_size}:{stat.st_mtime_ns}".encode())
            else:
                digest.update(path.read_bytes())
        return digest.hexdigest()[:10]

    def _own_files(self) -> Iterator[tuple[Path, Path]]:
        for root in self.roots:
            for path in sorted(root.rglob("*")):
                hidden = any(part.startswith(".") for part in path.relative_to(root).parts)
                if not hidden and path.relative_to(root).parts[0] != "vendor" and path.is_file():
                    yield root, path


async def answer(send: Send, status: int, headers: Mapping[str, str], body: bytes = b"", *, head: bool = False) -> None:
    """Send one whole answer."""
    length = {} if status == 304 else {"Content-Length": str(len(body))}
    raw = [(key.lower().encode(), value.encode("latin-1")) for key, value in {**headers, **length}.items()]
    await send({"type": "http.response.start", "status": status, "headers": raw})
    await send({"type": "http.response.body", "body": b"" if head else body})
