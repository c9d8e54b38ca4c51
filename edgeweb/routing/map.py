"""The rules of an application, and the settings that they share."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from threading import Lock
from typing import TYPE_CHECKING, Any

from werkzeug._internal import _get_environ, _wsgi_decoding_dance
from werkzeug.datastructures.structures import ImmutableDict
from werkzeug.exceptions import BadHost
from werkzeug.routing.converters import DEFAULT_CONVERTERS, BaseConverter
from werkzeug.routing.exceptions import RequestAliasRedirect
from werkzeug.wsgi import get_host

from .adapter import MapAdapter, QueryArgs, Refusal, RuleRedirect
from .matcher import Matcher
from .rule import BoundVariable, Rule, RuleFactory, SortKey, Values, VariableKey
from .segment import Segment, SegmentKey

if TYPE_CHECKING:
    from contextlib import AbstractContextManager
    from wsgiref.types import WSGIEnvironment

    from werkzeug.wrappers import Request as WerkzeugRequest

#: Octets of one label of a host name (RFC 1035, 2.3.4).
_LABEL_LIMIT = 63

_NO_PATHS: dict[str, tuple[Rule, ...]] = {}


class Map:
    """A set of URL rules, matched and built through a `MapAdapter`.

    >>> urls = Map([Rule("/", endpoint="index"), Rule("/user/<int:id>", endpoint="user")]).bind("example.com")
    >>> urls.match("/user/42"), urls.build("user", {"id": 7})
    (('user', {'id': 42}), '/user/7')

    - `rules`: rules and rule factories, also those of `werkzeug.routing`;
    - `default_subdomain`: of rules that have none;
    - `strict_slashes`: ``/a`` is redirected to ``/a/`` where the rule ends with a slash, and ``/a/`` is not
      ``/a``;
    - `merge_slashes`: ``/a//b`` is redirected to ``/a/b``;
    - `redirect_defaults`: see `Rule.defaults`;
    - `converters`: more converters by name, or others in place of the built-in ones;
    - `sort_parameters`, `sort_key`: sort the query of built URLs;
    - `host_matching`: rules match whole hosts (`Rule.host`) instead of subdomains.

    Adding rules and matching may happen in several threads. Source: Werkzeug documentation, "URL Routing".
    """

    #: The converters of every map; `converters` of one map is a copy.
    default_converters: Mapping[str, type[BaseConverter]] = ImmutableDict(DEFAULT_CONVERTERS)

    #: Makes the lock under which rules are added and put in order.
    lock_class: Callable[[], AbstractContextManager[object]] = Lock

    def __init__(
        self,
        rules: Iterable[RuleFactory] | None = None,
        default_subdomain: str = "",
        strict_slashes: bool = True,
        merge_slashes: bool = True,
        redirect_defaults: bool = True,
        converters: Mapping[str, type[BaseConverter]] | None = None,
        sort_parameters: bool = False,
        sort_key: SortKey | None = None,
        host_matching: bool = False,
    ) -> None:
        self._matcher = Matcher(merge_slashes)
        self._rules_by_endpoint: dict[object, list[Rule]] = {}
        self._unsorted: set[object] = set()
        self.segments: dict[SegmentKey, Segment] = {}
        self.shared_variables: dict[VariableKey, BoundVariable] = {}
        self._remap = True
        self._remap_lock = self.lock_class()

        self.default_subdomain = default_subdomain
        self.strict_slashes = strict_slashes
        self.redirect_defaults = redirect_defaults
        self.host_matching = host_matching
        self.converters: dict[str, type[BaseConverter]] = dict(self.default_converters)
        if converters:
            self.converters.update(converters)
        self.sort_parameters = sort_parameters
        self.sort_key = sort_key

        for factory in rules or ():
            self.add(factory)

    @property
    def merge_slashes(self) -> bool:
        """True: a path with repeated slashes is redirected to the path without them."""
        return self._matcher.merge_slashes

    @merge_slashes.setter
    def merge_slashes(self, value: bool) -> None:
        self._matcher.merge_slashes = value

    @property
    def _rules(self) -> list[Rule]:
        return [rule for rules in self._rules_by_endpoint.values() for rule in rules]

    def iter_rules(self, endpoint: object = None) -> Iterator[Rule]:
        """Return all rules, or those of an endpoint. Raises `KeyError` for an endpoint without rules."""
        self.update()
        return iter(self._rules if endpoint is None else self._rules_by_endpoint[endpoint])

    def is_endpoint_expecting(self, endpoint: object, *arguments: str) -> bool:
        """Return whether a rule of the endpoint has all these arguments. Raises `KeyError` without rules."""
        self.update()
        wanted = set(arguments)
        return any(wanted.issubset(rule.arguments) for rule in self._rules_by_endpoint[endpoint])

    def add(self, rulefactory: RuleFactory | Any) -> None:
        """Add a rule, or the rules of a factory.

        Those of `werkzeug.routing` are converted. Raises `RuntimeError` for a rule that is bound to a map
        (add its `empty()` copy), and what `Rule.bind` raises.
        """
        for item in rulefactory.get_rules(self):
            rule: Rule = item if isinstance(item, Rule) else Rule.from_rule(item)
            # Before the lock is taken: a converter's constructor may ask the map for its rules.
            rule.bind(self)
            if rule is not item:
                rule.bind_original(item)
            with self._remap_lock:
                self._insert(rule)
                self._remap = True

    def _insert(self, rule: Rule) -> None:
        parts = rule.take_parts()
        if parts is not None and not rule.build_only:
            self._matcher.add(rule, *parts)
        rules = self._rules_by_endpoint.get(rule.endpoint)
        if rules is None:
            self._rules_by_endpoint[rule.endpoint] = [rule]
        else:
            rules.append(rule)
            self._unsorted.add(rule.endpoint)

    def update(self) -> None:
        """Put new rules in the order in which they are tried. Matching and building call this."""
        if self._remap:
            with self._remap_lock:
                # False now if another thread has sorted them meanwhile.
                if self._remap:
                    self._sort()
                    self._remap = False

    def _sort(self) -> None:
        self._matcher.update()
        for endpoint in self._unsorted:
            rules = sorted(self._rules_by_endpoint[endpoint], key=lambda rule: rule.build_compare_key())
            # The defaults of one rule can make a match of another one a redirect.
            if any(rule.defaults for rule in rules):
                for rule in rules:
                    rule.may_redirect = True
            self._rules_by_endpoint[endpoint] = rules
        self._unsorted.clear()

    def find(
        self, domain: str, path: str, method: str, websocket: bool = False
    ) -> tuple[Rule, Values] | Refusal:
        """Match without an adapter, which costs more than the match and is seldom needed.

        *domain* is the subdomain, or with host matching the host with its port; *path* the decoded path below
        the script name; *method* in upper case.

        A tuple is a match: the rule and the values. Pass anything else to `MapAdapter.refuse`, which raises
        the answer:

        - `NoMatch`: not found, or see its `have_match_for` (method not allowed) and `websocket_mismatch`;
        - `RequestPath`: redirect to the path with a slash added or repeated ones merged;
        - `RequestAliasRedirect`, `RuleRedirect`: redirect to another rule, or to the rule's `redirect_to`.

        >>> Map([Rule("/", endpoint="index")]).find("", "/", "GET")
        (<Rule '/' -> index>, {})
        """
        if self._remap:
            self.update()
        for rule in self._matcher.static.get(domain, _NO_PATHS).get(path, ()):
            methods = rule.methods
            if (methods is None or method in methods) and rule.websocket is websocket:
                values: Values = dict(rule.defaults) if rule.defaults else {}
                return self._redirected(rule, values, method) if rule.may_redirect else (rule, values)
        found = self._matcher.search(domain, path, method, websocket)
        if isinstance(found, tuple) and found[0].may_redirect:
            return self._redirected(*found, method)
        return found

    def _redirected(
        self, rule: Rule, values: Values, method: str
    ) -> tuple[Rule, Values] | RequestAliasRedirect | RuleRedirect:
        """Return the match, or the redirect that it leads to."""
        if self.redirect_defaults:
            if rule.alias:
                return RequestAliasRedirect(values, rule.endpoint)
            target = self.default_rule(rule, values, method)
            if target is not None:
                return RuleRedirect(rule, values, target)
        return (rule, values) if rule.redirect_to is None else RuleRedirect(rule, values, None)

    def default_rule(self, rule: Rule, values: Mapping[str, object], method: str) -> Rule | None:
        """Return the rule that comes before this one and has exactly these values as its defaults."""
        for candidate in self._rules_by_endpoint[rule.endpoint]:
            if candidate is rule:
                break
            if candidate.provides_defaults_for(rule) and candidate.suitable_for(values, method):
                return candidate
        return None

    def bind(
        self,
        server_name: str,
        script_name: str | None = None,
        subdomain: str | None = None,
        url_scheme: str = "http",
        default_method: str = "GET",
        path_info: str | None = None,
        query_args: QueryArgs | None = None,
    ) -> MapAdapter:
        """Return an adapter for a host, with its port unless that is the standard one, and a mount point.

        The other arguments are the defaults of its `match`; a `url_scheme` of ``ws`` or ``wss`` is for
        WebSocket rules. Raises `RuntimeError` for a subdomain with host matching, and `BadHost` (400) for a
        host name that has no IDNA form.
        """
        if subdomain is not None and self.host_matching:
            raise RuntimeError("This map matches whole hosts. Bind it without a subdomain.")
        if subdomain is None and not self.host_matching:
            subdomain = self.default_subdomain
        host, colon, port = server_name.lower().partition(":")
        return MapAdapter(
            self,
            f"{_idna(host)}{colon}{port}",
            "/" if script_name is None else script_name,
            subdomain,
            url_scheme,
            "/" if path_info is None else path_info,
            default_method,
            query_args,
        )

    def bind_to_environ(
        self,
        environ: WSGIEnvironment | WerkzeugRequest,
        server_name: str | None = None,
        subdomain: str | None = None,
    ) -> MapAdapter:
        """Return an adapter for a WSGI environment, or for an object that has one as `environ`.

        With a *server_name* the subdomain is the part of the request's host in front of it. A host that does
        not end with it gives a warning and the subdomain ``<invalid>``, for which nothing matches.
        Raises `SecurityError` and `BadHost` (400) for an invalid host.
        """
        environ = _get_environ(environ)
        host = get_host(environ).lower()
        scheme = environ["wsgi.url_scheme"]
        if _asks_for_websocket(environ):
            scheme = "wss" if scheme == "https" else "ws"

        if server_name is None:
            server_name = host
        else:
            # `get_host` has removed a standard port from the other one.
            server_name = server_name.lower()
            server_name = server_name.removesuffix(":80" if scheme in {"http", "ws"} else ":443")
        if subdomain is None and not self.host_matching:
            subdomain = _subdomain(host, server_name)
        script_name, path_info, query_args = [
            None if (value := environ.get(name)) is None else _wsgi_decoding_dance(value)
            for name in ("SCRIPT_NAME", "PATH_INFO", "QUERY_STRING")
        ]
        return Map.bind(
            self,
            server_name,
            script_name,
            subdomain,
            scheme,
            environ["REQUEST_METHOD"],
            path_info,
            query_args=query_args,
        )

    def __repr__(self) -> str:
        from pprint import pformat

        return f"{type(self).__name__}({pformat(list(self.iter_rules()))})"


def _asks_for_websocket(environ: WSGIEnvironment) -> bool:
    if environ.get("HTTP_UPGRADE", "").lower() != "websocket":
        return False
    return "upgrade" in [
        option.strip(" \t") for option in environ.get("HTTP_CONNECTION", "").lower().split(",")
    ]


def _subdomain(host: str, server_name: str) -> str:
    """Return the part of a host in front of the server name."""
    labels = host.split(".")
    count = len(server_name.split("."))
    if labels[-count:] != server_name.split("."):
        from warnings import warn

        # Not an error: a client may have used the server's address.
        warn(
            f"Current server name {host!r} doesn't match configured server name {server_name!r}", stacklevel=3
        )
        return "<invalid>"
    return ".".join([label for label in labels[:-count] if label])


def _idna(host: str) -> str:
    """Return the ASCII form of a host name without port. Raises `BadHost` where there is none."""
    if host.isascii():
        # The codec's checks of ASCII names, without loading its tables.
        *labels, last = host.split(".")
        if len(last) > _LABEL_LIMIT or not all(0 < len(label) <= _LABEL_LIMIT for label in labels):
            raise BadHost
        return host
    try:
        return host.encode("idna").decode("ascii")
    except UnicodeError as error:
        raise BadHost from error
