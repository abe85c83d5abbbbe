"""The rules of banners."""

from typing import Any

from portal.errors import InputError
from portal.i18n import _
from portal.services.resource import ResourceService


class BannerService(ResourceService):
    """A banner's time ends after it begins."""

    async def before_save(self, row: Any, *, created: bool) -> None:
        if row.starts_at is not None and row.ends_at is not None and row.ends_at <= row.starts_at:
            raise InputError({"ends_at": _("This is not after the beginning.")})
