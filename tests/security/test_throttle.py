"""Guessing is slowed down and nobody is locked out (SECURITY section 5, login)."""

import asyncio

import pytest
from sqlalchemy import func, select

from portal.auth.accounts import Accounts, SignedIn
from portal.auth.sessions import Visitor
from portal.auth.throttle import PER_ADDRESS, PER_NAME, bucket
from portal.errors import InputError, TooManyAttempts
from portal.models.sign_in_failure import SignInFailure
from tests.security.conftest import PASSWORD, Clock, MakeUser

pytestmark = pytest.mark.anyio


async def attempt(
    accounts: Accounts, name: str = "maria", password: str = "wrong", address: str = "192.0.2.1", **more: str
) -> SignedIn | int | None:
    """What comes back: a session, `None` for wrong, or the seconds to wait."""
    try:
        return await accounts.sign_in(name, password, Visitor(address), device=more.get("device"))
    except InputError:
        return None
    except TooManyAttempts as error:
        return error.retry_after


@pytest.mark.parametrize("name", ["maria", "nobody", "", "x" * 100_000, "a\0b", "\udcff", "' OR 1=1 --"])
async def test_the_ninth_wrong_attempt_is_throttled_known_name_or_not(
    accounts: Accounts, make_user: MakeUser, clock: Clock, name: str
) -> None:
    """6.3.1, 6.3.8: 8 wrong in 5 minutes, the same answer for every name, and the time to wait."""
    await make_user()
    for turn in range(PER_NAME):
        assert await attempt(accounts, name, address=f"192.0.2.{turn}") is None
        clock.forward(seconds=10)
    assert await attempt(accounts, name, address="198.51.100.1") == 300 - 80
    clock.forward(seconds=219)
    assert await attempt(accounts, name, address="198.51.100.1") == 1
    clock.forward(seconds=1)
    assert await attempt(accounts, name, address="198.51.100.1") is None


@pytest.mark.parametrize("spelling", ["Maria", " maria ", "MARIA", "ｍａｒｉａ", "maria\u00a0"])
async def test_another_spelling_of_the_name_lifts_nothing(
    accounts: Accounts, make_user: MakeUser, spelling: str
) -> None:
    """6.3.1, CVE-2025-64526: the key is nothing the visitor may vary."""
    await make_user()
    for _ in range(PER_NAME):
        await attempt(accounts, spelling)
    assert isinstance(await attempt(accounts, "maria", PASSWORD), int)


async def test_an_address_is_throttled_over_all_names(accounts: Accounts, clock: Clock) -> None:
    """6.3.1: 50 for an address."""
    for turn in range(PER_ADDRESS):
        assert await attempt(accounts, f"user{turn}") is None
    assert isinstance(await attempt(accounts, "another"), int)
    assert await attempt(accounts, "another", address="198.51.100.1") is None
    clock.forward(minutes=5, seconds=1)
    assert await attempt(accounts, "another") is None


async def test_only_failures_count(accounts: Accounts, make_user: MakeUser) -> None:
    """6.3.1: who signs in often is not throttled, and a throttled attempt prolongs nothing."""
    await make_user()
    for _ in range(PER_NAME + 2):
        assert isinstance(await attempt(accounts, password=PASSWORD), SignedIn)
    for _ in range(PER_NAME + 5):
        await attempt(accounts)
    async with accounts.database.read() as db:
        assert await db.scalar(select(func.count()).select_from(SignInFailure)) == PER_NAME


async def test_many_at_once_count_too(accounts: Accounts, make_user: MakeUser) -> None:
    """6.3.1: parallel guesses get no more tries than those one after the other, but for a photo finish."""
    await make_user()
    results = await asyncio.gather(*(attempt(accounts) for _ in range(30)))
    tried = results.count(None)
    assert tried == PER_NAME or (accounts.database.dialect != "sqlite" and tried <= PER_NAME + 10)


async def test_the_owner_gets_in_from_a_known_device(accounts: Accounts, make_user: MakeUser) -> None:
    """6.1.1: a stranger who guesses at a name can't lock its owner out."""
    await make_user()
    first = await attempt(accounts, password=PASSWORD)
    assert isinstance(first, SignedIn)
    for turn in range(PER_NAME):
        await attempt(accounts, address=f"198.51.100.{turn}")
    assert isinstance(await attempt(accounts, password=PASSWORD), int)
    again = await attempt(accounts, password=PASSWORD, device=first.device)
    assert isinstance(again, SignedIn)


async def test_a_known_device_has_a_limit_of_its_own(accounts: Accounts, make_user: MakeUser) -> None:
    """6.3.1: a stolen device cookie is no way around."""
    await make_user()
    first = await attempt(accounts, password=PASSWORD)
    assert isinstance(first, SignedIn)
    for _ in range(PER_NAME):
        assert await attempt(accounts, device=first.device) is None
    assert isinstance(await attempt(accounts, password=PASSWORD, device=first.device), int)
    # Signing in again renews the cookie and keeps the mark, so that the count does not start anew.
    renewed = accounts.throttle.device_for("maria", first.device)
    assert isinstance(await attempt(accounts, password=PASSWORD, device=renewed), int)


async def test_a_device_known_to_one_user_says_nothing_of_another(
    accounts: Accounts, make_user: MakeUser, clock: Clock
) -> None:
    """6.3.1: an own account, an invented or an old cookie help nobody against another's."""
    await make_user()
    await make_user("mallory")
    mallory = await attempt(accounts, "mallory", PASSWORD)
    assert isinstance(mallory, SignedIn)
    for _ in range(PER_NAME):
        await attempt(accounts)
    for device in (mallory.device, "x", "a.b.c", "." * 5000, mallory.device[:-1] + "x"):
        assert isinstance(await attempt(accounts, password=PASSWORD, device=device), int)


@pytest.mark.parametrize(
    ("address", "counted_as"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"),
        ("2001:db8:1:2:ffff::1", "2001:db8:1:2::"),
        (None, None),
        ("", None),
    ],
)
def test_visitors_are_counted_by_what_they_can_not_change_at_will(address: str | None, counted_as: str | None) -> None:
    """6.3.1: an IPv6 visitor owns a whole /64."""
    assert bucket(address) == counted_as
