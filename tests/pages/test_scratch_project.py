"""A new noun in a project of one's own: a model, two lines of a resource, a line in the menu."""

import io
import re
import sys

import pytest
from click.testing import CliRunner
from PIL import Image

from portal.cli import main
from portal.errors import ConfigurationError
from tests.pages.browser import ORIGIN, Browser
from tests.pages.project import EVENTS, MODELS, Project

pytestmark = pytest.mark.anyio


async def create(client: Browser, *titles: str) -> None:
    for title in titles:
        answer = await client.post("/events", title=title, poster="", begins="2026-03-01T18:30")
        assert answer.status == 303, answer


async def test_the_new_noun_is_created_listed_and_edited(project: Project) -> None:
    async with project.opened() as client:
        empty = await client.get("/events")
        assert [item["data-name"] for item in empty.page.all("menu-item")] == ["events"]
        form = (await client.get("/events/new")).page
        assert {"title", "poster", "begins"} <= {item["data-name"] for item in form.all("field")}
        await create(client, "Opening")
        shown = await client.get("/events")
        assert shown.column("title") == ["Opening"]
        (key,) = shown.rows()
        edited = await client.post(f"/events/{key}", title="Grand opening", begins="2026-03-02T18:30")
        assert (await client.follow(edited)).column("title") == ["Grand opening"]
        assert (await client.get("/events?q=grand")).rows() == [key]
        assert (await client.get(f"/events/{key}")).status == 200
        assert (await client.post("/events", title="", begins="soon")).errors().keys() == {"title", "begins"}


async def test_the_new_noun_is_dragged_into_order(project: Project) -> None:
    async with project.opened() as client:
        await create(client, "a", "b", "c")
        listed = await client.get("/events")
        assert listed.column("title") == ["a", "b", "c"] and listed.page.has("grip")
        a, b, c = listed.rows()
        moved = await client.post("/events/order", id=c, after="", before=a)
        assert (await client.follow(moved)).column("title") == ["c", "a", "b"]
        await client.post("/events/order", move=f"down {a}")
        assert (await client.get("/events")).rows() == [c, b, a]
        assert (await client.get("/events/order")).status == 200


async def test_a_project_has_users_and_roles_and_nothing_of_the_starter_content(project: Project) -> None:
    async with project.opened() as client:
        assert (await client.get("/users")).status == 200
        assert (await client.get("/roles")).status == 200
        for noun in ("articles", "categories", "tags", "banners", "customers"):
            assert (await client.get(f"/{noun}")).status == 404


async def test_a_project_has_the_media_library(project: Project) -> None:
    file = io.BytesIO()
    Image.new("RGB", (1280, 720), "teal").save(file, "PNG")
    project.write("models.py", MODELS.replace('folder="posters"', 'folder="posters", sizes={"card": (600, 400)}'))
    async with project.opened() as client:
        headers = {"Origin": ORIGIN, "X-CSRFToken": await client.token()}
        taken = await client.http.post("/files/uploads", files={"file": ("a.png", file.getvalue())}, headers=headers)
        assert taken.status_code == 201
        listed = await client.get("/files?view=grid")
        assert [tile.one("open").text for tile in listed.page.all("row")] == ["a.png"]
        await client.post("/events", title="Opening", poster=taken.json()["key"], begins="2026-03-01T18:30")
        (key,) = listed.rows()
        page = (await client.get(f"/files/{key}")).page
        assert page.one("file-use").text == "Opening" and "card" not in page.one("detail").text
        form = page.one("replace-form")
        sent = {name: values[-1] for name, values in form.form().items() if name != "file"}
        new = {"file": ("b.png", file.getvalue())}
        await client.http.post(form["action"], files=new, data=sent, headers={"Origin": ORIGIN})
        assert "card 600 × 338" in (await client.get(f"/files/{key}")).page.one("detail").text
        assert (await client.get("/files/orphans")).page.has("empty")
        assert (await client.get("/files/storage")).status == 200


async def test_a_typo_in_a_column_stops_the_start(project: Project) -> None:
    file = project.write("resources/events.py", EVENTS + '    columns = ["title", "begin"]\n')
    with pytest.raises(ConfigurationError) as caught:
        project.app()
    (problem,) = caught.value.problems
    assert (problem.number, problem.where) == ("P101", "EventResource.columns")
    assert (problem.file, problem.line) == (str(file), 9)
    assert str(problem) == (
        f'P101 EventResource.columns: "begin" names no attribute of Event. Did you mean "begins"? ({file}:9)'
    )


def test_a_typo_is_told_by_the_command(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    project.write("resources/events.py", EVENTS + '    filters = ["begin"]\n')
    project.write(
        "app.py", f'from portal import create_app\n\n\ndef make():\n    return create_app("{project.name}")\n'
    )
    monkeypatch.setattr(sys, "path", ["", *sys.path])
    result = CliRunner().invoke(main, ["check", "--app", f"{project.name}.app:make"], prog_name="fastor")
    assert result.exit_code == 1
    assert result.output.startswith('One problem:\n  P101 EventResource.filters: "begin" names no attribute of Event.')
    assert 'Did you mean "begins"?' in result.output and "resources/events.py:9)" in result.output
    project.write("app.py", "")


def test_all_mistakes_are_told_at_once(project: Project) -> None:
    mistakes = """
        columns = ["titel"]
        fields = ["begin"]
        actions = [Action("postpone")]
        pages = [ListPage(order_by="-begun")]
    """
    imports = EVENTS.replace("import Resource", "import Action, ListPage, Resource")
    project.write("resources/events.py", imports + mistakes.replace("\n        ", "\n    "))
    project.write("menu.yaml", "- resource: events\n  icon: calender\n- resource: evnets\n- page: dashbord\n")
    with pytest.raises(ConfigurationError) as caught:
        project.app()
    numbers = [problem.number for problem in caught.value.problems]
    assert numbers == ["P101", "P101", "P104", "P108", "P305", "P306", "P401"]
    lines = {problem.number: problem.line for problem in caught.value.problems if problem.file}
    assert lines["P104"] == 12 and lines["P108"] == 13
    assert lines["P305"] == 3 and lines["P306"] == 4
    assert all(problem.hint for problem in caught.value.problems)
    assert re.search(r'Did you mean "title"\?', str(caught.value))
