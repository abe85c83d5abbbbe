"""Files for a resource's fields: one multipart request each, under the rules that the edit form has."""

from dataclasses import dataclass
from typing import Annotated

import msgspec
from litestar.datastructures import UploadFile
from msgspec import Meta

from api.call import Call
from api.decoding import UNKNOWN, step
from api.endpoint import Endpoint
from api.errors import MalformedBody, WrongContentType
from api.representation import address
from api.schemas import ResourceSchema
from portal.auth.refusals import MissingScope
from portal.errors import InputError, PermissionDenied
from portal.kit.fields import UploadField
from portal.pages.uploads import NoFile, take
from portal.uploads.rules import MEGA, REQUEST_MB, Rules

MULTIPART = "multipart/form-data"


class FileToSend(msgspec.Struct, forbid_unknown_fields=True):
    """One file, in a part called `file`."""

    file: Annotated[str, Meta(extra_json_schema={"format": "binary"})]


class TakenFile(msgspec.Struct):
    """A stored file. It goes again unless a row uses its `key` within a day."""

    key: str
    url: str
    name: str
    size: int
    """Bytes."""
    type: str
    width: int | None
    height: int | None


@dataclass(frozen=True)
class UploadEndpoints:
    """Makes an endpoint for each field of a resource that takes files."""

    schema: ResourceSchema

    def all(self) -> list[Endpoint]:
        fields = [member.field for member in self.schema.writable.values()]
        return [self._endpoint(field) for field in fields if isinstance(field, UploadField)]

    def _endpoint(self, field: UploadField) -> Endpoint:
        resource = self.schema.resource
        rules = field.rules

        async def upload(call: Call) -> TakenFile:
            return await self._take(call, rules)

        return Endpoint(
            "POST",
            f"/{resource.name}/uploads/{field.name}",
            upload,
            name=f"{resource.name}-upload-{field.name.replace('_', '-')}",
            summary=f"Upload a file for {field.label}",
            description=f"Formats: {', '.join(rules.formats)}. At most {rules.max_bytes // MEGA} MB. "
            f"Scope: `{resource.name}.create` or `{resource.name}.edit`",
            tag=str(resource.label_plural),
            answer=TakenFile,
            status=201,
            body=FileToSend,
            takes=MULTIPART,
            max_body=min(rules.max_bytes + MEGA, REQUEST_MB * MEGA),
        )

    async def _take(self, call: Call, rules: Rules) -> TakenFile:
        self._check(call)
        sent = await _sent_file(call)
        file = await take(call.site, sent.file, sent.filename, rules, call.actor)
        url = address(call.site, file.key)
        call.headers["Location"] = url
        return TakenFile(file.key, url, file.original_name, file.size, file.media_type, file.width, file.height)

    def _check(self, call: Call) -> None:
        """Whoever may fill in the field, when creating or when editing."""
        resource = self.schema.resource
        wanted = [f"{resource.name}.{operation}" for operation in ("create", "edit")]
        if not any(call.actor.in_scope(right) for right in wanted):
            raise MissingScope(wanted[1])
        if not any(resource.policy.allows(call.actor, operation, resource.name) for operation in ("create", "edit")):
            raise PermissionDenied


async def _sent_file(call: Call) -> UploadFile:
    kind = call.received.get("content-type", "").partition(";")[0].strip().lower()
    if kind != MULTIPART or call.sealed_only:
        raise WrongContentType(MULTIPART)
    try:
        form = await call.request.form()
    except (ValueError, UnicodeError) as error:
        raise MalformedBody(NoFile.sentence) from error
    files = [item for item in form.getall("file", []) if isinstance(item, UploadFile) and item.filename]
    if not files:
        raise NoFile
    others = {step(name): UNKNOWN for name in form if name != "file"}
    if others:
        raise InputError(others)
    return files[0]
