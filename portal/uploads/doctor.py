"""What is wrong with a storage, and what to change: every step is done for real, with an object of its own."""

import json
import tempfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

from boto3.exceptions import Boto3Error  # type: ignore[import-untyped]
from botocore.exceptions import ClientError  # type: ignore[import-untyped]

from portal.errors import StorageError
from portal.i18n import Text, _, gettext
from portal.uploads.keys import new_key
from portal.uploads.s3 import code_of
from portal.uploads.storage import Storage

CONTENT = bytes(range(256)) * 1024
PATIENCE = 10
"""Seconds a browser's request may take."""

FIXES = {
    "InvalidAccessKeyId": _(
        "The identity is unknown there: look at the ID in storage_url, and whether it was disabled."
    ),
    "SignatureDoesNotMatch": _('The secret is wrong: look at it in storage_url; "/" is written %2F, "+" %2B, "@" %40.'),
    "AccessDenied": _("The key may not do this: allow it to put, get, list and delete objects of this bucket."),
    "NoSuchBucket": _("There is no such bucket: make it, or correct its name or the region in storage_url."),
    "RequestTimeTooSkewed": _("The clock of this machine is off: set it by NTP."),
    "RequestExpired": _("The clock of this machine is off: set it by NTP."),
    "PermanentRedirect": _("The bucket lies in another region: write that one into storage_url."),
    "AuthorizationHeaderMalformed": _("The bucket lies in another region: write that one into storage_url."),
    "InvalidBucketName": _("The place takes no such name of a bucket: correct it in storage_url."),
}
"""By what the place calls the mistake."""

FORBIDDEN = _("The key is refused: look at the ID and the secret in storage_url, and at what the key may do.")
ENDPOINT = _("Nothing answers there: look at host, port and tls in storage_url, and at firewalls on the way.")

STEPS: Mapping[str, Text] = {
    "write": _("Write"),
    "read": _("Read"),
    "ranges": _("Read a part"),
    "list": _("List"),
    "parts": _("Write in parts"),
    "signed addresses": _("Signed addresses"),
    "browsers (CORS)": _("Browsers (CORS)"),
    "rename": _("Move"),
    "delete": _("Delete"),
}
"""What the steps are called on pages."""


class Finding(NamedTuple):
    """One step and how it went."""

    step: str
    fix: str | None
    """What to change, in the language that was active; `None` when all is well."""

    @property
    def ok(self) -> bool:
        return self.fix is None


class Unwell(Exception):
    """A step that worked otherwise than it must; the text is the fix."""


def examine(storage: Storage, origin: str | None) -> Iterator[Finding]:
    """One finding a step, as soon as it is known; after a failed write nothing else is tried. `origin` is where the
    portal's pages come from."""
    key = new_key("txt")
    moved = new_key("txt")
    with tempfile.NamedTemporaryFile(prefix="fastor-") as file:
        file.write(CONTENT)
        file.flush()
        source = Path(file.name)
        first = _tried("write", lambda: _write(storage, key, source))
        yield first
        if not first.ok:
            return
        yield _tried("read", lambda: _expect(storage, key, 0, None))
        yield _tried("ranges", lambda: _expect(storage, key, 1000, 70_000))
        yield _tried("list", lambda: _expect_listed(storage, key))
        yield _tried("parts", lambda: _send_parts(storage, moved, source))
        if storage.direct:
            yield _tried("signed addresses", lambda: _fetch_signed(storage, key))
            yield _tried("browsers (CORS)", lambda: _ask_as_browser(storage, key, origin))
        yield _tried("rename", lambda: storage.rename(key, moved, "text/plain"))
        yield _tried("delete", lambda: _delete(storage, key, moved))


def cors_rules(origin: str) -> str:
    """For the bucket's configuration."""
    rule = {
        "AllowedOrigins": [origin],
        "AllowedMethods": ["GET", "HEAD", "PUT"],
        "AllowedHeaders": ["*"],
        "ExposeHeaders": ["ETag"],
        "MaxAgeSeconds": 3600,
    }
    return json.dumps([rule], indent=2)


def _tried(step: str, action: Callable[[], None]) -> Finding:
    try:
        action()
    except StorageError as error:
        return Finding(step, _fix(error))
    except FileNotFoundError:
        return Finding(step, gettext("What was just stored is not there: do several storages answer at this address?"))
    except Unwell as error:
        return Finding(step, str(error))
    return Finding(step, None)


def _fix(error: StorageError) -> str:
    cause = error.__cause__
    if isinstance(cause, Boto3Error):  # a transfer's, which hides what the place said
        cause = cause.__context__
    if isinstance(cause, ClientError):
        code = code_of(cause)
        other = _("The place refuses it and calls the reason {code}.").format(code=code)
        return str(FIXES.get(code, FORBIDDEN if code == "403" else other))
    if isinstance(cause, OSError):
        return gettext(
            "The folder can't be used ({reason}): look at its owner and at the room on its disk.", reason=cause.strerror
        )
    return str(ENDPOINT if cause else error)


def _write(storage: Storage, key: str, source: Path) -> None:
    next(storage.list(key), None)  # asked first: some places make a bucket of any wrong name that is written to
    storage.put(key, source, "text/plain")


def _expect(storage: Storage, key: str, start: int, length: int | None) -> None:
    end = None if length is None else start + length
    if b"".join(storage.read(key, start, length)) != CONTENT[start:end]:
        raise Unwell(gettext("Other bytes came back than were stored: is there a cache or a proxy between?"))


def _expect_listed(storage: Storage, key: str) -> None:
    if [(found.key, found.size) for found in storage.list(key)] != [(key, len(CONTENT))]:
        raise Unwell(gettext("What was stored is not listed: allow the key to list this bucket."))


def _send_parts(storage: Storage, key: str, source: Path) -> None:
    upload = storage.begin_parts(key, "text/plain")
    try:
        storage.put_part(key, upload, 1, source)
        storage.finish_parts(key, upload, "text/plain")
    except StorageError:
        storage.abort_parts(key, upload)
        raise
    _expect(storage, key, 0, None)


def _fetch_signed(storage: Storage, key: str) -> None:
    address = storage.signed_url(key, 60, "attachment", "text/plain")
    try:
        with urlopen(Request(str(address)), timeout=PATIENCE) as answer:
            content = answer.read()
    except HTTPError as error:
        error.close()
        raise Unwell(
            gettext("A signed address is refused: look at the region and the addressing in storage_url.")
        ) from error
    except (URLError, OSError) as error:
        raise Unwell(
            gettext("A signed address can't be reached: browsers must be able to reach the bucket's host.")
        ) from error
    if content != CONTENT:
        raise Unwell(
            gettext("A signed address gives other bytes than were stored: is there a cache or a proxy between?")
        )


def _ask_as_browser(storage: Storage, key: str, origin: str | None) -> None:
    if origin is None:
        raise Unwell(gettext("It is not known where the portal's pages come from: set base_url."))
    address = storage.part_url(key, "upload", 1, 5, 60)
    headers = {
        "Origin": origin,
        "Access-Control-Request-Method": "PUT",
        "Access-Control-Request-Headers": "content-type",
    }
    try:
        with urlopen(Request(str(address), headers=headers, method="OPTIONS"), timeout=PATIENCE) as answer:
            allowed = answer.headers.get("Access-Control-Allow-Origin")
            methods = answer.headers.get("Access-Control-Allow-Methods", "")
    except (URLError, OSError) as error:
        if isinstance(error, HTTPError):
            error.close()
        allowed, methods = None, ""
    if allowed not in (origin, "*") or not ("PUT" in methods.upper() or methods == "*"):
        text = gettext("The bucket lets no pages of {origin} in. Its CORS rules must be:", origin=origin)
        raise Unwell(f"{text}\n{cors_rules(origin)}")


def _delete(storage: Storage, *keys: str) -> None:
    for key in keys:
        storage.delete(key)
        if storage.stat(key) is not None:
            raise Unwell(gettext("What was deleted is still there: allow the key to delete objects of this bucket."))
