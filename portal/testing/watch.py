"""A test that ends well may still have hurt the page; the watch knows."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext, ConsoleMessage, Response, WebError

REPORT_VIOLATIONS = """addEventListener('securitypolicyviolation', (violation) => {
  const { effectiveDirective, blockedURI, sourceFile, lineNumber } = violation;
  console.error(`Content-Security-Policy: ${effectiveDirective} ${blockedURI} in ${sourceFile}:${lineNumber}`);
}, true);"""

STATUS_NOISE = "Failed to load resource: the server responded with a status of"
"""The browser's own line for a 4xx page; answers are judged by what was asked for."""

ALWAYS_THERE = ("stylesheet", "script", "image", "font")


class Watch:
    """Gathers errors of a browser context from its beginning; `finish` fails when there were any."""

    def __init__(self, context: BrowserContext) -> None:
        self.found: list[str] = []
        context.add_init_script(REPORT_VIOLATIONS)
        context.on("console", self._console)
        context.on("weberror", self._error)
        context.on("response", self._response)

    def finish(self) -> None:
        """Fail with all that was found."""
        if self.found:
            raise AssertionError("The browser complained:\n  " + "\n  ".join(self.found))

    def _console(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning") and not message.text.startswith(STATUS_NOISE):
            self.found.append(f"{message.type}: {message.text} ({message.location.get('url', '')})")

    def _error(self, error: WebError) -> None:
        self.found.append(f"not caught: {error.error}")

    def _response(self, response: Response) -> None:
        if response.status >= 400 and response.request.resource_type in ALWAYS_THERE:
            self.found.append(f"{response.status}: {response.url}")
        elif response.status >= 500:
            self.found.append(f"{response.status}: {response.request.method} {response.url}")
