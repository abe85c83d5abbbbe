"""`fastor storage`: where uploaded files are kept."""

import click

from portal.errors import PortalError


@click.group("storage")
def command() -> None:
    """Look after the place where uploaded files are kept."""


@command.command()
def check() -> None:
    """Try out all the portal asks of it, and say what to change."""
    from portal.addresses import without_password
    from portal.settings import Settings
    from portal.uploads.backends import open_storage
    from portal.uploads.doctor import examine

    settings = Settings.load()
    origin = settings.base_url or (f"http://{settings.host}:{settings.port}" if settings.development else None)
    click.echo(f"The storage at {without_password(settings.storage_url)}:")
    failed = 0
    for finding in examine(open_storage(settings.storage_url, settings.storage_key), origin):
        click.echo(f"  {'ok    ' if finding.ok else 'failed'}  {finding.step}")
        if finding.fix:
            failed += 1
            click.echo("".join(f"          {line}\n" for line in finding.fix.splitlines()), nl=False)
    if failed:
        raise PortalError("One step failed." if failed == 1 else f"{failed} steps failed.")
    click.echo("All is well.")
