"""Every mistake in a resource has a number, a place and a hint, and all are told at once."""

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import ForeignKey, Integer, String, select
from sqlalchemy.orm import DeclarativeBase, Mapped, aliased, mapped_column, relationship

from portal import Action, AllowAll, ChoiceFilter, Column, Field, ListPage, Resource, ResourceService
from portal.errors import Problem
from portal.facts import ordering, secret, ui
from portal.kit.checks import Checker
from portal.pages.standard import standard_pages
from tests.pages.lab import Gadget, Owner


class Host(DeclarativeBase):
    pass


class Note(Host):
    __tablename__ = "note"

    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str] = mapped_column(String(50))
    phrase: Mapped[str | None] = mapped_column(String(50), info=secret())
    section: Mapped[str | None] = mapped_column(String(50))


def problems(*resources: type[Resource]) -> list[Problem]:
    checker = Checker(AllowAll(), standard_pages)
    checker.bind(resources)
    return checker.problems


def declared(**options: Any) -> type[Resource]:
    return type("NoteResource", (Resource,), {"model": Note, "__module__": __name__, **options})


def one(*resources: type[Resource]) -> Problem:
    (problem,) = problems(*resources)
    return problem


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("columns", ["titel"]),
        ("columns", [Column("titel")]),
        ("columns", [Column("title", below="titel")]),
        ("fields", ["titel"]),
        ("fields", [Field("titel")]),
        ("filters", ["titel"]),
        ("filters", [ChoiceFilter("titel")]),
    ],
)
def test_p101_a_name_that_is_no_attribute(option: str, value: Any) -> None:
    problem = one(declared(**{option: value}))
    assert (problem.number, problem.where) == ("P101", f"NoteResource.{option}")
    assert problem.message == '"titel" names no attribute of Note.'
    assert problem.hint == 'Did you mean "title"?'


def test_p101_an_attribute_of_another_model() -> None:
    assert one(declared(columns=[Gadget.title])).number == "P101"


def test_p101_a_name_far_from_all_others_has_no_hint() -> None:
    assert one(declared(columns=["xyz"])).hint is None


class Plain:
    pass


@pytest.mark.parametrize("model", [Plain, None, "Note", 3, Host, aliased(Note)])
def test_p102_no_mapped_class(model: Any) -> None:
    problem = one(declared(model=model))
    assert (problem.number, problem.where) == ("P102", "NoteResource.model")


def test_p102_no_model_at_all() -> None:
    class EmptyResource(Resource):
        pass

    assert one(EmptyResource).number == "P102"


def test_p102_a_class_mapped_to_a_query() -> None:
    class Short(Host):
        __table__ = select(Note.id, Note.title).subquery("short")
        __mapper_args__ = {"primary_key": [__table__.c.id]}  # noqa: RUF012

    assert one(declared(model=Short)).number == "P102"


def test_p102_a_relation_to_a_model_that_is_not_there() -> None:
    class Broken(DeclarativeBase):
        pass

    class Page(Broken):
        __tablename__ = "page"
        id: Mapped[int] = mapped_column(primary_key=True)
        book_id: Mapped[int] = mapped_column(ForeignKey("page.id"))
        book: Mapped["Bok"] = relationship()  # type: ignore[name-defined]  # noqa: F821

    problem = one(declared(model=Page))
    assert problem.number == "P102" and "Bok" in problem.message


def test_p103_a_secret_is_never_listed() -> None:
    problem = one(declared(columns=["title", "phrase"]))
    assert problem.number == "P103" and '"phrase" is a secret' in problem.message


def test_p103_a_kind_that_has_no_filter() -> None:
    problem = one(declared(filters=["title"]))
    assert problem.number == "P103" and problem.hint == "Give a Filter of your own."


class NoteService(ResourceService):
    archive = "no method"

    async def publish(self, rows: Any) -> int:
        return 0


def test_p104_an_action_without_a_method() -> None:
    problem = one(declared(actions=[Action("postpone")], service=NoteService))
    assert problem.number == "P104"
    assert problem.hint == 'Write "async def postpone(self, rows)" in NoteService.'
    assert one(declared(actions=[Action("archive")], service=NoteService)).number == "P104"
    assert not problems(declared(actions=[Action("publish"), Action.delete()], service=NoteService))
    assert not problems(declared(actions=[Action("send", method="publish")], service=NoteService))


@pytest.mark.parametrize("name", ["static", "sign-in", "api", "media", "health", "Notes", "a b", "a/b", "1st", "", "é"])
def test_p105_a_name_that_is_no_path(name: str) -> None:
    problem = one(declared(name=name))
    assert (problem.number, problem.where) == ("P105", "NoteResource.name")


def test_p106_two_resources_of_one_name() -> None:
    class OtherResource(Resource):
        model = Owner
        name = "notes"

    class NotesResource(Resource):
        model = Note
        name = "notes"

    problem = one(NotesResource, OtherResource)
    assert problem.number == "P106" and problem.where == "OtherResource.name"
    assert "NotesResource" in problem.message


def test_p107_an_order_within_a_column_that_is_not_there() -> None:
    class Row(Host):
        __tablename__ = "row"
        id: Mapped[int] = mapped_column(primary_key=True)
        section: Mapped[str] = mapped_column(String(5))
        place: Mapped[int] = mapped_column(Integer, info=ordering(within="secton"))

    problem = one(declared(model=Row))
    assert problem.number == "P107" and problem.hint == 'Did you mean "section"?'


@pytest.mark.parametrize("order_by", ["titel", "-titel", "title,-titel", "title, titel"])
def test_p108_a_default_order_by_no_column(order_by: str) -> None:
    problem = one(declared(pages=[ListPage(order_by=order_by)]))
    assert problem.number == "P108" and problem.hint == 'Did you mean "title"?'
    assert not problems(declared(pages=[ListPage(order_by="-section, title")]))


def test_p109_a_kind_of_field_that_does_not_exist() -> None:
    class Card(Host):
        __tablename__ = "card"
        id: Mapped[int] = mapped_column(primary_key=True)
        front: Mapped[str] = mapped_column(String(50), info=ui(kind="imag"))

    problem = one(declared(model=Card))
    assert problem.number == "P109" and problem.hint == 'Did you mean "image"?'


def test_all_mistakes_of_all_resources_are_told() -> None:
    bad = declared(columns=["titel", "secton"], filters=["title"], actions=[Action("x")], name="static")
    worse = declared(model=None)
    numbers = sorted(problem.number for problem in problems(bad, worse))
    assert numbers == ["P101", "P101", "P102", "P103", "P104", "P105"]


def test_the_place_is_the_line_of_the_option(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "scratch_checks.py").write_text(
        "from portal import Resource\nfrom tests.unit.test_checks import Note\n\n\n"
        "class FirstResource(Resource):\n    model = Note\n    columns = ['title']\n\n\n"
        "class SecondResource(Resource):\n    model = Note\n    name = 'seconds'\n\n"
        "    columns: list = [\n        'titel',\n    ]\n"
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    import scratch_checks  # type: ignore[import-not-found]

    problem = one(scratch_checks.FirstResource, scratch_checks.SecondResource)
    assert (problem.file, problem.line) == (str(tmp_path / "scratch_checks.py"), 14)
    assert str(problem).endswith("scratch_checks.py:14)")


def test_what_is_right_is_bound_with_every_gap_filled() -> None:
    checker = Checker(AllowAll(), standard_pages)
    bound = checker.bind([declared()])["notes"]
    assert not checker.problems
    assert [column.name for column in bound.columns] == ["title", "section"]
    assert [field.name for field in bound.fields] == ["title", "phrase", "section"]
    assert [action.name for action in bound.actions] == ["delete"]
    assert (str(bound.label), str(bound.label_plural)) == ("Note", "Notes")
