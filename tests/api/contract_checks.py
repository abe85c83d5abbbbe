"""What schemathesis is taught of this API: loaded by its command line, which runs beside the tests.

Whatever fits the documents may still break a rule that no schema can tell. Such a refusal must name a rule: one that
says "too long" or "no such attribute" of what fits the schema is a schema that says too little.
"""

import hashlib
import json
from typing import Any

import schemathesis

RULES = {
    "required": "a text of nothing but blanks is none",
    "characters": "signs that no database keeps",
    "format": "an address, a mail address, a day that is none",
    "out-of-range": "digits of a number with a point",
    "choice": "one among rows, not among words",
    "gone": "a row that is not there",
    "file": "a file that is not there",
    "taken": "must be unique",
    "order": "an end before its beginning",
    "filter": "days far away",
    "cursor": "of no list",
    "invalid": "what goes together in the order and for many rows",
}
"""The codes of what a schema can't say, each with the case it stands for."""

ANSWERS = {
    400: {"parameters"},
    412: {"precondition"},
    422: {"input", "idempotency-reused", "sign-in-refused", "no-file", "upload", "upload-damaged"},
}
"""What may refuse what fits the schema, besides who calls and what is not there (any more)."""


@schemathesis.hook
def before_call(context: Any, case: Any, kwargs: Any) -> None:
    """A key of its own for each thing to be created: the example's would be refused from the second call on."""
    headers = case.headers or {}
    if "Idempotency-Key" in headers and case.meta is not None and case.meta.generation.mode.is_positive:
        headers["Idempotency-Key"] = hashlib.sha256(repr((case.path, case.body)).encode()).hexdigest()


def explained(error: dict[str, Any], body: Any) -> bool:
    """Whether a rule says so, or one of the two places where schemas and we differ knowingly."""
    if error["code"] in RULES or error.get("pointer") == "/matching":  # an address within a text
        return True
    # to JSON Schema 348.0 is a whole number
    return error["code"] == "type" and isinstance(at(body, error.get("pointer", "")), float)


def at(value: Any, pointer: str) -> Any:
    """What a JSON pointer leads to."""
    for step in pointer.split("/")[1:]:
        value = value[int(step)] if isinstance(value, list) else value[step.replace("~1", "/").replace("~0", "~")]
    return value


@schemathesis.check
def refused_by_rules_only(context: Any, response: Any, case: Any) -> None:
    """A call that fits the documents is answered, or refused by a rule."""
    if case.meta is None or not case.meta.generation.mode.is_positive or response.status_code not in ANSWERS:
        return
    problem = json.loads(response.content)
    assert problem["code"] in ANSWERS[response.status_code], f"{problem['code']}: {problem['detail']}"
    unexplained = [found for found in problem.get("errors", []) if not explained(found, case.body)]
    assert not unexplained, f"This fits the schema, and was refused as if it did not: {unexplained}"
