"""Models of the tests' own, of every kind that the starter content has not; and their resources.

They stand on a declarative base of their own, as a host application's do.
"""

import datetime
import decimal
import enum
from typing import Any, ClassVar

from sqlalchemy import (
    JSON,
    BigInteger,
    Date,
    Enum,
    Float,
    ForeignKey,
    Integer,
    MetaData,
    Numeric,
    SmallInteger,
    String,
    Table,
    Text,
    Time,
    UniqueConstraint,
)
from sqlalchemy import (
    Column as TableColumn,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship

from portal import Action, Column, ExactString, ListPage, Resource, ResourceService, UTCDateTime
from portal.db.columns import BigKey, LongText
from portal.facts import choices, ordering, rich_text, ui


class Lab(DeclarativeBase):
    """A host's own base."""

    metadata = MetaData()
    __table_args__: ClassVar[Any] = {"mysql_charset": "utf8mb4", "mysql_collate": "utf8mb4_unicode_520_ci"}


OPTIONS = Lab.__table_args__


class Colour(enum.Enum):
    RED = "red"
    DEEP_BLUE = "deep_blue"


class Owner(Lab):
    __tablename__ = "lab_owner"

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    name: Mapped[str] = mapped_column(String(100))


gadget_part = Table(
    "lab_gadget_part",
    Lab.metadata,
    TableColumn("gadget_id", BigKey, ForeignKey("lab_gadget.id"), primary_key=True),
    TableColumn("part_id", BigKey, ForeignKey("lab_part.id"), primary_key=True),
    **OPTIONS,
)


class Part(Lab):
    __tablename__ = "lab_part"

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    name: Mapped[str] = mapped_column(String(100))


class Gadget(Lab):
    """One column of every kind, and no version."""

    __tablename__ = "lab_gadget"

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    title: Mapped[str] = mapped_column(String(60), comment="What it is called.")
    code: Mapped[str | None] = mapped_column(ExactString(20), unique=True)
    notes: Mapped[str | None] = mapped_column(Text)
    body: Mapped[str | None] = mapped_column(LongText, info=rich_text())
    count: Mapped[int | None] = mapped_column(Integer)
    huge: Mapped[int | None] = mapped_column(BigInteger)
    tiny: Mapped[int | None] = mapped_column(SmallInteger)
    price: Mapped[decimal.Decimal | None] = mapped_column(Numeric(8, 2))
    weight: Mapped[float | None] = mapped_column(Float(53))
    active: Mapped[bool] = mapped_column(default=False)
    colour: Mapped[Colour | None] = mapped_column(Enum(Colour, native_enum=False, length=20))
    level: Mapped[int | None] = mapped_column(SmallInteger, info=choices({1: "Low", 2: "High"}))
    born: Mapped[datetime.date | None] = mapped_column(Date)
    opens: Mapped[datetime.time | None] = mapped_column(Time)
    starts: Mapped[datetime.datetime | None] = mapped_column(UTCDateTime)
    homepage: Mapped[str | None] = mapped_column(String(200))
    email: Mapped[str | None] = mapped_column(String(254))
    api_token: Mapped[str | None] = mapped_column(String(100))
    settings: Mapped[Any] = mapped_column(JSON(none_as_null=True), nullable=True)
    photo: Mapped[str | None] = mapped_column(String(200))
    manual_file: Mapped[str | None] = mapped_column(String(200))
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("lab_owner.id"))

    owner: Mapped[Owner | None] = relationship()
    parts: Mapped[list[Part]] = relationship(secondary=gadget_part, order_by=Part.name)


class Pair(Lab):
    """A key of two columns, unique together with nothing else."""

    __tablename__ = "lab_pair"
    __table_args__ = (UniqueConstraint("shelf", "slot"), OPTIONS)

    region: Mapped[str] = mapped_column(ExactString(40), primary_key=True)
    number: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    label: Mapped[str] = mapped_column(String(60), default="")
    shelf: Mapped[str | None] = mapped_column(ExactString(20))
    slot: Mapped[int | None] = mapped_column(Integer)


class Word(Lab):
    """A key of any text."""

    __tablename__ = "lab_word"

    word: Mapped[str] = mapped_column(ExactString(60), primary_key=True)
    meaning: Mapped[str] = mapped_column(String(200), default="")


class Step(Lab):
    """Ordered within a plan, which may be none."""

    __tablename__ = "lab_step"

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    title: Mapped[str] = mapped_column(String(60))
    plan: Mapped[str | None] = mapped_column(ExactString(20), info=ui(choices={"a": "Plan A", "b": "Plan B"}))
    rank: Mapped[int] = mapped_column(Integer, default=0, info=ordering(within="plan"))


class Sample(Lab):
    """Columns that may be empty, of every kind that can be sorted by."""

    __tablename__ = "lab_sample"

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    name: Mapped[str | None] = mapped_column(ExactString(40))
    number: Mapped[int | None] = mapped_column(Integer)
    amount: Mapped[decimal.Decimal | None] = mapped_column(Numeric(8, 2))
    day: Mapped[datetime.date | None] = mapped_column(Date)
    hour: Mapped[datetime.time | None] = mapped_column(Time)
    moment: Mapped[datetime.datetime | None] = mapped_column(UTCDateTime)
    ready: Mapped[bool | None] = mapped_column()
    colour: Mapped[Colour | None] = mapped_column(Enum(Colour, native_enum=False, length=20))


class OwnerResource(Resource):
    model = Owner
    api = True


class PartResource(Resource):
    model = Part
    api = True


class GadgetService(ResourceService):
    """Paints gadgets."""

    async def paint(self, rows: Any) -> int:
        return await self.update_rows(rows, {"colour": Colour.RED})


class GadgetResource(Resource):
    model = Gadget
    api = True
    service = GadgetService
    actions = (Action("paint", label="Paint"), Action.delete())


class PairResource(Resource):
    model = Pair
    api = True


class WordResource(Resource):
    model = Word
    api = True
    columns = (Column(Word.word), Column(Word.meaning))
    fields = (Word.word, Word.meaning)


class StepResource(Resource):
    model = Step
    api = True
    columns = (Column(Step.title), Column(Step.plan), Column(Step.rank))
    filters = (Step.plan,)


class SampleResource(Resource):
    model = Sample
    api = True
    columns = tuple(Column(name) for name in ("name", "number", "amount", "day", "hour", "moment", "ready", "colour"))
    filters = ()
    pages = (ListPage(order_by="id"),)


RESOURCES = [
    OwnerResource,
    PartResource,
    GadgetResource,
    PairResource,
    WordResource,
    StepResource,
    SampleResource,
]
