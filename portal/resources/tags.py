from portal import ListPage, Resource, _
from portal.models.tag import Tag


class TagResource(Resource):
    """Words that articles are found by."""

    model = Tag
    api = True
    label = _("Tag")
    label_plural = _("Tags")
    icon = "tags"
    columns = [Tag.name, Tag.created_at]
    pages = [ListPage(order_by="name")]
