"""Arguments as a text: the same for equal values in every process, another one for all others."""

import dataclasses
import datetime
import decimal
import enum
import uuid
import zoneinfo
from collections.abc import Mapping, Sequence, Set
from typing import Any

import msgspec

_PLAIN = (
    type(None),
    bool,
    int,
    float,
    str,
    bytes,
    decimal.Decimal,
    datetime.date,
    datetime.datetime,
    datetime.time,
    datetime.timedelta,
    uuid.UUID,
    zoneinfo.ZoneInfo,
)


def as_text(value: Any) -> str:
    """`TypeError` for what has no such text: a session, a request, an object known by its address alone."""
    kind = f"{type(value).__module__}.{type(value).__qualname__}"
    if isinstance(value, enum.Enum):
        return f"{kind}.{value.name}"
    if type(value) in _PLAIN:
        return f"{kind}:{value!r}"
    if isinstance(value, Mapping):
        return f"{{{','.join(sorted(f'{as_text(key)}={as_text(held)}' for key, held in value.items()))}}}"
    if isinstance(value, Set):
        return f"<{','.join(sorted(map(as_text, value)))}>"
    if isinstance(value, Sequence) and not isinstance(value, (str, bytes, bytearray)):
        return f"[{','.join(map(as_text, value))}]"
    if isinstance(value, msgspec.Struct):
        return f"{kind}{as_text({name: getattr(value, name) for name in value.__struct_fields__})}"
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return f"{kind}{as_text({field.name: getattr(value, field.name) for field in dataclasses.fields(value)})}"
    raise TypeError(f"{kind} can't be part of a cache's key.")
