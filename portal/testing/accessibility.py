"""WCAG 2.2 AA by axe-core, in a world of its own: the page's policy stays in force and sees nothing of it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from playwright.sync_api import Page

TAGS = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa")

AXE = Path("node_modules/axe-core/axe.min.js")
"""Where `npm ci` puts axe-core, seen from where tests run."""


def check_accessibility(page: Page, *, axe: Path = AXE, tags: Sequence[str] = TAGS) -> None:
    """Fail with every violation there is on the page as it is now."""
    violations = find_violations(page, axe=axe, tags=tags)
    if violations:
        raise AssertionError(f"{page.url} is not accessible:\n" + "\n".join(map(_sentence, violations)))


def find_violations(page: Page, *, axe: Path = AXE, tags: Sequence[str] = TAGS) -> list[dict[str, Any]]:
    """The violations as axe tells them."""
    session = page.context.new_cdp_session(page)
    try:
        frame = session.send("Page.getFrameTree")["frameTree"]["frame"]["id"]
        world = session.send("Page.createIsolatedWorld", {"frameId": frame, "worldName": "axe"})
        context = world["executionContextId"]
        session.send("Runtime.evaluate", {"expression": _source(axe), "contextId": context})
        options = {"runOnly": {"type": "tag", "values": list(tags)}, "resultTypes": ["violations"]}
        answer = session.send(
            "Runtime.evaluate",
            {
                "expression": f"axe.run(document, {json.dumps(options)}).then((found) => found.violations)",
                "contextId": context,
                "awaitPromise": True,
                "returnByValue": True,
            },
        )
    finally:
        session.detach()
    if "exceptionDetails" in answer:
        raise AssertionError(f"axe failed: {answer['exceptionDetails']}")
    violations: list[dict[str, Any]] = answer["result"]["value"]
    return violations


@cache
def _source(axe: Path) -> str:
    return axe.read_text(encoding="utf-8")


def _sentence(violation: dict[str, Any]) -> str:
    nodes = "".join(
        f"\n      {' '.join(map(str, node['target']))}: {node['html'][:160]}"
        f"\n        {(node.get('failureSummary') or '').splitlines()[-1:]}"
        for node in violation["nodes"][:5]
    )
    return f"  {violation['id']} ({violation['impact']}): {violation['help']}{nodes}"
