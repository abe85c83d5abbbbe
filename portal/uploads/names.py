"""What is kept of the name a file was sent with: a text to show, never part of a path or an address."""

import re
import unicodedata

MOST = 200
"""Characters; the ending is kept when a name is cut."""

NAMELESS = "file"

_SPELLINGS = {"jpeg": "jpg", "jpe": "jpg", "jfif": "jpg"}
_SEPARATOR = re.compile(r"[/\\]")
_ENDING = re.compile(r"\.[^\s.]{1,16}")
_DROPPED = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
"""Control, format (direction overrides among them), surrogate, private and unassigned characters, line breaks."""


def shown_name(sent: str) -> str:
    """The last part of a sent name without anything that could mislead an eye, a header or a log."""
    kept = "".join(" " if _blank(sign) else sign for sign in sent[-4 * MOST :] if not _dropped(sign))
    last = _SEPARATOR.split(unicodedata.normalize("NFC", kept))[-1]
    name = " ".join(last.split()).strip(". ")
    if len(name) > MOST:
        stem, dot, ending = name.rpartition(".")
        tail = dot + ending if stem and _ENDING.fullmatch(dot + ending) else ""
        name = name[: MOST - len(tail)].rstrip() + tail
    return name or NAMELESS


def folder_name(sent: str) -> str:
    """What a folder of the library is called: single spaces, no slash at either end; nothing for none."""
    kept = "".join(" " if _blank(sign) else sign for sign in sent if not _dropped(sign))
    return " ".join(unicodedata.normalize("NFC", kept).split()).strip("/ ")


def ending_of(name: str) -> str:
    """The ending of a name as keys have it: without the dot, in small letters, one spelling for each kind."""
    ending = name.rpartition(".")[2].lower()
    return _SPELLINGS.get(ending, ending)


def _blank(sign: str) -> bool:
    return sign in "\t\n\r" or unicodedata.category(sign) == "Zs"


def _dropped(sign: str) -> bool:
    return not _blank(sign) and unicodedata.category(sign) in _DROPPED
