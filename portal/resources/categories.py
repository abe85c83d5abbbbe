from portal import Field, Resource, _
from portal.models.category import Category
from portal.services.categories import CategoryService


class CategoryResource(Resource):
    """The sections articles stand in."""

    model = Category
    api = True
    service = CategoryService
    label = _("Category")
    label_plural = _("Categories")
    icon = "folder"
    columns = [Category.name, Category.slug, Category.updated_at]
    fields = [Category.name, Field(Category.slug, required=False)]
