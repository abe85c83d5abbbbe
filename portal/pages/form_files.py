"""Files that come with a plain form: browsers without a script send them together with everything else."""

from collections.abc import Mapping

from portal.errors import Sentence
from portal.i18n import _
from portal.kit.fields import RichTextField, UploadField
from portal.kit.page import BoundResource
from portal.pages.uploads import take
from portal.uploads.refusals import UploadRefused
from portal.uploads.rules import MEGA, REQUEST_MB
from portal.web.request import PortalRequest, Values

FORM = "form"
"""The kind of upload ticket that edit forms carry."""

TEXT = 2 * 1024 * 1024
"""Bytes of everything in a form that is no file."""

MOST = REQUEST_MB * MEGA
"""Bytes of one request in any case; bigger files come by the upload's own addresses."""

MOST_FILES = 20


def file_fields(resource: BoundResource) -> list[UploadField]:
    """The fields a form sends files for; the pictures of a text come while it is written."""
    fields = [field for field in resource.fields if isinstance(field, UploadField) and not field.read_only]
    return [field for field in fields if not isinstance(field, RichTextField)]


def form_limit(resource: BoundResource) -> int:
    return min(MOST, TEXT + sum(field.rules.max_bytes for field in file_fields(resource)))


async def take_files(request: PortalRequest, resource: BoundResource, sent: Values) -> Mapping[str, Sentence]:
    """Put the keys of the files that came with the form among what was sent; why some were not taken, by field.

    What is taken is stored at once and shown again with the form, so that nobody has to choose a file twice.
    """
    refused: dict[str, Sentence] = {}
    for field in file_fields(resource):
        files = request.sent_files.get(f"file.{field.name}", [])
        if sent.pop(f"clear.{field.name}", None):
            sent[field.name] = [""]
        if len(files) > MOST_FILES:
            refused[field.name] = _("At most {n} files at a time.").format(n=MOST_FILES)
            continue
        for file in files:
            try:
                taken = await take(request.site, file.file, file.filename, field.rules, request.actor)
            except UploadRefused as error:
                refused[field.name] = error.message
                continue
            before = sent.get(field.name, []) if field.multiple else []
            sent[field.name] = [*filter(None, before), taken.key]
    return refused
