"""Stored files: a picture, several pictures, a document."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from portal.facts import FileFacts
from portal.i18n import _
from portal.kit.fields.field import Field, FieldError
from portal.kit.fields.texts import LongTextField
from portal.uploads.keys import is_path
from portal.uploads.rules import Rules, document_rules, picture_rules

GONE = _("This is no file of ours. Please choose one again.")


@dataclass(frozen=True)
class UploadField(Field):
    """What the fields share that take files."""

    pictures: ClassVar[bool] = True

    @property
    def declared(self) -> FileFacts:
        return self.facts.facts.file or FileFacts()

    @property
    def rules(self) -> Rules:
        """What may be uploaded here."""
        return picture_rules(self.declared) if self.pictures else document_rules(self.declared)


@dataclass(frozen=True)
class ImageField(UploadField):
    """One picture; the value is the key of the stored file."""

    template = "image"
    beside = True

    def parse(self, text: str, zone: ZoneInfo) -> Any:
        return _path(super().parse(text, zone))


@dataclass(frozen=True)
class FileField(UploadField):
    """One document, archive, sound or film; the value is the key of the stored file."""

    template = "file"
    beside = True
    pictures = False

    def parse(self, text: str, zone: ZoneInfo) -> Any:
        return _path(super().parse(text, zone))


@dataclass(frozen=True)
class GalleryField(UploadField):
    """Pictures in an order; the value is the list of their keys. Each is sent as a value of its own."""

    template = "gallery"
    multiple = True

    def read(self, sent: Sequence[str], zone: ZoneInfo) -> Any:
        keys = list(dict.fromkeys(_path(text.strip()) for text in sent if text.strip()))
        most = self.declared.most
        if most is not None and len(keys) > most:
            raise FieldError(_("At most {n} pictures; these are {m}.").format(n=most, m=len(keys)))
        if not keys:
            return self.empty()
        return keys

    def empty(self) -> Any:
        if self.required:
            raise FieldError(_("This is needed."))
        return None if self.facts.nullable else []


@dataclass(frozen=True)
class RichTextField(UploadField, LongTextField):
    """A text with markup; its pictures are uploaded while it is written."""

    template = "rich_text"


def _path(text: str) -> str:
    if not is_path(text):
        raise FieldError(GONE)
    return text
