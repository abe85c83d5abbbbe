"""Settings are read from `fastor.toml` and, over it, `FASTOR_…` variables of the environment.

Every mistake of both sources is reported at once, each with the place it was made in.
"""

import contextlib
import os
import re
import secrets
import tempfile
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Literal, NamedTuple, get_args, get_origin

import msgspec

from portal.errors import ConfigurationError, Problem
from portal.naming import did_you_mean
from portal.settings import PREFIX, SECRET_LENGTH, Check, Field, Settings, fields

FILE = Path("fastor.toml")
NOT_OURS = ("FASTOR_TEST_", "FASTOR_CHROMIUM")
"""Variables of the test suite, which share the prefix."""


class _Written(NamedTuple):
    """A value as somebody wrote it, and where."""

    name: str
    value: Any
    where: str
    file: str | None = None
    line: int | None = None

    def problem(self, number: str, message: str, hint: str | None = None) -> Problem:
        return Problem(number, self.where, message, hint, self.file, self.line)


def load(file: Path | None, environ: Mapping[str, str]) -> Settings:
    """The settings of both sources, or all that is wrong with them."""
    declared = fields()
    problems: list[Problem] = []
    values: dict[str, Any] = {}
    for written in (*_file_values(file, problems), *_environment_values(environ)):
        if written.name not in declared:
            problems.append(_unknown(written, declared))
            continue
        try:
            values[written.name] = _converted(written.value, declared[written.name])
        except ValueError as error:
            problems.append(written.problem("P203", f"can't be taken: {error}"))
    values["var"] = Path(values.get("var", "var")).absolute()
    settings = Settings(**values)
    problems += _missing(settings)
    if problems:
        raise ConfigurationError(problems)
    return settings if settings.secret else msgspec.structs.replace(settings, secret=_kept_secret(settings.var))


def _file_values(file: Path | None, problems: list[Problem]) -> Iterator[_Written]:
    path = file or FILE
    if file is None and not path.exists():
        return
    try:
        text = path.read_text(encoding="utf-8")
        table = tomllib.loads(text)
    except (OSError, UnicodeDecodeError) as error:
        problems.append(Problem("P202", str(path), f"can't be read: {error}.", file=str(path)))
        return
    except tomllib.TOMLDecodeError as error:
        problems.append(Problem("P202", str(path), f"is no valid TOML: {error}.", file=str(path)))
        return
    for key, value in table.items():
        place = re.search(rf"^[ \t]*\[?[\"']?{re.escape(key)}\b", text, re.MULTILINE)
        line = text.count("\n", 0, place.start()) + 1 if place else None
        yield _Written(key, value, key, str(path), line)


def _environment_values(environ: Mapping[str, str]) -> Iterator[_Written]:
    """An empty variable counts as none: that is how composing tools leave one out."""
    for variable, value in sorted(environ.items()):
        if variable.startswith(PREFIX) and not variable.startswith(NOT_OURS) and value:
            yield _Written(variable.removeprefix(PREFIX).lower(), value, variable)


def _unknown(written: _Written, declared: Mapping[str, Field]) -> Problem:
    names = declared if written.file else [PREFIX + name.upper() for name in declared]
    hint = did_you_mean(written.where, names) or "docs/settings.md names them all."
    return written.problem("P201", "is no setting.", hint)


def _converted(value: Any, field: Field) -> Any:
    """The value in its type; a `ValueError` is the end of a sentence."""
    many = get_origin(get_args(field.type)[0]) is tuple
    if many and isinstance(value, str):
        value = [part.strip() for part in value.split(",") if part.strip()]
    try:
        converted = msgspec.convert(value, field.type, strict=False, dec_hook=_path)
    except msgspec.ValidationError as error:
        raise ValueError(_expected(field)) from error
    check: Check | None = field.meta.extra["check"]
    for part in converted if many else (converted,):
        if check and (complaint := check(part)):
            raise ValueError(complaint)
    return converted


def _path(kind: type, value: Any) -> Any:
    if kind is Path and isinstance(value, str):
        return Path(value)
    raise ValueError(f"{value!r} is no path")


def _expected(field: Field) -> str:
    kind, meta = get_args(field.type)[0], field.meta
    if get_origin(kind) is Literal:
        return f"it is one of {', '.join(get_args(kind))}."
    if kind is bool:
        return "it is true or false."
    if kind is int:
        return f"it is a whole number from {meta.ge} to {meta.le}."
    if kind is float:
        return f"it is a number from {meta.ge}."
    if get_origin(kind) is tuple:
        return "it is a list of texts; in the environment, separated by commas."
    return f"it is a text of at most {meta.max_length} characters." if meta.max_length else "it is a text."


def _missing(settings: Settings) -> Iterator[Problem]:
    """What may only be left out while nobody but the developer can reach the portal."""
    if settings.development:
        return
    why = f'is obligatory when others can reach the portal (it listens on "{settings.host}").'
    if not settings.secret:
        hint = 'Make one: python -c "import secrets; print(secrets.token_urlsafe(48))"'
        yield Problem("P204", "FASTOR_SECRET", why, hint)
    elif len(settings.secret) < SECRET_LENGTH:
        yield Problem("P205", "FASTOR_SECRET", f"is too short: it needs {SECRET_LENGTH} characters or more.")
    if not settings.base_url:
        yield Problem("P204", "FASTOR_BASE_URL", why, "For example https://portal.example.com.")
    if not settings.hosts:
        yield Problem("P204", "FASTOR_HOSTS", why, "For example portal.example.com.")


def _kept_secret(folder: Path) -> str:
    """The development secret: made at the first start, the same at all later ones."""
    path = folder / "secret"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not path.exists():
            _write_once(path, secrets.token_urlsafe(48))
        kept = path.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError) as error:
        problem = Problem("P206", str(path), f"can't hold the secret: {error}.", "Or set FASTOR_SECRET.")
        raise ConfigurationError([problem]) from error
    if len(kept) < SECRET_LENGTH:
        raise ConfigurationError([Problem("P206", str(path), "holds no whole secret.", "Delete the file.")])
    return kept


def _write_once(path: Path, text: str) -> None:
    """Whole or not at all, readable by its owner only; of two processes at once the first one's stays."""
    with tempfile.NamedTemporaryFile("w", dir=path.parent, prefix=".secret-") as draft:
        draft.write(text)
        draft.flush()
        with contextlib.suppress(FileExistsError):
            os.link(draft.name, path)
