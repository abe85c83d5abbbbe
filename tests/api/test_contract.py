"""The running API against its own documents: thousands of calls that schemathesis draws, by every check it knows.

The same every time. `FASTOR_TEST_CASES=50000` draws that many instead of 5,000. The figures stand at the end of the
run.
"""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from litestar import Litestar
from sqlalchemy import MetaData
from sqlalchemy.ext.asyncio import create_async_engine

from api.openapi import OpenApi
from api.plugin import Api
from portal.app import create_app
from portal.auth.tokens import Tokens
from portal.db.engine import Database
from portal.settings import Settings
from tests.api import lab_server
from tests.databases import fresh_database, in_thread
from tests.e2e.server import Server
from tests.pages.lab import Lab

CASES = int(os.environ.get("FASTOR_TEST_CASES") or 5000)
ALL = "examples,coverage,fuzzing,stateful"
DRAWN = "fuzzing,stateful"
"""The others are the same however often they are run."""

CONFIG = """
[checks.negative_data_rejection]
expected-statuses = [400, 401, 403, 404, 405, 406, 409, 412, 413, 414, 415, 422, 428, 429]
"""
"""A fault is no refusal, which it is to schemathesis unless it is told."""

NUMBERED = ("articles", "banners", "categories", "tags", "gadgets", "owners", "parts", "steps", "samples")
"""Nouns whose key is `id`: rows that are made are then got, changed, deleted, and looked for afterwards."""

RATE = "100000/second"
SEED = 20261121
PATIENCE = 1800
"""Seconds for one command; a quiet machine needs one for sixty cases."""


@dataclass(frozen=True)
class Subject:
    """An application, the database it runs on, and its part of the cases."""

    name: str
    app: str
    build: Callable[..., Litestar]
    database: str
    part: float
    phases: str = ALL
    tables: MetaData | None = None
    """What no migration makes."""


PRODUCT: dict[str, Any] = {"app": "portal.app:create_app", "build": create_app}
LABORATORY: dict[str, Any] = {
    "app": "tests.api.lab_server:create_app",
    "build": lab_server.create_app,
    "tables": Lab.metadata,
}
SUBJECTS = [
    Subject("product-sqlite", **PRODUCT, database="sqlite", part=0.45),
    Subject("product-mysql", **PRODUCT, database="mysql", part=0.45),
    Subject("laboratory-mysql", **LABORATORY, database="mysql", part=0.1, phases=ALL if CASES > 5000 else DRAWN),
]


@pytest.mark.parametrize("subject", SUBJECTS, ids=lambda subject: subject.name)
def test_the_api_does_what_its_documents_say(
    subject: Subject, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    with fresh_database(subject.database) as url:
        server = Server(tmp_path, app=subject.app)
        server.environment |= {"FASTOR_DATABASE_URL": url, "FASTOR_API_RATE": RATE, "FASTOR_API_ADDRESS_RATE": RATE}
        server.command("db", "upgrade")
        settings = Settings(secret="s" * 40, database_url=url, var=tmp_path)
        token = prepare(settings, subject.tables)
        document = documents(subject.build(settings=settings))
        (tmp_path / "openapi.json").write_text(json.dumps(document), encoding="utf-8")
        (tmp_path / "schemathesis.toml").write_text(CONFIG, encoding="utf-8")
        with server:
            furnish(server.url, document, token)
            rounds = [
                draw(server, token, examples=4, seed=SEED, phases=subject.phases),
                # what is wrong ends a chain at once: of good values alone some go on to the end
                draw(server, token, examples=60, seed=SEED + 1, phases="stateful", mode="positive"),
            ]
            assert rounds[0]["operations"]["tested"] == len(list(operations(document)))
            while (drawn := sum(found["test_cases"]["generated"] for found in rounds)) < CASES * subject.part:
                more = min(200, max(5, round((CASES * subject.part - drawn) / len(document["paths"]) / 2)))
                rounds.append(draw(server, token, examples=more, seed=SEED + len(rounds), phases=DRAWN))
    assert not faults(server), faults(server)
    record_property("figures", f"schemathesis on {subject.name}: {told(rounds)}")


def prepare(settings: Settings, tables: MetaData | None) -> str:
    """A token that may everything, and the tables that are the tests' own."""
    found: list[str] = []

    async def work() -> None:
        if tables is not None:
            engine = create_async_engine(settings.database_url)
            async with engine.begin() as connection:
                await connection.run_sync(tables.create_all)
            await engine.dispose()
        database = Database(settings.database_url)
        found.append((await Tokens(database, settings).issue("contract", scopes=["*.*"])).text)
        await database.dispose()

    in_thread(work)
    return found[0]


def documents(app: Litestar) -> dict[str, Any]:
    """What the application says of itself, and what follows on making a row."""
    document = OpenApi(app.plugins.get(Api).endpoints, "Fastor", "0").document()
    paths = document["paths"]
    for path, methods in paths.items():
        row = paths.get(f"{path}/{{key}}", {})
        if "post" not in methods or path[1:] not in NUMBERED:
            continue
        methods["post"]["responses"]["201"]["links"] = {
            method: {"operationId": found["operationId"], "parameters": {"key": "$response.body#/id"}}
            for method, found in row.items()
        }
    return document


def operations(document: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for found in document["paths"].values():
        yield from found.values()


def furnish(url: str, document: dict[str, Any], token: str) -> None:
    """A few rows to point at, of whatever needs no more than a name."""
    with httpx.Client(base_url=f"{url}/api", headers={"Authorization": f"Bearer {token}"}) as client:
        for noun in ("tags", "categories", "owners", "parts"):
            if f"/{noun}" not in document["paths"]:
                continue
            for name in ("Tea", "Coffee", "Water"):
                assert client.post(f"/{noun}", json={"name": name}).status_code == 201


def draw(server: Server, token: str, *, examples: int, seed: int, phases: str, mode: str = "all") -> dict[str, Any]:
    """One run of schemathesis; what it reports."""
    report = server.folder / f"report-{seed}.json"
    command = [
        *(sys.executable, "-m", "schemathesis.cli", "--no-color", "run", "openapi.json"),
        *("--url", f"{server.url}/api", "--header", f"Authorization: Bearer {token}"),
        *("--seed", str(seed), "--max-examples", str(examples), "--workers", "1", "--continue-on-failure"),
        *("--checks", "all", "--exclude-checks", "positive_data_acceptance"),  # see contract_checks
        *("--generation-database", "none", "--warnings", "off", "--no-shrink"),
        *("--report", "json", "--report-json-path", str(report)),
        *("--phases", phases, "--mode", mode),
    ]
    environment = server.environment | {"SCHEMATHESIS_HOOKS": "tests.api.contract_checks"}
    done = subprocess.run(
        command, cwd=server.folder, env=environment, capture_output=True, text=True, timeout=PATIENCE, check=False
    )
    said = "\n".join(line[:500] for line in done.stdout.splitlines())  # addresses that it draws may be very long
    assert done.returncode == 0, said[-12_000:] + done.stderr[-2000:] + faults(server)
    found: dict[str, Any] = json.loads(report.read_text(encoding="utf-8"))
    assert found["complete"], found
    return found


def faults(server: Server) -> str:
    """What the server says went wrong on its side, also behind answers that look well."""
    log = server.log.read_text(encoding="utf-8")
    return log[max(0, log.index("Traceback") - 500) :][:6000] if "Traceback" in log else ""


def told(rounds: list[dict[str, Any]]) -> str:
    cases = sum(found["test_cases"]["generated"] for found in rounds)
    seconds = sum(found["running_time"] for found in rounds)
    return f"{rounds[0]['operations']['tested']} operations, {cases} cases, 0 failures, {seconds:.0f} s"
