"""Whether a text is nested so absurdly that taking it apart would be dear: parsers are quadratic in depth."""

import re

DEEPEST = 200
"""Elements inside each other; the editor makes a dozen."""

_TAG = re.compile(r"<(/?)([a-zA-Z][^\s/>]*)")
_VOID = frozenset("area base br col embed frame hr img input link meta param source track wbr".split())
_ENDS_ITSELF = frozenset("p li dt dd option optgroup tr td th tbody thead tfoot colgroup".split())


def too_deep(html: str) -> bool:
    """In one pass, without taking anything apart; an end tag counts for the last start of its name only."""
    depth, open_tags = 0, dict[str, int]()
    for closing, name in _TAG.findall(html):
        tag = name.lower()
        if tag in _VOID or tag in _ENDS_ITSELF or (closing and not open_tags.get(tag)):
            continue
        change = -1 if closing else 1
        open_tags[tag] = open_tags.get(tag, 0) + change
        depth += change
        if depth > DEEPEST:
            return True
    return False
