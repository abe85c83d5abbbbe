from portal import Action, Column, Field, ListPage, PublicPage, Resource, _
from portal.models.article import Article
from portal.services.articles import ArticleService


class ArticleResource(Resource):
    """The texts of the site."""

    model = Article
    api = True
    service = ArticleService
    label = _("Article")
    label_plural = _("Articles")
    icon = "article"
    columns = [
        Column(Article.cover),
        Column(Article.title, below=Article.slug),
        Article.status,
        Article.category,
        Column(Article.pinned, wide=True),
        Article.views,
        Article.publish_time,
    ]
    fields = [
        Article.title,
        Field(Article.slug, required=False),
        Article.summary,
        Article.body,
        Article.gallery,
        Article.status,
        Article.publish_time,
        Article.pinned,
        Article.category,
        Article.tags,
        Article.cover,
        Article.attachment,
    ]
    filters = [Article.status, Article.category, Article.tags, Article.pinned, Article.publish_time]
    actions = [
        Action("publish", label=_("Publish"), icon="send"),
        Action("unpublish", label=_("Take offline"), icon="archive"),
        Action.delete(),
    ]
    pages = [ListPage(order_by="-id"), PublicPage("/e/{short:str}")]
