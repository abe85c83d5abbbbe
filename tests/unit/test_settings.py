"""What an installation decides is read from two places, and every mistake is named at once."""

import stat
from pathlib import Path

import pytest

from portal.errors import ConfigurationError, PortalError, Problem
from portal.settings import Settings, settings_table

SECRET = "s" * 32
PUBLIC = {
    "FASTOR_HOST": "0.0.0.0",
    "FASTOR_SECRET": SECRET,
    "FASTOR_BASE_URL": "https://portal.example.com",
    "FASTOR_HOSTS": "portal.example.com",
}
"""An environment that others can reach, and rightly so."""


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    return {"FASTOR_VAR": str(tmp_path / "var")}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "fastor.toml"


def problems(environ: dict[str, str], file: Path | None = None) -> list[Problem]:
    with pytest.raises(ConfigurationError) as caught:
        Settings.load(file, environ)
    return list(caught.value.problems)


def test_without_file_or_variables_the_defaults_hold(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    settings = Settings.load(environ={})
    assert settings.database_url == f"sqlite+aiosqlite:///{tmp_path}/var/fastor.db"
    assert settings.storage_url == f"local:{tmp_path}/var/media"
    assert (settings.host, settings.port, settings.language, settings.time_zone) == (
        "127.0.0.1",
        8000,
        "en",
        "UTC",
    )


def test_the_file_is_found_where_one_stands(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("fastor.toml").write_text("port = 9000")
    assert Settings.load(environ={}).port == 9000


def test_the_file_goes_over_the_defaults_and_the_environment_over_the_file(environ, file):
    file.write_text('port = 9000\nlanguage = "zh-CN"')
    settings = Settings.load(file, environ | {"FASTOR_PORT": "9001"})
    assert (settings.port, settings.language) == (9001, "zh-CN")


def test_lists_are_lists_in_the_file_and_commas_in_the_environment(environ, file):
    file.write_text('hosts = ["a.example", ".b.example"]')
    settings = Settings.load(file, environ | {"FASTOR_TRUSTED_PROXIES": "10.0.0.0/8, ::1"})
    assert settings.hosts == ("a.example", ".b.example")
    assert settings.trusted_proxies == ("10.0.0.0/8", "::1")


def test_an_empty_variable_counts_as_none(environ):
    assert Settings.load(environ=environ | {"FASTOR_REDIS_URL": ""}).redis_url is None


def test_an_unknown_key_names_file_line_and_the_nearest_name(environ, file):
    file.write_text('port = 9000\n\ndatabse_url = "x"')
    (problem,) = problems(environ, file)
    assert problem == Problem("P201", "databse_url", "is no setting.", 'Did you mean "database_url"?', str(file), 3)


def test_an_unknown_variable_names_the_nearest_one(environ):
    (problem,) = problems(environ | {"FASTOR_REDIS": "redis://localhost"})
    assert (problem.number, problem.where, problem.hint) == (
        "P201",
        "FASTOR_REDIS",
        'Did you mean "FASTOR_REDIS_URL"?',
    )


def test_variables_of_the_test_suite_are_none_of_ours(environ):
    assert Settings.load(environ=environ | {"FASTOR_TEST_MYSQL": "x", "FASTOR_CHROMIUM": "y"})


@pytest.mark.parametrize(
    ("variable", "value", "sentence"),
    [
        ("FASTOR_DATABASE_URL", "postgres://localhost/x", 'write "postgresql+asyncpg://"'),
        ("FASTOR_DATABASE_URL", "mysql+pymysql://localhost/x", 'write "mysql+asyncmy://"'),
        ("FASTOR_DATABASE_URL", "oracle", "it begins with"),
        ("FASTOR_REDIS_URL", "localhost:6379", 'it begins with "redis://"'),
        ("FASTOR_STORAGE_URL", "local:", 'it is "local:" and a folder'),
        ("FASTOR_DEBUG", "maybe", "it is true or false"),
        ("FASTOR_HOSTS", "https://portal.example.com", "is no host name"),
        ("FASTOR_BASE_URL", "portal.example.com", "scheme and host alone"),
        ("FASTOR_BASE_URL", "https://portal.example.com/admin", "scheme and host alone"),
        ("FASTOR_TRUSTED_PROXIES", "nginx", "is no IP address or network"),
        ("FASTOR_LANGUAGE", "zh", "it is one of en, zh-CN"),
        ("FASTOR_TIME_ZONE", "Mars/Olympus", "is no time zone"),
        ("FASTOR_TIME_ZONE", "../../etc/passwd", "is no time zone"),
        ("FASTOR_HOST", "0.0.0.0:80", "is no host name"),
        ("FASTOR_PORT", "0", "a whole number from 1 to 65535"),
        ("FASTOR_PORT", "http", "a whole number from 1 to 65535"),
        ("FASTOR_WORKERS", "1.5", "a whole number from 1 to 256"),
        ("FASTOR_ADMIN_USERNAME", "x" * 151, "a text of at most 150 characters"),
    ],
)
def test_an_impossible_value_is_named_with_what_is_possible(environ, variable, value, sentence):
    (problem,) = problems(environ | {variable: value})
    assert (problem.number, problem.where) == ("P203", variable)
    assert sentence in problem.message


def test_an_impossible_value_in_the_file_has_its_line(environ, file):
    file.write_text("# how we run it\nport = true")
    (problem,) = problems(environ, file)
    assert (problem.number, problem.where, problem.file, problem.line) == ("P203", "port", str(file), 2)


def test_a_file_that_is_no_toml_is_a_problem_of_its_own(environ, file):
    file.write_text("port: 9000")
    (problem,) = problems(environ, file)
    assert (problem.number, problem.file) == ("P202", str(file))


def test_a_file_that_was_asked_for_must_be_there(environ, file):
    (problem,) = problems(environ, file)
    assert problem.number == "P202"


def test_all_mistakes_of_both_sources_are_told_at_once(environ, file):
    file.write_text('lnguage = "en"\nport = 0')
    found = problems(environ | {"FASTOR_DEBUG": "x", "FASTOR_HOST": "0.0.0.0"}, file)
    assert [problem.where for problem in found] == [
        "lnguage",
        "port",
        "FASTOR_DEBUG",
        "FASTOR_SECRET",
        "FASTOR_BASE_URL",
        "FASTOR_HOSTS",
    ]


@pytest.mark.parametrize("missing", ["FASTOR_SECRET", "FASTOR_BASE_URL", "FASTOR_HOSTS"])
def test_what_others_can_reach_does_not_start_without(environ, missing):
    (problem,) = problems(environ | PUBLIC | {missing: ""})
    assert (problem.number, problem.where) == ("P204", missing)


def test_what_others_can_reach_does_not_start_with_a_short_secret(environ):
    (problem,) = problems(environ | PUBLIC | {"FASTOR_SECRET": "s" * 31})
    assert (problem.number, problem.where) == ("P205", "FASTOR_SECRET")


def test_what_others_can_reach_starts_with_all_of_it(environ):
    settings = Settings.load(environ=environ | PUBLIC)
    assert not settings.development
    assert not (settings.var / "secret").exists()


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.8.8", "localhost", "::1", "[::1]"])
def test_listening_for_this_machine_alone_is_development(environ, host):
    assert Settings.load(environ=environ | {"FASTOR_HOST": host}).development


def test_in_development_a_secret_is_made_once_for_its_owner_alone(environ):
    first = Settings.load(environ=environ)
    kept = first.var / "secret"
    assert len(first.secret) >= 32
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert [path.name for path in first.var.iterdir()] == ["secret"]
    assert Settings.load(environ=environ).secret == first.secret


def test_a_damaged_secret_file_is_told_not_used(environ):
    kept = Path(environ["FASTOR_VAR"]) / "secret"
    kept.parent.mkdir()
    kept.write_text("")
    (problem,) = problems(environ)
    assert (problem.number, problem.where) == ("P206", str(kept))


def test_a_folder_that_cannot_hold_the_secret_is_told(environ):
    Path(environ["FASTOR_VAR"]).write_text("a file in the way")
    (problem,) = problems(environ)
    assert problem.number == "P206"


def test_each_purpose_has_a_key_of_its_own():
    settings = Settings(secret=SECRET)
    assert len(settings.key("csrf")) == 32
    assert settings.key("csrf") == Settings(secret=SECRET).key("csrf")
    assert settings.key("csrf") != settings.key("cursor")


def test_without_a_secret_there_is_no_key():
    with pytest.raises(PortalError):
        Settings().key("csrf")


def test_no_secret_is_shown_in_a_log(environ):
    hidden = {
        "FASTOR_SECRET": SECRET,
        "FASTOR_ADMIN_PASSWORD": "correct horse",
        "FASTOR_DATABASE_URL": "mysql+asyncmy://root:hunter2@localhost/x",
        "FASTOR_REDIS_URL": "redis://:hunter2@localhost",
    }
    shown = repr(Settings.load(environ=environ | hidden))
    assert "root:***@localhost" in shown
    assert not [word for word in (SECRET, "correct horse", "hunter2") if word in shown]


def test_the_table_names_every_setting_once_with_a_sentence():
    table = settings_table()
    assert [row.name for row in table] == list(Settings.__struct_fields__)
    assert all(row.help and row.variable == f"FASTOR_{row.name.upper()}" for row in table)
