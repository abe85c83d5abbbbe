"""Form tokens: bound to a session, different on every page (SECURITY 1.2)."""

import pytest

from portal.auth.csrf import CsrfTokens

tokens = CsrfTokens(b"a key of thirty-two bytes or more")


def test_a_token_is_good_for_its_own_session_only() -> None:
    """3.5.1: another session's and nobody's token are refused."""
    token = tokens.issue("session one")
    assert tokens.valid(token, "session one")
    assert not tokens.valid(token, "session two")
    assert not tokens.valid(token, "visitor one")
    assert not tokens.valid(token, "")


def test_no_two_tokens_look_alike() -> None:
    """3.5.1: compression of a page that also shows what a visitor sent leaks nothing (BREACH)."""
    issued = {tokens.issue("session one") for _ in range(100)}
    assert len(issued) == 100
    assert all(len({token[place] for token in issued}) > 10 for place in range(80))


def test_another_installations_token_is_refused() -> None:
    """3.5.1."""
    assert not CsrfTokens(b"another key").valid(tokens.issue("session one"), "session one")


@pytest.mark.parametrize(
    "token",
    [
        None,
        "",
        "x",
        "é",
        "\udcff",
        "=" * 88,
        "A" * 88,
        "A" * 87 + "=",
        "!" * 88,
        "A" * 100_000,
        "\0" * 88,
        " " * 88,
    ],
)
def test_anything_unreadable_is_refused(token: str | None) -> None:
    """3.5.1: a decoding error is a refusal and never a 500."""
    assert not tokens.valid(token, "session one")


def test_every_changed_character_is_noticed() -> None:
    """3.5.1."""
    token = tokens.issue("session one")
    for place in range(85):
        other = "A" if token[place] != "A" else "B"
        assert not tokens.valid(token[:place] + other + token[place + 1 :], "session one")
