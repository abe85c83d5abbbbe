"""`fastor storage check`: what is wrong with a storage, and what to change."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner
from libfaketime import get_reload_information

from portal.cli import main
from portal.uploads.backends import open_storage
from portal.uploads.doctor import cors_rules, examine
from portal.uploads.storage import Storage
from tests.uploads.servers import IDENTITY, SECRET, bucket_url, free_port, make_bucket

ROOT = Path(__file__).parents[2]
ORIGIN = "https://portal.example.com"


def fixes(url: str, origin: str | None = ORIGIN) -> dict[str, str | None]:
    return {finding.step: finding.fix for finding in examine(open_storage(url), origin)}


def test_good_storage_is_well_and_left_empty(storage: Storage) -> None:
    assert [finding for finding in examine(storage, ORIGIN) if not finding.ok] == []
    assert list(storage.list()) == [] and list(storage.unfinished()) == []


def test_wrong_secret_is_named(seaweed: str) -> None:
    found = fixes(bucket_url(seaweed, secret="wrong"))
    assert list(found) == ["write"]
    assert "secret is wrong" in str(found["write"])


def test_unknown_identity_is_named(seaweed: str) -> None:
    found = fixes(bucket_url(seaweed).replace(f"{IDENTITY}:", "nobody:"))
    assert "identity is unknown" in str(found["write"])


@pytest.mark.parametrize("server", ["moto", "seaweed"])
def test_missing_bucket_is_named(server: str, request: pytest.FixtureRequest) -> None:
    found = fixes(bucket_url(request.getfixturevalue(server), bucket="elsewhere"))
    assert list(found) == ["write"]
    assert "no such bucket" in str(found["write"])


@pytest.mark.parametrize("skew", ["+20m", "-2h"])
def test_clock_that_is_off_is_named(seaweed: str, tmp_path: Path, skew: str) -> None:
    environment = {**os.environ, **get_reload_information()[1], "FAKETIME": skew, "PYTHONPATH": str(ROOT)}
    environment |= {"FASTOR_STORAGE_URL": bucket_url(seaweed), "FASTOR_VAR": str(tmp_path)}
    command = [sys.executable, "-m", "portal.cli", "storage", "check"]
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=60)
    assert done.returncode == 1, done.stdout + done.stderr
    assert "failed  write\n          The clock of this machine is off: set it by NTP." in done.stdout


def test_wrong_endpoint_is_named() -> None:
    with free_port() as port:
        pass
    found = fixes(bucket_url(f"127.0.0.1:{port}"))
    assert "host, port and tls" in str(found["write"])


def test_bucket_that_lets_no_pages_in_is_named_with_its_rules(seaweed: str) -> None:
    make_bucket(seaweed, "strict", origins=["https://other.example.com"])
    found = fixes(bucket_url(seaweed, bucket="strict"))
    assert [step for step, fix in found.items() if fix] == ["browsers (CORS)"]
    assert cors_rules(ORIGIN) in str(found["browsers (CORS)"])
    make_bucket(seaweed, "open", origins=[ORIGIN])
    assert not any(fixes(bucket_url(seaweed, bucket="open")).values())


def test_unknown_origin_of_the_pages_is_named(moto: str) -> None:
    assert "set base_url" in str(fixes(bucket_url(moto), None)["browsers (CORS)"])


def test_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    assert fixes(f"local:{tmp_path / 'file' / 'media'}")["write"] == (
        "The folder can't be used (Not a directory): look at its owner and at the room on its disk."
    )


def test_rules_for_the_bucket_are_json_to_paste() -> None:
    assert json.loads(cors_rules(ORIGIN))[0]["AllowedOrigins"] == [ORIGIN]


def test_command_tells_every_step(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("FASTOR_STORAGE_URL", f"local:{tmp_path / 'media'}")
    result = CliRunner().invoke(main, ["storage", "check"])
    assert result.exit_code == 0, result.output
    assert "ok      write" in result.output and "All is well." in result.output


def test_command_fails_without_telling_the_secret(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seaweed: str
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("FASTOR_STORAGE_URL", bucket_url(seaweed, secret="wrong-secret"))
    result = CliRunner().invoke(main, ["storage", "check"])
    assert result.exit_code == 1
    assert "failed  write" in result.output and "One step failed." in result.output
    assert "wrong-secret" not in result.output and SECRET not in result.output
