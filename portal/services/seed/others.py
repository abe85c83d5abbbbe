"""Categories, tags, banners and customers of the sample content."""

import random
from datetime import timedelta

from portal.models.banner import Banner, Placement
from portal.models.category import Category
from portal.models.customer import Customer, CustomerStatus, RegistrationSource, Sex
from portal.models.tag import Tag
from portal.services.seed.calendar import AUTHOR, NOW, moments
from portal.services.seed.pictures import AVATARS, BANNERS, avatar_key, banner_key
from portal.services.seed.texts import Section, banner_titles, nicknames, tags

GAP = 65536
"""Room between neighbours: a row is dragged between them without touching the others."""

CUSTOMER_STATUSES = (CustomerStatus.active,) * 17 + (CustomerStatus.muted,) * 2 + (CustomerStatus.blocked,)


def make_categories(sections: tuple[Section, ...], chance: random.Random) -> list[Category]:
    return [
        Category(
            name=section.name,
            slug=section.slug,
            position=(number + 1) * GAP,
            created_at=created,
            updated_at=created,
            created_by=AUTHOR,
            updated_by=AUTHOR,
        )
        for number, (section, created) in enumerate(zip(sections, moments(len(sections), 600, chance), strict=True))
    ]


def make_tags(chance: random.Random) -> list[Tag]:
    names = tags()
    return [
        Tag(name=name, created_at=created, updated_at=created, created_by=AUTHOR, updated_by=AUTHOR)
        for name, created in zip(names, moments(len(names), 560, chance), strict=True)
    ]


def make_banners(chance: random.Random) -> list[Banner]:
    made = []
    for place, titles in banner_titles().items():
        for number, (title, created) in enumerate(zip(titles, moments(len(titles), 200, chance), strict=True)):
            starts = NOW + timedelta(days=chance.randrange(-60, 20)) if chance.random() < 0.5 else None
            made.append(
                Banner(
                    title=title,
                    picture=banner_key(chance.randrange(BANNERS)),
                    link=f"https://www.example.com/{place}/{number + 1}",
                    placement=Placement(place),
                    position=(number + 1) * GAP,
                    is_active=chance.random() < 0.8,
                    starts_at=starts,
                    ends_at=starts + timedelta(days=30) if starts and chance.random() < 0.7 else None,
                    created_at=created,
                    updated_at=created,
                    created_by=AUTHOR,
                    updated_by=AUTHOR,
                )
            )
    return made


def make_customers(chance: random.Random) -> list[Customer]:
    people = [(Sex(sex), name) for sex, names in nicknames().items() for name in names]
    chance.shuffle(people)
    made = []
    for number, ((sex, name), registered) in enumerate(zip(people, moments(len(people), 400, chance), strict=True)):
        key = f"C{100_000 + number * 37 + chance.randrange(30)}"
        made.append(
            Customer(
                user_id=key,
                nickname=name,
                avatar=avatar_key(chance.randrange(AVATARS)) if chance.random() < 0.85 else None,
                sex=sex,
                source=chance.choice(list(RegistrationSource)),
                status=chance.choice(CUSTOMER_STATUSES),
                email=f"{key.lower()}@example.com" if chance.random() < 0.7 else None,
                # No number of this form is ever given out.
                phone=f"+86 100 0000 {chance.randrange(10_000):04d}" if chance.random() < 0.6 else None,
                registered_at=registered,
                updated_at=registered,
                created_by=AUTHOR,
                updated_by=AUTHOR,
            )
        )
    return made
