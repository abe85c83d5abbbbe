"""`fastor run`: serve the portal."""

import importlib.util
import os
import socket
from typing import TYPE_CHECKING

import click

from portal.cli.servers import serve
from portal.cli.target import app_option, find_target
from portal.errors import PortalError

if TYPE_CHECKING:
    from portal.settings import Settings


@click.command("run")
@click.option("--host", help="The address to listen on. [setting: FASTOR_HOST]")
@click.option("--port", type=click.IntRange(1, 65535), help="The port. [setting: FASTOR_PORT]")
@click.option("--workers", type=click.IntRange(1, 256), help="Processes. [setting: FASTOR_WORKERS]")
@click.option("--server", type=click.Choice(["granian", "uvicorn"]), default="granian", show_default=True)
@click.option("--reload", is_flag=True, help="Start again when a source file changes.")
@app_option
def command(host: str | None, port: int | None, workers: int | None, server: str, reload: bool, target: str) -> None:
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
    _require_free_port(settings)
    found = find_target(target)
    found.make()  # mistakes are told here, in sentences, and not by each worker in a traceback
    _warn(settings)
    _greet(settings)
    serve(server, settings, found, reload=reload)


def _require(server: str, reload: bool) -> None:
    missing = [name for name in ("uvicorn", "httptools", "uvloop") if not importlib.util.find_spec(name)]
    if server == "uvicorn" and missing:
        raise click.UsageError(f'{missing[0]} is not installed: pip install "fastor[uvicorn]"')
    if reload and not importlib.util.find_spec("watchfiles"):
        raise click.UsageError("--reload needs watchfiles: pip install watchfiles")


def _require_free_port(settings: "Settings") -> None:
    """The servers share a port that is taken, and then every other request goes to somebody else."""
    host = settings.host.strip("[]")
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, settings.port))
        except OSError as error:
            raise PortalError(
                f"Can't listen on {host}, port {settings.port}: {error.strerror}.\n"
                "Choose another one with --port or FASTOR_PORT (make run PORT=8123)."
            ) from error


def _warn(settings: "Settings") -> None:
    from portal.cli.deploy import lonely_workers

    for warning in lonely_workers(settings):
        click.echo(f"Warning: {warning}", err=True)


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
