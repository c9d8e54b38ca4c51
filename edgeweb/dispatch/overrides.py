"""Which methods a program has put in place of the framework's: the fast path must not skip those.

Tools that trace or protect every application of a process wrap methods of the classes, and tests patch them;
both may do it at any time, also while an application serves. In Flask that always counts, because each phase
is looked up when it is called. Here the fast path skips phases, so it has to know that none is overridden.

A class does not report that one of its attributes was set, and comparing some forty attributes at each
request would cost more than the router. CPython keeps what is needed: every class has a version tag for the
caches of attribute look-ups, and setting an attribute clears the bit `Py_TPFLAGS_VALID_VERSION_TAG` of the
class and of all its subclasses (`type.__flags__`; CPython, Include/object.h and `PyType_Modified` in
Objects/typeobject.c). The next look-up of an attribute sets it again. Hence the *probe*: a subclass of all
classes that matter, on which nothing is ever looked up (`__flags__` is an attribute of `type` and is found
before the class is searched). As long as its bit stays set, none of these classes has changed.

| application                  | at each request                                                          |
|------------------------------|--------------------------------------------------------------------------|
| of the class `Flask`         | one bit is tested                                                        |
| of a subclass                | and the methods of the subclass are compared: a probe below it would be  |
|                              | one of the program's own classes, to `__subclasses__` and to metaclasses |
| on Python 3.14, which leaves | all attributes are compared                                              |
| the bit unused, and after a  |                                                                          |
| thousand changes on 3.13     |                                                                          |

What is set on an instance is noticed where it is set: see `Flask.__setattr__` for the application. The JSON
provider and the session interface then set `replaced` on their class, which clears the bit.
"""

from __future__ import annotations

import typing as t
from operator import attrgetter

from werkzeug.exceptions import MethodNotAllowed, NotFound

from ..json.provider import OPTIONS, DefaultJSONProvider, dumps_is_original
from ..routing import Map, MapAdapter
from ..sessions import SecureCookieSessionInterface
from ..wrappers import Response

if t.TYPE_CHECKING:
    from ..json.provider import JSONProvider
    from ..sessions import SessionInterface

#: What a program may override on the way of a request, in a subclass or on one application: methods, the
#: property `debug`, and the two attributes that decide the classes of responses and sessions.
OVERRIDABLE: tuple[str, ...] = (
    "_find_error_handler",
    "async_to_sync",
    "create_url_adapter",
    "debug",
    "dispatch_request",
    "do_teardown_appcontext",
    "do_teardown_request",
    "ensure_sync",
    "finalize_request",
    "full_dispatch_request",
    "handle_exception",
    "handle_http_exception",
    "handle_user_exception",
    "make_default_options_response",
    "make_response",
    "preprocess_request",
    "process_response",
    "raise_routing_exception",
    "request_context",
    "response_class",
    "session_interface",
    "trap_http_exception",
)

#: What opening, skipping and saving a session on demand assumes of the session interface.
_OF_INTERFACE = (
    "get_cookie_name",
    "is_null_session",
    "make_null_session",
    "null_session_class",
    "open_session",
    "save_session",
    "session_class",
    "should_set_cookie",
)
_OF_PROVIDER = ("_prepare_response_obj", "dumps", "response")

_OF_ERROR = (
    *("__call__", "__init__", "description", "get_body", "get_description", "get_headers", "get_response"),
    "name",
)

#: Class -> what the fast path leaves out of its instances' work.
_PARTS: dict[type, tuple[str, ...]] = {
    Response: (
        *("__call__", "__init__", "automatically_set_content_length", "calculate_content_length"),
        *("default_mimetype", "default_status", "force_type", "get_app_iter", "get_wsgi_headers"),
        *("get_wsgi_response", "iter_encoded", "set_data"),
    ),
    DefaultJSONProvider: _OF_PROVIDER,
    SecureCookieSessionInterface: _OF_INTERFACE,
    Map: ("bind", "bind_to_environ"),
    MapAdapter: ("__init__", "match"),
    NotFound: _OF_ERROR,
    MethodNotAllowed: _OF_ERROR,
}

Attributes = tuple[object, ...]
_Getter = t.Callable[[type], Attributes]

_methods: _Getter = attrgetter(*OVERRIDABLE)
_of_interface: _Getter = attrgetter(*_OF_INTERFACE)
_options: _Getter = attrgetter(*OPTIONS)
_parts: list[tuple[_Getter, type]] = [(attrgetter(*names), cls) for cls, names in _PARTS.items()]

#: Bit of `type.__flags__`: the class and its bases are as they were at the last look-up of an attribute.
UNCHANGED = 1 << 19


if t.TYPE_CHECKING:

    class Probe(t.Protocol):
        """A class, or what stands for one where the interpreter does not use the bit."""

        @property
        def __flags__(self) -> int: ...


class _NoProbe:
    __flags__ = UNCHANGED


def _attributes_of_parts() -> Attributes:
    return tuple([getter(cls) for getter, cls in _parts])


def _bit_is_used() -> bool:
    """Return whether setting an attribute of a class clears the bit of a subclass, and a look-up sets it."""
    base: t.Any = type("Base", (), {})
    probe: t.Any = type("Probe", (base,), {"attribute": None})
    probe.attribute  # noqa: B018
    before = probe.__flags__ & UNCHANGED
    base.attribute = None
    return bool(before) and not probe.__flags__ & UNCHANGED


class Watch:
    """The attributes of an application class and of the parts, as they are in edgeweb, and the probe.

    Made right after the body of the class: what a program sets on it later is then never taken for edgeweb's.
    """

    __slots__ = ("_has_probe", "_of_parts", "app_class", "methods", "probe", "revision")

    def __init__(self, app_class: type, has_probe: bool | None = None) -> None:
        self.app_class = app_class
        self.methods = _methods(app_class)
        self._of_parts = _attributes_of_parts()
        #: Counts the changes that were noticed. Each application keeps the count that it has seen.
        self.revision = 0
        self._has_probe = _bit_is_used() if has_probe is None else has_probe
        self.probe: Probe = _NoProbe()
        if self._has_probe:
            self.probe = type("Probe", (app_class, *_PARTS), {})
            self.renew()

    def renew(self) -> None:
        """Set the bit of the probe, if it was cleared. Read the attributes after that, never before."""
        if not self.probe.__flags__ & UNCHANGED:
            self.revision += 1
            getattr(self.probe, "wsgi_app", None)
            if not self.probe.__flags__ & UNCHANGED:
                # The version tags of a class are bounded (1,000 in CPython 3.13): a suite that
                # patches it again and again uses them up.
                self._has_probe = False
                self.probe = _NoProbe()

    def seen(self, app_class: type) -> Attributes | None:
        """Return the attributes whose changes the probe does not notice; `None` where it notices all."""
        if not self._has_probe:
            on_instances = DefaultJSONProvider.replaced, SecureCookieSessionInterface.replaced
            return _methods(app_class), _attributes_of_parts(), _options(DefaultJSONProvider), on_instances
        return None if app_class is self.app_class else _methods(app_class)

    def overridden_by(self, app_class: type) -> frozenset[str]:
        """Return the names in `OVERRIDABLE` that a class has otherwise than edgeweb."""
        rows = zip(OVERRIDABLE, _methods(app_class), self.methods, strict=True)
        return frozenset([name for name, now, original in rows if now is not original])

    def parts_are_original(self) -> bool:
        """Return whether responses, errors and the rest are as edgeweb and Werkzeug have made them."""
        return _attributes_of_parts() == self._of_parts


_interface_attributes = _of_interface(SecureCookieSessionInterface)


def _are_of_the_class(instance: object, names: t.Iterable[str]) -> bool:
    # Not by vars(): CPython 3.11 and 3.12 read all attributes of an instance slower after that.
    for name in names:
        value = getattr(instance, name)
        if getattr(value, "__func__", value) is not getattr(type(instance), name):
            return False
    return True


def opens_on_demand(interface: SessionInterface) -> bool:
    """Return whether a session may be opened on first access, and not be saved if it was only read.

    An interface of the program's own is asked at the beginning and at the end of each request, as in Flask.
    """
    return (
        isinstance(interface, SecureCookieSessionInterface)
        and dumps_is_original()
        and _of_interface(type(interface)) == _interface_attributes
        and _are_of_the_class(interface, _OF_INTERFACE)
    )


def responds_plainly(provider: JSONProvider) -> bool:
    """Return whether no method of a JSON response is replaced on this provider, or in its class."""
    return type(provider) is DefaultJSONProvider and _are_of_the_class(provider, _OF_PROVIDER)
