"""The servers `fastor run` can start, each with the deadlines the portal needs."""

import logging
from pathlib import Path
from typing import TYPE_CHECKING

from portal.cli.target import Target
from portal.logs import log_config

if TYPE_CHECKING:
    from watchfiles import BaseFilter

    from portal.settings import Settings

HEADER_TIMEOUT = 10
"""Seconds a client has to send the headers of a request; bodies have the outer guard."""
STOP_TIMEOUT = 30
"""Seconds that answers under way have to end when the server stops; streams end themselves after 25."""
SOURCES = (".html", ".po", ".toml", ".yaml")
"""What is read at the start besides Python."""


def serve(server: str, settings: "Settings", target: Target, *, reload: bool) -> None:
    """Serve until a signal ends it."""
    logging.getLogger("watchfiles").setLevel(logging.WARNING)  # it tells every write to a log, in that log
    start = _serve_uvicorn if server == "uvicorn" else _serve_granian
    start(settings, target, reload=reload)


def _serve_granian(settings: "Settings", target: Target, *, reload: bool) -> None:
    import multiprocessing

    from granian import Granian
    from granian.constants import HTTPModes, Interfaces
    from granian.http import HTTP1Settings
    from granian.log import LogLevels

    if reload:
        # Forked workers would keep the modules that this process has imported.
        multiprocessing.set_start_method("spawn")
    Granian(
        target.address,
        address=settings.host.strip("[]"),
        port=settings.port,
        interface=Interfaces.ASGI,
        factory=target.is_factory,
        workers=settings.workers,
        http=HTTPModes.http1,
        http1_settings=HTTP1Settings(header_read_timeout=HEADER_TIMEOUT * 1000),
        websockets=False,
        workers_kill_timeout=STOP_TIMEOUT,
        log_level=LogLevels.warning,
        log_dictconfig=log_config(settings),
        reload=reload,
        reload_filter=_source_filter() if reload else None,
        working_dir=Path.cwd(),
    ).serve()


def _source_filter() -> "type[BaseFilter]":
    """Sources alone: a database or log that is written to would start the server anew at each request."""
    from watchfiles import PythonFilter

    class SourceFilter(PythonFilter):
        def __init__(self) -> None:
            super().__init__(extra_extensions=SOURCES)

    return SourceFilter


def _serve_uvicorn(settings: "Settings", target: Target, *, reload: bool) -> None:
    import uvicorn

    from portal.cli.deadline import HeaderDeadlineProtocol

    uvicorn.run(
        target.address,
        host=settings.host.strip("[]"),
        port=settings.port,
        factory=target.is_factory,
        workers=settings.workers,
        http=HeaderDeadlineProtocol,
        ws="none",
        loop="uvloop",
        proxy_headers=False,
        server_header=False,
        timeout_graceful_shutdown=STOP_TIMEOUT,
        log_level="warning",
        log_config=log_config(settings),
        access_log=False,
        reload=reload,
        reload_includes=[f"*{ending}" for ending in SOURCES] if reload else None,
    )
