"""Why a file is not taken: a sentence for the person, a status for HTTP."""

from collections.abc import Mapping, Sequence
from typing import Any

from portal.errors import PortalError, Unavailable
from portal.i18n import Text, _
from portal.uploads.rules import MEGA

SHOWN = {"jpg": "JPEG", "webp": "WebP"}
"""What an ending is called where it is not simply its capitals."""


class UploadRefused(PortalError):
    """The root of all refusals; its sentence says what would be taken."""

    status = 422
    code = "upload"
    sentence = _("This file can't be taken.")


class TooBig(UploadRefused):
    """More bytes than the field takes."""

    status = 413
    code = "upload-size"
    sentence = _("This file is too big.")

    @classmethod
    def of(cls, size: int, most: int) -> "TooBig":
        """The refusal that names both numbers, in bytes here."""
        return cls(_("At most {n} MB; this has {m}.").format(n=_megabytes(most), m=_megabytes(size)))


class WrongKind(UploadRefused):
    """A file of a kind that is not taken here, whatever it is called."""

    status = 415
    code = "upload-kind"
    sentence = _("This kind of file is not taken here.")


class Damaged(UploadRefused):
    """The right kind, but broken, dangerous to open or beyond what is bearable."""

    code = "upload-damaged"
    sentence = _("The file is damaged and can't be read.")


class PicturesUnavailable(Unavailable):
    """The process that reads pictures does not start: our fault, not the file's."""

    sentence = _("Pictures can't be read at the moment. Please try again later.")


class ScannerUnavailable(Unavailable):
    """The site's own scanner failed: without its word nothing is taken in."""

    sentence = _("Files can't be checked at the moment. Please try again later.")


EMPTY = _("The file is empty.")
UNREADABLE = _("The picture is damaged and can't be read.")

_ONE_OF_THE_FORMATS = _("This is no picture: only {formats} are taken.")

_REASONS: Mapping[str, tuple[type[UploadRefused], Text]] = {
    "kind": (WrongKind, _ONE_OF_THE_FORMATS),
    "damaged": (Damaged, UNREADABLE),
    "pixels": (Damaged, _("The picture is too large: at most {n} million pixels; this has {m}.")),
    "frames": (Damaged, _("The animation has too many frames: at most {n} of this size.")),
    "scans": (Damaged, _("The picture takes too long to read.")),
    "crop": (Damaged, _("This crop leaves nothing of the picture.")),
}


def refused(reason: str, values: Mapping[str, Any], formats: Sequence[str]) -> UploadRefused:
    """The refusal for a reason the picture process gave."""
    kind, sentence = _REASONS.get(reason, _REASONS["damaged"])
    return kind(sentence.format(**values, formats=listed(formats)))


def no_such_kind(formats: Sequence[str]) -> WrongKind:
    return WrongKind(_("This kind of file is not taken here: only {formats} are.").format(formats=listed(formats)))


def listed(formats: Sequence[str]) -> str:
    """Endings as people call them: `JPEG, PNG, PDF`."""
    return ", ".join(SHOWN.get(ending, ending.upper()) for ending in formats)


def _megabytes(size: int) -> str:
    return f"{-(-size * 10 // MEGA) / 10:g}"
