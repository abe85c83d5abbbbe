"""Before others are let in, `fastor check --deploy` looks at what could harm them."""

import secrets
from pathlib import Path

import msgspec
import pytest

from portal.cli.deploy import deploy_problems, deploy_warnings
from portal.settings import Settings


@pytest.fixture
def sound(tmp_path: Path) -> Settings:
    """An installation nothing speaks against."""
    (tmp_path / "media").mkdir(mode=0o755)
    return Settings(
        secret=secrets.token_urlsafe(48),
        hosts=("portal.example.com",),
        base_url="https://portal.example.com",
        trusted_proxies=("127.0.0.1",),
        var=tmp_path,
    )


def test_nothing_speaks_against_a_sound_one(sound):
    assert deploy_problems(sound) == []


@pytest.mark.parametrize(
    ("changes", "number", "where"),
    [
        ({"debug": True}, "P901", "FASTOR_DEBUG"),
        ({"hosts": ()}, "P902", "FASTOR_HOSTS"),
        ({"base_url": None}, "P903", "FASTOR_BASE_URL"),
        ({"base_url": "http://portal.example.com"}, "P904", "FASTOR_BASE_URL"),
        ({"trusted_proxies": ()}, "P905", "FASTOR_TRUSTED_PROXIES"),
        ({"secret": "short but varied 1234567"}, "P907", "FASTOR_SECRET"),
        ({"secret": "abc" * 20}, "P907", "FASTOR_SECRET"),
    ],
)
def test_each_danger_has_its_number(sound, changes, number, where):
    (problem,) = deploy_problems(msgspec.structs.replace(sound, **changes))
    assert (problem.number, problem.where) == (number, where)
    assert problem.hint


def test_a_server_on_the_network_needs_no_proxy(sound):
    assert deploy_problems(msgspec.structs.replace(sound, host="0.0.0.0", trusted_proxies=())) == []


def test_the_secret_made_for_development_is_not_good_enough(tmp_path):
    settings = Settings.load(environ={"FASTOR_VAR": str(tmp_path)})
    assert "P906" in [problem.number for problem in deploy_problems(settings)]


def test_a_folder_everybody_can_write_is_told(sound):
    (sound.var / "media").chmod(0o777)
    (problem,) = deploy_problems(sound)
    assert (problem.number, problem.where) == ("P908", str(sound.var / "media"))


def test_several_workers_without_redis_are_warned_of(sound):
    lonely = msgspec.structs.replace(sound, workers=3)
    assert deploy_problems(lonely) == []
    (warning,) = deploy_warnings(lonely)
    assert (warning.number, warning.where) == ("P910", "FASTOR_REDIS_URL") and "3 workers" in str(warning)
    assert deploy_warnings(msgspec.structs.replace(lonely, redis_url="redis://localhost")) == []


def test_old_signatures_are_warned_of_and_may_be_meant_so(sound):
    old = msgspec.structs.replace(sound, legacy_signing=True)
    assert deploy_problems(old) == deploy_warnings(sound) == []
    (warning,) = deploy_warnings(old)
    assert (warning.number, warning.where) == ("P909", "FASTOR_LEGACY_SIGNING")
