"""Redirects to a given address stay on this site (SECURITY 1.11, figure: at least 40 forms, none through)."""

import pytest

from portal.web.safe_next import is_safe, path_of, safe_next

HARMFUL = [
    "//evil.example", "///evil.example", "////evil.example/", "/\\evil.example", "\\\\evil.example",
    "\\/evil.example", "/\\/evil.example", "https://evil.example", "http:evil.example",
    "HTTPS://evil.example", "https:/evil.example", "javascript:alert(1)", "JaVaScRiPt:alert(1)",
    "java\tscript:alert(1)", "data:text/html,x", "vbscript:x", "mailto:a@b.example", "evil.example",
    "evil.example/x", "@evil.example", "/@evil.example", "/x@evil.example", ".evil.example",
    "/%2fevil.example", "/%2Fevil.example", "/%5cevil.example", "/%5Cevil.example", "/x%2f%2fevil",
    "/x//evil.example", "/a/%09/evil", "/%09/evil.example", "/\t/evil.example", "/\n/evil.example",
    "/x\r\nSet-Cookie:a=b", "/x%0d%0aSet-Cookie:a=b", "/x%0aLocation:%20x", "/x\n", "/x\0", "/x%00", " /x",
    "/ x", "/x y", "\t/x", "/x#//evil.example", "/x#fragment", "/x:80", "/x;//evil",
    "/x?next=https://evil.example", "/x?a=//evil.example", "/x?a=%2f%2fevil.example", "/。evil.example",
    "/\u2028evil", "/evil\uff0eexample", "/\uff0fevil.example", "／evil", "/\u202eevil", "/x'", '/x"',
    "/<script>", "/x|y", "/x`y", "/x{y}", "/[::1]", "/x%e2%80%a8", "?//evil.example", "?x=1", "", "\udcff",
    "/\udcff", "/x\x7f", "/x%7f", "/x%c2%85",
]  # fmt: skip

GOOD = [
    "/",
    "/articles",
    "/articles/12/edit",
    "/articles?q=tea&sort=-publish_time,title&status=published",
    "/articles?q=%E8%8C%B6&page=2",
    "/articles?q=tea+time&size=50",
    "/admin/articles/a~b",
    "/customers/100%25",
    "/customers/~new",
    "/articles?publish_time_from=2026-11-02T09%3A00",
]


def test_there_are_enough_forms() -> None:
    assert len(set(HARMFUL)) >= 40


@pytest.mark.parametrize("address", HARMFUL)
def test_a_harmful_address_leads_home(address: str) -> None:
    """1.2.2, 3.7.2, CVE-2026-22032."""
    assert safe_next(address, "/admin/") == "/admin/"


@pytest.mark.parametrize("address", GOOD)
def test_a_path_of_this_site_is_kept(address: str) -> None:
    """3.7.2: what operators really come from."""
    assert safe_next(address) == address


def test_a_very_long_address_is_judged_at_once() -> None:
    """1.2.9: no slow pattern."""
    assert is_safe("/" + "a/" * 500_000)
    assert not is_safe("/" + "%2" * 500_000 + "//")


@pytest.mark.parametrize(
    ("url", "path"),
    [
        ("https://portal.example/articles?q=tea", "/articles?q=tea"),
        ("/articles", "/articles"),
        ("https://[evil", ""),
        (None, ""),
        ("https://portal.example", ""),
    ],
)
def test_the_path_of_a_page_is_taken_out_of_its_address(url: str | None, path: str) -> None:
    assert path_of(url) == path
