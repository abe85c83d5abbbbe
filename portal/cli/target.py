"""The application that a command is about: the whole product, or a project's own."""

import importlib
import inspect
import sys
from collections.abc import Callable
from typing import Any, NamedTuple

import click

PRODUCT = "portal.app:create_app"

app_option = click.option(
    "--app",
    "target",
    default=PRODUCT,
    show_default=True,
    metavar="MODULE:NAME",
    help="An ASGI application, or a function that makes one.",
)


class Target(NamedTuple):
    """What stands at `module:name`."""

    address: str
    found: Any
    is_factory: bool

    def make(self) -> Any:
        """The application; raises `ConfigurationError` when it is not declared rightly."""
        return self.found() if self.is_factory else self.found


def find_target(address: str) -> Target:
    """Import what `address` names, from the current folder too."""
    module_name, separator, name = address.partition(":")
    if not (separator and module_name and name):
        raise click.BadParameter(f'"{address}" is not written as MODULE:NAME.', param_hint="--app")
    if "" not in sys.path:
        sys.path.insert(0, "")
    found: Any = _module(module_name, address)
    for part in name.split("."):
        if not hasattr(found, part):
            raise click.BadParameter(f'"{module_name}" has no "{name}".', param_hint="--app")
        found = getattr(found, part)
    return Target(address, found, _is_factory(found))


def _module(name: str, address: str) -> Any:
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        if error.name and (name == error.name or name.startswith(f"{error.name}.")):
            raise click.BadParameter(f'There is no module "{error.name}" ({address}).', param_hint="--app") from error
        raise


def _is_factory(found: Callable[..., Any]) -> bool:
    """A plain function makes an application; an object or a coroutine function is one."""
    return inspect.isfunction(found) and not inspect.iscoroutinefunction(found)
