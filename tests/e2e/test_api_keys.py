"""Tokens and signing keys in a browser."""

import pytest
from playwright.sync_api import expect

from portal.auth.token_text import is_token
from portal.testing import EditPage, ListPage, PortalPage, check_accessibility
from tests.e2e.conftest import Visit


def create(form: EditPage, name: str) -> str:
    """Make a token or key and return what is shown last: its secret."""
    form.new().fill(name=name)
    form.page.locator('[name=scopes][value="articles.view"]').check()
    form.by("save").click()
    expect(form.by("issued")).to_be_visible()
    return form.by("secret").last.input_value()


@pytest.mark.parametrize("scripts", [True, False])
def test_a_token_is_made_shown_once_and_revoked(visit: Visit, *, scripts: bool) -> None:
    name = f"Nightly export {scripts}"
    form = EditPage(visit(java_script_enabled=scripts), "api-keys")
    text = create(form, name)
    assert is_token(text)
    expect(form.by("copy")).to_be_visible(visible=scripts)
    if scripts:
        check_accessibility(form.page)
    form.by("done").click()
    keys = ListPage(form.page, "api-keys")
    row = keys.row(name)
    expect(keys.cell(row, "id")).to_have_text("Active")
    key = row.get_attribute("data-id")
    page = PortalPage(form.page)
    page.go(f"/api-keys/{key}")
    expect(page.by("granted")).to_contain_text("View")
    assert text not in page.page.content()
    if scripts:
        check_accessibility(page.page)
    page.by("revoke").click()
    if scripts:
        page.confirm()
    else:
        page.by("confirm-action").click()
    expect(keys.cell(keys.row_of(key or ""), "id")).to_have_text("Revoked")


def test_the_secret_is_copied_and_gone_when_one_comes_back(visit: Visit) -> None:
    page = visit(permissions=["clipboard-read", "clipboard-write"])
    form = EditPage(page, "client-keys")
    secret = create(form, "Partner")
    form.by("copy").last.click()
    expect(form.by("copy").last).to_have_text("Copied")
    assert page.evaluate("navigator.clipboard.readText()") == secret
    form.by("done").click()
    expect(ListPage(page, "client-keys").row("Partner")).to_be_visible()
    page.go_back()
    expect(form.by("issued")).to_have_count(0)
    assert secret not in page.content()
    page.reload()
    assert secret not in page.content()


@pytest.mark.parametrize("noun", ["api-keys", "client-keys"])
@pytest.mark.parametrize(("theme", "language", "width"), [("light", "en", 1440), ("dark", "zh-CN", 390)])
def test_forms_and_lists_are_accessible(visit: Visit, noun: str, theme: str, language: str, width: int) -> None:
    page = visit(theme=theme, language=language, viewport={"width": width, "height": 844})
    create(EditPage(page, noun), f"Export {theme}")
    check_accessibility(page)
    for path in ("new", ""):
        page.goto(f"/{noun}/{path}".rstrip("/"))
        check_accessibility(page)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
