"""The gate for text with markup: tags, attributes and styles named one by one, everything else is dropped.

It stands before the database and again before every page, so cleaning what is clean changes nothing. What the
browser's own editor does is comfort and never trusted.
"""

import re
from collections.abc import Callable
from html import escape, unescape
from urllib.parse import urlsplit

import nh3

from portal.i18n import gettext
from portal.markup.nesting import too_deep
from portal.markup.pictures import IMAGE, address_of, attributes_of, image, is_canonical
from portal.markup.videos import video_of

Own = Callable[[str], str | None]
"""The canonical `/media/<key>` for an address of ours, nothing for any other."""

TAGS = frozenset(
    "p br div span h1 h2 h3 h4 h5 h6 blockquote pre code hr b strong i em u s del ins mark small sub sup "
    "ul ol li dl dt dd a img figure figcaption table caption colgroup col thead tbody tfoot tr td th section".split()
)
_STYLED = "p div span h1 h2 h3 h4 h5 h6 blockquote pre li ul ol table tr td th col img figure section strong em".split()
ATTRIBUTES: dict[str, set[str]] = {
    "a": {"href", "title", "class"},
    "img": {"src", "alt", "width", "height", "title"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan", "scope"},
    "col": {"span"},
    "ol": {"start"},
}
for _tag in _STYLED:
    ATTRIBUTES.setdefault(_tag, set()).add("style")

SCHEMES = frozenset(("http", "https", "mailto"))
_WITH_CONTENT = {"script", "style", "template", "title", "textarea", "select", "noscript", "svg", "math", "object"}
_COLOUR = r"#[0-9a-f]{3,8}|[a-z]{3,24}|(?:rgb|rgba|hsl|hsla)\([\d\s.,%/]{1,40}\)"
_LENGTH = r"(?:\d{1,4}(?:\.\d{1,4})?(?:px|em|rem|pt|%)?|auto)"
STYLES = {
    name: re.compile(pattern, re.IGNORECASE | re.ASCII)
    for name, pattern in {
        "color": _COLOUR,
        "background-color": _COLOUR,
        "text-align": "left|right|center|justify|start|end",
        "text-indent": _LENGTH,
        "text-decoration": "underline|line-through|none",
        "font-weight": r"bold|normal|bolder|lighter|[1-9]00",
        "font-style": "italic|normal",
        "font-size": r"\d{1,2}(?:\.\d{1,2})?(?:px|pt|em|rem)|small|medium|large|x-large|xx-large",
        "line-height": r"\d(?:\.\d{1,2})?(?:em)?",
        "vertical-align": "top|middle|bottom|baseline|sub|super",
        "float": "left|right|none",
        "width": _LENGTH,
        "height": _LENGTH,
    }.items()
}
_VALUES = {
    name: re.compile(pattern, re.ASCII)
    for name, pattern in {
        "width": r"\d{1,5}%?",
        "height": r"\d{1,5}%?",
        "colspan": r"\d{1,3}",
        "rowspan": r"\d{1,3}",
        "span": r"\d{1,3}",
        "start": r"-?\d{1,6}",
        "scope": "row|col|rowgroup|colgroup",
    }.items()
}
_FRAME = re.compile(r'(<p(?: style="[^"]*")?>\s*)?<iframe((?: [a-z]+="[^"<>]*")*)>.*?</iframe>(\s*</p>)?', re.DOTALL)
_TAGS = re.compile(r"<[^<>]*>")
_BREAKS = re.compile(r"<(?:br|hr|/p|/div|/h[1-6]|/li|/tr|/td|/th|/pre|/figcaption|/blockquote)[^<>]*>")
_TEXT = re.compile(r"(?:^|(?<=>))[^<]{1000,}")
_AMPERSANDS = re.compile(r"((?:&[^&]*){200})")
_MOST_ROUNDS = 8


def clean(html: str, *, own: Own) -> str:
    """What may stay of a text with markup. A picture that is not ours leaves a note of where it came from."""
    html = html.encode("utf-8", "replace").decode().replace("\0", "")
    if too_deep(html):
        return f"<p>{escape(_TAGS.sub(' ', html), quote=False).strip()}</p>"
    for _round in range(_MOST_ROUNDS):
        before, html = html, _strictly(_replaced(_tolerantly(html), own))
        if html == before:
            return html
    return f"<p>{escape(plain_text(html), quote=False)}</p>"  # a knot that comes out different each time


def plain_text(html: str) -> str:
    """The words of a cleaned text, for searching and summaries."""
    return " ".join(unescape(_TAGS.sub("", _BREAKS.sub(" ", html))).split())


def _parted(html: str) -> str:
    """Comments, which vanish, inside long texts full of `&`: the parser is quadratic in those of one text."""
    return _TEXT.sub(lambda found: _AMPERSANDS.sub(r"\1<!---->", found[0]), html) if html.count("&") > 500 else html


def _tolerantly(html: str) -> str:
    """Well-formed markup, with the addresses of pictures and frames still in it for `_replaced`."""
    cleaned = nh3.clean(
        _parted(html),
        tags=set(TAGS | {"iframe"}),
        attributes={**ATTRIBUTES, "iframe": {"src"}},
        clean_content_tags=set(_WITH_CONTENT),
        url_schemes={"http", "https", "mailto", "data", "blob", "file"},
        link_rel=None,
    )
    return re.sub(r"(<pre(?: [^<>]*)?>)\n+", r"\1", cleaned)  # a parser eats the first line end


def _replaced(html: str, own: Own) -> str:
    return IMAGE.sub(lambda found: _picture(found, own), _FRAME.sub(_placeholder, html))


def _picture(found: re.Match[str], own: Own) -> str:
    attributes = attributes_of(found[1])
    source = attributes.get("src", "")
    address = own(source)
    if address is None or not is_canonical(address):
        note = gettext("[picture left out: {host}]", host=_host(source))
        return f"<em>{escape(note, quote=False)}</em>"
    return image({**attributes, "src": address})


def _host(source: str) -> str:
    try:
        parts = urlsplit(source.strip())
        return (parts.hostname or parts.scheme or "?")[:100]
    except ValueError:
        return "?"


def _placeholder(found: re.Match[str]) -> str:
    video = video_of(address_of(attributes_of(found[2])))
    if video is None:
        return (found[1] or "") + (found[3] or "")
    href = escape(video.page)
    return f'<p><a class="portal-video" href="{href}">{href}</a></p>'


def _strictly(html: str) -> str:
    """The gate itself: safe whatever came before it."""
    return nh3.clean(
        _parted(html),
        tags=set(TAGS),
        attributes=ATTRIBUTES,
        clean_content_tags=_WITH_CONTENT | {"iframe"},
        attribute_filter=_allowed,
        filter_style_properties=set(STYLES),
        url_schemes=set(SCHEMES),
        link_rel="noopener noreferrer nofollow",
        strip_comments=True,
    )


def _allowed(tag: str, name: str, value: str) -> str | None:
    if (tag, name) == ("a", "rel"):  # the one it sets itself
        return value
    if name not in ATTRIBUTES.get(tag, ()):  # nh3 lets `title` and `lang` through everywhere
        return None
    if name == "style":
        return _style(value)
    if name == "class":
        return "portal-video" if "portal-video" in value.split() else None
    if tag == "img" and name == "src":
        return value if is_canonical(value) else None
    if name == "href":
        scheme, colon, _rest = re.split("[/?#]", value, maxsplit=1)[0].partition(":")
        return value if not colon or scheme.strip().lower() in SCHEMES else None
    wanted = _VALUES.get(name)
    return value if wanted is None or wanted.fullmatch(value) else None


def _style(value: str) -> str | None:
    kept = []
    for declaration in value.split(";"):
        name, _, wanted = declaration.partition(":")
        name, wanted = name.strip().lower(), wanted.strip()
        if name in STYLES and STYLES[name].fullmatch(wanted):
            kept.append(f"{name}:{wanted}")
    return ";".join(kept) or None
