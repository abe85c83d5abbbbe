"""Numbers."""

import decimal
import math
import re
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from portal.i18n import _
from portal.kit.fields.field import Field, FieldError

WIDE = decimal.Context(prec=100)
"""Room for every digit that a column has."""


@dataclass(frozen=True)
class NumberField(Field):
    def empty(self) -> Any:
        if self.required or not self.facts.nullable:
            raise FieldError(_("This is needed."))
        return None


@dataclass(frozen=True)
class IntegerField(NumberField):
    """A whole number inside what the column holds."""

    template = "integer"

    def parse(self, text: str, zone: ZoneInfo) -> Any:
        if not re.fullmatch(r"[+-]?[0-9]{1,30}", text, re.ASCII):
            raise FieldError(_("Please write a whole number, like 42."))
        number = int(text)
        low, high = self.facts.bounds or (-(2**63), 2**63 - 1)
        if not low <= number <= high:
            raise FieldError(_("A number from {low} to {high}, please.").format(low=low, high=high))
        return number


@dataclass(frozen=True)
class DecimalField(NumberField):
    """A number with digits after the point, no more of them than the column holds."""

    template = "decimal"

    def parse(self, text: str, zone: ZoneInfo) -> Any:
        try:
            number = decimal.Decimal(text) if len(text) < 60 else decimal.Decimal("NaN")
        except decimal.InvalidOperation as error:
            raise FieldError(_("Please write a number, like 12.50.")) from error
        if not math.isfinite(number):
            raise FieldError(_("Please write a number, like 12.50."))
        if self.facts.precision is not None:
            digits, after = self.facts.precision
            kept = decimal.Decimal(1).scaleb(-after)
            # the size first: nothing is rounded that has more digits than can be
            if abs(number) >= decimal.Decimal(10) ** (digits - after) or number != number.quantize(kept, context=WIDE):
                sentence = _("At most {before} digits before the point and {after} after it.")
                raise FieldError(sentence.format(before=digits - after, after=after))
        return number

    def text(self, value: Any, zone: ZoneInfo) -> str:
        return "" if value is None else f"{decimal.Decimal(str(value)):f}"  # a float with all its digits
