"""Session objects, and the interface that opens and saves them: by default in a signed cookie."""

from __future__ import annotations

import collections.abc as c
import typing as t
from functools import cache

from werkzeug.datastructures import CallbackDict, Headers

from ..json.provider import dumps_is_original
from ..wrappers import Request

if t.TYPE_CHECKING:
    from datetime import datetime
    from types import ModuleType

    from itsdangerous import URLSafeTimedSerializer

    from ..json.tag import TaggedJSONSerializer
    from ..typing import App
    from ..wrappers import Request, Response

    session_json_serializer: TaggedJSONSerializer


class SessionMixin(c.MutableMapping[str, t.Any]):
    """The attributes of a session beyond those of a dict."""

    @property
    def permanent(self) -> bool:
        """Whether the cookie outlives the browser's session, for `PERMANENT_SESSION_LIFETIME`."""
        value: bool = self.get("_permanent", False)
        return value

    @permanent.setter
    def permanent(self, value: bool) -> None:
        self["_permanent"] = bool(value)

    new = False
    """Whether the session was made in this request. Not every backend sets it."""

    modified = True
    """Whether it has to be saved: always, unless the class notices changes. After changing a value inside,
    such as a list, set it: `session.modified = True`."""

    accessed = False
    """Whether the request read it. The response then varies on the cookie."""


def _mark_modified(session: SecureCookieSession) -> None:
    session.modified = True


class SecureCookieSession(CallbackDict[str, t.Any], SessionMixin):
    """A session that notices when one of its keys is set or deleted."""

    modified = False

    def __init__(self, initial: c.Mapping[str, object] | None = None) -> None:
        super().__init__(initial, _mark_modified)


class NullSession(SecureCookieSession):
    """The session of an application without a secret key: empty, and writing raises `RuntimeError`."""

    def _fail(self, *args: object, **kwargs: object) -> t.NoReturn:
        raise RuntimeError(
            "The session is unavailable because no secret key was set.  Set the secret_key on the"
            " application to something unique and secret."
        )

    __setitem__ = __delitem__ = clear = pop = popitem = update = setdefault = _fail


class SessionInterface:
    """The base class of session storage.

    Implement `open_session` and `save_session`, and assign an instance to `app.session_interface`.

    Several requests of one visitor may be served at once, so sessions are opened and saved in any order.
    One method for each setting of the cookie returns its value from the configuration.
    """

    null_session_class = NullSession
    """What `make_null_session` makes and `is_null_session` recognises."""

    pickle_based = False
    """Whether sessions are pickled; a hint for extensions."""

    def make_null_session(self, app: App) -> NullSession:
        """Return the session in place of a None of `open_session`: readable, often not writable."""
        return self.null_session_class()

    def is_null_session(self, obj: object) -> bool:
        """Return whether an object is such a session, which is not saved."""
        return isinstance(obj, self.null_session_class)

    def get_cookie_name(self, app: App) -> str:
        """Return `SESSION_COOKIE_NAME`."""
        value: str = app.config["SESSION_COOKIE_NAME"]
        return value

    def get_cookie_domain(self, app: App) -> str | None:
        """Return `SESSION_COOKIE_DOMAIN`; None: only the host that set the cookie gets it back."""
        value: str | None = app.config["SESSION_COOKIE_DOMAIN"]
        return value

    def get_cookie_path(self, app: App) -> str:
        """Return `SESSION_COOKIE_PATH`, or `APPLICATION_ROOT`."""
        value: str = app.config["SESSION_COOKIE_PATH"] or app.config["APPLICATION_ROOT"]
        return value

    def get_cookie_httponly(self, app: App) -> bool:
        """Return `SESSION_COOKIE_HTTPONLY`: whether the cookie is hidden from scripts on the page."""
        value: bool = app.config["SESSION_COOKIE_HTTPONLY"]
        return value

    def get_cookie_secure(self, app: App) -> bool:
        """Return `SESSION_COOKIE_SECURE`: whether it is sent over HTTPS only."""
        value: bool = app.config["SESSION_COOKIE_SECURE"]
        return value

    def get_cookie_samesite(self, app: App) -> str | None:
        """Return `SESSION_COOKIE_SAMESITE`: `"Strict"`, `"Lax"`, `"None"`, or None for no attribute."""
        value: str | None = app.config["SESSION_COOKIE_SAMESITE"]
        return value

    def get_cookie_partitioned(self, app: App) -> bool:
        """Return `SESSION_COOKIE_PARTITIONED`: whether an embedded page has a cookie per page around it."""
        value: bool = app.config["SESSION_COOKIE_PARTITIONED"]
        return value

    def get_expiration_time(self, app: App, session: SessionMixin) -> datetime | None:
        """Return when the cookie of a permanent session expires; None for any other session."""
        if session.permanent:
            from datetime import UTC, datetime

            value: datetime | None = datetime.now(UTC) + app.permanent_session_lifetime
            return value
        return None

    def should_set_cookie(self, app: App, session: SessionMixin) -> bool:
        """Return whether to send the cookie: if it changed, or is permanent and refreshed at each request."""
        return session.modified or (session.permanent and app.config["SESSION_REFRESH_EACH_REQUEST"])

    def open_session(self, app: App, request: Request) -> SessionMixin | None:
        """Return the session of a request. Called before its view.

        Return None if the configuration lacks something, such as a key: the request then has a null session.
        In place of a session that cannot be trusted, return an empty one.
        """
        raise NotImplementedError

    def save_session(self, app: App, session: SessionMixin, response: Response) -> None:
        """Save a session. Called after the view, before its response is sent, but not for a null session."""
        raise NotImplementedError


@cache
def _signing() -> ModuleType:
    """Return the module, imported for the first cookie. An import statement costs each request a look-up."""
    from . import signing

    return signing


def _lazy_sha1(string: bytes = b"") -> t.Any:
    """Return a hash by `hashlib`, imported when called: it maps OpenSSL, and FIPS builds may lack SHA-1."""
    import hashlib

    return hashlib.sha1(string)


@cache
def _tag() -> ModuleType:
    """Return `edgeweb.json.tag`, imported for the first session: 60 KB that most programs have no use for."""
    from ..json import tag

    return tag


@cache
def _default_serializer() -> TaggedJSONSerializer:
    made: TaggedJSONSerializer = _tag().TaggedJSONSerializer()
    return made


class _DefaultSerializer:
    """`SecureCookieSessionInterface.serializer` until it is read; then the serializer takes its place."""

    def __get__(self, interface: object, owner: type) -> TaggedJSONSerializer:
        SecureCookieSessionInterface.serializer = found = _default_serializer()
        return found


class SecureCookieSessionInterface(SessionInterface):
    """The default: sessions in signed cookies."""

    salt = "cookie-session"
    """Part of the key, so that a value signed elsewhere with the same secret is not taken for a session."""

    digest_method = staticmethod(_lazy_sha1)
    """The hash of the signature."""

    key_derivation = "hmac"
    """How itsdangerous derives the key from the secret and the salt."""

    serializer: t.Any = _DefaultSerializer()
    """Writes and reads a dict as text; by default compact JSON that keeps the types of `edgeweb.json.tag`."""

    session_class = SecureCookieSession

    # How often an attribute was set on an instance. Counted on the class, where the fast path notices it.
    replaced: t.ClassVar[int] = 0

    def __setattr__(self, name: str, value: object) -> None:
        super().__setattr__(name, value)
        SecureCookieSessionInterface.replaced += 1

    def get_signing_serializer(self, app: App) -> URLSafeTimedSerializer | None:
        """Return the serializer of itsdangerous for the application's cookies; None without a secret key.

        Override it to sign in another way. Without an override, and with the default hash, cookies are signed
        by `edgeweb.sessions.signing`, which writes the same and does not load OpenSSL.
        """
        keys = _secret_keys(app)
        if not keys:
            return None
        from itsdangerous import URLSafeTimedSerializer

        return URLSafeTimedSerializer(
            # The first key signs here and the last one there.
            keys[::-1],  # type: ignore[arg-type]
            salt=self.salt,
            serializer=self.serializer,
            signer_kwargs={"key_derivation": self.key_derivation, "digest_method": self.digest_method},
        )

    def _signs_plainly(self) -> bool:
        """Return whether `edgeweb.sessions.signing` writes the same as `get_signing_serializer` would."""
        return (
            type(self).get_signing_serializer is _get_signing_serializer
            and "get_signing_serializer" not in self.__dict__
            and self.digest_method is _lazy_sha1
            and self.key_derivation == "hmac"
            and isinstance(self.serializer, _tag().TaggedJSONSerializer)
            # itsdangerous serializes a first object to learn the type of the text.
            and dumps_is_original()
        )

    def open_session(self, app: App, request: Request) -> SecureCookieSession | None:
        """Return the session in the request's cookie; an empty one if there is none that can be trusted."""
        if not self._signs_plainly():
            return self._open_by_itsdangerous(app, request)
        keys = _secret_keys(app)
        if not keys:
            return None
        value = _cookie(request, self.get_cookie_name(app))
        if not value:
            return self.session_class()
        text = _signing().unsign(value, keys, self.salt, int(app.permanent_session_lifetime.total_seconds()))
        if text is None:
            return self.session_class()
        return self.session_class(self.serializer.loads(text.decode()))

    def _open_by_itsdangerous(self, app: App, request: Request) -> SecureCookieSession | None:
        serializer = self.get_signing_serializer(app)
        if serializer is None:
            return None
        value = request.cookies.get(self.get_cookie_name(app))
        if not value:
            return self.session_class()
        from itsdangerous import BadSignature

        max_age = int(app.permanent_session_lifetime.total_seconds())
        try:
            return self.session_class(serializer.loads(value, max_age=max_age))
        except BadSignature:
            return self.session_class()

    def _dumps(self, app: App, session: SessionMixin) -> str:
        if not self._signs_plainly():
            # A null session is not saved, so there is a key and with it a serializer.
            return self.get_signing_serializer(app).dumps(dict(session))  # type: ignore[union-attr]
        text = self.serializer.dumps(dict(session)).encode()
        cookie: str = _signing().sign(text, app.secret_key, self.salt)
        return cookie

    def save_session(self, app: App, session: SessionMixin, response: Response) -> None:
        """Set the cookie if necessary, delete it if the session was emptied, and add `Vary` for caches."""
        if session.accessed:
            _vary_by_cookie(response)
        if not session and not session.modified:
            return
        if session and not self.should_set_cookie(app, session):
            return

        name = self.get_cookie_name(app)
        attributes: dict[str, t.Any] = {
            "domain": self.get_cookie_domain(app),
            "path": self.get_cookie_path(app),
            "secure": self.get_cookie_secure(app),
            "partitioned": self.get_cookie_partitioned(app),
            "samesite": self.get_cookie_samesite(app),
            "httponly": self.get_cookie_httponly(app),
        }
        if session:
            expires = self.get_expiration_time(app, session)
            response.set_cookie(name, self._dumps(app, session), expires=expires, **attributes)
        else:
            response.delete_cookie(name, **attributes)
        if not session.accessed:
            _vary_by_cookie(response)


# As it is here, since a program may replace it on the class.
_get_signing_serializer = SecureCookieSessionInterface.get_signing_serializer


def _secret_keys(app: App) -> list[str | bytes]:
    """Return the keys that may have signed a cookie: first the one that signs, then the old ones.

    Raises `TypeError` for old keys given as one text, each letter of which would be a key. Flask takes them.
    """
    key = app.secret_key
    old = app.config["SECRET_KEY_FALLBACKS"]
    if not old:
        return [key] if key else []
    if isinstance(old, (str, bytes)):
        raise TypeError(
            "SECRET_KEY_FALLBACKS is one text, and each of its letters would be a key. Make it a list:"
            ' SECRET_KEY_FALLBACKS = ["the old key"].'
        )
    return [key, *old] if key else []


_parsed_cookies = vars(Request)["cookies"]


def _cookie(request: Request, name: str) -> str | None:
    """Return `request.cookies.get(name)`. Parsing all cookies would cost more than the signature."""
    if getattr(type(request), "cookies", None) is _parsed_cookies:
        if request.environ_was_read:
            request.environ  # noqa: B018 - has the cookies of before the push up to now, and from now on
        header = request.environ_at_start.get("HTTP_COOKIE")
        if not header:
            return None
        # A quoted value may contain the separator of cookies.
        if '"' not in header:
            for pair in header.split(";"):
                key, _, text = pair.partition("=")
                if key.strip(" \t") == name:
                    value: str = text.strip(" \t")
                    if " " not in value and "\t" not in value:
                        return value
                    # No browser sends such a value, and Werkzeug's versions differ about it.
                    break
            else:
                return None
    return request.cookies.get(name)


def _vary_by_cookie(response: Response) -> None:
    """Add Cookie to the names in `Vary` (RFC 9110, 12.5.5)."""
    # By hand: `response.vary` parses the header, for which the older Werkzeug 3.1 loads urllib.request.
    headers = response.headers
    if not isinstance(headers, Headers):  # a program may have assigned a dict
        headers = response.headers = Headers(headers)
    names = ", ".join([value for name, value in headers if name.lower() == "vary"])
    if not names:
        headers.add("Vary", "Cookie")
    elif "cookie" not in {name.strip().lower() for name in names.split(",")}:
        headers["Vary"] = f"{names}, Cookie"


def __getattr__(name: str) -> object:
    # A name of Flask's module.
    if name == "session_json_serializer":
        return _default_serializer()
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
