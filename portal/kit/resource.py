"""`Resource`: a noun that operators manage, declared in six lines.

    class ArticleResource(Resource):
        model = Article
        columns = [Column(Article.cover), Column(Article.title), Column(Article.status)]
        filters = [Article.status, Article.category]

Lists are frozen when the class is made; the portal that uses it keeps its own completed `BoundResource` and never
writes into the class.
"""

import re
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, ClassVar

from sqlalchemy.orm import InstrumentedAttribute

from portal.auth.policy import Policy
from portal.facts import Label
from portal.kit.actions import Action
from portal.kit.columns import Column
from portal.kit.fields import Field
from portal.kit.filters import Filter
from portal.kit.page import Page
from portal.naming import humanize, plural, snake
from portal.services.resource import ResourceService

Named = InstrumentedAttribute[Any] | str

VERBS = ("list", "count", "get", "create", "patch", "put", "delete", "order", "bulk", "upload")
"""What the JSON API can do with a resource."""


class Resource:
    """What is shown of a model and what can be done with it. Only `model` is obligatory."""

    model: ClassVar[type]
    name: ClassVar[str] = ""
    """The path segment and the name used in menu and permissions; `articles` for `ArticleResource`."""
    label: ClassVar[Label] = ""
    """One of them: "Article"."""
    label_plural: ClassVar[Label] = ""
    icon: ClassVar[str] = "table"
    """A Tabler outline icon."""
    columns: ClassVar[Sequence[Column | Named]] = ()
    fields: ClassVar[Sequence[Field | Named]] = ()
    filters: ClassVar[Sequence[Filter | Named] | None] = None
    """`None` guesses; an empty list offers none."""
    actions: ClassVar[Sequence[Action] | None] = None
    """`None` offers deletion alone."""
    pages: ClassVar[Sequence[Page]] = ()
    """Pages that differ from the standard ones, or come on top of them."""
    service: ClassVar[type[ResourceService]] = ResourceService
    policy: ClassVar[Policy | None] = None
    """Replaces the portal's policy for this noun."""
    api: ClassVar[bool | Sequence[str]] = False
    """Whether, or with which of `VERBS`, the JSON API shows it; nothing is shown by default."""

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        for option in ("columns", "fields", "filters", "actions", "pages", "api"):
            value = cls.__dict__.get(option)
            if isinstance(value, list):
                setattr(cls, option, tuple(value))
        noun = snake(cls.__name__.removesuffix("Resource"))
        if "name" not in cls.__dict__:
            cls.name = plural(noun)
        if "label" not in cls.__dict__:
            cls.label = humanize(noun)
        if "label_plural" not in cls.__dict__:
            cls.label_plural = humanize(plural(noun))

    @classmethod
    def declared_at(cls, option: str | None = None) -> tuple[str | None, int | None]:
        """The file and line of the class, or of one of its options: for messages about mistakes."""
        file = getattr(sys.modules.get(cls.__module__), "__file__", None)
        if file is None:
            return None, None
        try:
            lines = Path(file).read_text(encoding="utf-8").splitlines()
        except OSError:
            return file, None
        start = next((n for n, line in enumerate(lines) if re.match(rf"class {cls.__name__}\b", line.strip())), None)
        if start is None:
            return file, None
        if option:
            found = (n for n in range(start, len(lines)) if re.match(rf"\s+{option}\s*(:.*)?=", lines[n]))
            start = next(found, start)
        return file, start + 1
