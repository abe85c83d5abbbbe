"""What an installation decides: every setting, its type, its default and what it is for."""

import hashlib
import hmac
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, NamedTuple, get_type_hints

import msgspec
from msgspec import Meta
from msgspec.structs import force_setattr

from portal import addresses
from portal.errors import PortalError
from portal.rate import check_rate

PREFIX = "FASTOR_"
SECRET_LENGTH = 32
"""Characters a secret must have outside development."""

Check = Callable[[str], str | None]


def _meta(help: str, default: str | None = None, check: Check | None = None, **bounds: Any) -> Meta:
    return Meta(description=help, extra={"default": default, "check": check}, **bounds)


class Settings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What an installation decides; made by `Settings.load()`."""

    database_url: Annotated[
        str,
        _meta(
            "SQLite, MariaDB/MySQL or PostgreSQL: `sqlite+aiosqlite:///file`, `mysql+asyncmy://…`, "
            "`postgresql+asyncpg://…`",
            "sqlite+aiosqlite:///<var>/fastor.db",
            addresses.check_database,
        ),
    ] = ""
    redis_url: Annotated[
        str | None,
        _meta(
            "A Redis shared by several machines; without it each process remembers for itself",
            check=addresses.check_redis,
        ),
    ] = None
    storage_url: Annotated[
        str,
        _meta(
            "Where uploaded files go: `local:` and a folder, or a bucket: `s3://…`, `minio://…`, `cos://…`, "
            "`oss://…` as in [storage.md](storage.md)",
            "local:<var>/media",
            addresses.check_storage,
        ),
    ] = ""
    storage_key: Annotated[
        str | None,
        _meta(
            "32 random bytes in base64, with which uploaded files are encrypted before they are stored",
            check=addresses.check_storage_key,
        ),
    ] = None
    media_url: Annotated[
        str | None,
        _meta(
            "From where the public fetches stored files, when not from the portal: a CDN or a second host",
            check=addresses.check_media,
        ),
    ] = None
    video_hosts: Annotated[
        tuple[str, ...],
        _meta("Sites whose videos may be shown within rich text", check=addresses.check_host),
    ] = ("www.bilibili.com", "v.qq.com", "v.youku.com", "www.youtube.com", "vimeo.com")
    secret: Annotated[
        str,
        _meta(
            f"At least {SECRET_LENGTH} characters nobody knows; sessions and links are signed with it",
            "in development made once and kept in `<var>/secret`",
        ),
    ] = ""
    debug: Annotated[bool, _meta("Show what went wrong to whoever asks; only on your own machine")] = False
    hosts: Annotated[
        tuple[str, ...],
        _meta(
            "Host names the portal answers to; `.example.com` takes every name below it",
            "in development those of this machine",
            addresses.check_host,
        ),
    ] = ()
    base_url: Annotated[
        str | None,
        _meta(
            "How visitors reach it, for links in messages: `https://portal.example.com`",
            check=addresses.check_origin,
        ),
    ] = None
    trusted_proxies: Annotated[
        tuple[str, ...],
        _meta(
            "Addresses or networks of the proxies in front, whose `X-Forwarded-For` is believed",
            check=addresses.check_network,
        ),
    ] = ()
    api_rate: Annotated[
        str,
        _meta(
            "How often the API may be called with one token or key: [api/limits.md](api/limits.md)", check=check_rate
        ),
    ] = "600/minute"
    api_user_rate: Annotated[
        str, _meta("How often with all tokens of one user or customer together", check=check_rate)
    ] = "1200/minute"
    api_address_rate: Annotated[
        str,
        _meta("How often from one address, strangers and wrong tokens included", check=check_rate),
    ] = "1200/minute"
    api_docs: Annotated[
        bool,
        _meta(
            "Show the documentation of the API, to those who may, outside development too: [api/index.md](api/index.md)"
        ),
    ] = False
    legacy_signing: Annotated[
        bool,
        _meta("Take the old MD5 signatures too, for clients that know no other: [api/signing.md](api/signing.md)"),
    ] = False
    legacy_signing_window: Annotated[
        int, _meta("Seconds the clock of a client with old signatures may differ", ge=1, le=86_400)
    ] = 1800
    language: Annotated[
        Literal["en", "zh-CN"],
        _meta("Shown to whoever has chosen none and whose browser asks for none of ours"),
    ] = "en"
    time_zone: Annotated[
        str, _meta("Of a viewer who has set none and whose browser says none", check=addresses.check_zone)
    ] = "UTC"
    customer_sessions: Annotated[
        Literal["single", "multi"],
        _meta("Whether signing in to the API ends a customer's session on the device before: `single`, `multi`"),
    ] = "multi"
    webhook_private: Annotated[
        bool,
        _meta("Send webhooks to this machine and its network too, and without TLS: for trying out, never in earnest"),
    ] = False
    access_log: Annotated[
        bool, _meta("Write a line for each request: [logging.md](logging.md); which get an id either way")
    ] = True
    slow_request: Annotated[
        float, _meta("Seconds after which a request is told as slow, with its SQL statements counted; 0 is never", ge=0)
    ] = 1.0
    log_format: Annotated[
        Literal["auto", "json", "plain"],
        _meta("How `fastor run` writes logs: `json`, `plain`, or by `auto` plain in development only"),
    ] = "auto"
    host: Annotated[str, _meta("The address `fastor run` listens on", check=addresses.check_listener)] = "127.0.0.1"
    port: Annotated[int, _meta("And its port", ge=1, le=65535)] = 8000
    workers: Annotated[int, _meta("Processes that answer requests", ge=1, le=256)] = 1
    admin_username: Annotated[str, _meta("The administrator made by the first start", min_length=1, max_length=150)] = (
        "admin"
    )
    admin_password: Annotated[
        str | None,
        _meta("Their password; without it a random one is printed once and changed at the first sign-in"),
    ] = None
    var: Annotated[Path, _meta("The folder of what the portal writes itself")] = Path("var")

    def __post_init__(self) -> None:
        if not self.database_url:
            force_setattr(self, "database_url", f"sqlite+aiosqlite:///{self.var / 'fastor.db'}")
        if not self.storage_url:
            force_setattr(self, "storage_url", f"local:{self.var / 'media'}")

    @property
    def development(self) -> bool:
        """Whether only the developer can reach it, so that comfort goes before caution."""
        return self.debug or addresses.is_loopback(self.host)

    def key(self, label: str) -> bytes:
        """The key for one purpose, so that what is signed for one is worth nothing for another."""
        if not self.secret:
            raise PortalError("These settings have no secret to derive a key from.")
        return hmac.digest(self.secret.encode(), label.encode(), hashlib.sha256)

    def __repr__(self) -> str:
        """Without the secrets: settings end up in logs."""
        shown = {name: getattr(self, name) for name in self.__struct_fields__}
        for name in ("secret", "storage_key", "admin_password"):
            shown[name] = shown[name] and "***"
        for name in ("database_url", "redis_url", "storage_url"):
            shown[name] = shown[name] and addresses.without_password(shown[name])
        return f"Settings({', '.join(f'{name}={value!r}' for name, value in shown.items())})"

    @classmethod
    def load(cls, file: Path | None = None, environ: Mapping[str, str] | None = None) -> "Settings":
        """Read `file` (`fastor.toml` here, when there is one) and the environment; a `ConfigurationError`
        names every mistake of both."""
        from portal.setting_sources import load  # which reads what is declared here

        return load(file, os.environ if environ is None else environ)


class Setting(NamedTuple):
    """One line of the reference."""

    name: str
    variable: str
    default: str
    help: str


def settings_table() -> list[Setting]:
    """Every setting, for the documentation."""
    return [
        Setting(
            field.name,
            PREFIX + field.name.upper(),
            field.meta.extra["default"] or _shown(field.default),
            field.meta.description or "",
        )
        for field in fields().values()
    ]


def _shown(default: Any) -> str:
    if default is None or default == ():
        return ""
    if isinstance(default, tuple):
        return ",".join(default)
    return str(default).lower() if isinstance(default, bool) else str(default)


class Field(NamedTuple):
    """One setting as it is declared."""

    name: str
    type: Any
    meta: Any
    default: Any


def fields() -> dict[str, Field]:
    """Every setting by its name."""
    hints = get_type_hints(Settings, include_extras=True)
    return {
        field.name: Field(field.name, hints[field.name], hints[field.name].__metadata__[0], field.default)
        for field in msgspec.structs.fields(Settings)
    }
