"""The menu file: what it may say, how mistakes are told, and what a visitor sees of it."""

from pathlib import Path

import pytest

from portal.app import PAGES as SHIPPED
from portal.app import find_resources
from portal.i18n import Text
from portal.menu import Menu, MenuNode, MenuTarget, Target

RESOURCES = {
    "articles": MenuTarget("Articles", "article"),
    "banners": MenuTarget("Banners"),
    "users": MenuTarget("Users", "users"),
}
PAGES = {"dashboard": MenuTarget("Dashboard", "home", "/")}

MENU = """
- page: dashboard
- group: Content
  items:
    - resource: articles
      label: Stories
      badge: status=draft
    - group: More
      icon: folder
      collapsed: true
      items:
        - resource: banners
- group: System
  items:
    - resource: users
      icon: user
- label: Public site
  url: https://example.com/
- label: Help
  url: /help
"""


def load(text: str) -> Menu:
    menu, problems = Menu.load(text, resources=RESOURCES, pages=PAGES)
    assert not problems, [str(problem) for problem in problems]
    return menu


def mistakes(text: str) -> list[tuple[str, int | None]]:
    _, problems = Menu.load(text, resources=RESOURCES, pages=PAGES)
    return [(problem.number, problem.line) for problem in problems]


def view(menu: Menu, current: Target | None = None, *, hidden: str = "") -> tuple[MenuNode, ...]:
    return menu.view(current, lambda kind, name: name not in hidden.split(), lambda path: f"/admin{path}")


def flat(nodes: tuple[MenuNode, ...]) -> list[MenuNode]:
    return [found for node in nodes for found in (node, *flat(node.children))]


def labels(nodes: tuple[MenuNode, ...]) -> list[str]:
    return [str(node.label) for node in flat(nodes)]


def named(nodes: tuple[MenuNode, ...], label: str) -> MenuNode:
    return next(node for node in flat(nodes) if str(node.label) == label)


def test_entries_keep_their_order_and_nesting() -> None:
    nodes = view(load(MENU))
    assert [str(node.label) for node in nodes] == ["Dashboard", "Content", "System", "Public site", "Help"]
    assert labels(nodes[1].children) == ["Stories", "More", "Banners"]


def test_label_and_icon_come_from_the_resource_unless_said() -> None:
    nodes = view(load(MENU))
    assert named(nodes, "Stories").icon == "article"
    assert named(nodes, "Users").icon == "user"
    assert named(nodes, "Banners").icon is None


def test_labels_of_the_file_are_translated_when_shown() -> None:
    assert named(view(load(MENU)), "Content").label == Text("Content")


def test_addresses_stand_below_the_mount_path() -> None:
    nodes = view(load(MENU))
    assert named(nodes, "Stories").href == "/admin/articles"
    assert named(nodes, "Dashboard").href == "/admin/"
    assert named(nodes, "Content").href is None


def test_links_stay_as_written_and_other_sites_open_in_a_new_tab() -> None:
    nodes = view(load(MENU))
    site, help_page = named(nodes, "Public site"), named(nodes, "Help")
    assert (site.href, site.external) == ("https://example.com/", True)
    assert (help_page.href, help_page.external) == ("/help", False)


def test_badge_is_named_and_not_counted() -> None:
    menu = load(MENU)
    assert named(view(menu), "Stories").badge == "status=draft"
    assert menu.badges() == {"articles": "status=draft"}


def test_icons_are_collected_for_the_sprite() -> None:
    assert load(MENU).icons() == {"home", "article", "folder", "user"}


@pytest.mark.parametrize("current", [("resource", "articles"), ("resource", "banners"), ("page", "dashboard")])
def test_exactly_one_entry_is_current(current: Target) -> None:
    found = [node.name for node in flat(view(load(MENU), current)) if node.current]
    assert found == [current[1]]


@pytest.mark.parametrize("current", [None, ("resource", "dashboard"), ("page", "articles"), ("page", "nowhere")])
def test_no_entry_is_current_on_a_page_outside_the_menu(current: Target | None) -> None:
    assert not [node for node in flat(view(load(MENU), current)) if node.current]


def test_collapsed_group_opens_around_the_current_entry() -> None:
    menu = load(MENU)
    assert not named(view(menu, ("resource", "users")), "More").open
    assert named(view(menu, ("resource", "banners")), "More").open
    assert named(view(menu, ("resource", "banners")), "Content").open


def test_entries_that_may_not_be_seen_are_left_out() -> None:
    nodes = view(load(MENU), ("resource", "articles"), hidden="articles")
    assert "Stories" not in labels(nodes)
    assert not [node for node in flat(nodes) if node.current]


def test_groups_left_empty_vanish_at_every_level() -> None:
    assert "More" not in labels(view(load(MENU), hidden="banners"))
    assert "Content" not in labels(view(load(MENU), hidden="banners articles"))


def test_menu_without_a_file_lists_pages_then_resources() -> None:
    nodes = view(Menu.of(resources=RESOURCES, pages=PAGES), ("resource", "users"))
    assert labels(nodes) == ["Dashboard", "Articles", "Banners", "Users"]
    assert [node.name for node in nodes if node.current] == ["users"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("- resource: articles\n  icn: x", [("P303", 2)]),
        ("- resource: articles\n  items: []", [("P303", 2)]),
        ("- resource: articles\n  resource: users", [("P303", 2)]),
        ("- resource: articels", [("P305", 1)]),
        ("- page: dashbord", [("P306", 1)]),
        ("- resource: articles\n  url: https://example.com/", [("P304", 1)]),
        ("- label: Somewhere", [("P304", 1)]),
        ("- label: More\n  items:\n    - resource: users", [("P304", 1)]),
        ("- url: https://example.com/", [("P307", 1)]),
        ("- url: https://example.com/\n  label: ' '", [("P307", 2)]),
        ("- group:\n  items:\n    - resource: users", [("P307", 1)]),
        ("- group: Content", [("P309", 1)]),
        ("- group: Content\n  items: []", [("P309", 1)]),
        ("- group: Content\n  items: articles", [("P302", 2)]),
        ("- group: Content\n  collapsed: maybe\n  items:\n    - resource: users", [("P302", 2)]),
        ("- resource: users\n- resource: users", [("P310", 2)]),
        ("[{resource: users}, {resource: users}]", [("P310", 1)]),
        ("- resource: users\n  label: 5", [("P302", 2)]),
        ("- resource: users\n  icon: [a]", [("P302", 2)]),
        ("- resource: 5", [("P302", 1)]),
        ("- users", [("P302", 1)]),
        ("resource: users", [("P302", 1)]),
        ("", [("P302", None)]),
        ("- resource: users\n- [", [("P301", 2)]),
        ("- resource: users\n---\n- page: dashboard", [("P301", 2)]),
        ("- resource: \x01", [("P301", None)]),
    ],
)
def test_mistake_is_told_with_its_line(text: str, expected: list[tuple[str, int | None]]) -> None:
    assert mistakes(text) == expected


ASTRAY = """javascript:alert(1) data:text/html,x ftp://example.com/ //example.com/ help 'https:' 'mailto:'
    https:// /\\\\example.com https://[""".split()


@pytest.mark.parametrize("url", [*ASTRAY, "'ja\tvascript:x'", "'/a b'"])
def test_address_that_leads_astray_is_refused(url: str) -> None:
    assert mistakes(f"- label: Out\n  url: {url}") == [("P308", 2)]


@pytest.mark.parametrize("url", ["http://a.example", "HTTPS://a.example/?x=1#y", "mailto:a@b.example", "/", "/help?x"])
def test_address_that_is_fine_is_taken(url: str) -> None:
    assert named(view(load(f"- label: Out\n  url: {url}")), "Out").href == url


def test_menu_that_is_too_deep_is_refused() -> None:
    text = "- group: A\n  items:\n  - group: B\n    items:\n    - group: C\n      items: [{resource: users}]"
    assert mistakes(text) == [("P311", 5)]


def test_list_that_holds_itself_is_refused() -> None:
    assert [number for number, _ in mistakes("- &a\n  group: A\n  items: [*a]")] == ["P311"]


def test_all_mistakes_are_told_at_once_and_the_rest_is_kept() -> None:
    text = "- resource: articels\n- page: dashboard\n- url: ftp://x\n- resource: users\n  lable: x"
    menu, problems = Menu.load(text, resources=RESOURCES, pages=PAGES)
    assert [problem.number for problem in problems] == ["P305", "P307", "P308", "P303"]
    assert labels(view(menu)) == ["Dashboard", "Users"]


def test_mistyped_name_is_answered_with_the_nearest() -> None:
    _, problems = Menu.load("- resource: articels", resources=RESOURCES, pages=PAGES)
    assert problems[0].hint == 'Did you mean "articles"?'


def test_unknown_icon_is_refused_where_the_icons_are_known() -> None:
    text = "- resource: users\n  icon: usr"
    _, problems = Menu.load(text, resources=RESOURCES, pages=PAGES, icons={"user", "home"})
    assert [(problem.number, problem.line, problem.hint) for problem in problems] == [
        ("P312", 2, 'Did you mean "user"?')
    ]


def test_problem_names_the_file(tmp_path: Path) -> None:
    path = tmp_path / "menu.yaml"
    path.write_text("- resource: articels\n")
    _, problems = Menu.load(path, resources=RESOURCES, pages=PAGES)
    assert (problems[0].where, problems[0].file, problems[0].line) == ("menu.yaml", str(path), 1)


@pytest.mark.parametrize("content", [None, b"- label: \xff"])
def test_file_that_cannot_be_read_is_a_problem(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "menu.yaml"
    if content is not None:
        path.write_bytes(content)
    _, problems = Menu.load(path, resources=RESOURCES, pages=PAGES)
    assert [problem.number for problem in problems] == ["P301"]


def test_shipped_menu_leads_to_all_that_is_shipped() -> None:
    targets = {found.name: MenuTarget(found.name) for found in find_resources("portal.resources")}
    pages = {name: MenuTarget(name, None, "/") for name in SHIPPED}
    path = Path(__file__).parents[2] / "portal" / "menu.yaml"
    menu, problems = Menu.load(path, resources=targets, pages=pages)
    assert not problems
    named = [node.name for node in flat(view(menu)) if node.name]
    assert len(named) == len(set(named))
    assert set(named) == {*SHIPPED, *targets}
