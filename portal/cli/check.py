"""`fastor check`: would it start, and may others be let in?"""

import click

from portal.cli.target import app_option, find_target
from portal.errors import ConfigurationError, Problem


@click.command("check")
@click.option("--deploy", is_flag=True, help="Also what must hold before others can reach it.")
@app_option
def command(deploy: bool, target: str) -> None:
    """Name every mistake that would stop the start."""
    from portal.settings import Settings

    settings = Settings.load()
    problems: list[Problem] = []
    try:
        find_target(target).make()
    except ConfigurationError as error:
        problems += error.problems
    if deploy:
        from portal.cli.deploy import deploy_problems, deploy_warnings

        problems += deploy_problems(settings)
        for warning in deploy_warnings(settings):
            click.echo(f"Warning: {warning}", err=True)
    if problems:
        raise ConfigurationError(problems)
    click.echo("No problems.")
