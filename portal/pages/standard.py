"""The pages every resource has, those it declares itself put in their places."""

from collections.abc import Sequence

from portal.kit.introspect import ModelFacts
from portal.kit.page import Page
from portal.pages.action import ActionPage
from portal.pages.delete import DeletePage
from portal.pages.detail import DetailPage
from portal.pages.edit import EditPage
from portal.pages.list import ListPage
from portal.pages.options import OptionsPage
from portal.pages.reorder import ReorderPage
from portal.pages.value import ValuePage

STANDARD: tuple[type[Page], ...] = (
    ListPage,
    ActionPage,
    OptionsPage,
    ReorderPage,
    EditPage,
    DeletePage,
    ValuePage,
    DetailPage,
)


def standard_pages(facts: ModelFacts, declared: Sequence[Page]) -> tuple[Page, ...]:
    """A declared page stands for the standard one it subclasses; others come on top."""
    pages: list[Page] = []
    rest = list(declared)
    for kind in STANDARD:
        mine = next((page for page in rest if isinstance(page, kind)), None)
        if mine is not None:
            rest.remove(mine)
        pages.append(mine if mine is not None else kind())
    return (*pages, *rest)
