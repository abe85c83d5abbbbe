"""Names made from names: labels, plurals, and the nearest right spelling of a wrong one."""

import difflib
import re
from collections.abc import Iterable

_WORD = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


def snake(name: str) -> str:
    """`ArticleTag` -> `article_tag`."""
    return _WORD.sub("_", name).lower()


def humanize(name: str) -> str:
    """`publish_time` -> `Publish time`, `category_id` -> `Category`."""
    words = snake(name).removesuffix("_id").replace("_", " ").strip()
    return words[:1].upper() + words[1:]


def inside(label: object) -> str:
    """A label as it stands inside a sentence: `Article` -> `article`, `URL` stays."""
    text = str(label)
    return text[:1].lower() + text[1:] if text[1:2].islower() else text


def plural(noun: str) -> str:
    """`category` -> `categories`, `box` -> `boxes`; English rules, good enough for a path."""
    if re.search(r"[^aeiou]y$", noun):
        return noun[:-1] + "ies"
    if re.search(r"(s|x|z|ch|sh)$", noun):
        return noun + "es"
    return noun + "s"


def nearest(name: str, names: Iterable[str]) -> str | None:
    """The most similar of `names`, if one is similar at all: for "did you mean"."""
    found = difflib.get_close_matches(name, list(names), n=1, cutoff=0.6)
    return found[0] if found else None


def did_you_mean(name: str, names: Iterable[str]) -> str | None:
    """The hint sentence for a mistyped name."""
    found = nearest(name, names)
    return f'Did you mean "{found}"?' if found else None
