"""Reading what a caller sent, strictly: what is not declared is refused, and all of it is told at once."""

import re
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, get_type_hints

import msgspec
from litestar import Request

from api.endpoint import JSON
from api.errors import BadParameters, MalformedBody, NestedTooDeeply, WrongContentType
from portal.errors import InputError, Sentence
from portal.i18n import Text, _

DEEPEST = 32
"""Levels of nested JSON."""

UNKNOWN = _("There is no such attribute.")
NEEDED = _("This is needed.")

_WHERE = re.compile(r"^(?P<why>.*?)(?: - at `(?P<path>[^`]*)`)?$", re.DOTALL)


async def json_body(request: Request[Any, Any, Any]) -> Any:
    """The JSON that was sent, as plain values."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != JSON and not (kind.startswith("application/") and kind.endswith("+json")):
        raise WrongContentType(JSON)
    return parse_json(await request.body())


def parse_json(raw: bytes) -> Any:
    try:
        value = msgspec.json.decode(raw)
    except RecursionError as error:
        raise NestedTooDeeply from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise MalformedBody(_("This is not JSON: {why}.").format(why=str(error).rstrip("."))) from error
    if _too_deep(value):
        raise NestedTooDeeply
    return value


def _too_deep(value: Any) -> bool:
    level = [value]
    for _depth in range(DEEPEST):
        level = [
            inner
            for item in level
            if isinstance(item, dict | list)
            for inner in (item.values() if isinstance(item, dict) else item)
        ]
        if not level:
            return False
    return True


def read_body(value: Any, kind: Any) -> Any:
    """A struct from what was sent; `InputError` with everything that is wrong with its attributes."""
    errors = _wrong(value, kind) if isinstance(value, dict) else {}
    if errors:
        raise InputError(errors)
    try:
        return msgspec.convert(value, kind, strict=True)
    except msgspec.ValidationError as error:
        name, why = explain(error)
        raise InputError({name: why}) from error


class Form(dict[str, str]):
    """The fields of a plain form, all of them texts: what clients of the old kind send instead of JSON."""


def read_form(sent: Form, kind: Any) -> Any:
    """A struct from a form; `InputError` with everything that is wrong with it."""
    try:
        return read_query({name: [value] for name, value in sent.items()}, kind)
    except BadParameters as error:
        raise InputError(error.errors) from error


def _wrong(value: Mapping[str, Any], kind: Any) -> dict[str, Sentence]:
    fields = {field.encode_name: field for field in msgspec.structs.fields(kind)}
    errors: dict[str, Sentence] = {step(name): UNKNOWN for name in value if name not in fields}
    for name, field in fields.items():
        if name not in value:
            if field.required:
                errors[name] = NEEDED
            continue
        try:
            msgspec.convert(value[name], _hints(kind)[field.name], strict=True)
        except msgspec.ValidationError as error:
            below, why = explain(error)
            errors[f"{name}/{below}" if below else name] = why
    return errors


def step(name: str) -> str:
    """A name that somebody sent, as one step of a JSON pointer (RFC 6901)."""
    return name.replace("~", "~0").replace("/", "~1")


def read_query(sent: Mapping[str, Sequence[str]], kind: Any) -> Any:
    """A struct from the parameters of an address; `BadParameters` with everything that is wrong with them."""
    fields = {field.encode_name: field for field in msgspec.structs.fields(kind)}
    values: dict[str, Any] = {}
    errors: dict[str, Sentence] = {name: _("There is no such parameter.") for name in sent if name not in fields}
    for name, field in fields.items():
        if name not in sent:
            if field.required:
                errors[name] = NEEDED
            continue
        hint = _hints(kind)[field.name]
        given: Any = list(sent[name]) if _is_list(hint) else sent[name][-1]
        try:
            values[name] = msgspec.convert(given, hint, strict=False)
        except msgspec.ValidationError as error:
            errors[name] = explain(error)[1]
    if errors:
        raise BadParameters(errors)
    return msgspec.convert(values, kind, strict=False)


def read_piece(text: str, kind: Any) -> Any:
    """A piece of the path; `None` when it can't be one."""
    try:
        return msgspec.convert(text, kind, strict=False)
    except msgspec.ValidationError:
        return None


@cache
def _hints(kind: Any) -> Mapping[str, Any]:
    return get_type_hints(kind, include_extras=True)


def _is_list(hint: Any) -> bool:
    plain = getattr(hint, "__origin__", hint)
    return plain in (list, tuple) or any(map(_is_list, getattr(hint, "__args__", ()) if plain not in (dict,) else ()))


def explain(error: msgspec.ValidationError) -> tuple[str, Text]:
    """Where and why, in our words: `("tags/0", …)`."""
    found = _WHERE.match(str(error))
    why, path = (found["why"], found["path"] or "") if found else (str(error), "")
    name = "/".join(re.findall(r"[^.\[\]$]+", path.removeprefix("key in ")))
    return name, _sentence(why)


def _sentence(why: str) -> Text:
    if length := re.search(r"length (<=|>=) (\d+)", why):
        if length[1] == "<=":
            return _("At most {n}, please.").format(n=length[2]).coded("too-long")
        return _("At least {n}, please.").format(n=length[2]).coded("too-short")
    if bound := re.search(r"(>=|<=|>|<) (-?[\d.]+)$", why):
        return _("This is to be {sign} {n}.").format(sign=bound[1], n=bound[2]).coded("out-of-range")
    if "matching regex" in why or re.search(r"Invalid (RFC|UUID|base64|ISO)", why):
        return _("This does not have the right form.").coded("format")
    if "missing required field" in why:
        return NEEDED
    if "unknown field" in why:
        return UNKNOWN
    if "Invalid enum value" in why:
        return _("This is not one of the choices.")
    if expected := re.match(r"Expected `([^`]+)`, got `([^`]+)`", why):
        return _("This is to be {wanted}, and is {given}.").format(wanted=expected[1], given=expected[2]).coded("type")
    return _("This can't be taken.").coded("type")
