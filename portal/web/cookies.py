"""The portal's cookies: their names, how they are read and how they are set."""

from collections.abc import Iterable
from dataclasses import dataclass

from portal.auth.authenticator import SESSION_COOKIE, cookie_name, uses_tls
from portal.settings import Settings

LANGUAGE_COOKIE = "fastor_language"
THEME_COOKIE = "fastor_theme"
DENSITY_COOKIE = "fastor_density"
TIME_ZONE_COOKIE = "fastor_tz"
"""What a browser prefers; scripts may write them, they carry no right."""

YEAR = 365 * 24 * 3600

Header = tuple[bytes, bytes]


@dataclass(frozen=True)
class Cookies:
    """Names and attributes for one installation; under TLS every secret one is `__Host-` and `Secure`."""

    secure: bool
    path: str = "/"
    """Where the portal is mounted; our scripts set preferences for that path, and so does the server."""

    @classmethod
    def of(cls, settings: Settings, mounted_at: str = "") -> "Cookies":
        """As the base URL of the installation asks for."""
        return cls(secure=uses_tls(settings), path=mounted_at + "/")

    @property
    def session(self) -> str:
        """Holds the session identifier."""
        return cookie_name(SESSION_COOKIE, secure=self.secure)

    @property
    def visitor(self) -> str:
        """Holds the signed pre-session that forms of nobody are bound to."""
        return cookie_name("fastor_visitor", secure=self.secure)

    @property
    def device(self) -> str:
        """Marks a browser that somebody has signed in from."""
        return cookie_name("fastor_device", secure=self.secure)

    @property
    def flash(self) -> str:
        """Holds the messages for the next page."""
        return cookie_name("fastor_flash", secure=self.secure)

    def build(self, name: str, value: str, *, max_age: int | None = None, script: bool = False) -> Header:
        """The header that sets a cookie; without `max_age` (seconds) it ends with the browser.

        `script` lets our own scripts read it.
        """
        # The `__Host-` prefix demands the root.
        parts = [f"{name}={value}", f"Path={self.path if script else '/'}", "SameSite=Lax"]
        if max_age is not None:
            parts.append(f"Max-Age={max_age}")
        if not script:
            parts.append("HttpOnly")
        if self.secure:
            parts.append("Secure")
        return b"set-cookie", "; ".join(parts).encode("latin-1")

    def clear(self, name: str) -> Header:
        """The header that makes the browser forget a cookie."""
        return self.build(name, "", max_age=0)


def read_cookies(headers: Iterable[Header]) -> dict[str, str]:
    """The cookies of a request; of two with the same name the first one counts."""
    found: dict[str, str] = {}
    for header, value in headers:
        if header != b"cookie":
            continue
        for part in value.decode("latin-1").split(";"):
            name, separator, content = part.strip().partition("=")
            if separator:
                found.setdefault(name, content.strip('"'))
    return found
