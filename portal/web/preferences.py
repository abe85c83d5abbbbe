"""Language, time zone, theme and density of a visitor: their setting, their browser's, the installation's."""

import re
import zoneinfo
from collections.abc import Iterable, Mapping
from urllib.parse import unquote

from portal.auth.actor import Actor
from portal.i18n import LANGUAGES
from portal.settings import Settings
from portal.web.cookies import DENSITY_COOKIE, LANGUAGE_COOKIE, THEME_COOKIE, TIME_ZONE_COOKIE
from portal.web.negotiation import weighted
from portal.web.state import Preferences

THEMES = ("light", "dark")
DENSITIES = ("comfortable", "compact")
"""The first one is shown to whoever has chosen none."""

_ZONE = re.compile(r"[A-Za-z][\w+-]*(?:/[\w+-]+){0,2}", re.ASCII)
_MOST_LANGUAGES = 20


def preferences_of(actor: Actor | None, cookies: Mapping[str, str], accepted: str, settings: Settings) -> Preferences:
    """What counts for this request; `accepted` is the Accept-Language header."""
    theme, density = cookies.get(THEME_COOKIE), cookies.get(DENSITY_COOKIE)
    own_language = actor.language if actor else None
    language = next((tag for tag in (own_language, cookies.get(LANGUAGE_COOKIE)) if tag in LANGUAGES), None)
    return Preferences(
        language=language or best_language(accepted, LANGUAGES) or settings.language,
        time_zone=_zone(actor, cookies) or settings.time_zone,
        theme=theme if theme in THEMES else THEMES[0],
        density=density if density in DENSITIES else DENSITIES[0],
    )


def best_language(accepted: str, available: Iterable[str]) -> str | None:
    """The available tag an Accept-Language header likes most: itself, or another of the same language."""
    weights = [weighted(part.strip()) for part in accepted.split(",")[:_MOST_LANGUAGES]]
    for wanted, _ in sorted((pair for pair in weights if pair[1] > 0), key=lambda pair: -pair[1]):
        tags = [tag for tag in available if _primary(tag) == _primary(wanted)]
        exact = [tag for tag in tags if tag.lower() == wanted.lower()]
        if tags:
            return (exact or tags)[0]
    return None


def _primary(tag: str) -> str:
    return tag.partition("-")[0].lower()


def _zone(actor: Actor | None, cookies: Mapping[str, str]) -> str | None:
    """Browsers write the slash of `Asia/Shanghai` as it is or encoded."""
    sent = unquote(cookies.get(TIME_ZONE_COOKIE, ""))
    own = actor.time_zone if actor else None
    return next((name for name in (own, sent) if name and is_zone(name)), None)


def is_zone(name: str) -> bool:
    """Whether it is an IANA time zone this machine knows."""
    if not _ZONE.fullmatch(name):
        return False
    try:
        zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True
