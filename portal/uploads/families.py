"""The kinds of files as people call them."""

from collections.abc import Mapping

from portal.facts import Label
from portal.i18n import _
from portal.uploads.rules import MEDIA_TYPES

FAMILIES: Mapping[str, Label] = {
    "picture": _("Picture"),
    "document": _("Document"),
    "sound": _("Sound"),
    "video": _("Video"),
}
"""Name in addresses -> what it is called."""

_STARTS = {"image/": "picture", "audio/": "sound", "video/": "video"}


def family_of(media_type: str) -> str:
    """The family of a media type; what is neither seen nor heard is a document."""
    return next((family for start, family in _STARTS.items() if media_type.startswith(start)), "document")


def media_types_of(family: str) -> list[str]:
    """All that is stored of a family."""
    return [media_type for media_type in MEDIA_TYPES.values() if family_of(media_type) == family]
