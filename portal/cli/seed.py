"""`fastor seed`: content to look at."""

import time

import click


@click.command("seed")
@click.option("--rows", type=click.IntRange(min=1), help="Add this many articles, for load work.")
def command(rows: int | None) -> None:
    """Fill an empty portal with lifelike content, the same every time."""
    from portal.cli.database import run_with
    from portal.db.engine import Database
    from portal.services.seed import Seeded, seed
    from portal.settings import Settings
    from portal.uploads.service import Uploads

    settings = Settings.load()
    began = time.monotonic()

    def report(count: int) -> None:
        click.echo(f"\r{count:>12,} articles", nl=False, err=True)

    async def fill(database: Database) -> Seeded:
        uploads = Uploads.open(database, settings)
        try:
            return await seed(database, uploads=uploads, rows=rows, report=report)
        finally:
            await uploads.close()

    made = run_with(settings, fill)
    if rows:
        click.echo(err=True)
    if made.articles or rows:
        seconds = time.monotonic() - began
        click.echo(f"Made {made.articles + (rows or 0):,} articles and what goes with them in {seconds:.1f} s.")
    else:
        click.echo("There is content already.")
