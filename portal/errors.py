"""Every error the portal raises.

PortalError                 a sentence for a person, a status for HTTP, a stable code
├── ConfigurationError      start-up: every problem found, numbered, with a hint
├── InputError         422  what was sent can't be taken: field name -> sentence
├── ConflictError      409  somebody else was faster
│   └── StaleError          the row is no longer the one that was read
├── PermissionDenied   403
├── NotFound           404
├── SignInRequired     401
├── TooManyAttempts    429  carries the seconds to wait
├── Unavailable        503  the database or another server does not answer
└── StorageError       503  the file storage does not answer
    └── StorageFull    503  there is no room for what was sent
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from portal.i18n import Text, _

Sentence = str | Text


class PortalError(Exception):
    """The root: whatever else is raised is a defect and becomes a logged 500 page."""

    status: ClassVar[int] = 500
    code: ClassVar[str] = "error"
    sentence: ClassVar[Sentence] = _("Something went wrong.")

    def __init__(self, message: Sentence | None = None) -> None:
        self.message: Sentence = message if message is not None else self.sentence
        super().__init__(self.message)

    def __str__(self) -> str:
        return str(self.message)


@dataclass(frozen=True)
class Problem:
    """One mistake found at start-up."""

    number: str
    """Stable, documented in docs/problems.md: `P101`."""
    where: str
    """The declaration at fault: `ArticleResource.columns`."""
    message: str
    hint: str | None = None
    file: str | None = None
    line: int | None = None

    def __str__(self) -> str:
        place = f" ({self.file}{f':{self.line}' if self.line else ''})" if self.file else ""
        hint = f" {self.hint}" if self.hint else ""
        return f"{self.number} {self.where}: {self.message}{hint}{place}"


class ConfigurationError(PortalError):
    """The portal can't start as it is declared; `problems` names everything to mend."""

    code = "configuration"

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


class InputError(PortalError):
    """What was sent can't be taken; `errors` holds one sentence a field, all of them at once."""

    status = 422
    code = "input"
    sentence = _("Some of it can't be saved as it is.")

    def __init__(self, errors: Mapping[str, Sentence], message: Sentence | None = None) -> None:
        self.errors = dict(errors)
        super().__init__(message)


class ConflictError(PortalError):
    """Somebody else changed the same thing first; nothing was written."""

    status = 409
    code = "conflict"
    sentence = _("Somebody else changed this in the meantime.")


class StaleError(ConflictError):
    """The version sent along is not that of the row any more; nothing was written."""

    code = "stale"
    sentence = _("Somebody else saved this while you were editing it.")


class PermissionDenied(PortalError):
    status = 403
    code = "denied"
    sentence = _("You may not do this.")


class NotFound(PortalError):
    status = 404
    code = "not-found"
    sentence = _("There is nothing here.")


class SignInRequired(PortalError):
    status = 401
    code = "sign-in"
    sentence = _("Please sign in.")


class TooManyAttempts(PortalError):
    """Throttled; `retry_after` is in seconds."""

    status = 429
    code = "throttled"
    sentence = _("Too many attempts. Please wait a moment.")

    def __init__(self, retry_after: int, message: Sentence | None = None) -> None:
        self.retry_after = retry_after
        super().__init__(message)


class Unavailable(PortalError):
    status = 503
    code = "unavailable"
    sentence = _("The database does not answer at the moment. Nothing was saved; please try again.")


class StorageError(PortalError):
    status = 503
    code = "storage"
    sentence = _("The file storage does not answer at the moment. Please try again.")


class StorageFull(StorageError):
    code = "storage-full"
    sentence = _("The disk for uploaded files is full. Nothing was stored.")
