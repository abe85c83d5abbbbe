"""Three articles that show what a text may hold: pictures, a table, a list, a film."""

import random

from portal.models.article import Article
from portal.services.seed.pictures import COVERS, cover_key
from portal.services.seed.texts import Section

FILM = "https://www.bilibili.com/video/BV1xx411c7mD"

WORDS = {
    "en": ("In figures", "Where", "Visitors", "Change", "A film on it", ("Harbour", "Old town", "Market", "Hills")),
    "zh": ("数字一览", "地点", "访客", "变化", "相关影片", ("港口", "老城", "集市", "山间")),
}


def lengthen(article: Article, section: Section, chance: random.Random) -> None:
    """Give an article every paragraph of its section, pictures between them, and a gallery."""
    words, where, visitors, change, film, places = WORDS["zh" if section.language == "zh" else "en"]
    pictures = [cover_key(number) for number in chance.sample(range(COVERS), 9)]
    parts = [article.body]
    for number, paragraph in enumerate(section.paragraphs):
        heading = section.headings[number % len(section.headings)]
        parts += [f"<h2>{heading}</h2>", f"<p>{paragraph}</p>"]
        if number < 3:
            caption = f"<figcaption>{heading}</figcaption>"
            image = f'<img src="/media/{pictures[number]}" alt="{heading}" width="640" height="360">'
            parts.append(f"<figure>{image}{caption}</figure>")
    rows = "".join(
        f"<tr><td>{place}</td><td>{chance.randrange(900, 9000):,}</td><td>{chance.randrange(-9, 30):+d} %</td></tr>"
        for place in places
    )
    head = f"<thead><tr><th>{where}</th><th>{visitors}</th><th>{change}</th></tr></thead>"
    parts += [f"<h2>{words}</h2>", f"<table>{head}<tbody>{rows}</tbody></table>", f"<h2>{film}</h2>"]
    parts.append(f'<p><a class="portal-video" href="{FILM}">{FILM}</a></p>')
    article.body = "\n".join(parts)
    article.gallery = pictures[3:]
