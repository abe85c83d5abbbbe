"""The public page as its readers see it: light and dark, on a phone, on paper."""

import sqlite3

import pytest
from playwright.sync_api import Page, expect

from portal.short_ids import short_id
from portal.testing import check_accessibility
from tests.e2e.conftest import Visit

SIZES = {"wide": (1440, 900), "phone": (390, 844)}


@pytest.fixture
def address(database: sqlite3.Connection) -> str:
    """A long article of the starter content, with pictures, a table and a video."""
    sql = "SELECT id FROM article WHERE status = 'published' AND body LIKE '%portal-video%' AND body LIKE '%<table%'"
    return f"/e/{short_id(database.execute(sql).fetchone()[0])}"


def open_quietly(page: Page, address: str) -> None:
    """Without asking the sites of the videos anything."""
    page.route("https://**", lambda route: route.fulfill(content_type="text/html", body="<title>Film</title>"))
    page.goto(address)
    expect(page.get_by_test_id("public-body")).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", SIZES)
def test_it_is_read_as_the_device_likes(visit: Visit, address: str, size: str, scheme: str) -> None:
    width, height = SIZES[size]
    page = visit(signed=False, viewport={"width": width, "height": height}, color_scheme=scheme)
    open_quietly(page, address)
    paper = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert (paper == "rgb(255, 255, 255)") == (scheme == "light")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    for image in page.locator("img").all():
        box = image.bounding_box()
        assert box and box["width"] <= width
    check_accessibility(page)


def test_it_is_printed_in_black_on_white_and_without_frames(visit: Visit, address: str) -> None:
    page = visit(signed=False, color_scheme="dark")
    open_quietly(page, address)
    page.emulate_media(media="print")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    expect(page.locator(".video").first).to_be_hidden()
    expect(page.locator(".video-link a").first).to_be_visible()
    after = page.locator(".video-link a").first.evaluate("(link) => getComputedStyle(link, '::after').content")
    assert "https://" in after


def test_the_theme_chosen_in_the_portal_holds_here_too(visit: Visit, address: str) -> None:
    page = visit(theme="dark", color_scheme="light")
    open_quietly(page, address)
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") != "rgb(255, 255, 255)"
