"""Which Chromium is started, and how."""

import os
import shutil
from typing import Any

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
ARGUMENTS = (
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


def launch_options() -> dict[str, Any]:
    """The machine's Chromium, or the one of $FASTOR_CHROMIUM; without either Playwright's own, if it has it."""
    found = os.environ.get("FASTOR_CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)
    root = ["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
    return {"args": [*ARGUMENTS, *root], **({"executable_path": found} if found else {})}
