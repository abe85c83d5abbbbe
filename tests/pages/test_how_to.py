"""docs/how-to.md is true: each row of its table, tried in a project, and its code as it stands."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.pages.browser import Browser
from tests.pages.project import Project

pytestmark = pytest.mark.anyio

HOW_TO = (Path(__file__).parents[2] / "docs" / "how-to.md").read_text(encoding="utf-8")

TRIED: set[str] = set()


def row(wish: str) -> Callable[[Any], Any]:
    """Marks the test of a row of the table."""
    TRIED.add(wish)
    return lambda test: test


def code(heading: str, language: str = "python") -> str:
    """The block of code below a heading."""
    section = re.split(r"^## ", HOW_TO, flags=re.MULTILINE)
    (text,) = [part for part in section if part.startswith(heading + "\n")]
    (block,) = re.findall(rf"```{language}\n(.*?)```", text, flags=re.DOTALL)
    return str(block)


ALL = "from portal import *\nfrom ..models import *\n\n\n"
"""All that a block of the documentation may need."""

ARTICLES = """
class ArticleResource(Resource):
    model = Article
"""


async def add_event(client: Browser, title: str, begins: str = "2026-03-01T18:30") -> str:
    answer = await client.post("/events", title=title, begins=begins)
    assert answer.status == 303, answer
    return (await client.follow(answer)).rows()[-1]


def test_each_row_of_the_table_is_tried() -> None:
    table = re.findall(r"^\| (?!to change)(.+?) \|", HOW_TO, flags=re.MULTILINE)
    assert set(table) == TRIED
    assert len(table) == 13


@row("a column's text, label, sorting")
async def test_a_columns_label_and_sorting(project: Project) -> None:
    columns = 'columns = [Column("title", label="Name", sortable=False), Column("begins")]'
    project.write("resources/events.py", f"{ALL}class EventResource(Resource):\n    model = Event\n    {columns}\n")
    async with project.opened() as client:
        await add_event(client, "Opening")
        page = (await client.get("/events")).page
        head = page.one(tag="th", data_column="title")
        assert head.text == "Name" and not head.has("sort")
        assert page.one(tag="th", data_column="begins").has("sort")
        page = (await client.get("/events/new")).page
        assert "Title" in page.one("field", data_name="title").text  # what the model says


DAYS = """
from datetime import date

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column


class Day(Base):
    __tablename__ = "scratch_day"

    name: Mapped[str] = mapped_column(String(20))
    day: Mapped[date]


class DayResource(Resource):
    model = Day
"""


@row("how every date looks")
async def test_how_every_date_looks(project: Project) -> None:
    project.write("resources/days.py", ALL + DAYS)
    project.write("templates/cells/date.html", "<b>the {{ value.day }}.</b>")
    async with project.opened() as client:
        answer = await client.post("/days", name="Pay", day="2026-03-07")
        listed = await client.follow(answer)
        assert listed.column("day") == ["the 7."]
        assert "the 7." in (await client.get(f"/days/{listed.rows()[0]}")).page.text


@row("one page of one resource")
async def test_one_page_of_one_resource(project: Project) -> None:
    own = '{% extends "portal:list.html" %}\n{% block toolbar %}{{ super() }}<a id="own">Mine</a>{% endblock %}\n'
    project.write("templates/events/list.html", own)
    project.write("resources/articles.py", ALL + ARTICLES)
    async with project.opened() as client:
        page = (await client.get("/events")).page
        assert page.one(id="own").text == "Mine" and page.has("new") and page.has("list")
        assert not (await client.get("/articles")).page.has(id="own")


@row("page size, default order")
async def test_page_size_and_default_order(project: Project) -> None:
    pages = re.findall(r"`(pages = .*?)`", HOW_TO)[0]
    project.write("resources/articles.py", f"{ALL}{ARTICLES}    {pages}\n")
    async with project.opened() as client:
        for n in range(1, 53):
            await client.post("/articles", title=f"{n:02}", publish_time=f"2026-01-01T00:{n:02}")
        titles = (await client.get("/articles")).column("title")
        assert titles == [f"{n:02}" for n in range(52, 2, -1)]


OWN_LIST = """
class LoudList(ListPage):
    def state(self, sent, resource, request):
        return super().state({**sent, "q": [request.site.title[:1]]}, resource, request)


class EventResource(Resource):
    model = Event
    pages = [LoudList(size=50)]
"""


@row("a whole page's behaviour")
async def test_a_whole_pages_behaviour(project: Project) -> None:
    project.write("resources/events.py", ALL + OWN_LIST)
    async with project.opened() as client:
        for title in ("Fair", "Match"):
            await client.post("/events", title=title, begins="2026-03-01T18:30")
        assert (await client.get("/events?q=match")).column("title") == ["Fair"]
        assert (await client.get("/events/new")).status == 200  # the other pages stay


CALENDAR = """
{% extends "layout.html" %}
{% block title %}Calendar{% endblock %}
{% block content %}
<ol id="days">{% for row in rows.items %}<li>{{ row.values.title }}</li>{% endfor %}</ol>
{% endblock %}
"""


@row("a page nobody thought of")
async def test_a_page_nobody_thought_of(project: Project) -> None:
    resource = "\n\nclass EventResource(Resource):\n    model = Event\n    pages = [CalendarPage()]\n"
    project.write("resources/events.py", ALL + code("A page nobody thought of") + resource)
    project.write("templates/events/calendar.html", CALENDAR)
    async with project.opened() as client:
        await add_event(client, "Opening")
        page = (await client.get("/events/calendar/all")).page
        assert [item.text for item in page.one(id="days").all(tag="li")] == ["Opening"]
        assert [item["data-name"] for item in page.all("menu-item", aria_current="page")] == ["events"]
        assert (await client.get("/events")).column("title") == ["Opening"]
        assert (await Browser(project.running).get("/events/calendar/all")).status == 303


CAPITAL = """
class CapitalField(TextField):
    def parse(self, text, zone):
        text = super().parse(text, zone)
        if not text[0].isupper():
            raise FieldError(_("Begin with a capital letter."))
        return text.rstrip("!")


class EventResource(Resource):
    model = Event
    fields = [CapitalField("title"), "begins"]
"""


@row("what an input takes")
async def test_what_an_input_takes(project: Project) -> None:
    project.write("resources/events.py", ALL + CAPITAL)
    async with project.opened() as client:
        refused = await client.post("/events", title="opening", begins="2026-03-01T18:30")
        assert refused.status == 422
        assert refused.errors() == {"title": "Begin with a capital letter."}
        key = await add_event(client, "Opening!!!")
        assert (await client.get("/events")).column("title") == ["Opening"]
        refused = await client.post(f"/events/{key}", title="x" * 201)
        assert refused.status == 422 and "200" in refused.errors()["title"]


MADE_ONCE = """
from litestar import Response
from sqlalchemy import func, select

from portal.kit.page import Page, Route

made = []


@cached(ttl=300, scope="permissions", tags=("scratch_event",), key=())
async def how_many(site) -> int:
    made.append(1)
    async with site.database.read() as session:
        return await session.scalar(select(func.count()).select_from(Event))


class NumberPage(Page):
    def routes(self, resource):
        return [Route(("GET",), "/number", self.show)]

    async def show(self, request, resource):
        return Response(f"{await how_many(request.site)} events, counted {len(made)} times", media_type="text/plain")


class EventResource(Resource):
    model = Event
    pages = [NumberPage()]
"""


@row("what is made again and again")
async def test_what_is_made_again_and_again(project: Project) -> None:
    project.write("resources/events.py", ALL + MADE_ONCE)
    async with project.opened() as client:
        for _ in range(3):
            assert (await client.get("/events/number")).html == "0 events, counted 1 times"
        await add_event(client, "Opening")
        for _ in range(2):
            assert (await client.get("/events/number")).html == "1 events, counted 2 times"


@row("a rule about the thing itself")
async def test_a_rule_about_the_thing_itself(project: Project) -> None:
    project.write("services.py", ALL.replace("..models", ".models") + code("A rule"))
    resource = "from ..services import ArticleService\n\n" + ARTICLES + "    service = ArticleService\n"
    project.write("resources/articles.py", ALL + resource)
    async with project.opened() as client:
        moments = {"starts_at": "2026-03-02T10:00", "ends_at": "2026-03-01T10:00"}
        refused = await client.post("/articles", title="Tea", **moments)
        assert refused.status == 422
        assert refused.errors() == {"ends_at": "This is not after the beginning."}
        assert 'value="Tea"' in refused.html
        assert (await client.post("/articles", title="Tea", starts_at="2026-03-01T10:00")).status == 303


@row("something to do with ticked rows")
async def test_something_to_do_with_ticked_rows(project: Project) -> None:
    project.write("resources/articles.py", ALL + code("An action"))
    async with project.opened() as client:
        for title in ("Coffee", "Juice", "Tea"):
            await client.post("/articles", title=title)
        listed = await client.get("/articles?sort=title")
        assert listed.page.has("action-publish") and listed.page.has("action-delete")
        done = await client.post("/articles/actions/publish", ids=listed.rows()[:2])
        assert "Publish: 2 rows." in (await client.follow(done)).page.text
        assert (await client.get("/articles?sort=title")).column("status") == ["Published", "Published", "Draft"]
        await client.post("/articles/actions/publish", all="1")
        assert set((await client.get("/articles")).column("status")) == {"Published"}


READ_ONLY = """
class ReadOnly(Policy):
    def allows(self, actor, operation, resource, row=None):
        return operation == "view"


class EventResource(Resource):
    model = Event
    policy = ReadOnly()
"""


@row("who may")
async def test_who_may(project: Project) -> None:
    project.write("resources/events.py", ALL + READ_ONLY)
    project.write("resources/articles.py", ALL + ARTICLES)
    async with project.opened() as client:
        assert (await client.post("/events", title="x", begins="2026-03-01T18:30")).status == 403
        page = (await client.get("/events")).page
        assert page.has("list") and not page.has("new") and not page.has("grip")
        assert (await client.get("/events/new")).status == 403
        assert (await client.post("/articles", title="Tea")).status == 303  # the portal's policy


@row("the menu")
async def test_the_menu(project: Project) -> None:
    project.write("resources/articles.py", ALL + ARTICLES)
    group = "- group: News\n  items:\n    - resource: articles\n      label: Stories\n"
    project.write("menu.yaml", group + "- page: dashboard\n")
    async with project.opened() as client:
        page = (await client.get("/articles")).page
        assert [item.text for item in page.all("menu-item")] == ["Stories", "Dashboard"]
        (current,) = page.one("menu").all(aria_current="page")
        assert current["data-name"] == "articles"


@row("colours, density, logo")
async def test_colours(project: Project) -> None:
    theme = code("A look", "css")
    project.write("static/theme.css", theme)
    async with project.opened() as client:
        links = [link["href"] for link in (await client.get("/events")).page.all(tag="link", rel="stylesheet")]
        sheets = [href for href in links if "noscript" not in href]
        assert sheets[-1].endswith("/theme.css")  # after ours, so that it wins
        answer = await Browser(project.running).get(sheets[-1])  # the sign-in page needs it too
        assert answer.status == 200 and "--brand-h: 155" in answer.html
        ours = (await client.get(sheets[0])).html
        assert all(f"var({name})" in ours for name in re.findall(r"(--[\w-]+):", theme))
