"""The `fastor` command answers in sentences."""

import os
import re
import signal
import socket
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
from click.testing import CliRunner, Result

from portal.cli import main

Call = Callable[..., Result]

APPLICATIONS = """
from litestar import Litestar, get
from portal.errors import ConfigurationError, Problem

@get("/")
async def index() -> str:
    return "here"

app = Litestar([index], openapi_config=None, logging_config=None)

def make():
    return app

def broken():
    message, hint = '"titel" names no attribute.', 'Did you mean "title"?'
    raise ConfigurationError([
        Problem("P101", "EventResource.columns", message, hint, "events.py", 3),
        Problem("P102", "menu", "is empty."),
    ])
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder, with some applications in it and no settings."""
    for name in [name for name in os.environ if name.startswith("FASTOR_")]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", ["", *sys.path])
    monkeypatch.delitem(sys.modules, "cli_apps", raising=False)
    Path("cli_apps.py").write_text(textwrap.dedent(APPLICATIONS))
    return tmp_path


@pytest.fixture
def fastor(folder: Path) -> Call:
    def call(*arguments: str, input: str | None = None, **environ: str) -> Result:
        return CliRunner().invoke(main, arguments, input=input, env=environ, prog_name="fastor")

    return call


@pytest.fixture
def taken_port() -> Iterator[int]:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield listener.getsockname()[1]


def test_help_loads_nothing_heavy():
    code = """
    import sys
    from portal.cli import main
    main(["--help"], standalone_mode=False)
    heavy = ("litestar", "sqlalchemy", "alembic", "granian", "jinja2")
    print([name for name in heavy if name in sys.modules])
    """
    shown = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code)], capture_output=True, text=True, check=True
    ).stdout
    assert shown.endswith("[]\n")
    assert all(f"\n  {name} " in shown for name in ("check", "db", "explain", "run", "seed", "version"))


def test_the_version_is_told(fastor):
    assert re.fullmatch(r"fastor \d+\.\d+\.\d+, Python 3\.\d+\.\d+\n", fastor("version").output)


def test_a_wrong_setting_is_a_sentence(fastor):
    result = fastor("check", FASTOR_PORT="http")
    assert result.exit_code == 1
    assert result.output == (
        "One problem:\n  P203 FASTOR_PORT: can't be taken: it is a whole number from 1 to 65535.\n"
    )


def test_check_names_every_mistake_of_the_application(fastor):
    result = fastor("check", "--app", "cli_apps:broken")
    assert result.exit_code == 1
    assert result.output.splitlines() == [
        "2 problems:",
        '  P101 EventResource.columns: "titel" names no attribute. Did you mean "title"? (events.py:3)',
        "  P102 menu: is empty.",
    ]


@pytest.mark.parametrize("name", ["app", "make"])
def test_check_of_an_application_without_mistakes(fastor, name):
    result = fastor("check", "--app", f"cli_apps:{name}")
    assert (result.exit_code, result.output) == (0, "No problems.\n")


@pytest.mark.parametrize(
    ("address", "sentence"),
    [
        ("cli_apps", "is not written as MODULE:NAME"),
        ("cli_apps:none", '"cli_apps" has no "none"'),
        ("no_such.module:app", 'There is no module "no_such"'),
    ],
)
def test_an_application_that_is_not_there_is_told(fastor, address, sentence):
    result = fastor("check", "--app", address)
    assert result.exit_code == 2
    assert sentence in result.output


def test_check_deploy_adds_what_stands_in_the_way_of_visitors(fastor):
    result = fastor("check", "--deploy", "--app", "cli_apps:broken")
    assert re.findall(r"P\d+", result.output) == ["P101", "P102", "P902", "P903", "P905", "P906"]


def test_the_tables_are_made_compared_and_taken_back(fastor):
    assert "fastor db upgrade" in fastor("db", "check").output
    assert fastor("db", "upgrade").output.startswith("The database is up to date now: system_")
    assert fastor("db", "upgrade").output == "The database is up to date.\n"
    assert fastor("db", "check").output == "The tables are as the models say.\n"
    taken_back = fastor("db", "downgrade", "--branch", "starter", "--revision", "base", "--yes")
    assert taken_back.output == 'The tables of "starter" are back at base.\n'
    assert fastor("db", "check").exit_code == 1
    assert fastor("db", "check", "--branch", "system").exit_code == 0


def test_tables_are_not_taken_back_without_a_yes(fastor):
    fastor("db", "upgrade")
    assert fastor("db", "downgrade", "--branch", "starter", input="n\n").exit_code == 1
    assert fastor("db", "check").exit_code == 0


def test_an_unknown_revision_is_told(fastor):
    result = fastor("db", "downgrade", "--branch", "starter", "--revision", "zork", "--yes")
    assert (result.exit_code, result.output) == (1, "Can't locate revision identified by 'zork'\n")


def test_a_project_migration_needs_its_folder(fastor):
    result = fastor("db", "make", "events", "--branch", "project")
    assert result.exit_code == 2
    assert "--project FOLDER" in result.output


def test_a_folder_that_is_missing_is_told(fastor):
    result = fastor("db", "upgrade", FASTOR_DATABASE_URL="sqlite+aiosqlite:////no/such/folder/x.db")
    assert result.exit_code == 1
    assert result.output == "The folder of the database is not there: /no/such/folder\n"


def test_a_database_that_does_not_answer_is_told_without_its_password(fastor):
    url = "postgresql+asyncpg://someone:hunter2@127.0.0.1:1/x"
    result = fastor("db", "upgrade", FASTOR_DATABASE_URL=url)
    assert result.exit_code == 1
    assert result.output.startswith("The database does not answer: ")
    assert "hunter2" not in result.output


def test_explain_names_the_layer_that_decided(fastor):
    shown = fastor("explain", "Article.status").output
    assert shown.startswith("Article.status\n")


def test_explain_suggests_the_nearest_name(fastor):
    result = fastor("explain", "Article.statsu")
    assert result.exit_code == 1
    assert 'Did you mean "status"?' in result.output


def test_explain_needs_a_portal(fastor):
    result = fastor("explain", "Article.status", "--app", "cli_apps:app")
    assert (result.exit_code, result.output) == (1, "There is no portal in cli_apps:app.\n")


def test_run_refuses_a_port_that_is_taken(fastor, taken_port):
    result = fastor("run", "--app", "cli_apps:app", "--port", str(taken_port))
    assert result.exit_code == 1
    assert f"port {taken_port}: Address already in use" in result.output


def test_run_refuses_a_wrong_application_before_it_serves(fastor):
    result = fastor("run", "--app", "cli_apps:broken")
    assert result.exit_code == 1
    assert "P101" in result.output


def test_run_asks_for_the_tables(fastor):
    result = fastor("run", "--app", "cli_apps:app", "--port", "18461")
    assert result.exit_code == 1
    assert "fastor db upgrade" in result.output


def test_run_shows_the_first_password_once(fastor):
    fastor("db", "upgrade")
    shown = [serve_once("granian"), serve_once("granian")]
    assert "password   " in shown[0]
    assert "password" not in shown[1]
    assert all("Fastor is at http://127.0.0.1:" in text for text in shown)


def test_run_serves_with_uvicorn(fastor):
    fastor("db", "upgrade")
    assert "Fastor is at" in serve_once("uvicorn", FASTOR_ADMIN_PASSWORD="correct horse battery")


def serve_once(server: str, **environ: str) -> str:
    """What the command prints while it answers one request."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    root = Path(__file__).parents[2]
    command = [sys.executable, "-m", "portal.cli", "run", "--app", "cli_apps:make", "--server", server]
    process = subprocess.Popen(
        [*command, "--port", port],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env=os.environ | environ | {"PYTHONPATH": f"{root}{os.pathsep}{Path.cwd()}"},
    )
    try:
        assert answer_of(process, f"http://127.0.0.1:{port}/") == "here"
    finally:
        process.send_signal(signal.SIGTERM)
        shown, _ = process.communicate(timeout=30)
    return shown


def answer_of(process: subprocess.Popen[str], url: str) -> str:
    """The first answer of a server that is starting."""
    while process.poll() is None:
        try:
            return httpx.get(url).text
        except httpx.TransportError:
            time.sleep(0.1)
    raise AssertionError(process.communicate()[0])
