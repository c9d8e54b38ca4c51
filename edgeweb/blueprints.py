"""Blueprints: parts of an application that are registered with it, once or several times, with a prefix."""

from __future__ import annotations

import os
import typing as t

from .scaffold import Scaffold, _endpoint_from_view_func, named, setupmethod

if t.TYPE_CHECKING:
    from click import Group

    from . import typing as ft

DeferredSetupFunction = t.Callable[["BlueprintSetupState"], None]
T = t.TypeVar("T", bound=t.Callable[..., t.Any])
# The default of `cli_group`: the commands form a group with the name of the registration.
_sentinel: t.Any = object()


class BlueprintSetupState:
    """One registration of a blueprint with an application: the argument of deferred functions."""

    def __init__(
        self, blueprint: Blueprint, app: ft.App, options: dict[str, t.Any], first_registration: bool
    ) -> None:
        self.app = app
        self.blueprint = blueprint
        self.options = options
        # False from the second registration on: some things are done once per application.
        self.first_registration = first_registration
        self.subdomain: str | None = _first(options.get("subdomain"), blueprint.subdomain)
        self.url_prefix: str | None = _first(options.get("url_prefix"), blueprint.url_prefix)
        self.name: str = options.get("name", blueprint.name)
        self.name_prefix: str = options.get("name_prefix", "")
        self.url_defaults: dict[str, t.Any] = {
            **blueprint.url_values_defaults,
            **(options.get("url_defaults") or {}),
        }

    def add_url_rule(
        self,
        rule: str,
        endpoint: str | None = None,
        view_func: ft.RouteCallable | None = None,
        **options: t.Any,
    ) -> None:
        """Add a rule to the application, with this registration's prefix, subdomain and name."""
        if self.url_prefix is not None:
            rule = f"{self.url_prefix.rstrip('/')}/{rule.lstrip('/')}" if rule else self.url_prefix
        options.setdefault("subdomain", self.subdomain)
        if endpoint is None:
            endpoint = _endpoint_from_view_func(view_func)
        defaults = self.url_defaults
        if "defaults" in options:
            defaults = {**defaults, **options.pop("defaults")}
        self.app.add_url_rule(
            rule, _joined(self.name_prefix, self.name, endpoint), view_func, defaults=defaults, **options
        )


def _first(*values: str | None) -> str | None:
    return next((value for value in values if value is not None), None)


def _without_dot(what: str, name: str) -> str:
    """Return a name unchanged. Raises `ValueError` for a dot, which separates the names of blueprints."""
    if "." in name:
        raise ValueError(f"The {what} {name!r} has a dot, which only names of nested blueprints have.")
    return name


def _joined(*names: str) -> str:
    return ".".join(names).lstrip(".")


class Blueprint(Scaffold):
    """A collection of views, hooks, templates and static files, registered by `app.register_blueprint`.

    >>> lamps = Blueprint("lamps", __name__, url_prefix="/lamps")
    >>> @lamps.get("/<int:number>")
    ... def lamp(number: int) -> str:
    ...     return str(number)

    Source: Flask documentation, "Modular Applications with Blueprints". Raises `ValueError` for an empty name
    or one with a dot.
    """

    _got_registered_once = False

    def __init__(
        self,
        name: str,
        import_name: str,
        static_folder: str | os.PathLike[str] | None = None,
        static_url_path: str | None = None,
        template_folder: str | os.PathLike[str] | None = None,
        url_prefix: str | None = None,
        subdomain: str | None = None,
        url_defaults: dict[str, t.Any] | None = None,
        root_path: str | None = None,
        cli_group: str | None = _sentinel,
    ) -> None:
        super().__init__(import_name, static_folder, static_url_path, template_folder, root_path)
        if name == "":
            raise ValueError("A blueprint needs a name.")
        self.name = _without_dot("blueprint", name)
        self.url_prefix = url_prefix
        self.subdomain = subdomain
        self.deferred_functions: list[DeferredSetupFunction] = []
        self.url_values_defaults: dict[str, t.Any] = url_defaults or {}
        self.cli_group = cli_group
        self._blueprints: list[tuple[Blueprint, dict[str, t.Any]]] = []

    def _make_cli_group(self) -> Group:
        from .cli.app_group import AppGroup

        return t.cast("Group", AppGroup())

    def _check_setup_finished(self, f_name: str) -> None:
        if self._got_registered_once:
            raise AssertionError(
                f"The setup method '{f_name}' came too late: blueprint '{self.name}' is registered already."
                " Complete a blueprint first, then register it."
            )

    def open_resource(self, resource: str, mode: str = "rb", encoding: str | None = "utf-8") -> t.IO[t.Any]:
        """Open a file that lies beside the code, for reading; text is UTF-8 unless given otherwise."""
        return super().open_resource(resource, mode, encoding)

    @setupmethod
    def record(self, func: DeferredSetupFunction) -> None:
        """Call a function with the `BlueprintSetupState` of each registration."""
        self.deferred_functions.append(func)

    @setupmethod
    def record_once(self, func: DeferredSetupFunction) -> None:
        """Call a function at the first registration with an application only; see `record`."""

        def first_only(state: BlueprintSetupState) -> None:
            if state.first_registration:
                func(state)

        self.record(first_only)

    def make_setup_state(
        self, app: ft.App, options: dict[str, t.Any], first_registration: bool = False
    ) -> BlueprintSetupState:
        """Return the state of a registration. Override it to use a subclass of `BlueprintSetupState`."""
        return BlueprintSetupState(self, app, options, first_registration)

    @setupmethod
    def register_blueprint(self, blueprint: Blueprint, **options: t.Any) -> None:
        """Nest a blueprint: it is registered together with this one, below its prefix and name.

        Raises `ValueError` for a blueprint that is to contain itself.
        """
        if blueprint is self:
            raise ValueError(f"Blueprint {self.name!r} cannot contain itself.")
        self._blueprints.append((blueprint, options))

    # --- registration -----------------------------------------------------------------------------------

    def register(self, app: ft.App, options: dict[str, t.Any]) -> None:
        """Add everything to an application: `app.register_blueprint` calls this.

        Raises `ValueError` if a blueprint, or this one, has the name there already.
        """
        own_name = options.get("name", self.name)
        name = _joined(options.get("name_prefix", ""), own_name)
        if name in app.blueprints:
            holder = "this" if app.blueprints[name] is self else "a different"
            place = f" '{name}'" if own_name != name else ""
            raise ValueError(
                f"The name '{own_name}' is already registered for {holder} blueprint{place}. Pass another one"
                " as name=."
            )
        first_of_blueprint = not any(blueprint is self for blueprint in app.blueprints.values())
        first_of_name = name not in app.blueprints
        app.blueprints[name] = self
        self._got_registered_once = True
        state = self.make_setup_state(app, options, first_of_blueprint)
        if self.has_static_folder:
            state.add_url_rule(
                f"{self.static_url_path}/<path:filename>", view_func=self.send_static_file, endpoint="static"
            )
        if first_of_blueprint or first_of_name:
            self._merge_blueprint_funcs(app, name)
        for deferred in self.deferred_functions:
            deferred(state)
        if self._cli is not None and self._cli.commands:
            self._register_commands(app, name, options)
        for blueprint, nested_options in self._blueprints:
            blueprint.register(app, self._nested_options(state, name, blueprint, nested_options))

    def _nested_options(
        self, state: BlueprintSetupState, name: str, blueprint: Blueprint, options: dict[str, t.Any]
    ) -> dict[str, t.Any]:
        """Return the options of a nested registration: prefix and subdomain continue this blueprint's."""
        options = options.copy()
        url_prefix = _first(options.get("url_prefix"), blueprint.url_prefix)
        if state.url_prefix is not None and url_prefix is not None:
            options["url_prefix"] = f"{state.url_prefix.rstrip('/')}/{url_prefix.lstrip('/')}"
        elif url_prefix is not None or state.url_prefix is not None:
            options["url_prefix"] = _first(url_prefix, state.url_prefix)
        subdomain = _first(options.get("subdomain"), blueprint.subdomain)
        if state.subdomain is not None and subdomain is not None:
            options["subdomain"] = f"{subdomain}.{state.subdomain}"
        elif subdomain is not None or state.subdomain is not None:
            options["subdomain"] = _first(subdomain, state.subdomain)
        options["name_prefix"] = name
        return options

    def _register_commands(self, app: ft.App, name: str, options: dict[str, t.Any]) -> None:
        cli = self.cli
        group = options.get("cli_group", self.cli_group)
        if group is None:
            app.cli.commands.update(cli.commands)
            return
        cli.name = name if group is _sentinel else group
        app.cli.add_command(cli)

    def _merge_blueprint_funcs(self, app: ft.App, name: str) -> None:
        """Add the blueprint's hooks to the application's tables, under the name of this registration."""
        for table in (
            "before_request_funcs",
            "after_request_funcs",
            "teardown_request_funcs",
            "url_default_functions",
            "url_value_preprocessors",
            "template_context_processors",
        ):
            target = getattr(app, table)
            for key, functions in getattr(self, table).items():
                target[name if key is None else f"{name}.{key}"].extend(functions)
        for key, by_code in self.error_handler_spec.items():
            target = app.error_handler_spec[name if key is None else f"{name}.{key}"]
            for code, handlers in by_code.items():
                target[code].update(handlers)
        app.view_functions.update(self.view_functions)

    # --- routes and files -------------------------------------------------------------------------------

    @setupmethod
    def add_url_rule(
        self,
        rule: str,
        endpoint: str | None = None,
        view_func: ft.RouteCallable | None = None,
        provide_automatic_options: bool | None = None,
        **options: t.Any,
    ) -> None:
        """Add a URL rule below the blueprint's prefix and name; see `Flask.add_url_rule`.

        Raises `ValueError` for an endpoint or a function whose name has a dot.
        """
        _without_dot("endpoint", endpoint or "")
        _without_dot("view function", getattr(view_func, "__name__", ""))
        self.record(
            lambda state: state.add_url_rule(
                rule, endpoint, view_func, provide_automatic_options=provide_automatic_options, **options
            )
        )

    # --- what a blueprint registers for the whole application -------------------------------------------

    def _record_hook(self, table: str, f: T) -> T:
        self.record_once(lambda state: getattr(state.app, table).setdefault(None, []).append(f))
        return f

    @setupmethod
    def before_app_request(self, f: T) -> T:
        """Do what `before_request` does, for requests of all blueprints and of the application."""
        return self._record_hook("before_request_funcs", f)

    @setupmethod
    def after_app_request(self, f: T) -> T:
        """Do what `after_request` does, for all requests."""
        return self._record_hook("after_request_funcs", f)

    @setupmethod
    def teardown_app_request(self, f: T) -> T:
        """Do what `teardown_request` does, for all requests."""
        return self._record_hook("teardown_request_funcs", f)

    @setupmethod
    def app_context_processor(self, f: T) -> T:
        """Do what `context_processor` does, for all templates."""
        return self._record_hook("template_context_processors", f)

    @setupmethod
    def app_url_value_preprocessor(self, f: T) -> T:
        """Do what `url_value_preprocessor` does, for all URLs."""
        return self._record_hook("url_value_preprocessors", f)

    @setupmethod
    def app_url_defaults(self, f: T) -> T:
        """Do what `url_defaults` does, for all URLs."""
        return self._record_hook("url_default_functions", f)

    @setupmethod
    def app_errorhandler(self, code: type[Exception] | int) -> t.Callable[[T], T]:
        """Do what `errorhandler` does, for the whole application."""

        def decorator(f: T) -> T:
            self.record_once(lambda state: state.app.errorhandler(code)(f))
            return f

        return decorator

    def _record_template_function(self, kind: str, f: t.Callable[..., t.Any], name: str | None) -> None:
        self.record_once(lambda state: getattr(state.app, f"add_template_{kind}")(f, name=name))

    @setupmethod
    def app_template_filter(self, name: str | None = None) -> t.Callable[[T], T]:
        """Decorate a template filter of the whole application; see `Flask.template_filter`."""
        return named(self.add_app_template_filter, name)

    @setupmethod
    def add_app_template_filter(self, f: ft.TemplateFilterCallable, name: str | None = None) -> None:
        """Do what `app_template_filter` does, without a decorator."""
        self._record_template_function("filter", f, name)

    @setupmethod
    def app_template_test(self, name: str | None = None) -> t.Callable[[T], T]:
        """Decorate a template test of the whole application; see `Flask.template_test`."""
        return named(self.add_app_template_test, name)

    @setupmethod
    def add_app_template_test(self, f: ft.TemplateTestCallable, name: str | None = None) -> None:
        """Do what `app_template_test` does, without a decorator."""
        self._record_template_function("test", f, name)

    @setupmethod
    def app_template_global(self, name: str | None = None) -> t.Callable[[T], T]:
        """Decorate a template global of the whole application; see `Flask.template_global`."""
        return named(self.add_app_template_global, name)

    @setupmethod
    def add_app_template_global(self, f: ft.TemplateGlobalCallable, name: str | None = None) -> None:
        """Do what `app_template_global` does, without a decorator."""
        self._record_template_function("global", f, name)
