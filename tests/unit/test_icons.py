"""The sprite holds what is named, and a wrong name is told with its place."""

from pathlib import Path

import pytest

from portal.web.icons import Icons, IconUse, template_icons

OUTLINES = {"plus": '<path d="M1"/>', "trash": '<path d="M2"/>', "arrow-up": '<path d="M3"/>'}


def names(folder: Path, template: str) -> list[str]:
    (folder / "page.html").write_text(template, encoding="utf-8")
    return [use.name for use in template_icons([folder])]


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("{{ icon('plus') }}", ["plus"]),
        ('{{ icon("plus", "large") }}', ["plus"]),
        ("{{ icon_url('dots') }}", ["dots"]),
        ("{{ icon('up' if a == 'x' else 'down') }}", ["up", "down"]),
        ("{{ icon(name or 'table') }}", ["table"]),
        ("{{ button('Save', icon='check') }}", ["check"]),
        ("{% macro empty(icon_name, title) %}{% endmacro %}{{ empty('inbox', 'x') }}", ["inbox"]),
        ("{% macro tile(icon='box') %}{% endmacro %}", ["box"]),
        ("{% call(x) card(icon='star') %}{% endcall %}", ["star"]),
        ("{% if a %}{{ icon('a') }}{% else %}{{ icon('b') }}{% endif %}", ["a", "b"]),
        ("{% trans %}text{% endtrans %}{{ icon(computed) }}", []),
        ("{# icon('no') #}", []),
        ("{{ icon('broken' }}", []),
    ],
)
def test_icons_are_found_in_templates(tmp_path: Path, template: str, expected: list[str]) -> None:
    assert sorted(names(tmp_path, template)) == sorted(expected)


def test_a_macro_of_one_template_is_known_in_the_others(tmp_path: Path) -> None:
    (tmp_path / "ui.html").write_text("{% macro empty(title, icon_name) %}{% endmacro %}")
    assert names(tmp_path, "{{ empty('Nothing', 'inbox') }}") == ["inbox"]


def test_the_sprite_has_each_named_icon_once() -> None:
    sprite = Icons(OUTLINES).sprite(["trash", "plus", "plus", "unknown"])
    assert sprite.count("<symbol") == 2
    assert sprite.index('id="plus"') < sprite.index('id="trash"')
    assert 'aria-hidden="true"' in sprite
    assert '<path d="M1"/>' in sprite
    assert "unknown" not in sprite


def test_an_unknown_icon_is_told_with_its_place_and_the_nearest_name(tmp_path: Path) -> None:
    (tmp_path / "page.html").write_text("\n{{ icon('trassh') }}")
    problem, other = Icons(OUTLINES).problems([*template_icons([tmp_path]), IconUse("zzz", "menu.yaml")])
    assert (problem.number, problem.where, problem.line) == ("P401", "page.html", 2)
    assert problem.file == str(tmp_path / "page.html")
    assert problem.hint == 'Did you mean "trash"?'
    assert other.where == "menu.yaml"


def test_the_same_place_is_told_once() -> None:
    use = IconUse("nope", "menu.yaml", "menu.yaml", 3)
    assert len(Icons(OUTLINES).problems([use, use, IconUse("plus", "x")])) == 1


def test_missing_outlines_are_one_problem_that_says_what_to_run(tmp_path: Path) -> None:
    (problem,) = Icons.load([tmp_path]).problems([IconUse("plus", "a"), IconUse("trash", "b")])
    assert problem.number == "P402"
    assert "portal.web.assets" in (problem.hint or "")


def test_outlines_come_from_the_strongest_folder_that_has_them(tmp_path: Path) -> None:
    for name in ("project", "portal"):
        (tmp_path / name / "vendor").mkdir(parents=True)
    (tmp_path / "portal/vendor/tabler.json").write_text('{"plus": "portal"}')
    roots = [tmp_path / "project", tmp_path / "portal"]
    assert Icons.load(roots).outlines["plus"] == "portal"
    (tmp_path / "project/vendor/tabler.json").write_text('{"plus": "project"}')
    assert Icons.load(roots).outlines["plus"] == "project"
