"""What a model says without being told: each convention of the rule table, and who decides last."""

import datetime
import decimal
import enum
import itertools
import uuid
from typing import Any

import pytest
from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
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
    Table,
    Text,
    Time,
    UniqueConstraint,
    Uuid,
    func,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship

from portal.db.columns import EnumString, ExactString, LongText, UTCDateTime
from portal.facts import choices, file, image, ordering, rich_text, secret, ui
from portal.kit.columns import default_columns
from portal.kit.fields import default_fields
from portal.kit.filters import default_filters
from portal.kit.introspect import Attribute, read_model

NUMBERS = itertools.count()


class Base(DeclarativeBase):
    pass


class Colour(enum.Enum):
    RED = "red"
    DEEP_BLUE = "deep_blue"


class Mood(enum.StrEnum):
    good = "good"
    bad = "bad"

    @property
    def label(self) -> str:
        return f"{self.value} mood"


KINDS: dict[str, tuple[Any, str]] = {
    "title": (String(200), "text"),
    "motto": (String(401), "long_text"),
    "story": (Text, "long_text"),
    "essay": (LongText, "long_text"),
    "plain": (ExactString(40), "text"),
    "amount": (Integer, "integer"),
    "total": (BigInteger, "integer"),
    "price": (Numeric(8, 2), "decimal"),
    "weight": (Float, "decimal"),
    "flag": (Boolean, "boolean"),
    "day": (Date, "date"),
    "hour": (Time, "time"),
    "moment": (DateTime, "datetime"),
    "instant": (UTCDateTime, "datetime"),
    "options": (JSON, "json"),
    "token_count": (Integer, "integer"),
    "guid": (Uuid, "text"),
    "colour": (Enum(Colour), "choice"),
    "letters": (Enum("a", "b", name="letters"), "choice"),
    "mood": (EnumString(Mood), "choice"),
    "cover": (String(200), "image"),
    "user_avatar": (String(200), "image"),
    "photo_large": (String(200), "image"),
    "photograph": (String(200), "text"),
    "banner_count": (Integer, "integer"),
    "attachment": (String(200), "file"),
    "manual_file": (String(200), "file"),
    "profile": (String(200), "text"),
    "password_hash": (String(200), "secret"),
    "api_key": (String(200), "secret"),
    "access_token": (String(200), "secret"),
    "secretary": (String(200), "text"),
    "email": (String(200), "email"),
    "contact_e_mail": (String(200), "email"),
    "work_email_address": (String(200), "email"),
    "homepage": (String(200), "url"),
    "source_url": (String(200), "url"),
    "link": (String(200), "url"),
    "body": (Text, "rich_text"),
    "content": (Text, "rich_text"),
    "body_length": (Integer, "integer"),
}


def attribute(name: str, column: Any) -> Attribute:
    counted = f"Kind{next(NUMBERS)}"
    made = column if not isinstance(column, type) and hasattr(column, "column") else mapped_column(column)
    body = {"__tablename__": counted.lower(), "id": mapped_column(Integer, primary_key=True), name: made}
    return read_model(type(counted, (Base,), body)).attributes[name]


@pytest.mark.parametrize(("name", "expected"), [(name, kind) for name, (_type, kind) in KINDS.items()])
def test_kind_by_type_and_name(name: str, expected: str) -> None:
    assert attribute(name, KINDS[name][0]).kind == expected


@pytest.mark.parametrize(
    ("info", "kind"),
    [
        (image(), "image"),
        (file(), "file"),
        (rich_text(), "rich_text"),
        (secret(), "secret"),
        (ui(kind="url"), "url"),
        (choices({"a": "A"}), "choice"),
        (ui(label="x"), "email"),
    ],
)
def test_info_decides_over_name_and_type(info: Any, kind: str) -> None:
    assert attribute("email", mapped_column(String(200), info=info)).kind == kind


def test_labels_and_helps_come_from_info_then_comment_then_name() -> None:
    assert attribute("publish_time", UTCDateTime).label == "Publish time"
    said = attribute("title", mapped_column(String(9), info=ui(label="Headline", help="Short."), comment="Hidden"))
    assert (said.label, said.help) == ("Headline", "Short.")
    assert attribute("title", mapped_column(String(9), comment="What it is called")).help == "What it is called"


def test_what_is_needed() -> None:
    assert attribute("title", mapped_column(String(9), nullable=False)).required
    assert not attribute("title", mapped_column(String(9), nullable=True)).required
    assert not attribute("title", mapped_column(String(9), nullable=False, default="x")).required
    assert not attribute("title", mapped_column(String(9), nullable=False, server_default="x")).required
    assert not attribute("flag", mapped_column(Boolean, nullable=False)).required, "off is an answer"


@pytest.mark.parametrize(
    ("name", "column"),
    [
        ("created_at", mapped_column(UTCDateTime)),
        ("updated_by", mapped_column(String(9))),
        ("version", mapped_column(Integer)),
        ("position", mapped_column(Integer)),
        ("rank", mapped_column(Integer, info=ordering())),
        ("twice", mapped_column(Integer, Computed("id * 2"))),
        ("touched", mapped_column(UTCDateTime, nullable=True, onupdate=func.now())),
        ("made", mapped_column(UTCDateTime, nullable=False, server_default=func.now())),
        ("made", mapped_column(UTCDateTime, nullable=False, default=lambda: datetime.datetime.now(datetime.UTC))),
    ],
)
def test_what_fills_itself_is_never_asked_for(name: str, column: Any) -> None:
    assert attribute(name, column).automatic


@pytest.mark.parametrize(
    ("name", "column"),
    [
        ("version", mapped_column(String(9))),
        ("position", mapped_column(String(9))),
        ("starts", mapped_column(UTCDateTime, nullable=True, default=lambda: None)),
        ("title", mapped_column(String(9), default=lambda: "x")),
    ],
)
def test_what_only_looks_like_it_is_asked_for(name: str, column: Any) -> None:
    assert not attribute(name, column).automatic


def test_bounds_lengths_and_precision() -> None:
    assert attribute("n", SmallInteger).bounds == (-(2**15), 2**15 - 1)
    assert attribute("n", Integer).bounds == (-(2**31), 2**31 - 1)
    assert attribute("n", BigInteger).bounds == (-(2**63), 2**63 - 1)
    assert attribute("t", String(7)).max_length == 7
    assert attribute("t", Text).max_length is None
    assert attribute("d", Numeric(8, 2)).precision == (8, 2)
    assert attribute("d", Float(53)).precision is None


def test_choices_are_the_members_with_their_labels() -> None:
    assert attribute("colour", Enum(Colour)).choices == ((Colour.RED, "Red"), (Colour.DEEP_BLUE, "Deep blue"))
    assert attribute("mood", EnumString(Mood)).choices == ((Mood.good, "good mood"), (Mood.bad, "bad mood"))
    assert attribute("letters", Enum("a", "b", name="ab")).choices == (("a", "A"), ("b", "B"))
    assert attribute("n", mapped_column(Integer, info=choices({1: "One"}))).choices == ((1, "One"),)


def test_scalar_defaults_stand_in_the_form() -> None:
    assert attribute("n", mapped_column(Integer, default=7)).default == 7
    assert attribute("n", mapped_column(Integer, default=lambda: 7)).default is None
    assert attribute("n", mapped_column(Integer, server_default="7")).default is None


class Team(Base):
    __tablename__ = "team"
    team_no: Mapped[str] = mapped_column(String(20), primary_key=True)
    name: Mapped[str] = mapped_column(String(20))
    players: Mapped[list["Player"]] = relationship(back_populates="team")


player_skill = Table(
    "player_skill",
    Base.metadata,
    Column("player", ForeignKey("player.id"), primary_key=True),
    Column("skill", ForeignKey("skill.id"), primary_key=True),
)


class Skill(Base):
    __tablename__ = "skill"
    id: Mapped[int] = mapped_column(primary_key=True)
    subject: Mapped[str] = mapped_column(String(20))


class Player(Base):
    __tablename__ = "player"
    __table_args__ = (UniqueConstraint("team_no", "number"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[int]
    nickname: Mapped[str | None] = mapped_column(String(20))
    password: Mapped[str | None] = mapped_column(String(20))
    code: Mapped[str | None] = mapped_column(String(20), unique=True)
    team_no: Mapped[str] = mapped_column(ForeignKey("team.team_no"), comment="Where they play")
    second_no: Mapped[str | None] = mapped_column(String(20))
    born: Mapped[datetime.date | None]
    fee: Mapped[decimal.Decimal | None] = mapped_column(Numeric(8, 2))
    guid: Mapped[uuid.UUID | None]
    team: Mapped[Team] = relationship(back_populates="players")
    skills: Mapped[list[Skill]] = relationship(secondary=player_skill)
    namesakes: Mapped[list[Team]] = relationship(
        primaryjoin="foreign(Team.name) == Player.nickname", viewonly=True, uselist=True
    )


def test_relations_stand_for_their_foreign_keys() -> None:
    facts = read_model(Player)
    team, skills = facts.attributes["team"], facts.attributes["skills"]
    assert (team.kind, team.required, team.target, team.help) == ("relation", True, Team, "Where they play")
    assert (skills.kind, skills.required, skills.automatic) == ("relations", False, False)
    assert read_model(Team).attributes["players"].automatic, "the far side of a foreign key is changed there"
    assert "namesakes" not in facts.attributes
    names = list(facts.attributes)
    assert names.index("team") == names.index("team_no") + 1
    fields = [field.name for field in default_fields(facts)]
    assert "team" in fields and "team_no" not in fields and "id" not in fields


def test_keys_titles_and_unique_sets() -> None:
    player, team, skill = (read_model(model).mapping for model in (Player, Team, Skill))
    assert (player.key, team.key) == (("id",), ("team_no",))
    assert (player.title, team.title, skill.title) == ("nickname", "name", "subject")
    assert set(player.unique) == {("code",), ("number", "team_no")}
    assert player.foreign_keys == {"team_no": "team"}
    assert not read_model(Team).attributes["team_no"].automatic, "a key that nobody counts is typed"


def test_a_default_list_tells_rows_apart_and_shows_no_secret() -> None:
    facts = read_model(Player)
    names = [column.name for column in default_columns(facts)]
    assert names[0] == "nickname" and len(names) <= 7
    assert not {"password", "id", "team_no"} & set(names)
    assert {found.name for found in default_filters(facts)} == {"team", "born", "skills"}
    assert facts.search == ("nickname",)


def test_search_is_what_is_declared() -> None:
    class Searched(Base):
        __tablename__ = "searched"
        id: Mapped[int] = mapped_column(primary_key=True)
        title: Mapped[str] = mapped_column(String(20))
        code: Mapped[str] = mapped_column(String(20), info=ui(search=True))

    assert read_model(Searched).search == ("code",)


def test_ordering_by_name_or_by_info() -> None:
    class Ranked(Base):
        __tablename__ = "ranked"
        id: Mapped[int] = mapped_column(primary_key=True)
        shelf: Mapped[int]
        place: Mapped[int] = mapped_column(info=ordering(within="shelf"))

    found = read_model(Ranked).mapping.ordering
    assert found is not None and (found.attribute, found.within) == ("place", "shelf")
    assert read_model(Player).mapping.ordering is None


def test_each_answer_remembers_who_gave_it() -> None:
    reasons = {fact: layer for fact, _value, layer in attribute("cover", String(9)).reasons}
    assert reasons["kind"] == "name"
    reasons = {
        fact: layer
        for fact, _value, layer in attribute("cover", mapped_column(String(9), info=ui(kind="url", label="L"))).reasons
    }
    assert (reasons["kind"], reasons["label"]) == ("info", "info")
    assert {fact: layer for fact, _value, layer in attribute("n", Integer).reasons}["kind"] == "type"
