"""`Field`, the base of all kinds: a line of text, and what every kind shares."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, ClassVar, Self
from zoneinfo import ZoneInfo

from sqlalchemy.orm import InstrumentedAttribute

from portal.facts import Label
from portal.i18n import _
from portal.kit.columns import name_of
from portal.kit.introspect import Attribute, ModelFacts

if TYPE_CHECKING:
    from portal.kit.page import BoundResource


_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")


class FieldError(ValueError):
    """What was typed can't be taken; the sentence says why and is shown at the field."""

    def __init__(self, sentence: Label) -> None:
        self.sentence = sentence
        super().__init__(sentence)


@dataclass(frozen=True)
class Field:
    """A line of text, and the base of all other kinds. What is left out is taken from the model."""

    attribute: InstrumentedAttribute[Any] | str
    label: Label | None = None
    help: Label | None = None
    required: bool | None = None
    read_only: bool = False
    aside: bool | None = None
    """Stands in the narrow column beside the content."""
    found: Attribute | None = None
    """The facts of the attribute; filled in at start-up."""

    template: ClassVar[str] = "text"
    """The leaf of `fields/` that draws it, without `.html`."""
    beside: ClassVar[bool] = False
    """Whether this kind belongs in the narrow column unless told otherwise."""
    multiple: ClassVar[bool] = False
    trimmed: ClassVar[bool] = True
    """Whether white space around the text is dropped."""

    @property
    def name(self) -> str:
        return name_of(self.attribute)

    @property
    def facts(self) -> Attribute:
        if self.found is None:
            raise RuntimeError(f"{self.name} was not completed")
        return self.found

    def completed(self, facts: ModelFacts) -> Self:
        """This field with every gap filled from the model."""
        found = facts.attributes[self.name]
        aside = self.aside if self.aside is not None else found.facts.aside
        return replace(
            self,
            label=self.label if self.label is not None else found.label,
            help=self.help if self.help is not None else found.help,
            required=self.required if self.required is not None else found.required,
            read_only=self.read_only or found.automatic,
            aside=aside if aside is not None else self.beside,
            found=found,
        )

    def among(self, resources: "Mapping[str, BoundResource]") -> Self:
        """This field in a portal with these resources: for fields that offer what the portal has."""
        return self

    def read(self, sent: Sequence[str], zone: ZoneInfo) -> Any:
        """The value of what was sent for this field; `FieldError` when it can't be one."""
        text = sent[-1] if sent else ""
        if _CONTROL.search(text):
            raise FieldError(_("This holds characters that can't be stored."))
        if not text.strip():
            return self.empty()
        return self.parse(text.strip() if self.trimmed else text, zone)

    def empty(self) -> Any:
        """The value of an input left blank."""
        if self.required:
            raise FieldError(_("This is needed."))
        return None if self.facts.nullable else ""

    def parse(self, text: str, zone: ZoneInfo) -> Any:
        """The value of a text that is not blank."""
        limit = self.facts.max_length
        if limit is not None and len(text) > limit:
            raise FieldError(_("At most {n} characters; this has {m}.").format(n=limit, m=len(text)))
        return text

    def text(self, value: Any, zone: ZoneInfo) -> str:
        """What stands in the input for a stored value."""
        return "" if value is None else str(value)


def plain(value: Any) -> str:
    """A choice's value as it stands in a form or an address."""
    return str(getattr(value, "value", value))
