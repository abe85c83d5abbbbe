"""`fastor explain`: where a column got what it is from."""

import click

from portal.cli.target import app_option, find_target
from portal.errors import PortalError


@click.command("explain")
@click.argument("name", metavar="MODEL.COLUMN")
@app_option
def command(name: str, target: str) -> None:
    """Print which layer decided what about a column: its type, its info, the resource, the policy."""
    application = find_target(target).make()

    from portal.app import Portal
    from portal.kit.explain import explain

    try:
        portal = application.plugins.get(Portal)
    except (AttributeError, KeyError) as error:
        raise PortalError(f"There is no portal in {target}.") from error
    click.echo(explain(name, portal.site.resources.values()))
