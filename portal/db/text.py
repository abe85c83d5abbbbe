"""Text made comparable for searching, the same way on every database and in Python."""

import unicodedata


def fold(text: str) -> str:
    """`text` without differences of case, width and accents: `Ｃａｆé` and `CAFE` are one word.

    Keys and slugs are compared byte by byte; this is for what people type into a search box.
    """
    if text.isascii():
        return text.lower()
    parts = unicodedata.normalize("NFKD", text)
    bare = "".join(part for part in parts if not unicodedata.combining(part))
    return unicodedata.normalize("NFKC", bare).casefold()
