"""What a list costs to load: the budget of the front end."""

from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Page, Request

from portal.testing import EditPage, ListPage, RichText
from tests.e2e.conftest import Visit

REQUESTS = 10
COMPRESSED = 45_000
PLAIN_HTML = 60_000
EDITOR = 300_000
"""All of a form with an editor, compressed, on the first visit."""
ON_DEMAND = ("Sortable", "tom-select")
"""Loaded only where something is dragged or picked; they have budgets of their own."""


@contextmanager
def requests(page: Page) -> Iterator[list[Request]]:
    """What the page fetches meanwhile; what the browser has already is no request."""
    found: list[Request] = []
    session = page.context.new_cdp_session(page)
    cached: set[str] = set()
    session.on("Network.requestServedFromCache", lambda event: cached.add(event["requestId"]))
    session.on("Network.responseReceived", lambda event: _note(event, cached))
    session.send("Network.enable")

    def note(request: Request) -> None:
        found.append(request)

    page.on("requestfinished", note)
    yield found
    page.wait_for_load_state("networkidle")
    page.remove_listener("requestfinished", note)
    session.detach()
    found[:] = [request for request in found if request.url not in cached]


def _note(event: dict[str, object], cached: set[str]) -> None:
    response = event["response"]
    assert isinstance(response, dict)
    if response.get("fromDiskCache") or response.get("fromPrefetchCache") or event["requestId"] in cached:
        cached.add(response["url"])


def test_list_is_light(visit: Visit) -> None:
    page = visit()
    with requests(page) as found:
        ListPage(page, "articles").open()
    code = [
        request
        for request in found
        if request.resource_type in ("script", "stylesheet") and not any(name in request.url for name in ON_DEMAND)
    ]
    assert len(code) <= REQUESTS, [request.url for request in code]
    for request in code:
        response = request.response()
        assert response and response.header_value("content-encoding") == "br", request.url
    sizes = {request.url: request.sizes()["responseBodySize"] for request in code}
    assert sum(sizes.values()) <= COMPRESSED, sizes
    document = next(request for request in found if request.resource_type == "document").response()
    assert document and len(document.body()) <= PLAIN_HTML


def test_second_visit_fetches_the_rows_alone(visit: Visit) -> None:
    page = visit()
    articles = ListPage(page, "articles").open()
    page.wait_for_load_state("networkidle")
    with requests(page) as found:
        articles.open(status="draft")
    kinds = {request.resource_type for request in found} - {"image"}
    assert kinds <= {"document", "fetch"}, [(request.resource_type, request.url) for request in found]
    assert len([request for request in found if request.resource_type == "fetch"]) <= 1


def test_list_without_an_order_loads_no_dragging(visit: Visit) -> None:
    page = visit()
    with requests(page) as found:
        ListPage(page, "articles").open()
    assert not [request.url for request in found if "Sortable" in request.url or "tom-select" in request.url]


def test_form_with_an_editor_is_light_and_comes_back_for_its_page_alone(visit: Visit) -> None:
    page = visit()
    articles = EditPage(page, "articles")
    with requests(page) as found:
        articles.new()
        RichText(page, "body").ready()
    sizes = {request.url: request.sizes()["responseBodySize"] for request in found}
    assert sum(sizes.values()) <= EDITOR, sizes
    with requests(page) as found:
        articles.new()
        RichText(page, "body").ready()
    numbers = [request for request in found if request.url.endswith("/badges")]  # the menu's, as on every page
    assert [request.url for request in found if request not in numbers] == [page.url] and len(numbers) <= 1
