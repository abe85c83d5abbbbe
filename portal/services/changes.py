"""What was changed, told to whoever has to know: caches forget, webhooks are sent.

A `ResourceService` gathers changes while it writes and tells them twice: inside the transaction, so that what
must be kept with the rows is kept with them, and after the commit, when everybody can see the rows.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from portal.services.unit_of_work import UnitOfWork

_log = logging.getLogger("portal.services")


@dataclass(frozen=True)
class Change:
    """One thing that was done to rows of one table."""

    table: str
    operation: str
    """`create`, `edit`, `delete`, `order`, or what a noun calls it itself: `publish`."""
    keys: tuple[str, ...] = ()
    """Of the rows; empty where they are too many to name."""
    resource: str = ""
    """The name of the resource it was done through."""


class Observer(Protocol):
    """Told of every change that goes through a service."""

    async def recording(self, work: "UnitOfWork", changes: Sequence[Change]) -> None:
        """Before the commit, in the same transaction; what fails here undoes the change."""

    async def committed(self, changes: Sequence[Change]) -> None:
        """After the commit; nothing that fails here may undo or hide it."""


async def announce(observers: Sequence[Observer], changes: Sequence[Change]) -> None:
    """Tell of what is committed by now."""
    for observer in observers if changes else ():
        try:
            await observer.committed(changes)
        except Exception:
            _log.exception("%s was not told of a change", type(observer).__name__)
