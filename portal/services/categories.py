"""The rules of sections."""

from typing import Any

from portal.services.resource import ResourceService
from portal.services.slugs import fill_slug


class CategoryService(ResourceService):
    """A section without a slug gets one made from its name."""

    async def before_save(self, row: Any, *, created: bool) -> None:
        await fill_slug(self, row, "name")
