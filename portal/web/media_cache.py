"""What is sent along with a stored file, and a memory of it for the files that are open to everybody."""

from collections import OrderedDict
from dataclasses import dataclass
from urllib.parse import quote

from portal.services.files_lookup import FileFound

MOST = 10_000

COPY_TYPE = "image/webp"


@dataclass(frozen=True)
class MediaFacts:
    """One object of the storage as it is handed out."""

    key: str
    media_type: str
    size: int
    etag: str
    disposition: str
    private: bool

    @classmethod
    def of(cls, found: FileFound) -> "MediaFacts | None":
        """Of a file or of the copy that was asked for; nothing when it has no such copy."""
        if found.copy is None:
            key, media_type, size, mark = found.key, found.media_type, found.size, ""
        elif facts := found.sizes.get(found.copy):
            key, media_type, size = f"{found.key.rpartition('.')[0]}.{found.copy}.webp", COPY_TYPE, facts[2]
            mark = f"-{found.copy}"
        else:
            return None
        shown = media_type.startswith("image/")
        return cls(
            key=key,
            media_type=media_type,
            size=int(size),
            etag=f'"{found.sha256[:32]}{mark}"',
            disposition=disposition(found.original_name, shown=shown),
            private=found.private,
        )


def disposition(name: str, *, shown: bool) -> str:
    """RFC 6266, with the name in the one form that every letter fits into."""
    return f"{'inline' if shown else 'attachment'}; filename*=UTF-8''{quote(name, safe='', errors='replace')}"


class MediaCache:
    """The facts of public files by the name in their address, the longest unused ones forgotten first.

    They are good for as long as there is the object: bytes never change, and a file that was stored for everybody
    can't be made private afterwards (`private` is set when the row is made and by nothing else). A deleted file
    is noticed by its missing object.
    """

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._facts: OrderedDict[str, MediaFacts] = OrderedDict()

    def get(self, name: str) -> MediaFacts | None:
        facts = self._facts.get(name)
        if facts is not None:
            self._facts.move_to_end(name)
        return facts

    def keep(self, name: str, facts: MediaFacts) -> None:
        """Remember a public file; of private ones nothing is kept."""
        if facts.private:
            return
        self._facts[name] = facts
        self._facts.move_to_end(name)
        while len(self._facts) > self._most:
            self._facts.popitem(last=False)

    def drop(self, name: str) -> None:
        self._facts.pop(name, None)

    def __len__(self) -> int:
        return len(self._facts)
