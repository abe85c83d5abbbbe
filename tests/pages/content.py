"""Rows to test with."""

import datetime
from typing import Any

from portal.models.article import Article, ArticleStatus
from portal.models.banner import Banner, Placement
from portal.models.category import Category
from portal.models.customer import Customer
from portal.models.tag import Tag

NOON = datetime.datetime(2026, 3, 1, 12, tzinfo=datetime.UTC)


def article(title: str, slug: str | None = None, **values: Any) -> Article:
    return Article(title=title, slug=slug or title.lower().replace(" ", "-"), **values)


def articles(count: int, **values: Any) -> list[Article]:
    """`Article 001` and on, each published a day after the one before."""
    return [
        Article(
            title=f"Article {n:03}",
            slug=f"article-{n:03}",
            views=n % 7,
            publish_time=NOON + datetime.timedelta(days=n),
            **values,
        )
        for n in range(1, count + 1)
    ]


def banners(titles: str, placement: Placement = Placement.home, gap: int = 1024) -> list[Banner]:
    """One banner for each letter, in this order."""
    return [Banner(title=title, placement=placement, position=(n + 1) * gap) for n, title in enumerate(titles)]


def category(name: str, position: int = 0) -> Category:
    return Category(name=name, slug=name.lower(), position=position)


def tag(name: str) -> Tag:
    return Tag(name=name)


def customer(user_id: str, nickname: str = "Somebody", **values: Any) -> Customer:
    return Customer(user_id=user_id, nickname=nickname, **values)


def published(title: str, **values: Any) -> Article:
    return article(title, status=ArticleStatus.published, **values)
