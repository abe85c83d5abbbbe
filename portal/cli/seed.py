"""`fastor seed`: content to look at."""

import time
from pathlib import Path

import click


@click.command("seed")
@click.option("--rows", type=click.IntRange(min=1), help="Add this many articles, for load work.")
def command(rows: int | None) -> None:
    """Fill an empty portal with lifelike content, the same every time."""
    from portal.cli.database import run_with
    from portal.services.seed import seed
    from portal.settings import Settings

    settings = Settings.load()
    media = Path(settings.storage_url.removeprefix("local:"))
    began = time.monotonic()

    def report(count: int) -> None:
        click.echo(f"\r{count:>12,} articles", nl=False, err=True)

    made = run_with(settings, lambda database: seed(database, media=media, rows=rows, report=report))
    if rows:
        click.echo(err=True)
    if made.articles or rows:
        seconds = time.monotonic() - began
        click.echo(f"Made {made.articles + (rows or 0):,} articles and what goes with them in {seconds:.1f} s.")
    else:
        click.echo("There is content already.")
