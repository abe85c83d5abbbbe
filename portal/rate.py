"""How often something may be done, as it is written among the settings: `600/minute`."""

import re
from dataclasses import dataclass

SECONDS = {"second": 1, "minute": 60, "hour": 3600, "day": 86400}
MOST = 1_000_000

_WRITTEN = re.compile(r"([0-9]{1,7}) ?/ ?(second|minute|hour|day)(?:,? burst ([0-9]{1,7}))?", re.ASCII)


@dataclass(frozen=True)
class Rate:
    """So many within so many seconds, evenly; of them `burst` at once after a pause (all, unless it is said)."""

    count: int
    seconds: int
    burst: int = 0

    def __post_init__(self) -> None:
        if not (0 < self.count <= MOST and self.seconds > 0 and 0 <= self.burst <= MOST):
            raise ValueError(f"{self.count}/{self.seconds} s, burst {self.burst} is no rate")
        object.__setattr__(self, "burst", self.burst or self.count)

    @property
    def interval(self) -> int:
        """Microseconds in which one more is allowed: whole, so that every process reckons the same."""
        return -(-self.seconds * 1_000_000 // self.count)

    @property
    def window(self) -> int:
        """Seconds in which an empty bucket is full again."""
        return -(-self.burst * self.interval // 1_000_000)

    @classmethod
    def parse(cls, text: str) -> "Rate":
        """Read `600/minute` or `600/minute burst 100`; a `ValueError` is the end of a sentence."""
        found = _WRITTEN.fullmatch(text.strip())
        count, burst = (int(found[1]), int(found[3] or found[1])) if found else (0, 0)
        if not found or not (0 < count <= MOST and 0 < burst <= MOST):
            raise ValueError(
                f'it is a number above 0 and "/second", "/minute", "/hour" or "/day", as in "600/minute" or '
                f'"600/minute burst 100", up to {MOST:,}.'
            )
        return cls(count, SECONDS[found[2]], burst)


def check_rate(text: str) -> str | None:
    """What is wrong with a rate among the settings."""
    try:
        Rate.parse(text)
    except ValueError as error:
        return str(error)
    return None
