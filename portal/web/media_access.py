"""Who may have a private file."""

from sqlalchemy.ext.asyncio import AsyncSession

from portal.auth.actor import Actor
from portal.db.mapping import mapping_of
from portal.errors import PortalError
from portal.services.files_lookup import FileFound, uses_of
from portal.web.site import Site


async def may_read(site: Site, session: AsyncSession, actor: Actor | None, found: FileFound) -> bool:
    """Its owner, superusers, and whoever may view one of the rows that use it; asked anew at each request."""
    if actor is None:
        return False
    if actor.superuser or (found.owner is not None and found.owner == actor.name):
        return True
    work = site.work(session, actor)
    for table, key in await uses_of(session, found.id):
        for resource in site.resources.values():
            if mapping_of(resource.model).table_name != table or not resource.policy.allows(
                actor, "view", resource.name
            ):
                continue
            try:
                await resource.service(work).get(key)
            except PortalError:
                continue  # gone, or not this one
            return True
    return False
