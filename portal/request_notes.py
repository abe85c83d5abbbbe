"""What is noted of the request under way, by layers that know nothing of each other: its id, and its statements."""

from contextvars import ContextVar


class RequestNotes:
    """One request's; tasks it starts write into the same notes."""

    __slots__ = ("id", "sql_seconds", "statements")

    def __init__(self, id: str) -> None:
        self.id = id
        self.statements = 0
        self.sql_seconds = 0.0
        """The waiting for the database included, so that statements at the same time count twice."""


notes: ContextVar[RequestNotes | None] = ContextVar("fastor_request_notes", default=None)
"""Of the request that the code is running for; `None` where it runs for none."""
