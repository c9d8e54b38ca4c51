"""The fast path: a request without the phases that have nothing to do.

A request goes through phases (`phases`): it is matched, hooks run, the view is called, what it returned is
made into a response, hooks run on that, the session is saved, and the response is sent. Flask calls every
phase through the application, since a subclass or an instance may override it, and makes a URL adapter, a
session and a response object for each request. Most requests of most programs need none of these.

A phase is skipped where running it could not be noticed:

| skipped                             | because                                                              |
|-------------------------------------|----------------------------------------------------------------------|
| calls through the application       | no phase is overridden, on whatever class and however late: see      |
|                                     | `overrides`; and setup has ended (`FastPath.is_open`)                |
| the URL adapter                     | the rules ignore hosts, and this Host header has been checked before |
| hooks, signals                      | none is registered; no signal was ever connected (`signals.awake`)   |
| raising 404 and 405                 | no error handler is registered, and none are trapped                 |
| opening and saving the session      | it was not read, or only read; no cookie has to be refreshed; and    |
|                                     | no method of the interface is overridden, which may do more          |
| the response object                 | no hook or receiver sees it, and neither its class nor an instance   |
|                                     | attribute is other than edgeweb's; the same for the JSON provider    |

The order of the rest is that of `phases`. Every decision is made from the tables as they are when the phase
is reached, not in advance, so that a hook that is registered late still runs. Where a condition does not hold
the request goes on with the ordinary phase, from what has been done so far. So both ways give the same
answer; `tests/dispatch/test_fast_path.py` compares them.

`wsgi.wsgi_app` is the caller.
"""

from __future__ import annotations

import typing as t

from werkzeug.exceptions import HTTPException, MethodNotAllowed, NotFound

from ..ctx import RequestContext
from ..helpers import is_coroutine_function
from ..routing import Map, NoMatch
from ..signals import awake, request_finished, request_started
from ..wrappers import Request, decoded
from . import phases
from .overrides import OVERRIDABLE, UNCHANGED, Watch, opens_on_demand, responds_plainly
from .static_files import StaticFile

if t.TYPE_CHECKING:
    from .. import typing as ft
    from ..ctx import Application as ContextApplication
    from ..json.provider import DefaultJSONProvider
    from .application import Application
    from .overrides import Attributes


# Status line, headers, chunks of the body: what WSGI takes.
ReadyAnswer = tuple[str, list[tuple[str, str]], t.Iterable[bytes]]

# Host headers that were checked. A client can send any, hence the bound.
_MAX_KNOWN_HOSTS = 64

_STATUS_LINES: dict[int, str] = {}
_ERROR_PAGES: dict[type, tuple[str, bytes, str]] = {}
_PLAIN_REFUSALS = (NotFound, MethodNotAllowed)


class FastPath:
    """What one application's requests may skip, and what was learned from earlier ones."""

    __slots__ = (
        "encode",
        "is_open",
        "json_is_plain",
        "known_hosts",
        "overrides",
        "plain_views",
        "revision",
        "seen",
        "session_on_demand",
        "setup_finished",
        "watch",
    )

    def __init__(self, watch: Watch) -> None:
        self.watch = watch
        # What the classes were at the last update; see `overrides`.
        self.revision = -1
        self.seen: Attributes | None = None
        #: The names in `OVERRIDABLE` that the application overrides.
        self.overrides: frozenset[str] = frozenset()
        #: Whether the application has served a request, after which nothing is registered any more.
        self.setup_finished = False
        #: Whether requests may take the fast path.
        self.is_open = False
        #: Whether the session is opened on first access. One of a program's own is opened at the start of
        #: each request, as Flask does.
        self.session_on_demand = False
        #: Whether JSON is what the default provider makes of it.
        self.json_is_plain = False
        #: What makes the text of a JSON response outside of debug mode; `None` before the first one.
        self.encode: t.Callable[[object], str] | None = None
        #: Host headers that were checked, by making an adapter with them.
        self.known_hosts: set[str | None] = set()
        #: Endpoint to view function, of those that are not coroutine functions.
        self.plain_views: dict[str, t.Callable[..., ft.ResponseReturnValue]] = {}

    def is_current(self, app: ContextApplication) -> bool:
        """Return whether no class has changed since the last `update`; see `overrides`."""
        watch = self.watch
        if self.revision == watch.revision and watch.probe.__flags__ & UNCHANGED:
            return self.seen is None or self.seen == watch.seen(type(app))
        return False

    def update(self, app: Application) -> None:
        """Recompute what depends on the application's classes and attributes.

        The application calls this when it is made, at its first request, and whenever one of the names is set
        on it; a request, when a class has changed.
        """
        watch = self.watch
        watch.renew()
        self.revision, self.seen = watch.revision, watch.seen(type(app))
        self.overrides = watch.overridden_by(type(app)).union(vars(app).keys() & OVERRIDABLE)
        self.is_open = self.setup_finished and not self.overrides and watch.parts_are_original()
        self.session_on_demand = opens_on_demand(app.session_interface)
        self.json_is_plain = responds_plainly(app.json)
        self.encode = None

    def learn_encoder(self, provider: DefaultJSONProvider) -> t.Callable[[object], str] | None:
        """Return the encoder of compact responses, and keep it until an option of the provider is set."""
        revision = self.revision
        encode = self.encode = provider.encoder()
        # Another thread may have set an option meanwhile, and `update` have run before the line above.
        if self.revision != revision:
            self.encode = None
        return encode

    def add_host(self, header: str | None) -> None:
        """Note a Host header that is in order."""
        if len(self.known_hosts) >= _MAX_KNOWN_HOSTS:
            self.known_hosts.clear()
        self.known_hosts.add(header)

    def match(self, app: ContextApplication, request: Request) -> bool:
        """Put rule and values, or what is wrong, on a request. Return `False` for one that needs an adapter.

        That is: OPTIONS, a redirect, a WebSocket, an application with host or subdomain rules or with trusted
        hosts, and the first request of each host, since making the adapter checks the host.
        """
        environ = request.environ_at_start
        url_map = app.url_map
        if (
            environ.get("HTTP_HOST") not in self.known_hosts
            or "HTTP_UPGRADE" in environ
            or type(url_map) is not Map
            or url_map.host_matching
            or app.subdomain_matching
            or app.config["TRUSTED_HOSTS"] is not None
            or (self.overrides and "create_url_adapter" in self.overrides)
        ):
            return False
        path = environ.get("PATH_INFO") or ""
        if not path.isascii():
            path = decoded(environ, "PATH_INFO")
        method = environ["REQUEST_METHOD"]
        if not method.isupper():
            # Almost never: and another text, even an equal one, has to be hashed again.
            method = method.upper()
        if method == "OPTIONS":
            return False
        found = url_map.find(url_map.default_subdomain, path, method)
        if type(found) is tuple:
            request.url_rule, request.view_args = found
            return True
        if type(found) is NoMatch and not found.websocket_mismatch:
            allowed = found.have_match_for
            error = MethodNotAllowed(valid_methods=list(allowed)) if allowed else NotFound()
            request.routing_exception = error
            return True
        return False


def call_view(app: Application, ctx: RequestContext) -> ft.ResponseReturnValue | HTTPException:
    """Run the phases before the response, and return what the view, a hook or an error handler returned.

    Only for a request that has a matched context, of an application whose fast path is open.
    """
    request = ctx.request
    try:
        may_differ = not ctx.matched_directly
        if awake and request_started.receivers:
            may_differ = True
            request_started.send(app, _async_wrapper=app.ensure_sync)
        if app.before_request_funcs or app.url_value_preprocessors:
            may_differ = True
            early = phases.preprocess(app, ctx)
            if early is not None:
                return early
        rule = request.url_rule
        # Method and error are looked at only where something may have set them: CPython 3.11 is slow there.
        if rule is None or (
            may_differ and (request.method == "OPTIONS" or request.routing_exception is not None)
        ):
            return _refusal(app, request) or phases.dispatch(app, ctx)
        endpoint = rule.endpoint
        view_function: t.Callable[..., t.Any] = app.view_functions[endpoint]
        plain_views = app.fast_path.plain_views
        if plain_views.get(endpoint) is not view_function:
            if is_coroutine_function(view_function):
                view_function = app.async_to_sync(view_function)
            else:
                plain_views[endpoint] = view_function
        values = request.view_args
        rv: ft.ResponseReturnValue = view_function(**values) if values else view_function()
        return rv
    except Exception as e:
        # Returned at once: the traceback of an HTTP error holds this frame, which must not hold the error.
        return app.handle_user_exception(e)


def _refusal(app: Application, request: Request) -> HTTPException | None:
    """Return a 404 or 405 for which no handler is registered: raising it would have the same result."""
    refusal = request.routing_exception
    if type(refusal) not in _PLAIN_REFUSALS or app.error_handler_spec or app.config["TRAP_HTTP_EXCEPTIONS"]:
        return None
    return refusal


def make_ready(app: Application, ctx: RequestContext, rv: t.Any) -> ReadyAnswer | None:
    """Return status, headers and body of what a view returned, as its response would have them.

    No response object is made. `None` where something may see it, or where it decides more than this does.
    """
    if (
        app.after_request_funcs
        or ctx.after_this is not None
        or (awake and request_finished.receivers)
        or not (
            (ctx.session_waits and "HTTP_COOKIE" not in ctx.request.environ_at_start)
            or (app.fast_path.session_on_demand and ctx.session_is_unchanged())
        )
    ):
        return None
    status = ""
    kind = type(rv)
    if kind is tuple:
        if len(rv) != 2 or type(rv[1]) is not int:
            return None
        rv, code = rv
        if (found := _status_lines().get(code)) is None:
            return None
        status, kind = found, type(rv)
    if kind is str:
        body, content_type = rv.encode(), "text/html; charset=utf-8"
    elif kind is dict or kind is list:
        skipped = app.fast_path
        if not skipped.json_is_plain:
            return None
        provider: DefaultJSONProvider = app.json  # type: ignore[assignment]
        content_type = provider.mimetype
        if (encode := skipped.encode) is None:
            encode = skipped.learn_encoder(provider)
        if encode is None or app.config["DEBUG"]:
            body = provider.response_text(rv).encode()
        else:
            body = f"{encode(rv)}\n".encode()
    elif kind is bytes:
        body, content_type = rv, "text/html; charset=utf-8"
    else:
        ready: ReadyAnswer | None = None
        if status:
            pass  # of another status than its own
        elif kind is NotFound or kind is MethodNotAllowed:
            ready = _ready_error(rv)
        elif kind is StaticFile:
            ready = rv.ready()
        if ready is not None and not ctx.session_waits and ctx.session_was_read():
            ready[1].append(("Vary", "Cookie"))
        return ready
    headers = [("Content-Type", content_type), ("Content-Length", str(len(body)))]
    if not ctx.session_waits and ctx.session_was_read():
        headers.append(("Vary", "Cookie"))
    return status or "200 OK", headers, (body,)


def _status_lines() -> dict[int, str]:
    """Return the table of codes to status lines, of the codes whose answers have a body."""
    if not _STATUS_LINES:
        from werkzeug.http import HTTP_STATUS_CODES

        for code, name in HTTP_STATUS_CODES.items():
            if code >= 200 and code not in (204, 304):
                _STATUS_LINES[code] = f"{code} {name.upper()}"
    return _STATUS_LINES


def _ready_error(error: NotFound | MethodNotAllowed) -> ReadyAnswer | None:
    """Return the answer of an error without a description of its own: Werkzeug's page, rendered once."""
    cls = type(error)
    if error.response is not None or error.description is not cls.description:
        return None
    known = _ERROR_PAGES.get(cls)
    if known is None:
        page = error.get_body().encode()
        known = _ERROR_PAGES[cls] = _status_lines()[cls.code], page, str(len(page))
    status, page, length = known
    headers = [("Content-Type", "text/html; charset=utf-8"), ("Content-Length", length)]
    if isinstance(error, MethodNotAllowed) and error.valid_methods:
        headers.insert(1, ("Allow", ", ".join(error.valid_methods)))
    return status, headers, (page,)
