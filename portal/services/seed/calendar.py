"""Fixed days, so that the sample content is the same whenever it is made."""

import random
from datetime import UTC, datetime, timedelta

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
"""The day the sample content thinks it is."""

AUTHOR = "starter"
"""The user name written into `created_by`."""


def moments(count: int, days: int, chance: random.Random) -> list[datetime]:
    """`count` moments of the last `days` days before `NOW`, in order, most of them at working hours."""
    found = []
    for _ in range(count):
        day = NOW - timedelta(days=chance.random() * days + 1)
        hour = min(max(int(chance.gauss(8, 4)), 0), 23)
        found.append(day.replace(hour=hour, minute=chance.randrange(60), second=chance.randrange(60), microsecond=0))
    return sorted(found)
