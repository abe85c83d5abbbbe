"""`fastor explain`: where a column got what it is from."""

import click

from portal.cli.target import app_option


@click.command("explain")
@click.argument("name", metavar="MODEL.COLUMN")
@app_option
def command(name: str, target: str) -> None:
    """Print which layer decided what about a column: its type, its info, the resource, the policy."""
    from portal.kit.explain import explain

    click.echo(explain(name))
