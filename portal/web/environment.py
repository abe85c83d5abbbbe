"""The portal's own Jinja environment: a project's templates over the portal's, and the words templates may use."""

from collections.abc import MutableMapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import FunctionType, MethodType
from typing import Any

from jinja2 import (
    ChoiceLoader,
    Environment,
    FileSystemLoader,
    PrefixLoader,
    StrictUndefined,
    Template,
    meta,
    nodes,
    pass_context,
)
from jinja2.runtime import Context, Macro
from markupsafe import Markup

from portal.i18n import gettext, ngettext
from portal.markup import plain_text
from portal.naming import inside
from portal.web import formats

TEMPLATES = Path(__file__).parent.parent / "templates"


class PortalContext(Context):
    """Calls plain functions and macros straight away; Jinja asks five questions before each call."""

    def call(__self, __obj: Any, *args: Any, **kwargs: Any) -> Any:
        plain = type(__obj) in PLAIN and not hasattr(__obj, "jinja_pass_arg")
        if not plain and type(__obj) is not Macro:
            return super().call(__obj, *args, **kwargs)
        if kwargs:
            kwargs.pop("_block_vars", None)
            kwargs.pop("_loop_vars", None)
        return __obj(*args, **kwargs) if plain else __obj(__self.eval_ctx, *args, **kwargs)


PLAIN = frozenset({FunctionType, MethodType})


@dataclass(frozen=True)
class TemplateFacts:
    variables: frozenset[str]
    """The names it takes from its context."""
    plain: bool
    """It is nothing but `{{ value }}`."""


class PortalEnvironment(Environment):
    """Remembers which of several names exists: a page asks a dozen times, and a miss goes to the disk."""

    context_class = PortalContext

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._selected: dict[tuple[str, ...], Template] = {}
        self._facts: dict[str, TemplateFacts] = {}

    def make_globals(self, d: MutableMapping[str, Any] | None) -> MutableMapping[str, Any]:
        """A plain dictionary: each context begins as a copy of it, and a chain of maps copies slowly."""
        return {**self.globals, **(d or {})}

    def first_of(self, *names: str) -> Template:
        """The first template of these that exists."""
        found = self._selected.get(names)
        if found is None:
            found = self.select_template(names)
            if not self.auto_reload:
                self._selected[names] = found
        return found

    def facts(self, template: Template) -> TemplateFacts:
        """What is known of a template from its source."""
        name = str(template.name)
        if name not in self._facts or self.auto_reload:
            source, _file, _fresh = self.loader.get_source(self, name) if self.loader else ("", None, None)
            tree = self.parse(source)
            outputs = [node for output in tree.body if isinstance(output, nodes.Output) for node in output.nodes]
            only = outputs[0] if len(outputs) == 1 and len(tree.body) == 1 else None
            plain = isinstance(only, nodes.Name) and only.name == "value"
            self._facts[name] = TemplateFacts(frozenset(meta.find_undeclared_variables(tree)), plain)
        return self._facts[name]


def build_environment(folders: Sequence[Path], *, reload: bool) -> PortalEnvironment:
    """`folders` are a project's, strongest first; `portal:list.html` always means the shipped one."""
    shipped = FileSystemLoader(TEMPLATES)
    environment = PortalEnvironment(
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
        "plain_text": plain_text,
        "label": formats.label_of,
        "short_time": formats.short_time,
        "full_time": formats.full_time,
        "local_time": formats.local_time,
        "number": formats.number,
        "bytes": formats.byte_size,
    }
    return environment


@pass_context
def part(context: Context, name: str) -> Markup:
    """A partial as a finished piece: an include whose pieces do not climb through the blocks around it."""
    template = context.environment.get_template(name)
    return Markup("".join(template.root_render_func(template.new_context(context.get_all(), shared=True))))


def bind_site(environment: PortalEnvironment, site: Any) -> None:
    """Give templates the site's addresses and files."""
    environment.globals |= {
        "site": site,
        "url": site.url,
        "url_of": site.url_of,
        "media_url": site.media_url,
        "thumb_url": site.thumb_url,
        "preview_url": site.preview_url,
        "rich_text": site.rich_text,
        "static": site.static.url,
        "vendor": site.static.vendor,
        "icon_url": site.static.icon_url,
    }
