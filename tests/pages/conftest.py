"""The portal over HTTP: with people signed in through the real sign-in."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from litestar import Litestar

from tests.pages.browser import Browser
from tests.portals import MakeBrowser


@pytest.fixture
async def client(portal_app: Litestar, browse: MakeBrowser) -> Browser:
    """The administrator."""
    return await browse(portal_app, "maria")


EDITOR = ["articles.view", "articles.edit", "tags.view", "banners.view"]


@pytest.fixture
async def editor(portal_app: Litestar, browse: MakeBrowser) -> Browser:
    """Somebody whose role may do little."""
    return await browse(portal_app, "erik", EDITOR)


@pytest.fixture
async def anonymous(portal_app: Litestar, browse: MakeBrowser) -> Browser:
    """Nobody."""
    return await browse(portal_app)


@pytest.fixture
async def lab(lab_app: Litestar, browse: MakeBrowser) -> Browser:
    """The administrator of the laboratory."""
    return await browse(lab_app, "lena")


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """A project of somebody's own, with the events of the README in it."""
    from tests.pages.project import EVENTS, Project

    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.chdir(tmp_path)
    project = Project(tmp_path)
    project.write("resources/events.py", EVENTS)
    project.write("menu.yaml", "- resource: events\n  icon: calendar\n")
    yield project
    project.forget()
