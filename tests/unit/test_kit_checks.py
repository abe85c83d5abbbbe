"""Mistakes in declarations: each with its number, its place and a hint, and all of them at once."""

from pathlib import Path

import pytest
from sqlalchemy import Integer, String
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from portal import Action, AllowAll, Column, Field, ListPage, NotFound, Resource, ResourceService
from portal.errors import Problem
from portal.facts import ordering, secret, ui
from portal.kit.checks import RESERVED_NAMES, Checker
from portal.kit.explain import explain
from portal.kit.page import BoundResource
from portal.pages.standard import standard_pages
from tests.pages.lab import GadgetResource, Owner, OwnerResource


class Base(DeclarativeBase):
    pass


class Book(Base):
    __tablename__ = "book"

    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str] = mapped_column(String(200), info=ui(label="Title of it"))
    pages: Mapped[int | None]
    key_phrase: Mapped[str | None] = mapped_column(String(20), info=secret())


class Shelf(Base):
    __tablename__ = "shelf"

    id: Mapped[int] = mapped_column(primary_key=True)
    room_id: Mapped[int]
    place: Mapped[int] = mapped_column(Integer, info=ordering(within="rom_id"))
    colour: Mapped[str] = mapped_column(String(20), info=ui(kind="colr"))


def found(*resources: type[Resource]) -> list[Problem]:
    checker = Checker(AllowAll(), standard_pages)
    checker.bind(resources)
    return checker.problems


def bound(*resources: type[Resource]) -> dict[str, BoundResource]:
    checker = Checker(AllowAll(), standard_pages)
    made = checker.bind(resources)
    assert not checker.problems
    return made


def resource(**options: object) -> type[Resource]:
    return type("BookResource", (Resource,), {"model": Book, "__module__": __name__, **options})


@pytest.mark.parametrize(
    ("options", "number", "where", "hint"),
    [
        ({"columns": ["titel"]}, "P101", "BookResource.columns", 'Did you mean "title"?'),
        ({"columns": [Column("title", below="pges")]}, "P101", "BookResource.columns", 'Did you mean "pages"?'),
        ({"columns": [Owner.name]}, "P101", "BookResource.columns", None),
        ({"fields": ["zzz"]}, "P101", "BookResource.fields", None),
        ({"fields": [Field("titel")]}, "P101", "BookResource.fields", 'Did you mean "title"?'),
        ({"filters": ["pags"]}, "P101", "BookResource.filters", 'Did you mean "pages"?'),
        ({"model": None}, "P102", "BookResource.model", None),
        ({"model": Base}, "P102", "BookResource.model", None),
        ({"model": int}, "P102", "BookResource.model", None),
        ({"columns": ["key_phrase"]}, "P103", "BookResource.columns", None),
        ({"filters": ["title"]}, "P103", "BookResource.filters", "Give a Filter of your own."),
        (
            {"actions": [Action("burn")]},
            "P104",
            "BookResource.actions",
            'Write "async def burn(self, rows)" in ResourceService.',
        ),
        ({"name": "My Books"}, "P105", "BookResource.name", None),
        ({"name": "../x"}, "P105", "BookResource.name", None),
        *[({"name": name}, "P105", "BookResource.name", None) for name in sorted(RESERVED_NAMES)],
        ({"pages": [ListPage(order_by="-titel")]}, "P108", "BookResource.pages", 'Did you mean "title"?'),
    ],
)
def test_each_mistake(options: dict[str, object], number: str, where: str, hint: str | None) -> None:
    (problem,) = found(resource(**options))
    assert (problem.number, problem.where, problem.hint) == (number, where, hint)


def test_two_resources_of_one_name() -> None:
    (problem,) = found(resource(), resource())
    assert (problem.number, problem.where) == ("P106", "BookResource.name")


def test_facts_of_the_model() -> None:
    class ShelfResource(Resource):
        model = Shelf

    problems = {problem.number: problem for problem in found(ShelfResource)}
    assert set(problems) == {"P107", "P109"}
    assert problems["P107"].hint == 'Did you mean "room_id"?'
    assert 'kind="colr"' in problems["P109"].message


class WrongResource(Resource):
    model = Book
    name = "Wrong Name"
    columns = ("titel", "key_phrase")
    fields = ("pgaes",)
    filters = ("titl",)
    actions = (Action("burn"), Action("drown"))
    pages = (ListPage(order_by="titel"),)


def test_all_at_once_with_file_and_line() -> None:
    problems = found(WrongResource, resource(columns=["nope"]))
    assert [problem.number for problem in problems] == ["P105", "P101", "P101", "P101", "P104", "P104", "P108", "P101"]
    by_option = {problem.where.partition(".")[2]: problem for problem in problems[:-1]}
    lines = Path(__file__).read_text(encoding="utf-8").splitlines()
    for option, problem in by_option.items():
        assert problem.file == __file__ and problem.line is not None
        assert lines[problem.line - 1].strip().startswith(f"{option} =")


def test_a_good_one_has_no_problem_and_stays_as_it_is() -> None:
    before = dict(vars(GadgetResource))
    made = bound(GadgetResource, OwnerResource)
    assert set(made) == {"gadgets", "owners"}
    assert dict(vars(GadgetResource)) == before
    assert made["gadgets"].field("title") is not None and made["gadgets"].field("nope") is None


def test_names_and_labels_are_made_of_the_class() -> None:
    class NewsStoryResource(Resource):
        model = Book

    assert (NewsStoryResource.name, NewsStoryResource.label, NewsStoryResource.label_plural) == (
        "news_stories",
        "News story",
        "News stories",
    )


def test_lists_are_frozen() -> None:
    assert resource(columns=["title"]).columns == ("title",)
    assert isinstance(type("X", (Resource,), {"model": Book, "filters": []}).filters, tuple)


def test_a_resource_may_be_subclassed() -> None:
    made = bound(type("PaperResource", (resource(columns=["title"]),), {"__module__": __name__}))
    assert [column.name for column in made["papers"].columns] == ["title"]


def test_an_attribute_of_a_parent_model_is_its_own() -> None:
    class Manual(Book):
        __tablename__ = None  # type: ignore[assignment]

    class ManualResource(Resource):
        model = Manual
        columns = (Book.title,)

    assert [column.name for column in bound(ManualResource)["manuals"].columns] == ["title"]


def test_a_service_of_ones_own_knows_the_action() -> None:
    class Burning(ResourceService):
        async def burn(self, rows: object) -> int:
            return 0

    assert not found(resource(actions=[Action("burn")], service=Burning))


# -- explain


def test_explains_which_layer_decided() -> None:
    text = explain("Gadget.photo", bound(GadgetResource).values())
    assert text.splitlines()[0] == "Gadget.photo"
    assert "image   (name)" in text
    assert "ImageField, fields/image.html" in text
    assert "cells/image.html" in text
    assert "Title of it   (info)" in explain("books.title", bound(resource()).values())


def test_explains_a_whole_model_and_never_a_secret_in_the_list() -> None:
    text = explain("Gadget", bound(GadgetResource).values())
    assert text.count("\n\n") == len(bound(GadgetResource)["gadgets"].facts.attributes) - 1
    secret_part = next(part for part in text.split("\n\n") if part.startswith("Gadget.api_token"))
    assert "not shown" in secret_part


@pytest.mark.parametrize(
    ("asked", "hint"), [("Gadgte.title", '"Gadget"'), ("Gadget.titel", '"title"'), ("Nothing", "")]
)
def test_explains_what_it_does_not_know(asked: str, hint: str) -> None:
    with pytest.raises(NotFound) as unknown:
        explain(asked, bound(GadgetResource).values())
    assert hint in str(unknown.value)
