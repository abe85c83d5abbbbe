"""The stable codes of sentences: what programs compare, while people read the sentence in their language.

A sentence of `InputError` or `FieldError` is looked up by its English text; what is not here is `invalid`, unless
a project has named its own: `_("The shop is closed.").coded("closed")`.
"""

from collections.abc import Mapping

from portal.errors import Sentence
from portal.i18n import Text

CODES: Mapping[str, str] = {
    "This is needed.": "required",
    "Please choose one.": "required",
    "At most {n} characters; this has {m}.": "too-long",
    "At most {n} pictures; these are {m}.": "too-many",
    "A number from {low} to {high}, please.": "out-of-range",
    "At most {before} digits before the point and {after} after it.": "out-of-range",
    "This holds characters that can't be stored.": "characters",
    "This is not one of the choices.": "choice",
    "This is either on or off.": "type",
    "Please write a whole number, like 42.": "type",
    "Please write a number, like 12.50.": "type",
    "Please write an address that begins with https:// or with /.": "format",
    "Please write an e-mail address, like name@example.com.": "format",
    "Please write a date as 2026-12-31.": "format",
    "Please write a time as 18:30.": "format",
    "Please write a date and time as 2026-12-31 18:30.": "format",
    "The clocks were put forward: this time does not exist in {zone}. Did you mean {time}?": "format",
    "This is nested too deeply.": "too-deep",
    "This is not JSON: line {line}, column {column}.": "format",
    "This is not JSON.": "format",
    "This is no file of ours. Please choose one again.": "file",
    "This file is not there any more. Please choose one again.": "gone",
    "This file is no picture.": "file",
    "This file belongs to something you may not see.": "denied",
    "What was chosen here is gone. Please choose again.": "gone",
    "“{title}” already has this. Please choose another.": "taken",
    "This can't be set.": "read-only",
    "There is no such parameter.": "unknown",
    "There is no such attribute.": "unknown",
    "This filter value is not understood.": "filter",
    "This list can't be sorted like that.": "sort",
    "This cursor is not one of this list's.": "cursor",
    "This is not after the beginning.": "order",
    "Change your own password on the page for it.": "own-account",
    "You can't close your own account.": "own-account",
    "These roles may do more than you may yourself.": "beyond-own-rights",
    "You can give only what you may do yourself.": "beyond-own-rights",
}

UNNAMED = "invalid"


def code_of(sentence: Sentence) -> str:
    """The code of a sentence."""
    if not isinstance(sentence, Text):
        return UNNAMED
    return sentence.code or CODES.get(sentence.message, UNNAMED)
