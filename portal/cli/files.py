"""`fastor files`: what is stored and belongs to nothing."""

from typing import TYPE_CHECKING

import click

from portal.cli.target import app_option, find_target

if TYPE_CHECKING:
    from portal.db.engine import Database
    from portal.settings import Settings


@click.group("files")
def command() -> None:
    """Look after uploaded files."""


@command.command()
@click.option("--remove", is_flag=True, help="Remove them.")
@app_option
def orphans(remove: bool, target: str) -> None:
    """List files that nothing uses or knows of any more; to be run once a day with --remove."""
    from portal.cli.database import run_with
    from portal.settings import Settings

    settings = Settings.load()
    models = _models(target)

    async def work(database: "Database") -> int:
        return await _sweep(database, settings, models, remove=remove)

    count = run_with(settings, work)
    click.echo(f"{count} {'removed' if remove else 'found'}." if count else "There are none.")


def _models(target: str) -> list[type]:
    """Whose rows may use files."""
    from portal.app import Portal

    plugins = getattr(find_target(target).make(), "plugins", ())
    return [model for plugin in plugins if isinstance(plugin, Portal) for model in plugin.site.names]


async def _sweep(database: "Database", settings: "Settings", models: "list[type]", *, remove: bool) -> int:
    from portal.uploads.service import Uploads
    from portal.uploads.sweep import Sweep

    uploads = Uploads.open(database, settings)
    count = 0
    try:
        sweep = Sweep(database, uploads, settings.var / "tmp", models=models)
        async for orphan in sweep.orphans():
            if not remove or await sweep.remove(orphan):
                count += 1
                click.echo(f"  {orphan.kind:7} {orphan.name}  {orphan.size}")
    finally:
        await uploads.close()
    return count
