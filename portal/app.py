"""`Portal`, the plugin that mounts a portal in a Litestar application, and `create_app()`, the whole product."""

import importlib
import inspect
import logging
import pkgutil
import sys
from collections.abc import Awaitable, Callable, Mapping, Sequence
from http import HTTPStatus
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any, cast

from litestar import Litestar, Request, Response, Router, asgi, get, post
from litestar.exceptions import HTTPException, NotFoundException
from litestar.handlers import HTTPRouteHandler
from litestar.middleware import DefineMiddleware
from litestar.plugins import CLIPlugin, InitPlugin
from sqlalchemy.exc import SQLAlchemyError

from api.finding import find_endpoints
from api.health import Probe, health_router, redis_probe
from api.plugin import Api
from portal.auth.accounts import ensure_first_administrator
from portal.auth.authenticator import Authenticator, OwnSignIn
from portal.auth.client_keys import ClientKeys
from portal.auth.policy import Policy, RolePolicy
from portal.auth.tokens import OwnerCheck, Tokens
from portal.cache import Cache
from portal.db.engine import Database
from portal.errors import ConfigurationError, Problem
from portal.i18n import LOCALE_FOLDER, Translations, _
from portal.kit.checks import Checker
from portal.kit.page import BoundResource, Route
from portal.kit.resource import Resource
from portal.menu import Menu, MenuTarget
from portal.pages import upload_parts
from portal.pages.badges import badge_problem, badges
from portal.pages.dashboard import dashboard
from portal.pages.editor_uploads import EDITOR, take_editor_upload
from portal.pages.password import change_password, show_password
from portal.pages.patterns import patterns
from portal.pages.preferences import set_preferences
from portal.pages.sign_in import show_sign_in, sign_in, sign_out
from portal.pages.standard import standard_pages
from portal.pages.upload_library import upload_library
from portal.pages.uploads import describe_upload, take_upload
from portal.redis_server import RedisServer
from portal.services.webhooks.house import Webhooks
from portal.settings import Settings
from portal.uploads.rules import MEGA, REQUEST_MB
from portal.uploads.service import Scan, Uploads
from portal.web.access_log import AccessLog
from portal.web.environment import TEMPLATES, bind_site, build_environment
from portal.web.error_pages import JSON, exception_handlers
from portal.web.forgery import TICKET
from portal.web.guard import OuterGuard
from portal.web.headers import SecurityHeaders, file_sources
from portal.web.icons import Icons, IconUse, template_icons
from portal.web.media import media_route
from portal.web.middleware import SessionMiddleware
from portal.web.request import PortalRequest
from portal.web.site import Site
from portal.web.static_files import StaticFiles

if TYPE_CHECKING:
    import click
    from litestar.config.app import AppConfig

    from api.starter.starter import Starter

logger = logging.getLogger("portal")

STATIC = Path(__file__).parent / "static"
FORM_LIMIT = 2 * 1024 * 1024
"""Bytes of a form with a long text in it."""

UPLOAD_LIMIT = REQUEST_MB * MEGA
"""Bytes of one upload in one request, whatever a field would take."""

PAGES: Mapping[str, MenuTarget] = {
    "dashboard": MenuTarget(_("Dashboard"), "home", "/"),
    "api-docs": MenuTarget(_("API"), "api", "/api/docs"),
}
"""The portal's own pages, by the names `menu.yaml` knows them by."""


class Portal(InitPlugin, CLIPlugin):
    """A portal inside a Litestar application, under `path`; it never touches the application's own settings.

    `policy` is obligatory: nothing is open by default. Every mistake in the declarations is raised here, all at
    once, as a `ConfigurationError`.
    """

    def __init__(
        self,
        resources: Sequence[type[Resource]] = (),
        *,
        policy: Policy | None = None,
        path: str = "/",
        settings: Settings | None = None,
        database: Database | None = None,
        authenticator: Authenticator | None = None,
        menu: Path | str | None = None,
        title: str = "Fastor",
        templates: Sequence[Path] = (),
        static: Sequence[Path] = (),
        locale: Sequence[Path] = (),
        scan_upload: Scan | None = None,
        token_owners: Mapping[str, OwnerCheck] | None = None,
    ) -> None:
        if policy is None:
            hint = "Say policy=RolePolicy(), or policy=AllowAll() if everybody who signs in may do everything."
            raise ConfigurationError([Problem("P001", "Portal", "There is no policy.", hint)])
        settings = settings or Settings.load()
        problems: list[Problem] = []
        checker = Checker(policy, standard_pages)
        bound = checker.bind(resources)
        problems += checker.problems
        icons = Icons.load([*static, STATIC])
        navigation, mistakes = _menu(menu, bound, resources)
        uses = [*template_icons([TEMPLATES, *templates]), *_icon_uses(navigation, resources)]
        problems += [*mistakes, *icons.problems(uses)]
        if problems:
            raise ConfigurationError(problems)
        prefix = "/" + path.strip("/")
        mount = "" if prefix == "/" else prefix
        environment = build_environment(templates, reload=settings.debug)
        database = database or Database(settings.database_url)
        self._redis = RedisServer(settings.redis_url) if settings.redis_url else None
        files = StaticFiles(
            [*static, STATIC],
            prefix=f"{mount}/static",
            icons=icons.sprite(use.name for use in uses),
            debug=settings.debug,
        )
        self.site = Site(
            settings=settings,
            database=database,
            policy=policy,
            authenticator=authenticator or OwnSignIn.build(database, settings),
            resources=bound,
            menu=navigation,
            static=files,
            translations=Translations([LOCALE_FOLDER, *locale]),
            templates=environment,
            path=mount,
            title=title,
            uploads=Uploads.open(database, settings, scan_upload),
            cache=Cache.open(settings),
            tokens=Tokens(database, settings, self._redis, owners=token_owners),
            client_keys=ClientKeys(database, settings, self._redis),
            webhooks=Webhooks(database, settings),
            redis=self._redis,
            names={found.model: name for name, found in bound.items()},
        )
        bind_site(environment, self.site)

    @classmethod
    def from_package(cls, package: str, **options: Any) -> "Portal":
        """The portal of a project: its resources over the system's, its templates, files and menu over ours."""
        folder = Path(str(importlib.import_module(package).__file__)).parent
        menu = folder / "menu.yaml"
        found = {
            "resources": [*system_resources(), *find_resources(f"{package}.resources")],
            "menu": menu if menu.is_file() else None,
            **{name: [path] for name in ("templates", "static", "locale") if (path := folder / name).is_dir()},
        }
        return cls(**{**found, **options})

    def on_app_init(self, app_config: "AppConfig") -> "AppConfig":
        """Add one router, one folder of static files, and what begins and ends with the application; nothing else."""
        app_config.route_handlers.append(_router(self.site, app_config))
        app_config.route_handlers.append(_static(self.site))
        if isinstance(self.site.authenticator, OwnSignIn):
            app_config.on_startup.append(_first_start(self.site))
        app_config.on_startup.append(self.site.webhooks.start)
        app_config.on_shutdown += [
            self.site.webhooks.stop,
            self.site.cache.close,
            self.site.uploads.close,
            self.site.database.dispose,
        ]
        if self._redis is not None:
            app_config.on_shutdown.append(self._redis.close)
        return app_config

    def on_cli_init(self, cli: "click.Group") -> None:
        """`litestar fastor …` is the same as `fastor …`."""
        cli.add_command(importlib.import_module("portal.cli").main, name="fastor")


def create_app(package: str | None = None, settings: Settings | None = None) -> Litestar:
    """The whole product behind the outer guard: the portal at `/`, health checks, the API.

    Without a package it is the starter portal of this distribution; with one, that project's.
    """
    settings = settings or Settings.load()
    if package is None:
        menu = Path(__file__).parent / "menu.yaml"
        found = find_resources("portal.resources")
        portal = Portal(found, policy=RolePolicy(), settings=settings, menu=menu, token_owners=_starter_owners())
    else:
        portal = Portal.from_package(package, policy=RolePolicy(), settings=settings)
    starter = _starter(portal.site) if package is None else None
    endpoints = starter.endpoints if starter else find_endpoints(f"{package}.api")
    probes: dict[str, Probe] = {"database": portal.site.database.ping}
    if settings.redis_url:
        probes["redis"] = redis_probe(settings.redis_url)
    app = Litestar(
        route_handlers=[health_router(probes)],
        plugins=[portal, Api(portal.site, endpoints=endpoints)],
        on_shutdown=[starter.close] if starter else [],
        openapi_config=None,
        logging_config=None,
        exception_handlers={HTTPException: _refuse},
        debug=False,
    )
    # around the router's own 404 and 405, which no middleware sees
    guarded = OuterGuard(app.asgi_handler, settings)
    app.asgi_handler = AccessLog(guarded, settings)  # type: ignore[assignment]  # plain ASGI
    app.state.portal = portal
    return app


def _starter(site: Site) -> "Starter":
    """What the starter portal's API has by hand."""
    from api.starter.starter import Starter  # whose tables a project does not have

    return Starter(site)


def _starter_owners() -> Mapping[str, OwnerCheck]:
    from portal.models.api_token import CUSTOMER
    from portal.services.customer_accounts import is_welcome

    return {CUSTOMER: is_welcome}


def _first_start(site: Site) -> Callable[[], Awaitable[None]]:
    """Makes the first administrator where something other than `fastor run` starts a portal with our sign-in."""

    async def make() -> None:
        try:
            password = await ensure_first_administrator(site.database, site.settings)
        except SQLAlchemyError as error:
            logger.warning(
                "No administrator could be looked for (%s). Has `fastor db upgrade` run?", type(error).__name__
            )
            return
        if password:  # said once and kept nowhere
            print(f"First administrator: {site.settings.admin_username}  password: {password}", file=sys.stderr)

    return make


def find_resources(package: str) -> list[type[Resource]]:
    """Every resource declared in a package, module by module."""
    root = importlib.import_module(package)
    modules: list[ModuleType] = [root]
    for info in pkgutil.iter_modules(getattr(root, "__path__", [])):
        modules.append(importlib.import_module(f"{package}.{info.name}"))
    found: list[type[Resource]] = []
    for module in modules:
        for _name, item in inspect.getmembers(module, inspect.isclass):
            if issubclass(item, Resource) and item is not Resource and item.__module__ == module.__name__:
                found.append(item)
    return found


def system_resources() -> list[type[Resource]]:
    """Users, roles, stored files, keys of the API: what every project has."""
    from portal.resources.api_tokens import ApiTokenResource
    from portal.resources.client_keys import ClientKeyResource
    from portal.resources.files import FileResource
    from portal.resources.roles import RoleResource
    from portal.resources.users import UserResource
    from portal.resources.webhook_deliveries import WebhookDeliveryResource
    from portal.resources.webhooks import WebhookResource

    return [
        UserResource,
        RoleResource,
        FileResource,
        ApiTokenResource,
        ClientKeyResource,
        WebhookResource,
        WebhookDeliveryResource,
    ]


def _menu(
    source: Path | str | None, bound: Mapping[str, BoundResource], declared: Sequence[type[Resource]]
) -> tuple[Menu, list[Problem]]:
    # A resource with a mistake in it is no second mistake in the menu.
    targets = {found.name: MenuTarget(found.label_plural, found.icon) for found in declared}
    if source is None:
        return Menu.of(resources=targets, pages=PAGES), []

    def problem(name: str, query: str) -> str | None:
        return badge_problem(bound[name], query) if name in bound else None

    return Menu.load(source, resources=targets, pages=PAGES, badge_problem=problem)


def _icon_uses(menu: Menu, resources: Sequence[type[Resource]]) -> list[IconUse]:
    uses = [IconUse(name, "menu.yaml") for name in menu.icons()]
    for resource in resources:
        file, line = resource.declared_at("icon")
        uses.append(IconUse(resource.icon, f"{resource.__name__}.icon", file, line))
        for action in resource.actions or ():
            if action.icon:
                uses.append(IconUse(action.icon, f"{resource.__name__}.actions", file, line))
    return uses


def _router(site: Site, host: "AppConfig") -> Router:
    """All pages, none of which the host's error handlers and form tokens are for."""
    gate = host.csrf_config.exclude_from_csrf_key if host.csrf_config else "exclude_from_csrf"
    handlers: list[Any] = [
        get("/", name=f"{site.path}:dashboard")(dashboard),
        show_sign_in,
        sign_in,
        sign_out,
        show_password,
        change_password,
        set_preferences,
        get("/badges")(badges),
        media_route(site),
        post("/uploads", request_max_body_size=UPLOAD_LIMIT, status_code=201, opt={JSON: True})(take_upload),
        get("/uploads/library")(upload_library),
        *upload_parts.ROUTES,
        post("/uploads/alt", status_code=204, opt={JSON: True})(describe_upload),
        post("/editor/upload_img", request_max_body_size=UPLOAD_LIMIT, status_code=200, opt={TICKET: EDITOR})(
            take_editor_upload
        ),
        _nowhere,
    ]
    if site.settings.development:
        handlers.append(get("/patterns")(patterns))
    for resource in site.resources.values():
        for page in resource.pages:
            handlers += [_handler(resource, route) for route in page.routes(resource)]
        # the router does not look back from a resource's own addresses to the one for all others
        handlers.append(get(f"/{resource.name}/{{key:str}}/{{rest:path}}")(_nothing_below))
    sources = file_sources(site.settings.media_url, site.uploads.storage.origins)
    return Router(
        path=site.path or "/",
        route_handlers=handlers,
        middleware=[DefineMiddleware(cast(Any, SecurityHeaders), sources=sources), SessionMiddleware(site)],
        request_class=PortalRequest.of(site),
        exception_handlers=exception_handlers(site, host.exception_handlers),
        opt={gate: True},
        request_max_body_size=FORM_LIMIT,
        include_in_schema=False,
    )


def _handler(resource: BoundResource, route: Route) -> HTTPRouteHandler:
    async def handle(request: PortalRequest) -> Any:
        return await route.handler(request, resource)

    path = route.path if route.absolute else f"/{resource.name}{route.path}"
    methods: Any = list(route.methods)
    options: dict[str, Any] = {"opt": dict(route.opt)}
    if route.max_body is not None:
        options["request_max_body_size"] = route.max_body
    return HTTPRouteHandler(path, http_method=methods, status_code=200, **options)(handle)


@get("/{rest:path}")
async def _nowhere(request: PortalRequest) -> None:
    """Unknown addresses under the mount get the portal's own 404."""
    raise NotFoundException


async def _nothing_below(request: PortalRequest) -> None:
    """The same for unknown addresses below a row."""
    raise NotFoundException


def _refuse(request: Request[Any, Any, Any], error: HTTPException) -> Response[str]:
    """What the router itself refuses, before any portal page is reached: one plain line."""
    status = error.status_code
    return Response(f"{status} {HTTPStatus(status).phrase}", status_code=status, media_type="text/plain")


def _static(site: Site) -> Any:
    @asgi(f"{site.path}/static", is_mount=True, copy_scope=True)
    async def static(scope: Any, receive: Any, send: Any) -> None:
        await site.static(scope, receive, send)

    return static
