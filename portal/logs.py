"""How the servers of `fastor run` write logs: JSON, a line each, or plain text for people (docs/logging.md)."""

import logging
from datetime import UTC, datetime
from typing import Any

import msgspec

from portal.request_notes import notes
from portal.settings import Settings

OWN_LEVELS = {"httpx": "WARNING", "botocore": "WARNING", "urllib3": "WARNING", "watchfiles": "WARNING"}
"""Loggers that tell addresses with signatures in them, or too much."""


class Line(msgspec.Struct, omit_defaults=True):
    """One line of any log but the access log."""

    time: datetime
    level: str
    logger: str
    message: str
    request_id: str = ""
    trace: str = ""


def log_config(settings: Settings) -> dict[str, Any]:
    """For `logging.config.dictConfig`: everything goes to the standard output of the process."""
    json = settings.log_format == "json" or (settings.log_format == "auto" and not settings.development)
    formatter = JsonFormatter if json else PlainFormatter
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"fastor": {"()": f"{__name__}.{formatter.__name__}"}},
        "handlers": {
            "out": {"class": "logging.StreamHandler", "formatter": "fastor", "stream": "ext://sys.stdout"},
        },
        "root": {"handlers": ["out"], "level": "INFO"},
        "loggers": {
            **{name: {"level": level} for name, level in OWN_LEVELS.items()},
            "_granian": {"level": "WARNING"},
            # ours instead of theirs
            "granian.access": {"handlers": [], "propagate": False},
            "uvicorn.access": {"handlers": [], "propagate": False},
        },
    }


class JsonFormatter(logging.Formatter):
    """A JSON object a line; an access line is the entry itself."""

    def __init__(self) -> None:
        super().__init__()
        self._encode = msgspec.json.Encoder().encode

    def format(self, record: logging.LogRecord) -> str:
        entry = getattr(record, "entry", None)
        return self._encode(entry or self._line(record)).decode("utf-8", "replace")

    def _line(self, record: logging.LogRecord) -> Line:
        under_way = notes.get()
        return Line(
            time=datetime.fromtimestamp(record.created, UTC),
            level=record.levelname.lower(),
            logger=record.name,
            message=_encodable(record.getMessage()),
            request_id=under_way.id if under_way else "",
            trace=_encodable(self.formatException(record.exc_info)) if record.exc_info else "",
        )


class PlainFormatter(logging.Formatter):
    """For whoever looks at a terminal."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)-7s %(name)s: %(message)s", "%H:%M:%S")

    def format(self, record: logging.LogRecord) -> str:
        entry = getattr(record, "entry", None)
        if entry is None:
            return super().format(record)
        address = f"{entry.path}?{entry.query}" if entry.query else entry.path
        shown = address.encode("unicode_escape").decode() if not address.isprintable() else address
        clock = self.formatTime(record, self.datefmt)
        return f"{clock} {entry.status} {entry.method:<6} {shown}  {entry.ms:g} ms, {entry.sql} SQL"


def _encodable(text: str) -> str:
    """Without the halves of characters that have no UTF-8."""
    return text.encode("utf-8", "replace").decode()
