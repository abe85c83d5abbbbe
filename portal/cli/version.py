"""`fastor version`."""

import platform

import click

from portal import __version__


@click.command("version")
def command() -> None:
    """Print the versions of Fastor and Python."""
    click.echo(f"fastor {__version__}, Python {platform.python_version()}")
