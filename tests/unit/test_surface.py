"""What is public stands in `portal` and loads when it is asked for."""

import subprocess
import sys

import pytest

import portal


def test_the_public_names_are_sorted_and_all_there():
    assert portal.__all__ == sorted(portal.__all__)
    assert all(getattr(portal, name) is not None for name in portal.__all__)
    assert set(portal.__all__) <= set(dir(portal))


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="Resuorce"):
        _ = portal.Resuorce


def test_importing_portal_loads_nothing():
    heavy = ("portal.", "litestar", "sqlalchemy")
    code = f"import sys, portal; print([name for name in sys.modules if name.startswith({heavy})])"
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert shown.strip() == "[]"
