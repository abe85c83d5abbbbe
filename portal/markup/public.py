"""A text for everybody: pictures in the sizes there are, films in frames."""

import re
from collections.abc import Callable, Iterable, Mapping
from html import escape, unescape
from typing import Any, Protocol

from markupsafe import Markup

from portal.markup.cleaning import clean, plain_text
from portal.markup.pictures import CANONICAL, IMAGE, attributes_of, image, is_canonical
from portal.markup.videos import Video, video_of
from portal.uploads.keys import copy_key, is_key

SIZES = "(max-width: 768px) 100vw, 736px"
"""How wide the column of text is."""

_VIDEO = re.compile(r'<p(?: style="[^"]*")?><a class="portal-video" href="([^"<>]*)"[^<>]*>((?:(?!</a>).)*)</a></p>')
_SANDBOX = "allow-scripts allow-same-origin allow-presentation"


class Picture(Protocol):
    """What is known of a stored picture."""

    key: Any
    width: Any
    height: Any
    sizes: Any
    alt: Any


def to_public(
    html: str, *, pictures: Mapping[str, Picture], media_url: Callable[[str], str], videos: Iterable[str]
) -> Markup:
    """Cleaned once more, whatever the database says, then completed: the one place that calls a text safe."""
    hosts = tuple(videos)
    cleaned = clean(html, own=lambda source: source if is_canonical(source) else None)
    framed = _VIDEO.sub(lambda found: _frame(found, hosts), cleaned)
    return Markup(IMAGE.sub(lambda found: _image(found, pictures, media_url), framed))


def picture_attributes(key: str, picture: Picture | None, media_url: Callable[[str], str]) -> dict[str, str]:
    """Address, dimensions and the WebP copies of a stored picture, for an `<img>`."""
    found = {"src": media_url(key)}
    if picture is None or not picture.width or not picture.height:
        return found
    found |= {"width": str(picture.width), "height": str(picture.height)}
    copies = sorted((size[0], name) for name, size in (picture.sizes or {}).items() if name != "thumb")
    if copies and is_key(key):
        parts = [f"{media_url(copy_key(key, name))} {width}w" for width, name in copies]
        found |= {"srcset": ", ".join(parts), "sizes": SIZES}
    return found


def _image(found: re.Match[str], pictures: Mapping[str, Picture], media_url: Callable[[str], str]) -> str:
    attributes = attributes_of(found[1])
    key = attributes.get("src", "").removeprefix(CANONICAL)
    if not key:
        return ""
    picture = pictures.get(key)
    known = picture_attributes(key, picture, media_url)
    if "width" in attributes or "height" in attributes:  # as the editor set it
        known = {name: value for name, value in known.items() if name not in ("width", "height")}
    alt = attributes.get("alt") or (picture.alt if picture is not None else "") or ""
    return image({**attributes, **known, "alt": alt, "loading": "lazy", "decoding": "async"})


def _frame(found: re.Match[str], hosts: tuple[str, ...]) -> str:
    video: Video | None = video_of(unescape(found[1]), hosts)
    if video is None:
        return found[0]
    player, page, title = escape(video.player), escape(video.page), escape(unescape(plain_text(found[2])))
    return (
        f'<div class="video"><iframe sandbox="{_SANDBOX}" allow="fullscreen" loading="lazy" '
        f'referrerpolicy="strict-origin-when-cross-origin" src="{player}" title="{title}"></iframe></div>'
        f'<p class="video-link"><a href="{page}" rel="noopener noreferrer nofollow">{title}</a></p>'
    )
