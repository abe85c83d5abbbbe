"""`fastor explain Article.status`: what the portal makes of an attribute, and which layer decided."""

from collections.abc import Iterable

from portal.errors import NotFound
from portal.kit.page import BoundResource
from portal.naming import did_you_mean


def explain(spec: str, resources: Iterable[BoundResource]) -> str:
    """Lines about `Model.attribute`, or about a whole model; `NotFound` with a hint for an unknown one."""
    name, _dot, attribute = spec.partition(".")
    by_name = {found.model.__name__: found for found in resources}
    by_name |= {found.name: found for found in by_name.values()}
    resource = by_name.get(name)
    if resource is None:
        raise NotFound(f'No resource manages "{name}". {did_you_mean(name, by_name) or ""}'.strip())
    if not attribute:
        return "\n\n".join(_lines(resource, found) for found in resource.facts.attributes)
    if attribute not in resource.facts.attributes:
        hint = did_you_mean(attribute, resource.facts.attributes) or ""
        raise NotFound(f'{resource.model.__name__} has no attribute "{attribute}". {hint}'.strip())
    return _lines(resource, attribute)


def _lines(resource: BoundResource, name: str) -> str:
    found = resource.facts.attributes[name]
    lines = [f"{resource.model.__name__}.{name}"]
    lines += [f"  {fact:<9} {value}   ({layer})" for fact, value, layer in found.reasons]
    column = next((item for item in resource.columns if item.name == name), None)
    shown = f"cells/{column.cell}.html" if column is not None else "not shown"
    lines.append(f"  {'list':<9} {shown}")
    field = resource.field(name)
    edited = f"{type(field).__name__}, fields/{field.template}.html" if field is not None else "not asked for"
    lines.append(f"  {'form':<9} {edited}")
    if field is not None:
        lines.append(f"  {'needed':<9} {'yes' if field.required else 'no'}")
    if any(item.name == name for item in resource.filters):
        lines.append(f"  {'filter':<9} yes")
    if name in resource.facts.search:
        lines.append(f"  {'search':<9} yes")
    return "\n".join(lines)
