"""What a model says of its columns: plain frozen values under one key of `info`."""

import dataclasses
from collections.abc import Callable
from enum import StrEnum
from typing import Any

import pytest

from portal.facts import KEY, Facts, choices, facts_of, file, image, ordering, rich_text, secret, ui
from portal.i18n import _


class Status(StrEnum):
    draft = "draft"
    published = "published"


@pytest.mark.parametrize(
    ("helper", "kind"),
    [
        (image, "image"),
        (file, "file"),
        (rich_text, "rich_text"),
        (ordering, "position"),
        (secret, "secret"),
        (ui, None),
    ],
)
def test_helper_names_the_kind(helper: Callable[[], dict[str, Facts]], kind: str | None) -> None:
    assert facts_of(helper()).kind == kind


@pytest.mark.parametrize("helper", [image, file, rich_text, ordering, secret, ui])
def test_every_helper_takes_a_label(helper: Callable[..., dict[str, Facts]]) -> None:
    assert facts_of(helper(label=_("Title"))).label == _("Title")


def test_facts_stand_under_one_key() -> None:
    assert list(ui(search=True)) == [KEY]


def test_choices_keep_their_order() -> None:
    facts = facts_of(choices({2: _("Female"), 1: _("Male"), 0: _("Unknown")}))
    assert facts.choices == ((2, _("Female")), (1, _("Male")), (0, _("Unknown")))


def test_badges_are_pairs_of_value_and_tone() -> None:
    facts = facts_of(ui(badge={Status.draft: "muted", Status.published: "ok"}))
    assert facts.badge == ((Status.draft, "muted"), (Status.published, "ok"))


def test_what_is_not_said_is_none() -> None:
    said = {"label", "search"}
    facts = facts_of(ui(label="Title", search=False))
    assert facts.search is False
    assert all(getattr(facts, field.name) is None for field in dataclasses.fields(facts) if field.name not in said)


def test_picture_says_where_and_how_large() -> None:
    facts = facts_of(image(folder="covers", ratio="16:9", max_mb=8))
    assert facts.file is not None
    assert (facts.file.folder, facts.file.ratio, facts.file.max_mb) == ("covers", "16:9", 8)


def test_order_is_kept_within_a_scope() -> None:
    assert facts_of(ordering(within="category_id")).within == "category_id"


def test_facts_cannot_be_changed() -> None:
    facts = facts_of(ui(label="Title"))
    with pytest.raises(dataclasses.FrozenInstanceError):
        facts.label = "Other"  # type: ignore[misc]  # what is tried here


def test_mistyped_argument_is_refused() -> None:
    with pytest.raises(TypeError):
        ui(lable="Title")  # type: ignore[call-arg]  # what is tried here


@pytest.mark.parametrize("info", [{}, {"label": "x"}, {KEY: "something else"}])
def test_info_of_others_is_no_fact(info: dict[str, Any]) -> None:
    assert facts_of(info) == Facts()
