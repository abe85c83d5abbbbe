"""`fastor seed`: content to look at."""

import time

import click


@click.command("seed")
@click.option("--rows", type=click.IntRange(min=1), help="Add this many articles, for load work.")
@click.option("--if-empty", is_flag=True, help="Do nothing where there is content already.")
def command(rows: int | None, if_empty: bool) -> None:
    """Fill the portal with lifelike content, the same every time."""
    from portal.cli.database import run_with
    from portal.services import seed
    from portal.settings import Settings

    settings = Settings.load()
    began = time.monotonic()
    made = run_with(settings, lambda database: seed.seed(database, settings, rows=rows, if_empty=if_empty))
    if made:
        click.echo(f"{made:,} rows made in {time.monotonic() - began:.1f} s.")
    elif not if_empty:
        click.echo("The content is there already.")
