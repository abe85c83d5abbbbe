"""`fastor run`: serve the portal."""

import importlib.util
import multiprocessing
import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from portal.cli.target import Target, app_option, find_target

if TYPE_CHECKING:
    from portal.settings import Settings

HEADER_TIMEOUT = 10
"""Seconds a client has to send the headers of a request."""
STOP_TIMEOUT = 30
"""Seconds that answers under way have to end when the server stops; streams end themselves after 25."""


@click.command("run")
@click.option("--host", help="The address to listen on. [setting: FASTOR_HOST]")
@click.option("--port", type=click.IntRange(1, 65535), help="The port. [setting: FASTOR_PORT]")
@click.option("--workers", type=click.IntRange(1, 256), help="Processes. [setting: FASTOR_WORKERS]")
@click.option("--server", type=click.Choice(["granian", "uvicorn"]), default="granian", show_default=True)
@click.option("--reload", is_flag=True, help="Start again when a source file changes.")
@app_option
def command(
    host: str | None, port: int | None, workers: int | None, server: str, reload: bool, target: str
) -> None:
    """Serve the portal.

    Makes the first administrator when there is none.
    """
    _require(server, reload)
    # The workers read their settings themselves, so what was said here has to stand in the environment.
    os.environ |= {
        f"FASTOR_{name}": str(value)
        for name, value in {"HOST": host, "PORT": port, "WORKERS": workers}.items()
        if value is not None
    }
    from portal.settings import Settings

    settings = Settings.load()
    found = find_target(target)
    found.make()  # mistakes are told here, in sentences, and not by each worker in a traceback
    _greet(settings)
    serve = _serve_uvicorn if server == "uvicorn" else _serve_granian
    serve(settings, found, reload=reload)


def _require(server: str, reload: bool) -> None:
    if server == "uvicorn" and not importlib.util.find_spec("uvicorn"):
        raise click.UsageError('uvicorn is not installed: pip install "fastor[uvicorn]"')
    if reload and not importlib.util.find_spec("watchfiles"):
        raise click.UsageError("--reload needs watchfiles: pip install watchfiles")


def _greet(settings: "Settings") -> None:
    """Make the first administrator before there are several processes that could, and say where to go."""
    from portal.auth.accounts import ensure_first_administrator
    from portal.cli.database import run_with

    password = run_with(settings, lambda database: ensure_first_administrator(database, settings))
    if password:
        lines = ["The first administrator. This is shown only once:", "",
                 f"  user name  {settings.admin_username}", f"  password   {password}", "",
                 "You choose a new password at the first sign-in."]  # fmt: skip
        width = max(map(len, lines))
        click.echo(f"┌{'─' * (width + 4)}┐")
        for line in lines:
            click.echo(f"│  {line.ljust(width)}  │")
        click.echo(f"└{'─' * (width + 4)}┘")
    host = f"[{settings.host}]" if ":" in settings.host.strip("[]") else settings.host
    click.echo(f"Fastor is at {settings.base_url or f'http://{host}:{settings.port}'}  (Ctrl+C stops it)")


def _serve_granian(settings: "Settings", target: Target, *, reload: bool) -> None:
    from granian import Granian
    from granian.constants import HTTPModes, Interfaces
    from granian.http import HTTP1Settings
    from granian.log import LogLevels

    if reload:  # forked workers would keep the modules that this process has imported
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
        reload=reload,
        reload_paths=[Path.cwd()] if reload else None,
        working_dir=Path.cwd(),
    ).serve()


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
        reload=reload,
    )
