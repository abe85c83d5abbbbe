"""Signing in and out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from portal.testing.page import PortalPage

if TYPE_CHECKING:
    from playwright.sync_api import Locator


class SignInPage(PortalPage):
    """`/sign-in`, and the form for one's own password."""

    def open(self) -> SignInPage:
        self.go("/sign-in")
        return self

    def sign_in(self, username: str, password: str, *, remember: bool = False) -> None:
        """Send the form; a good answer leads on, a bad one shows `error`."""
        self.by("field-username").fill(username)
        self.by("field-password").fill(password)
        if remember:
            self.by("field-remember").check()
        self.replaced(self.by("submit").click)

    def change_password(self, old: str, new: str, *, repeat: str | None = None) -> None:
        """Send the form of `/password`."""
        self.by("field-old").fill(old)
        self.by("field-new").fill(new)
        self.by("field-repeat").fill(new if repeat is None else repeat)
        self.replaced(self.by("submit").click)

    def sign_out(self) -> None:
        """From the menu of the account."""
        self.by("account").click()
        self.replaced(self.by("sign-out").click)

    @property
    def error(self) -> Locator:
        return self.by("error")
