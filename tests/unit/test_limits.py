"""Which buckets a call takes from, and what its caller is told."""

import pytest

from api.limits import Asker, Limits, RateLimited
from portal.auth.rates import MemoryLimiter
from portal.rate import Rate
from portal.settings import Settings

pytestmark = pytest.mark.anyio

RATES = Settings(api_rate="2/minute", api_user_rate="3/minute", api_address_rate="4/minute")


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def limits(clock):
    return Limits(MemoryLimiter(clock=clock), RATES)


async def times(ask) -> int:
    """How often in a row something is let through."""
    for turn in range(100):
        try:
            await ask()
        except RateLimited:
            return turn
    raise AssertionError("there is no limit")


async def test_strangers_share_the_bucket_of_their_address(limits):
    assert await times(lambda: limits.arrive("192.0.2.1")) == 4
    assert await times(lambda: limits.arrive("::ffff:192.0.2.1")) == 0
    assert await times(lambda: limits.arrive("192.0.2.2")) == 4
    assert await times(lambda: limits.arrive("2001:db8::1")) == 4
    assert await times(lambda: limits.arrive("2001:db8::2")) == 0, "a /64 is one visitor"


async def test_behind_an_untrusted_socket_nobody_pays_for_everybody(limits):
    for _ in range(20):
        assert not (await limits.arrive(None)).headers


async def test_each_token_has_a_bucket_and_its_user_one_for_all(limits):
    assert await times(lambda: limits.admit(Asker(None, token="1", user="maria"))) == 2
    assert await times(lambda: limits.admit(Asker(None, token="2", user="maria"))) == 1
    assert await times(lambda: limits.admit(Asker(None, token="3", user="maria"))) == 0
    assert await times(lambda: limits.admit(Asker(None, token="4", user="jan"))) == 2
    assert await times(lambda: limits.admit(Asker(None, token="fck_1"))) == 2


async def test_names_of_different_kinds_are_not_one(limits):
    assert await times(lambda: limits.admit(Asker(None, token="1"))) == 2
    assert await times(lambda: limits.admit(Asker(None, user="1"))) == 3


async def test_a_route_may_have_a_rate_of_its_own_for_each_caller(limits):
    dear = Rate(1, 60)
    for asker in (Asker(None, token="1"), Asker("192.0.2.1"), Asker("192.0.2.2")):
        assert await times(lambda asker=asker: limits.admit(asker, "export", dear)) == 1
    assert await times(lambda: limits.admit(Asker(None, token="1"))) == 1, "what the route refused was not charged"
    assert await times(lambda: limits.admit(Asker("192.0.2.1"), "import", dear)) == 1


async def test_every_answer_says_how_its_caller_stands(limits, clock):
    first = await limits.arrive("192.0.2.1")
    standing = first | await limits.admit(Asker("192.0.2.1", token="1", user="maria"), "export", Rate(5, 3600, burst=2))
    assert standing.headers == {
        "RateLimit-Policy": '"address";q=4;w=60, "user";q=3;w=60, "token";q=2;w=60, "route";q=2;w=1440',
        "RateLimit": '"address";r=3;t=15, "user";r=2;t=20, "token";r=1;t=30, "route";r=1;t=720',
    }


async def test_who_waits_as_told_is_let_in(limits, clock):
    async def ask():
        return await limits.admit(Asker(None, token="1", user="maria"))

    await times(ask)
    clock.now += 10.5
    with pytest.raises(RateLimited) as refused:
        await ask()
    assert (refused.value.status, refused.value.code, refused.value.retry_after) == (429, "rate-limited", 20)
    assert '"token";r=0;t=50' in refused.value.headers["RateLimit"]
    clock.now += refused.value.retry_after
    await ask()
