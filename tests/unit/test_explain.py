"""`fastor explain` tells what is made of a column, and who decided."""

import pytest

from portal import AllowAll
from portal.errors import NotFound
from portal.kit.checks import Checker
from portal.kit.explain import explain
from portal.kit.page import BoundResource
from portal.pages.standard import standard_pages
from tests.pages.lab import GadgetResource, StepResource


@pytest.fixture(scope="module")
def resources() -> list[BoundResource]:
    return list(Checker(AllowAll(), standard_pages).bind([GadgetResource, StepResource]).values())


def said(text: str) -> dict[str, str]:
    """Fact -> what is said of it."""
    return {line.split()[0]: " ".join(line.split()[1:]) for line in text.splitlines()[1:]}


def test_a_guessed_column(resources: list[BoundResource]) -> None:
    text = explain("Gadget.photo", resources)
    assert text.splitlines()[0] == "Gadget.photo"
    assert said(text) == {
        "kind": "image (name)",
        "label": "Photo (name)",
        "list": "cells/image.html",
        "form": "ImageField, fields/image.html",
        "needed": "no",
    }


def test_help_search_and_filter(resources: list[BoundResource]) -> None:
    title = said(explain("Gadget.title", resources))
    assert title["help"] == "What it is called. (comment)"
    assert title["search"] == "yes" and title["needed"] == "yes"
    colour = said(explain("Gadget.colour", resources))
    assert colour["choices"] == "Red, Deep blue (type)" and colour["filter"] == "yes"


def test_what_is_declared(resources: list[BoundResource]) -> None:
    level = said(explain("Gadget.level", resources))
    assert level["kind"] == "choice (info)" and level["choices"] == "Low, High (info)"
    rank = said(explain("Step.rank", resources))
    assert rank["kind"] == "position (info)"
    assert rank["form"] == "not asked for"


def test_what_is_not_shown(resources: list[BoundResource]) -> None:
    assert said(explain("Gadget.api_token", resources))["list"] == "not shown"


def test_a_relation(resources: list[BoundResource]) -> None:
    owner = said(explain("Gadget.owner", resources))
    assert owner["kind"] == "relation (type)" and owner["form"].startswith("RelationField")


def test_a_whole_model_and_by_the_name_of_its_resource(resources: list[BoundResource]) -> None:
    text = explain("Gadget", resources)
    assert text == explain("gadgets", resources)
    assert "Gadget.title\n" in text and "Gadget.parts\n" in text
    assert explain("gadgets.title", resources) == explain("Gadget.title", resources)


@pytest.mark.parametrize(
    ("name", "hint"),
    [("Gadgte", '"Gadget"'), ("Gadget.titel", '"title"'), ("gadget.title", '"gadgets"'), ("Gadget.Title", '"title"')],
)
def test_a_mistyped_name_gets_the_nearest(resources: list[BoundResource], name: str, hint: str) -> None:
    with pytest.raises(NotFound, match=f"Did you mean {hint}"):
        explain(name, resources)


def test_nothing_near(resources: list[BoundResource]) -> None:
    with pytest.raises(NotFound) as caught:
        explain("xyz", resources)
    assert str(caught.value) == 'No resource manages "xyz".'
