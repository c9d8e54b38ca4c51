"""A map together with one address: of a request, or of the application. It matches and builds URLs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any, Literal, NoReturn, Protocol, overload
from urllib.parse import quote, urljoin, urlunsplit

from werkzeug.datastructures.structures import MultiDict
from werkzeug.exceptions import HTTPException, MethodNotAllowed, NotFound
from werkzeug.routing.exceptions import (
    BuildError,
    NoMatch,
    RequestAliasRedirect,
    RequestPath,
    RequestRedirect,
    WebsocketMismatch,
)

from .builder import encode_query
from .rule import Rule, Values
from .syntax import PATH_SAFE

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

QueryArgs = Mapping[str, object] | str

_SECURE = frozenset({"https", "wss"})
# Is the rule for WebSocket, is the scheme secure: the scheme of an absolute URL.
_SCHEMES = {(False, False): "http", (False, True): "https", (True, False): "ws", (True, True): "wss"}


class RuleRedirect:
    """A match that is answered with a redirect: to another rule of the endpoint, or to `rule.redirect_to`."""

    __slots__ = ("rule", "target", "values")

    def __init__(self, rule: Rule, values: Values, target: Rule | None) -> None:
        self.rule = rule
        self.values = values
        self.target = target


#: What `Map.find` returns when there is no match.
Refusal = NoMatch | RequestPath | RequestAliasRedirect | RuleRedirect


if TYPE_CHECKING:

    class AdapterMap(Protocol):
        """What an adapter needs of its map."""

        host_matching: bool
        redirect_defaults: bool
        _rules_by_endpoint: dict[object, list[Rule]]

        def update(self) -> None: ...

        def find(
            self, domain: str, path: str, method: str, websocket: bool = False
        ) -> tuple[Rule, Values] | Refusal: ...

        def default_rule(self, rule: Rule, values: Mapping[str, object], method: str) -> Rule | None: ...


class MapAdapter:
    """A map bound to one host and script name, as `Map.bind` and `Map.bind_to_environ` return it.

    Source: Werkzeug documentation, "URL Routing".
    """

    def __init__(
        self,
        map: AdapterMap,
        server_name: str,
        script_name: str,
        subdomain: str | None,
        url_scheme: str,
        path_info: str,
        default_method: str,
        query_args: QueryArgs | None = None,
    ) -> None:
        self.map = map
        self.server_name = server_name
        self.script_name = script_name if script_name.endswith("/") else f"{script_name}/"
        self.subdomain = subdomain
        self.url_scheme = url_scheme
        self.path_info = path_info
        self.default_method = default_method
        self.query_args = query_args
        self.websocket = url_scheme in {"ws", "wss"}

    def dispatch(
        self,
        view_func: Callable[[str, Values], WSGIApplication],
        path_info: str | None = None,
        method: str | None = None,
        catch_http_exceptions: bool = False,
    ) -> WSGIApplication:
        """Match, and call ``view_func(endpoint, values)``.

        A redirect is returned as the exception, which is a response. Other HTTP exceptions are raised, also
        those of the view; with *catch_http_exceptions* they are returned.
        """
        try:
            try:
                endpoint, values = self.match(path_info, method)
            except RequestRedirect as redirect:
                return redirect
            return view_func(endpoint, values)
        except HTTPException as error:
            if catch_http_exceptions:
                return error
            raise

    @overload
    def match(
        self,
        path_info: str | None = None,
        method: str | None = None,
        return_rule: Literal[False] = False,
        query_args: QueryArgs | None = None,
        websocket: bool | None = None,
    ) -> tuple[Any, Values]: ...

    @overload
    def match(
        self,
        path_info: str | None = None,
        method: str | None = None,
        return_rule: Literal[True] = True,
        query_args: QueryArgs | None = None,
        websocket: bool | None = None,
    ) -> tuple[Rule, Values]: ...

    def match(
        self,
        path_info: str | None = None,
        method: str | None = None,
        return_rule: bool = False,
        query_args: QueryArgs | None = None,
        websocket: bool | None = None,
    ) -> tuple[Any, Values]:
        """Return the endpoint (with *return_rule* the rule) and the values, by default of the bound request.

        >>> urls = Map([Rule("/downloads/<int:id>", endpoint="show")]).bind("example.com")
        >>> urls.match("/downloads/42")
        ('show', {'id': 42})

        Raises, all of them HTTP exceptions: `NotFound`; `MethodNotAllowed` when only the method does not fit;
        `WebsocketMismatch` when only the kind of connection does not; `RequestRedirect` with `new_url` when
        the request belongs elsewhere. *query_args* go to such a URL. A converter that raises
        `ValidationError` ends the search.
        """
        method = (method or self.default_method).upper()
        if path_info is None:
            path_info = self.path_info
        if websocket is None:
            websocket = self.websocket
        map = self.map
        domain = self.server_name if map.host_matching or self.subdomain is None else self.subdomain
        found = map.find(domain, path_info, method, bool(websocket))
        if not isinstance(found, tuple):
            self.refuse(found, method, query_args)
        rule, values = found
        return (rule if return_rule else rule.endpoint), values

    def refuse(self, refusal: Refusal, method: str, query_args: QueryArgs | None = None) -> NoReturn:
        """Raise the HTTP exception for what `Map.find` returned instead of a match; see `match`."""
        if query_args is None:
            query_args = self.query_args or {}
        if isinstance(refusal, NoMatch):
            if refusal.have_match_for:
                raise MethodNotAllowed(valid_methods=list(refusal.have_match_for))
            raise WebsocketMismatch if refusal.websocket_mismatch else NotFound
        if isinstance(refusal, RequestPath):
            url = self.make_redirect_url(quote(refusal.path_info, safe=PATH_SAFE), query_args)
        elif isinstance(refusal, RequestAliasRedirect):
            url = self.make_alias_redirect_url(
                "", refusal.endpoint, refusal.matched_values, method, query_args
            )
        elif refusal.target is not None:
            url = self._default_url(refusal.target, refusal.values, query_args)
        else:
            url = self._redirect_to_url(refusal.rule, refusal.values)
        raise RequestRedirect(url)

    def test(self, path_info: str | None = None, method: str | None = None) -> bool:
        """Return whether a rule matches, directly or by a redirect."""
        try:
            self.match(path_info, method)
        except RequestRedirect:
            pass
        except HTTPException:
            return False
        return True

    def allowed_methods(self, path_info: str | None = None) -> Iterable[str]:
        """Return the methods for which a path matches; none without a rule, or for one with all methods."""
        try:
            self.match(path_info, method="--")
        except MethodNotAllowed as error:
            return error.valid_methods or []
        except HTTPException:
            pass
        return []

    def get_host(self, domain_part: str | None) -> str:
        """Return the full host for a subdomain, or for a host with host matching; `None` is the bound one."""
        if self.map.host_matching:
            return self.server_name if domain_part is None else domain_part
        subdomain = self.subdomain if domain_part is None else domain_part
        return f"{subdomain}.{self.server_name}" if subdomain else self.server_name

    def get_default_redirect(
        self, rule: Rule, method: str, values: Values, query_args: QueryArgs
    ) -> str | None:
        """Return the URL of the rule that has the matched values as its defaults, if there is one."""
        target = self.map.default_rule(rule, values, method)
        return None if target is None else self._default_url(target, values, query_args)

    def _default_url(self, target: Rule, values: Values, query_args: QueryArgs) -> str:
        values.update(target.defaults or {})
        built = target.build(values)
        if built is None:
            raise _build_error(target.endpoint, values, None, self)
        return self.make_redirect_url(built[1], query_args, domain_part=built[0])

    def _redirect_to_url(self, rule: Rule, values: Values) -> str:
        redirect_to = rule.redirect_to
        if isinstance(redirect_to, str):
            target = _fill(redirect_to, rule, values)
        else:
            assert redirect_to is not None
            target = redirect_to(self, **values)
        host = f"{self.subdomain}.{self.server_name}" if self.subdomain else self.server_name
        return urljoin(f"{self.url_scheme or 'http'}://{host}{self.script_name}", target)

    def encode_query_args(self, query_args: QueryArgs) -> str:
        """Return the query string for a mapping; a string is one already."""
        return query_args if isinstance(query_args, str) else encode_query(query_args)

    def make_redirect_url(
        self, path_info: str, query_args: QueryArgs | None = None, domain_part: str | None = None
    ) -> str:
        """Return the absolute URL of a quoted path below the script name."""
        if query_args is None:
            query_args = self.query_args
        query = self.encode_query_args(query_args) if query_args else ""
        path = "/".join((self.script_name.strip("/"), path_info.lstrip("/")))
        return urlunsplit((self.url_scheme or "http", self.get_host(domain_part), path, query, ""))

    def make_alias_redirect_url(
        self,
        path: str,
        endpoint: object,
        values: Mapping[str, object],
        method: str,
        query_args: QueryArgs,
    ) -> str:
        """Return the absolute URL of the rule that an alias stands for."""
        built = self.build(endpoint, values, method, append_unknown=False, force_external=True)
        url = "?".join((built, self.encode_query_args(query_args))) if query_args else built
        assert url != path, f"Endpoint {endpoint!r} has an alias, but no other rule for these values."
        return url

    def build(
        self,
        endpoint: object,
        values: Mapping[str, object] | None = None,
        method: str | None = None,
        force_external: bool = False,
        append_unknown: bool = True,
        url_scheme: str | None = None,
    ) -> str:
        """Return the URL of an endpoint: a path, or an absolute URL for another host or *force_external*.

        >>> urls = Map([Rule("/user/<int:id>", endpoint="user")]).bind("example.com")
        >>> urls.build("user", {"id": 42, "tab": "mail"})
        '/user/42?tab=mail'

        Values of `None` are left out. Values that the rule does not know make the query, unless
        *append_unknown* is off. The rules of *method* are taken, by default those of the bound method and
        then any. URLs of WebSocket rules are always absolute; *url_scheme* is the one of absolute URLs, and
        without any they begin with ``//``.

        Raises `BuildError` where no rule of the endpoint fits the values, and what converters raise.
        """
        map = self.map
        map.update()
        if not values:
            values = {}
        elif isinstance(values, MultiDict):
            values = {
                name: items[0] if len(items) == 1 else items
                for name, items in dict.items(values)
                if len(items) != 0
            }
        else:
            values = {name: value for name, value in values.items() if value is not None}

        built = self._partial_build(endpoint, values, method, append_unknown)
        if built is None:
            raise _build_error(endpoint, values, method, self)
        domain, path, websocket = built
        is_here = domain == (self.server_name if map.host_matching else self.subdomain)
        path = path.lstrip("/")
        # Browsers want absolute URLs for WebSockets.
        if is_here and not force_external and not websocket:
            return "/".join((self.script_name.rstrip("/"), path))

        scheme = self.url_scheme if url_scheme is None else url_scheme
        if scheme or websocket:
            scheme = _SCHEMES[websocket, scheme in _SECURE] + ":"
        return f"{scheme}//{self.get_host(domain)}{self.script_name[:-1]}/{path}"

    def _partial_build(
        self, endpoint: object, values: Mapping[str, object], method: str | None, append_unknown: bool
    ) -> tuple[str, str, bool] | None:
        """Return domain part, path and kind of the first rule that fits, if possible on the bound host."""
        first: tuple[str, str, bool] | None = None
        for wanted in (self.default_method, None) if method is None else (method,):
            for rule in self.map._rules_by_endpoint.get(endpoint, ()):
                if not rule.suitable_for(values, wanted):
                    continue
                built = rule.build(values, append_unknown)
                if built is None:
                    continue
                if not self.map.host_matching or built[0] == self.server_name:
                    return (*built, rule.websocket)
                if first is None:
                    first = (*built, rule.websocket)
            if first is not None:
                return first
        return None


def _fill(redirect_to: str, rule: Rule, values: Mapping[str, object]) -> str:
    """Return a redirect target with the values in place of its ``<name>``."""
    converters = rule.converter_by_name
    pieces: list[str] = []
    position = 0
    while (opening := redirect_to.find("<", position)) >= 0 and (
        closing := redirect_to.find(">", opening)
    ) >= 0:
        name = redirect_to[opening + 1 : closing]
        if name:
            pieces += redirect_to[position:opening], converters[name].to_url(values[name])
        else:
            pieces.append(redirect_to[position : closing + 1])
        position = closing + 1
    return "".join([*pieces, redirect_to[position:]])


def _build_error(
    endpoint: object, values: Mapping[str, object], method: str | None, adapter: Any
) -> BuildError:
    # Declared for Werkzeug's adapter, but the error reads `map._rules` only.
    return BuildError(endpoint, values, method, adapter)
