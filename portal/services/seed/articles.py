"""Composes readable articles from the building blocks."""

import random
import re
from datetime import datetime, timedelta

from portal.models.article import Article, ArticleStatus
from portal.models.category import Category
from portal.models.tag import Tag
from portal.services.seed.calendar import AUTHOR, NOW, moments
from portal.services.seed.long_articles import lengthen
from portal.services.seed.pictures import COVERS, cover_key
from portal.services.seed.texts import Section

LONG = 3
"""How many of the newest articles have everything a text can have."""

STATUSES = (ArticleStatus.published,) * 14 + (ArticleStatus.draft,) * 4 + (ArticleStatus.offline,) * 2


def make_articles(
    sections: tuple[Section, ...],
    categories: dict[str, Category],
    tags: dict[str, Tag],
    chance: random.Random,
) -> list[Article]:
    """One article for every title of every section, in the order they were written."""
    work = [(section, number) for section in sections for number in range(len(section.titles))]
    chance.shuffle(work)
    made = moments(len(work), 540, chance)
    articles = [
        _make(section, number, created, categories[section.slug], tags, chance)
        for (section, number), created in zip(work, made, strict=True)
    ]
    _lengthen_some(articles, [section for section, _number in work])
    return articles


def _lengthen_some(articles: list[Article], written_in: list[Section]) -> None:
    chance = random.Random("long articles")
    public = [number for number, article in enumerate(articles) if article.status is ArticleStatus.published]
    for number in public[-LONG:]:
        lengthen(articles[number], written_in[number], chance)


def _make(
    section: Section,
    number: int,
    created: datetime,
    category: Category,
    tags: dict[str, Tag],
    chance: random.Random,
) -> Article:
    title, opening = section.titles[number], chance.choice(section.openings)
    status = chance.choice(STATUSES)
    updated = min(created + timedelta(hours=chance.expovariate(1 / 60)), NOW)
    names = chance.sample(section.tags, chance.choice((0, 1, 2, 2, 3, 4)))
    return Article(
        title=title,
        slug=_slug(section, number, title),
        summary=first_sentences(opening, section.language),
        cover=cover_key(chance.randrange(COVERS)) if chance.random() < 0.92 else None,
        body=compose_body(section, opening, chance),
        category=category,
        tags=[tags[name] for name in names],
        status=status,
        pinned=status is ArticleStatus.published and chance.random() < 0.05,
        views=0 if status is ArticleStatus.draft else int(chance.lognormvariate(6, 1.4)),
        publish_time=_publish_time(status, created, chance),
        created_at=created,
        updated_at=updated,
        created_by=AUTHOR,
        updated_by=AUTHOR,
    )


def compose_body(section: Section, opening: str, chance: random.Random) -> str:
    """An HTML text: an opening, some paragraphs under headings, a closing."""
    paragraphs = chance.sample(section.paragraphs, chance.choice((2, 3, 3, 4, 5)))
    headings = chance.sample(section.headings, len(paragraphs))
    parts = [f"<p>{opening}</p>"]
    for heading, paragraph in zip(headings, paragraphs, strict=True):
        parts += [f"<h2>{heading}</h2>", f"<p>{paragraph}</p>"]
    if chance.random() < 0.4:
        parts.append("<ul>" + "".join(f"<li>{heading}</li>" for heading in headings) + "</ul>")
    parts.append(f"<blockquote><p>{chance.choice(section.closings)}</p></blockquote>")
    return "\n".join(parts)


def first_sentences(text: str, language: str) -> str:
    """As many whole sentences as a summary bears, at least one."""
    sentences: list[str] = re.findall(r".+?(?:[。！？]”?|[.!?](?=\s|$))", text)
    limit = 60 if language == "zh" else 140
    summary = sentences[0]
    for sentence in sentences[1:]:
        if len(summary) + len(sentence) > limit:
            break
        summary += sentence
    return summary.strip()


def _publish_time(status: ArticleStatus, created: datetime, chance: random.Random) -> datetime | None:
    if status is ArticleStatus.draft:
        # A few drafts wait for their day.
        return NOW + timedelta(days=chance.randrange(1, 30)) if chance.random() < 0.2 else None
    return (created + timedelta(minutes=chance.randrange(5, 2880))).replace(second=0, microsecond=0)


def _slug(section: Section, number: int, title: str) -> str:
    if section.language == "zh":
        return f"{section.slug}-{number + 1:02d}"
    return re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")
