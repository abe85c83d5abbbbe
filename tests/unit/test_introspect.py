"""What is guessed of a model, rule by rule, and who decided."""

import datetime
import decimal
import enum
import uuid
from typing import Any

import pytest
from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Computed,
    Date,
    DateTime,
    Enum,
    Float,
    ForeignKey,
    Integer,
    Numeric,
    SmallInteger,
    String,
    Text,
    Time,
    UniqueConstraint,
    Uuid,
    func,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship

from portal.db.columns import EnumString, UTCDateTime
from portal.facts import choices, image, ordering, secret, ui
from portal.kit.introspect import Attribute, read_model


class Host(DeclarativeBase):
    pass


class Mood(enum.Enum):
    HAPPY = "happy"
    VERY_SAD = "very_sad"


class Team(Host):
    __tablename__ = "team"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(50))
    members: Mapped[list["Thing"]] = relationship(back_populates="team", foreign_keys="Thing.team_id")


class Thing(Host):
    """One column for each rule."""

    __tablename__ = "thing"
    __table_args__ = (UniqueConstraint("code", "region"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str] = mapped_column(String(200), comment="What people call it.")
    code: Mapped[str] = mapped_column(String(20), unique=True)
    region: Mapped[str | None] = mapped_column(String(20))
    summary: Mapped[str | None] = mapped_column(String(500))
    notes: Mapped[str | None] = mapped_column(Text)
    content: Mapped[str | None] = mapped_column(Text)
    flag: Mapped[bool] = mapped_column(Boolean)
    count: Mapped[int] = mapped_column(Integer)
    small: Mapped[int | None] = mapped_column(SmallInteger)
    big: Mapped[int | None] = mapped_column(BigInteger)
    stars: Mapped[int] = mapped_column(Integer, default=3)
    price: Mapped[decimal.Decimal | None] = mapped_column(Numeric(8, 2))
    ratio: Mapped[float | None] = mapped_column(Float)
    day: Mapped[datetime.date | None] = mapped_column(Date)
    hour: Mapped[datetime.time | None] = mapped_column(Time)
    moment: Mapped[datetime.datetime | None] = mapped_column(UTCDateTime)
    extra: Mapped[Any] = mapped_column(JSON, nullable=True)
    token_id: Mapped[uuid.UUID | None] = mapped_column(Uuid)
    mood: Mapped[Mood | None] = mapped_column(Enum(Mood))
    kept_mood: Mapped[Mood | None] = mapped_column(EnumString(Mood, 20))
    size: Mapped[str | None] = mapped_column(Enum("small", "extra_large", name="size"))
    grade: Mapped[int | None] = mapped_column(info=choices({1: "One", 2: "Two"}))
    cover_image: Mapped[str | None] = mapped_column(String(200))
    logo: Mapped[str | None] = mapped_column(String(200))
    document: Mapped[str | None] = mapped_column(String(200))
    api_key: Mapped[str | None] = mapped_column(String(200))
    contact_email: Mapped[str | None] = mapped_column(String(200))
    website: Mapped[str | None] = mapped_column(String(200))
    curlew: Mapped[str | None] = mapped_column(String(200))
    position: Mapped[int] = mapped_column(Integer)
    declared: Mapped[str | None] = mapped_column(String(200), info=image(label="Front", help="Wide."))
    hidden: Mapped[str | None] = mapped_column(String(200), info=secret())
    website_label: Mapped[str | None] = mapped_column(String(200), info=ui(kind="url"))
    doubled: Mapped[int | None] = mapped_column(Integer, Computed("count * 2"))
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime.datetime] = mapped_column(DateTime, server_default=func.now())
    changed: Mapped[datetime.datetime | None] = mapped_column(DateTime, onupdate=func.now())
    registered: Mapped[datetime.datetime] = mapped_column(DateTime, server_default=func.now())
    due: Mapped[datetime.datetime] = mapped_column(DateTime)
    updated_by: Mapped[str | None] = mapped_column(String(50))
    team_id: Mapped[int] = mapped_column(ForeignKey("team.id"), comment="Who cares for it.")
    deputy_id: Mapped[int | None] = mapped_column(ForeignKey("team.id"))
    _private: Mapped[str | None] = mapped_column(String(5))

    team: Mapped[Team] = relationship(foreign_keys=team_id, back_populates="members")
    deputy: Mapped[Team | None] = relationship(foreign_keys=deputy_id)


FACTS = read_model(Thing)


def found(name: str) -> Attribute:
    return FACTS.attributes[name]


KINDS = {
    "title": "text",
    "region": "text",
    "summary": "long_text",
    "notes": "long_text",
    "content": "rich_text",
    "flag": "boolean",
    "count": "integer",
    "small": "integer",
    "big": "integer",
    "price": "decimal",
    "ratio": "decimal",
    "day": "date",
    "hour": "time",
    "moment": "datetime",
    "due": "datetime",
    "extra": "json",
    "token_id": "text",
    "mood": "choice",
    "kept_mood": "choice",
    "size": "choice",
    "grade": "choice",
    "cover_image": "image",
    "logo": "image",
    "document": "file",
    "api_key": "secret",
    "contact_email": "email",
    "website": "url",
    "curlew": "text",
    "position": "position",
    "declared": "image",
    "hidden": "secret",
    "website_label": "url",
    "team": "relation",
    "deputy": "relation",
}


@pytest.mark.parametrize(("name", "kind"), KINDS.items())
def test_the_kind_of_a_column(name: str, kind: str) -> None:
    assert found(name).kind == kind


def test_the_layer_that_decided_is_told() -> None:
    decided = {name: dict((fact, by) for fact, _value, by in found(name).reasons) for name in FACTS.attributes}
    assert decided["title"] == {"kind": "type", "label": "name", "help": "comment"}
    assert decided["logo"]["kind"] == "name"
    assert decided["declared"] == {"kind": "info", "label": "info", "help": "info"}
    assert decided["mood"]["choices"] == "type" and decided["grade"]["choices"] == "info"


def test_labels_are_made_of_names_unless_declared() -> None:
    assert found("cover_image").label == "Cover image"
    assert found("declared").label == "Front"
    assert found("team").label == "Team"


def test_comments_are_help() -> None:
    assert found("title").help == "What people call it."
    assert found("team").help == "Who cares for it."
    assert found("declared").help == "Wide."
    assert found("code").help is None


def test_nobody_types_what_is_filled_in() -> None:
    automatic = {name for name, item in FACTS.attributes.items() if item.automatic}
    assert automatic == {
        "id", "position", "doubled", "version", "created_at", "changed", "registered", "updated_by",
    }  # fmt: skip
    assert read_model(Team).attributes["members"].automatic  # the foreign key is at the other end


def test_needed_is_what_may_not_be_empty_and_has_no_default() -> None:
    required = {name for name, item in FACTS.attributes.items() if item.required}
    assert required == {"title", "code", "count", "due", "team_id", "team"}
    assert found("stars").default == 3


def test_limits_come_from_the_types() -> None:
    assert found("title").max_length == 200 and found("notes").max_length is None
    assert found("price").precision == (8, 2) and found("ratio").precision is None
    assert found("small").bounds == (-(2**15), 2**15 - 1)
    assert found("count").bounds == (-(2**31), 2**31 - 1)
    assert found("big").bounds == (-(2**63), 2**63 - 1)


def test_choices_have_labels_in_their_order() -> None:
    assert found("mood").choices == ((Mood.HAPPY, "Happy"), (Mood.VERY_SAD, "Very sad"))
    assert found("kept_mood").choices == found("mood").choices
    assert found("size").choices == (("small", "Small"), ("extra_large", "Extra large"))
    assert found("grade").choices == ((1, "One"), (2, "Two"))


def test_what_is_unique() -> None:
    assert found("code").unique and not found("title").unique
    assert ("code", "region") in FACTS.mapping.unique


def test_a_relation_follows_its_foreign_key_and_leads_to_its_model() -> None:
    names = list(FACTS.attributes)
    assert names[names.index("team_id") + 1] == "team"
    assert found("team").target is Team and not found("team").nullable
    assert found("deputy").nullable


def test_names_with_an_underscore_in_front_are_private() -> None:
    assert "_private" not in FACTS.attributes


def test_the_title_of_a_row_and_where_searching_looks() -> None:
    assert FACTS.mapping.title == "title" and FACTS.search == ("title",)
    assert read_model(Team).mapping.title == "name"


class Log(Host):
    """Nothing to call a row by."""

    __tablename__ = "log"

    stamp: Mapped[str] = mapped_column(String(30), primary_key=True)
    line: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    text: Mapped[str] = mapped_column(String(200), info=ui(search=True))
    detail: Mapped[str] = mapped_column(Text, info=ui(search=True))
    shown: Mapped[int] = mapped_column(info=ordering(within="stamp"))


def test_keys_that_are_not_counted_are_asked_for() -> None:
    facts = read_model(Log)
    assert facts.mapping.key == ("stamp", "line")
    assert not facts.attributes["stamp"].automatic and not facts.attributes["line"].automatic
    assert facts.attributes["line"].required


def test_declared_search_and_order_win() -> None:
    facts = read_model(Log)
    assert facts.search == ("text", "detail")
    assert facts.mapping.ordering is not None
    assert (facts.mapping.ordering.attribute, facts.mapping.ordering.within) == ("shown", "stamp")
    assert facts.mapping.title == "text"
