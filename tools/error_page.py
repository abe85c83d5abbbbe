"""docs/api/errors.md: every code that the API refuses with, read from the code itself."""

import ast
import importlib
import pkgutil
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

HEAD = """\
# Errors

Made by `make docs ARGS=--write` from the errors of `portal` and `api`.

Whatever the API refuses it answers with problem details ([RFC 9457](https://www.rfc-editor.org/rfc/rfc9457)), as
`application/problem+json`:

```json
{
  "type": "urn:fastor:problem:input",
  "title": "This can't be saved",
  "status": 422,
  "detail": "Some of it can't be saved as it is.",
  "code": "input",
  "request_id": "0b0c5b6f3e5f4b7a",
  "errors": [{"code": "required", "detail": "This is needed.", "pointer": "/title"}]
}
```

Programs compare `code`, which stays as it is. `title` and `detail` are for people, in the language of
`Accept-Language` (English or Chinese), and may be reworded. `errors` tells all that is wrong at once: `pointer` is a
JSON pointer into the body, `parameter` a name in the address. The portal's pages refuse the same with the same
sentence. `request_id` is what the log knows the call by.

`410` carries `server_time`, in seconds since 1970. `429` and `503` say in `Retry-After` how many seconds to wait,
`405` in `Allow` what the address takes, `401` in `WWW-Authenticate` how to say who calls.

## Why a call is refused

| status | code | detail |
|---|---|---|
"""

FIELDS = """
## What is wrong with one value

The codes in `errors`. A project gives its own rules codes with `_("The shop is closed.").coded("closed")`; a rule
without one is `invalid`.

| code | detail |
|---|---|
"""

ROUTER = {
    (400, "malformed"): "A request that can't be read at all.",
    (405, "method"): "A method that the address does not have.",
    (408, "too-slow"): "The body did not arrive in time.",
    (413, "too-large"): "More than the address takes.",
    (414, "address-too-long"): "An address of more than 8 KB.",
    (431, "headers-too-large"): "More than 100 headers, or 8 KB in one, or 32 KB in all.",
    (500, "defect"): "A mistake of ours; the log has it under the `request_id`.",
}
"""What no error class stands for."""


def errors_page() -> str:
    calls = "".join(f"| {status} | `{code}` | {what} |\n" for (status, code), what in sorted(_refusals().items()))
    fields = "".join(f"| `{code}` | {'<br>'.join(sorted(set(said)))} |\n" for code, said in sorted(_codes().items()))
    return HEAD + calls + FIELDS + fields


def _refusals() -> dict[tuple[int, str], str]:
    """Status and code of every error that can be answered."""
    from portal.errors import PortalError

    for root in ("portal", "api"):
        package = importlib.import_module(root)
        for info in pkgutil.walk_packages(package.__path__, f"{root}."):
            if not info.name.endswith("__main__"):
                importlib.import_module(info.name)
    found: dict[tuple[int, str], str] = {}
    for error in sorted(_below(PortalError), key=lambda error: (error.__module__, error.__name__)):
        if (error.status < 500 or error.status == 503) and error.__module__.partition(".")[0] in ("portal", "api"):
            own = str(error.sentence) if "sentence" in vars(error) or error.sentence != PortalError.sentence else ""
            told = own or _first_line(error)
            known = found.get((error.status, error.code))
            found[error.status, error.code] = told if known in (None, told) else f"{known}<br>{told}"
    return {**ROUTER, **found}


def _below(kind: type) -> Iterator[type]:
    for found in kind.__subclasses__():
        yield found
        yield from _below(found)


def _first_line(error: type) -> str:
    return (error.__doc__ or "").strip().partition("\n")[0]


def _codes() -> dict[str, list[str]]:
    """The codes of sentences, and the sentences."""
    from portal.error_codes import CODES, UNNAMED

    found: dict[str, list[str]] = {UNNAMED: ["Whatever has no code of its own."]}
    for sentence, code in CODES.items():
        found.setdefault(code, []).append(sentence)
    for code, sentence in _coded_in_place():
        found.setdefault(code, []).append(sentence)
    return found


def _coded_in_place() -> Iterator[tuple[str, str]]:
    """`_("…").format(…).coded("type")`"""
    for file in sorted([*ROOT.glob("portal/**/*.py"), *ROOT.glob("api/**/*.py")]):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            match node:
                case ast.Call(func=ast.Attribute(attr="coded", value=said), args=[ast.Constant(value=str(code))]):
                    if sentence := _sentence(said):
                        yield code, sentence


def _sentence(node: ast.AST) -> str | None:
    for inner in ast.walk(node):
        match inner:
            case ast.Call(func=ast.Name(id="_"), args=[ast.Constant(value=str(sentence))]):
                return sentence
    return None
