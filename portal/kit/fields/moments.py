"""Days, times, and moments in the viewer's time zone."""

import datetime
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from portal.i18n import _
from portal.kit.fields.field import FieldError
from portal.kit.fields.numbers import NumberField


@dataclass(frozen=True)
class DateField(NumberField):
    """A day, of no time zone."""

    template = "date"
    beside = True

    def parse(self, text: str, zone: ZoneInfo) -> Any:
        try:
            return datetime.date.fromisoformat(text)
        except ValueError as error:
            raise FieldError(_("Please write a date as 2026-12-31.")) from error

    def text(self, value: Any, zone: ZoneInfo) -> str:
        return "" if value is None else value.isoformat()


@dataclass(frozen=True)
class TimeField(NumberField):
    """A time of the day, of no time zone."""

    template = "time"
    beside = True

    def parse(self, text: str, zone: ZoneInfo) -> Any:
        try:
            return datetime.time.fromisoformat(text).replace(tzinfo=None)
        except ValueError as error:
            raise FieldError(_("Please write a time as 18:30.")) from error

    def text(self, value: Any, zone: ZoneInfo) -> str:
        return "" if value is None else value.isoformat("minutes" if not value.second else "seconds")


@dataclass(frozen=True)
class DateTimeField(NumberField):
    """A moment, typed and shown in the viewer's time zone and stored in UTC.

    In the hour that a clock goes through twice the first pass is meant, unless an offset is written behind it.
    """

    template = "datetime"
    beside = True

    def parse(self, text: str, zone: ZoneInfo) -> Any:
        try:
            moment = datetime.datetime.fromisoformat(text)
            if moment.tzinfo is not None:
                return moment.astimezone(datetime.UTC)
            local = moment.replace(tzinfo=zone)
            there = local.astimezone(datetime.UTC)
            back = there.astimezone(zone)
        except (ValueError, OverflowError) as error:
            raise FieldError(_("Please write a date and time as 2026-12-31 18:30.")) from error
        if back.replace(tzinfo=None) != moment:
            sentence = _("The clocks were put forward: this time does not exist in {zone}. Did you mean {time}?")
            raise FieldError(sentence.format(zone=zone.key, time=f"{back:%Y-%m-%d %H:%M}"))
        return there

    def text(self, value: Any, zone: ZoneInfo) -> str:
        if value is None:
            return ""
        aware = value if value.tzinfo is not None else value.replace(tzinfo=datetime.UTC)
        try:
            local = aware.astimezone(zone).replace(tzinfo=None)
        except OverflowError:  # the last day of the calendar is over in that zone
            return str(aware.isoformat(timespec="seconds"))
        return str(local.isoformat(timespec="seconds" if local.second else "minutes"))
