"""`fastor db`: the tables and how they change."""

import importlib
from collections.abc import Callable, Collection
from functools import wraps
from pathlib import Path
from typing import Any, TypeVar

import click

from portal.cli.database import require_folder, telling_refusals
from portal.cli.target import app_option, find_target
from portal.errors import PortalError

SHIPPED = ("system", "starter")
PROJECT = "project"

Function = TypeVar("Function", bound=Callable[..., Any])

branches_option = click.option(
    "--branch",
    "branches",
    multiple=True,
    type=click.Choice([*SHIPPED, PROJECT]),
    help="Only this one, may be given again. Otherwise system and starter, or system and project.",
)
branch_option = click.option("--branch", required=True, type=click.Choice([*SHIPPED, PROJECT]))
project_option = click.option(
    "--project",
    type=click.Path(file_okay=False, path_type=Path),
    help="The folder of the project's own migrations.",
)


@click.group("db")
def command() -> None:
    """Bring the tables up to date."""


def with_url(function: Function) -> Function:
    """Hands the command the database's address, and tells what goes wrong there in sentences."""

    @wraps(function)
    def call(*arguments: Any, **options: Any) -> None:
        from alembic.util import CommandError

        from portal.settings import Settings

        settings = Settings.load()
        require_folder(settings)
        with telling_refusals(settings.database_url):
            try:
                function(settings.database_url, *arguments, **options)
            except CommandError as error:
                raise PortalError(str(error)) from error

    return call  # type: ignore[return-value]  # one argument less, which click never sees


@command.command()
@branches_option
@project_option
@with_url
def upgrade(url: str, branches: tuple[str, ...], project: Path | None) -> None:
    """Bring the tables up to what this version needs."""
    from portal.db import migrate

    chosen = _chosen(branches, project)
    waiting = migrate.pending(url, chosen, project=project)
    if not waiting:
        click.echo("The database is up to date.")
        return
    migrate.upgrade(url, chosen, project=project)
    click.echo(f"The database is up to date now: {', '.join(waiting)}.")


@command.command()
@branch_option
@project_option
@click.option("--revision", default="-1", show_default=True, help='"-1" undoes the last step, "base" all.')
@click.option("--yes", is_flag=True, help="Do not ask.")
@with_url
def downgrade(url: str, branch: str, project: Path | None, revision: str, yes: bool) -> None:
    """Take the tables of one branch back; what was in dropped ones is lost."""
    from portal.db import migrate

    if not yes:
        click.confirm(f'Take the tables of "{branch}" back to {revision}? Data can be lost', abort=True)
    migrate.downgrade(url, branch, revision, project=project)
    click.echo(f'The tables of "{branch}" are back at {revision}.')


@command.command()
@click.argument("message")
@branch_option
@project_option
@app_option
@with_url
def make(url: str, message: str, branch: str, project: Path | None, target: str) -> None:
    """Write the migration from the tables to what the models say now."""
    from portal.db import migrate

    if branch == PROJECT and project is None:
        raise click.UsageError("--branch project needs --project FOLDER.")
    _import_models(target, [branch])
    path = migrate.make(url, message, branch, project=project)
    click.echo(f"Written: {path}. Read it before you run it." if path else "The models say what is there already.")


@command.command()
@branches_option
@project_option
@app_option
@with_url
def check(url: str, branches: tuple[str, ...], project: Path | None, target: str) -> None:
    """Compare the tables with the models; differences end with status 1."""
    from portal.db import migrate

    chosen = _chosen(branches, project)
    _import_models(target, chosen)
    waiting = migrate.pending(url, chosen, project=project)
    if waiting:
        raise PortalError(f"The database lacks {', '.join(waiting)}. Bring it there with: fastor db upgrade")
    differences = migrate.drift(url, branches=chosen, project=project)
    if differences:
        raise PortalError("The tables are not as the models say:\n  " + "\n  ".join(differences))
    click.echo("The tables are as the models say.")


def _chosen(branches: tuple[str, ...], project: Path | None) -> tuple[str, ...]:
    """A project leaves the starter content out unless it asks for it."""
    return branches or (("system", PROJECT) if project else SHIPPED)


def _import_models(target: str, branches: Collection[str]) -> None:
    """Tables are known once their modules are imported; the application imports those it shows."""
    for branch in SHIPPED:
        if branch in branches:
            importlib.import_module(f"portal.models.{branch}")
    find_target(target).make()
