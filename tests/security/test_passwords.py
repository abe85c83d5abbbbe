"""Passwords: rules, hashing, and what is too easy to guess (SECURITY section 2, Sign-in)."""

import asyncio
import time

import pytest
from argon2 import PasswordHasher

from portal.auth.passwords import AT_ONCE, MOST_WAITING, Passwords, complaint
from portal.errors import TooManyAttempts

EASY = """
    Password123! password1234 Pa55w0rd2024 P@ssw0rd1234 qwertyuiop123 123456789012 1234567890123
    iloveyou1234 woaini5201314 administrator letmeinletmein correcthorsebatterystaple 1qaz2wsx3edc
    1q2w3e4r5t6y aaaaaaaaaaaa abcabcabcabc abcdefghijkl zxcvbnmasdfg adminadmin123 Welcome2024!!
    changeme12345 qwerty123456! asdfghjkl123 qazwsxedcrfv !QAZ@WSX#EDC admin@123456 superman12345
    trustno1trustno1 1111111111111 dragondragon1 fastoradmin2026 121212121212 qwertyqwerty 987654321098
    passwordpassword iloveyouforever0 football123456 sunshine2026!
""".split()

GOOD = [
    "plum velvet tractor nine",
    "sunshine bicycle walnut",
    "Tr0ub4dor&3xyz",
    "kJ8#mQ2!vL5z",
    "夏天的风吹过旧书店的门口啊",
    "😀🐼🎋🌊🔥🌙🍎🚀🎈🎲🧩🪁",
    "  leading blank okay then",
    "x" * 6 + "plum velvet tractor" + "y" * 39,
    ("plum velvet tractor nine " * 6)[:128],
]


@pytest.mark.parametrize("password", EASY)
def test_a_password_of_the_first_that_are_tried_is_refused(password: str) -> None:
    """6.2.4, 6.2.12: the commonest ones, by an offline list."""
    assert complaint(password) is not None


@pytest.mark.parametrize("password", GOOD)
def test_any_characters_and_64_to_128_of_them_are_taken(password: str) -> None:
    """6.2.1, 6.2.5, 6.2.9: no rules of composition, at least 64 characters."""
    assert complaint(password) is None


@pytest.mark.parametrize("password", ["", "elevenchars", "x7" * 65, "\udcff plum velvet tractor"])
def test_too_short_too_long_and_unstorable_are_refused(password: str) -> None:
    """6.2.1."""
    assert complaint(password) is not None


def test_ones_own_name_is_no_password() -> None:
    """6.2.11."""
    assert complaint("maria.schmidt1985", names=["maria.schmidt"]) is not None
    assert complaint("MariaSchmidt!!!", names=["m", "Maria Schmidt"]) is not None


def test_every_character_counts() -> None:
    """6.2.8, 6.2.9: nothing is cut off at byte 72, no case folded, no blank dropped."""

    async def run(passwords: Passwords) -> None:
        base = "plum velvet tractor nine " * 5
        stored = await passwords.hash(base[:72] + "A")
        assert await passwords.verify(stored, base[:72] + "A")
        for other in (base[:72] + "B", base[:72] + "a", base[:72], " " + base[:72] + "A", base[:72] + "A "):
            assert not await passwords.verify(stored, other)

    asyncio.run(run(Passwords()))


def test_the_hash_is_argon2id_of_64_mib() -> None:
    """11.4.2."""
    stored = asyncio.run(Passwords().hash("plum velvet tractor nine"))
    assert stored.startswith("$argon2id$v=19$m=65536,")
    assert not Passwords().needs_rehash(stored)


@pytest.mark.parametrize("stored", ["", "x", "$argon2id$", "$2b$12$abcdefghijklmnopqrstuv"])
def test_a_damaged_hash_fits_nothing(quick: Passwords, stored: str) -> None:
    """16.5.3: closed on failure."""
    assert not asyncio.run(quick.verify(stored, "plum velvet tractor nine"))


@pytest.mark.parametrize("password", ["", "\udcff", "x" * 100_000, "\0"])
def test_a_strange_password_is_merely_wrong(quick: Passwords, password: str) -> None:
    """1.4.2: never a 500."""

    async def run() -> bool:
        return await quick.verify(await quick.hash("plum velvet tractor nine"), password)

    assert not asyncio.run(run())


def test_nobodys_password_never_fits(quick: Passwords) -> None:
    """6.3.8: not even the one that unknown names are compared with."""
    assert not asyncio.run(quick.verify(None, "nobody has this password"))


def test_an_unknown_name_is_hashed_for_like_a_known_one() -> None:
    """6.3.8, CVE-2025-13473: as often and with the same parameters, so that the time tells nothing."""
    seen: list[str] = []

    class Noting(PasswordHasher):
        def verify(self, hash: str | bytes, password: str | bytes) -> bool:
            seen.append(str(hash).rpartition("$")[0].rpartition("$")[0])
            return super().verify(hash, password)

    async def run() -> None:
        passwords = Passwords(Noting(time_cost=2, memory_cost=64, parallelism=1))
        stored = await passwords.hash("plum velvet tractor nine")
        await passwords.verify(stored, "something else")
        await passwords.verify(None, "something else")

    asyncio.run(run())
    assert seen == ["$argon2id$v=19$m=64,t=2,p=1"] * 2


def test_only_so_many_wait_and_few_are_hashed_at_once() -> None:
    """2.4.1: 64 MiB each; a crowd is told to come back instead of filling the memory."""
    at_once, most = 0, 0

    class Slow:
        def hash(self, password: str) -> str:
            nonlocal at_once, most
            at_once += 1
            most = max(most, at_once)
            time.sleep(0.002)
            at_once -= 1
            return password

    async def run() -> list[object]:
        passwords = Passwords(Slow())  # type: ignore[arg-type]  # stands in for the hasher
        crowd = (passwords.hash("x") for _ in range(MOST_WAITING + 50))
        return await asyncio.gather(*crowd, return_exceptions=True)

    results = asyncio.run(run())
    assert most == AT_ONCE
    assert sum(isinstance(result, TooManyAttempts) for result in results) == 50
