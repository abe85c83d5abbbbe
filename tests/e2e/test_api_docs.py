"""The documentation of the API in a browser: read, tried, signed, and nobody else is asked."""

import re
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Locator, Page, expect

from portal.testing import EditPage, PortalPage, check_accessibility
from tests.e2e.conftest import Visit


class Operation:
    """One address on the page, opened to be tried."""

    def __init__(self, page: Page, tag: str, name: str) -> None:
        self.place = page.locator(f"#operations-{tag}-{name}")
        if not self.place.is_visible():
            page.locator(f"#operations-tag-{tag}").click()
        if not self.place.locator(".try-out").is_visible():
            self.place.locator(".opblock-summary-control").click()
        self.place.get_by_role("button", name="Try it out").click()

    def parameter(self, name: str) -> Locator:
        return self.place.locator(f'tr[data-param-name="{name}"] input').first

    def execute(self) -> tuple[str, str]:
        """Status and body of the answer."""
        self.place.locator(".execute").click()
        answer = self.place.locator(".live-responses-table .response").first
        expect(answer.locator(".response-col_status")).to_have_text(re.compile(r"\d{3}"))
        body = answer.locator(".highlight-code, .microlight").first
        return answer.locator(".response-col_status").inner_text().strip()[:3], body.inner_text()


@pytest.fixture
def page(visit: Visit) -> Page:
    """The page, opened by the administrator."""
    page = visit()
    PortalPage(page).go("/api/docs")
    expect(page.locator("#operations-tag-Articles")).to_be_visible(timeout=20_000)
    return page


def test_a_list_is_tried_and_has_an_address_of_its_own(page: Page) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    listing = Operation(page, "Articles", "articles-list")
    listing.parameter("size").fill("2")
    status, body = listing.execute()
    assert status == "200"
    assert body.count('"slug"') == 2
    expect(listing.place.get_by_text(re.compile(r"^\d+ ms$"))).to_be_visible()
    assert urlsplit(page.url).fragment == "/Articles/articles-list"
    page.reload()
    expect(page.locator("#operations-Articles-articles-list .try-out")).to_be_visible(timeout=20_000)
    own = {urlsplit(page.url).netloc}
    assert {urlsplit(url).netloc for url in asked if url.startswith("http")} <= own


def test_a_refused_field_is_told(page: Page) -> None:
    create = Operation(page, "Tags", "tags-create")
    create.place.locator("textarea").fill('{"name": ""}')
    status, body = create.execute()
    assert status == "422"
    assert '"/name"' in body and '"required"' in body


def test_a_signed_call(page: Page) -> None:
    key, secret = issue_key(page)
    PortalPage(page).go("/api/docs")
    expect(page.locator("#operations-tag-Tags")).to_be_visible(timeout=20_000)
    page.get_by_test_id("api-caller").locator("summary").click()
    page.get_by_test_id("api-key").fill(key)
    page.get_by_test_id("api-secret").fill(secret)
    assert Operation(page, "Tags", "tags-list").execute()[0] == "200"
    with page.expect_response(lambda answer: "/api/articles" in answer.url) as refused:
        status, body = Operation(page, "Articles", "articles-count").execute()
    assert refused.value.request.headers["authorization"].startswith("Fastor-HMAC-SHA256 ")
    assert status == "403" and '"missing-scope"' in body


def issue_key(page: Page) -> tuple[str, str]:
    """A new signing key that may read tags."""
    form = EditPage(page, "client-keys").new().fill(name="Documentation")
    page.locator('[name=scopes][value="tags.view"]').check()
    form.by("save").click()
    expect(form.by("issued")).to_be_visible()
    key, secret = form.by("secret").all()
    return key.input_value(), secret.input_value()


def test_the_specification_is_downloaded(page: Page) -> None:
    with page.expect_download() as download:
        page.get_by_test_id("api-download").click()
    assert download.value.suggested_filename == "openapi.json"


def test_what_stands_around_it_is_accessible(page: Page) -> None:
    page.locator("#api-docs").evaluate("(shown) => shown.remove()")  # swagger-ui's own
    page.get_by_test_id("api-caller").locator("summary").click()
    check_accessibility(page)
