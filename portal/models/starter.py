"""The tables of the starter content, to be imported by portals that take it."""

from portal.models.article import Article, ArticleStatus, ArticleTag
from portal.models.banner import Banner, Placement
from portal.models.category import Category
from portal.models.customer import Customer, CustomerStatus, RegistrationSource, Sex
from portal.models.customer_login import CustomerLogin
from portal.models.tag import Tag

__all__ = [
    "Article",
    "ArticleStatus",
    "ArticleTag",
    "Banner",
    "Category",
    "Customer",
    "CustomerLogin",
    "CustomerStatus",
    "Placement",
    "RegistrationSource",
    "Sex",
    "Tag",
]
