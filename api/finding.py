"""The endpoints a project writes by hand: whatever `<package>/api/*.py` declares."""

import importlib
import importlib.util
import pkgutil

from api.endpoint import Endpoint


def find_endpoints(package: str) -> list[Endpoint]:
    """Every endpoint declared in a package, module by module; none where there is no such package."""
    if importlib.util.find_spec(package) is None:
        return []
    root = importlib.import_module(package)
    names = [info.name for info in pkgutil.iter_modules(getattr(root, "__path__", []))]
    modules = [root, *[importlib.import_module(f"{package}.{name}") for name in names]]
    # an endpoint that another module imports is one all the same
    found = {id(item): item for module in modules for item in vars(module).values() if isinstance(item, Endpoint)}
    return list(found.values())
