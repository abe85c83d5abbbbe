"""The `fastor` command.

Each sub-command is a module that is imported when it is asked for, and imports what is heavy (Litestar,
SQLAlchemy) only inside: `fastor --help` answers at once.
"""

import importlib
from typing import IO, Any

import click

from portal.errors import ConfigurationError, PortalError

COMMANDS = {
    "check": "portal.cli.check",
    "db": "portal.cli.db",
    "explain": "portal.cli.explain",
    "files": "portal.cli.files",
    "run": "portal.cli.run",
    "seed": "portal.cli.seed",
    "storage": "portal.cli.storage",
    "version": "portal.cli.version",
}
"""Where each sub-command is at home, under the name `command`."""


class Refusal(click.ClickException):
    """An error of ours, told in sentences."""

    def __init__(self, error: PortalError) -> None:
        super().__init__(str(error))
        self.error = error

    def show(self, file: IO[Any] | None = None) -> None:
        if not isinstance(self.error, ConfigurationError):
            click.echo(self.message, err=True)
            return
        count = len(self.error.problems)
        click.echo("One problem:" if count == 1 else f"{count} problems:", err=True)
        for problem in self.error.problems:
            click.echo(f"  {problem}", err=True)


class Commands(click.Group):
    """Looks its commands up when they are asked for, and turns our errors into sentences."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = importlib.import_module(COMMANDS[cmd_name]).command
        return command

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except PortalError as error:
            raise Refusal(error) from error


@click.group("fastor", cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """Fastor: an admin portal made from your models."""
