from portal import Column, Resource, _
from portal.models.banner import Banner
from portal.services.banners import BannerService


class BannerResource(Resource):
    """Pictures that lead somewhere."""

    model = Banner
    api = True
    service = BannerService
    label = _("Banner")
    label_plural = _("Banners")
    icon = "photo"
    columns = [
        Column(Banner.picture),
        Column(Banner.title, below=Banner.link),
        Banner.placement,
        Banner.is_active,
        Column(Banner.starts_at, wide=True),
        Column(Banner.ends_at, wide=True),
    ]
    filters = [Banner.placement, Banner.is_active]
