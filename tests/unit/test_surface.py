"""What is public stands in `portal` and loads when it is asked for."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import portal


def test_the_public_names_are_sorted_and_all_there():
    assert portal.__all__ == sorted(portal.__all__)
    assert all(getattr(portal, name) is not None for name in portal.__all__)
    assert set(portal.__all__) <= set(dir(portal))


def test_type_checkers_see_the_same_names_from_the_same_places():
    tree = ast.parse(Path(portal.__file__).read_text(encoding="utf-8"))
    (checked,) = (node for node in tree.body if isinstance(node, ast.If))
    imported = {
        (name.name, statement.module)
        for statement in checked.body
        if isinstance(statement, ast.ImportFrom)
        for name in statement.names
    }
    (homes,) = (node.value for node in tree.body if isinstance(node, ast.Assign) and is_called(node, "_HOMES"))
    assert imported == set(ast.literal_eval(homes).items())
    assert {name for name, _ in imported} == set(portal.__all__)


def is_called(node: ast.Assign, name: str) -> bool:
    return any(isinstance(target, ast.Name) and target.id == name for target in node.targets)


def test_no_public_name_is_that_of_a_module():
    """Whichever of the two was imported last would be found."""
    modules = {path.stem for path in Path(portal.__file__).parent.iterdir()}
    assert not modules & set(portal.__all__)


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="Resuorce"):
        _ = portal.Resuorce


def test_importing_portal_loads_nothing():
    heavy = ("portal.", "litestar", "sqlalchemy")
    code = f"import sys, portal; print([name for name in sys.modules if name.startswith({heavy})])"
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert shown.strip() == "[]"
