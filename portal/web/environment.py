"""The portal's own Jinja environment: a project's templates over the portal's, and the words templates may use."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from jinja2 import ChoiceLoader, Environment, FileSystemLoader, PrefixLoader, StrictUndefined, pass_context
from jinja2.runtime import Context
from markupsafe import Markup

from portal.i18n import gettext, ngettext
from portal.naming import inside
from portal.web import cells

TEMPLATES = Path(__file__).parent.parent / "templates"


def build_environment(folders: Sequence[Path], *, reload: bool) -> Environment:
    """`folders` are a project's, strongest first; `portal:list.html` always means the shipped one."""
    shipped = FileSystemLoader(TEMPLATES)
    environment = Environment(
        loader=ChoiceLoader([*map(FileSystemLoader, folders), shipped, PrefixLoader({"portal": shipped}, ":")]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=reload,
    )
    # Places are `{n}`: `_("{n} selected", n=3)`.
    environment.globals |= {"_": gettext, "ngettext": ngettext}
    environment.globals["part"] = part
    environment.filters |= {
        "inside": inside,
        "label": cells.label_of,
        "short_time": cells.short_time,
        "full_time": cells.full_time,
        "local_time": cells.local_time,
        "number": cells.number,
    }
    return environment


@pass_context
def part(context: Context, name: str) -> Markup:
    """A partial as a finished piece: an include whose pieces do not climb through the blocks around it."""
    template = context.environment.get_template(name)
    return Markup("".join(template.root_render_func(template.new_context(context.get_all(), shared=True))))


def bind_site(environment: Environment, site: Any) -> None:
    """Give templates the site's addresses and files."""
    environment.globals |= {
        "site": site,
        "url": site.url,
        "url_of": site.url_of,
        "media_url": site.media_url,
        "static": site.static.url,
        "vendor": site.static.vendor,
        "icon_url": site.static.icon_url,
    }
