"""What must be true of an installation that others can reach."""

import contextlib
import stat
from collections.abc import Iterator
from pathlib import Path

from portal.addresses import is_loopback
from portal.errors import Problem
from portal.settings import SECRET_LENGTH, Settings

FEWEST_LETTERS = 12
"""Different characters that a random secret of the least length has at the very least."""


def deploy_problems(settings: Settings) -> list[Problem]:
    """Everything that speaks against letting others in."""
    return [*_openness(settings), *_names(settings), *_secrets(settings), *_folders(settings)]


def deploy_warnings(settings: Settings) -> list[Problem]:
    """What may be meant so, and should be known."""
    return [*_old_signatures(settings), *lonely_workers(settings)]


def _old_signatures(settings: Settings) -> Iterator[Problem]:
    if settings.legacy_signing:
        message = "lets clients in by MD5 signatures, which can be repeated and are not safe."
        yield Problem("P909", "FASTOR_LEGACY_SIGNING", message, "Leave it out as soon as no client needs it.")


def lonely_workers(settings: Settings) -> Iterator[Problem]:
    """Also told when they are started."""
    if settings.workers > 1 and not settings.redis_url:
        message = f"is not set, and there are {settings.workers} workers: each counts and remembers for itself."
        hint = "Limits add up, and a value may be old in one of them for as long as it is kept."
        yield Problem("P910", "FASTOR_REDIS_URL", message, hint)


def _openness(settings: Settings) -> Iterator[Problem]:
    if settings.debug:
        yield Problem("P901", "FASTOR_DEBUG", "shows everybody what went wrong.", "Leave it out.")


def _names(settings: Settings) -> Iterator[Problem]:
    if not settings.hosts:
        yield Problem("P902", "FASTOR_HOSTS", "is not set.", "Name the hosts the portal answers to.")
    if not settings.base_url:
        yield Problem("P903", "FASTOR_BASE_URL", "is not set.", "For example https://portal.example.com.")
    elif not settings.base_url.startswith("https://"):
        message = "is not under TLS: the session cookie would travel readable."
        hint = "Let a proxy in front speak https, and write its address."
        yield Problem("P904", "FASTOR_BASE_URL", message, hint)
    if is_loopback(settings.host) and not settings.trusted_proxies:
        message = "is not set: behind a proxy on this machine all visitors seem to have one address."
        yield Problem("P905", "FASTOR_TRUSTED_PROXIES", message, "For example 127.0.0.1.")


def _secrets(settings: Settings) -> Iterator[Problem]:
    kept = settings.var / "secret"
    with contextlib.suppress(OSError, UnicodeDecodeError):
        if kept.read_text(encoding="ascii").strip() == settings.secret:
            message = f"is not set; the one in {kept} was made for development."
            hint = 'Make one: python -c "import secrets; print(secrets.token_urlsafe(48))"'
            yield Problem("P906", "FASTOR_SECRET", message, hint)
            return
    if len(settings.secret) < SECRET_LENGTH or len(set(settings.secret)) < FEWEST_LETTERS:
        hint = f"Take {SECRET_LENGTH} random characters or more."
        yield Problem("P907", "FASTOR_SECRET", "can be guessed.", hint)


def _folders(settings: Settings) -> Iterator[Problem]:
    kind, _, folder_of_files = settings.storage_url.partition(":")
    for folder in (settings.var, *([Path(folder_of_files)] if kind == "local" else [])):
        with contextlib.suppress(FileNotFoundError):
            mode = folder.stat().st_mode
            if mode & stat.S_IWOTH:
                yield Problem("P908", str(folder), "can be written by everybody.", f"chmod o-w {folder}")
