"""What of the library a field could take: `GET /uploads/library?resource=articles&field=cover&q=&folder=&page=`.

The answer is a dialog, or with `HX-Request-Type: partial` only the files in it. Each carries what a script would
have been told of it had it just been uploaded.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from litestar import Response

from portal.kit.fields import RichTextField, UploadField
from portal.kit.listing import clean_search
from portal.pages.uploads import described, rules_for, upload_field
from portal.services.suitable_files import Offer, Seeker, Wish, folders, offer
from portal.uploads.rules import Rules
from portal.web.rendering import render
from portal.web.request import PortalRequest

if TYPE_CHECKING:
    from portal.models.file import StoredFile


@dataclass(frozen=True)
class Suggestion:
    """A file that could be chosen."""

    file: "StoredFile"
    told: str
    """What the script is told of it, as JSON."""


@dataclass(frozen=True)
class ChoiceContext:
    """What `fields/_library.html` and `fields/_library_files.html` may use."""

    rules: Rules
    many: bool
    offer: Offer
    suggestions: Sequence[Suggestion]
    wish: Wish
    folders: Sequence[str] = ()


async def upload_library(request: PortalRequest) -> Response[bytes]:
    rules, field = rules_for(request), upload_field(request)[1]
    wish, partial = _wish(request), request.partial
    async with request.site.reading(request.actor) as work:
        library = request.site.resources.get("files")
        sees_library = library is not None and library.service(work).may("view")
        seeker = Seeker(request.actor.name, sees_library)
        found = await offer(work.session, rules, seeker, wish)
        places = [] if partial else await folders(work.session, rules, seeker)
    context = ChoiceContext(
        rules=rules,
        many=_takes_many(field),
        offer=found,
        suggestions=[Suggestion(file, json.dumps(described(request.site, file))) for file in found.files],
        wish=wish,
        folders=places,
    )
    name = "fields/_library_files.html" if partial else "fields/_library.html"
    return render(request, name, context, headers={"Cache-Control": "no-store"})


def _takes_many(field: UploadField) -> bool:
    return field.multiple or isinstance(field, RichTextField)


def _wish(request: PortalRequest) -> Wish:
    last = {name: values[-1] for name, values in request.sent.items()}
    page = last.get("page", "")
    return Wish(
        search=clean_search(last.get("q", "")),
        folder=_folder(last.get("folder", "")),
        page=int(page) if page.isascii() and page.isdigit() and len(page) < 4 else 1,
    )


def _folder(text: str) -> str:
    """As it is called; nothing for what no folder can be called."""
    return "" if "\0" in text or any("\ud800" <= sign <= "\udfff" for sign in text) else text
