"""Whether a text is nested so absurdly that taking it apart would be dear: parsers are quadratic in depth."""

import re

DEEPEST = 200
"""Elements inside each other; the editor makes a dozen."""

_TAG = re.compile(r"<(/?)([a-zA-Z][^\s/>]*)")
_VOID = frozenset("area base br col embed frame hr img input link meta param source track wbr".split())
_ENDS_ITSELF = frozenset("p li dt dd option optgroup tr tbody thead tfoot colgroup".split())
_CELLS = frozenset(("td", "th", "caption"))


def too_deep(html: str) -> bool:
    """In one pass, without taking anything apart; an end tag counts for the last start of its name only."""
    depth = 0
    scopes: list[dict[str, int]] = [{}]  # an end tag inside a table or cell closes nothing outside of it
    cells = [False]
    for closing, name in _TAG.findall(html):
        tag = name.lower()
        if tag == "table" and closing:
            while len(scopes) > 1 and cells[-1]:
                scopes.pop(), cells.pop()
            if len(scopes) > 1:
                scopes.pop(), cells.pop()
                depth -= 1
        elif tag in _CELLS:
            if cells[-1]:
                scopes.pop(), cells.pop()
            if not closing:
                scopes.append({})
                cells.append(True)
        elif tag not in _VOID and tag not in _ENDS_ITSELF and (not closing or scopes[-1].get(tag)):
            change = -1 if closing else 1
            scopes[-1][tag] = scopes[-1].get(tag, 0) + change
            depth += change
            if tag == "table":
                scopes.append({})
                cells.append(False)
        if depth > DEEPEST:
            return True
    return False
