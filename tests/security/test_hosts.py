"""Hosts and proxies (SECURITY 1.6, figure: at least 50 forms, none through)."""

import pytest

from portal.settings import Settings
from portal.web.hosts import Hosts
from portal.web.proxies import Proxies

hosts = Hosts(["Portal.example.com", ".cdn.example.com", "192.0.2.7", "[2001:db8::1]"])

WRONG = [
    b"", b" ", b"evil.example", b"portal.example.com.evil.example", b"portalxexample.com",
    b"portal.exampleXcom", b"xportal.example.com", b"x.portal.example.com", b"portal.example.co",
    b"portal.example.comm", b"portal.example.com..", b".portal.example.com", b"portal..example.com",
    b"portal.example.com:", b"portal.example.com:x", b"portal.example.com:80:80",
    b"portal.example.com:123456", b"portal.example.com:65536", b"portal.example.com:-1",
    b"portal.example.com: 80", b"portal.example.com:80 ", b" portal.example.com", b"portal.example.com ",
    b"portal.example.com\n", b"portal.example.com\r\nx", b"portal.example.com\0", b"portal.example.com/",
    b"portal.example.com/x", b"portal.example.com?x", b"portal.example.com#x", b"portal.example.com\\x",
    b"user@portal.example.com", b"evil.example@portal.example.com", b"portal.example.com@evil.example",
    b"http://portal.example.com", b"portal.example.com,evil.example", b"portal.example.com;evil",
    b"portal.example.com%00", b"portal.example.com%2eevil", b"*", b"*.example.com", b"portal_example_com",
    b"p\xc3\xb6rtal.example.com", b"portal\xe3\x80\x82example.com", b"cdn.example.com", b".cdn.example.com",
    b"x..cdn.example.com", b"xcdn.example.com", b"a.cdn.example.com.evil.example", b"192.0.2.8",
    b"192.0.2.7.evil.example", b"3221225991", b"0xc0000207", b"192.0.519", b"[2001:db8::2]", b"2001:db8::1",
    b"[2001:db8::1", b"[2001:db8::1]x", b"[2001:db8::1]:x", b"[::ffff:192.0.2.7]", b"[fe80::1%25eth0]",
    b"localhost", b"127.0.0.1", b"[::1]", b"a" * 254, b"a" * 100_000, b"\"portal.example.com\"",
    b"portal.example.com\t",
]  # fmt: skip

RIGHT = [
    b"portal.example.com",
    b"PORTAL.example.COM",
    b"portal.example.com:8000",
    b"portal.example.com.",
    b"portal.example.com.:443",
    b"a.cdn.example.com",
    b"b.a.cdn.example.com:1",
    b"192.0.2.7",
    b"192.0.2.7:65535",
    b"[2001:db8::1]",
    b"[2001:DB8:0:0::1]:8000",
]


def test_there_are_enough_forms() -> None:
    assert len(set(WRONG)) >= 50


@pytest.mark.parametrize("header", WRONG)
def test_a_wrong_host_is_refused(header: bytes) -> None:
    """4.1.3, CVE-2026-25479, CVE-2026-48710."""
    assert not hosts.allows(header)


@pytest.mark.parametrize("header", RIGHT)
def test_a_right_host_is_served_whatever_its_spelling_and_port(header: bytes) -> None:
    """4.1.3: `example.com:8000` and `EXAMPLE.com` are `example.com`."""
    assert hosts.allows(header)


@pytest.mark.parametrize(("debug", "is_allowed"), [(True, True), (False, False)])
def test_names_of_this_machine_are_for_development(debug: bool, is_allowed: bool) -> None:
    """13.4.2."""
    settings = Settings(host="0.0.0.0", hosts=("portal.example.com",), debug=debug)
    assert [Hosts.of(settings).allows(name) for name in (b"localhost:8000", b"127.0.0.1", b"[::1]")] == [is_allowed] * 3
    assert Hosts.of(settings).allows(b"portal.example.com")


proxies = Proxies(["10.0.0.0/8", "2001:db8:ffff::/48"])


@pytest.mark.parametrize(
    ("peer", "is_trusted"),
    [
        ("10.1.2.3", True),
        ("::ffff:10.1.2.3", True),
        ("2001:db8:ffff::9", True),
        ("192.0.2.1", False),
        ("11.0.0.1", False),
        ("not an address", False),
        (None, True),
    ],
)
def test_only_named_proxies_are_believed(peer: str | None, is_trusted: bool) -> None:
    """4.1.3; a Unix socket has no address and only proxies sit at its other end."""
    assert proxies.trust(peer) is is_trusted
    assert not Proxies([]).trust(peer)


@pytest.mark.parametrize(
    ("forwarded", "visitor"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("203.0.113.9, 192.0.2.1", "192.0.2.1"),
        ("192.0.2.1, 10.0.0.2", "192.0.2.1"),
        ("203.0.113.9, 192.0.2.1, 10.0.0.2, 10.0.0.3", "192.0.2.1"),
        ("10.0.0.4", "10.0.0.4"),
        ("192.0.2.1:4711", "192.0.2.1"),
        ("[2001:db8::5]:4711", "2001:db8::5"),
        ("2001:db8::5", "2001:db8::5"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("192.0.2.1, unknown", "10.0.0.1"),
        ("evil", "10.0.0.1"),
        ("", "10.0.0.1"),
        ("192.0.2.1,", "10.0.0.1"),
    ],
)
def test_the_visitor_is_the_last_hop_that_is_none_of_ours(forwarded: str, visitor: str) -> None:
    """4.1.3, CVE-2025-59152: what a visitor writes in front changes nothing."""
    assert proxies.visitor(forwarded, "10.0.0.1") == visitor
