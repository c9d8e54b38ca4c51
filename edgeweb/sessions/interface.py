"""Session objects, and the interface that opens and saves them: by default in a signed cookie."""

from __future__ import annotations

import collections.abc as c
import typing as t

from werkzeug.datastructures import CallbackDict
from werkzeug.wrappers.request import Request

from ..json.tag import TaggedJSONSerializer

if t.TYPE_CHECKING:
    from datetime import datetime

    from itsdangerous import URLSafeTimedSerializer
    from werkzeug.wrappers.response import Response

    from ..typing import App


class SessionMixin(c.MutableMapping[str, t.Any]):
    """What a session has beyond a dict."""

    @property
    def permanent(self) -> bool:
        """Whether the cookie outlives the browser's session, for `PERMANENT_SESSION_LIFETIME`."""
        value: bool = self.get("_permanent", False)
        return value

    @permanent.setter
    def permanent(self, value: bool) -> None:
        self["_permanent"] = bool(value)

    new = False
    """Whether the session was made in this request; not every backend tells."""

    modified = True
    """Whether it has to be saved. Always, unless the class notices changes; set it yourself after changing a
    value inside, such as a list: `session.modified = True`."""

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
    """The session of an application without a secret key: it is empty, and writing to it says what to do."""

    def _fail(self, *args: object, **kwargs: object) -> t.NoReturn:
        raise RuntimeError(
            "The session is unavailable because no secret key was set.  Set the secret_key on the"
            " application to something unique and secret."
        )

    __setitem__ = __delitem__ = clear = pop = popitem = update = setdefault = _fail


class SessionInterface:
    """Where sessions are kept. For another place, implement `open_session` and `save_session`, and set
    `app.session_interface`.

    Several requests of one visitor may be served at once, so sessions are read and saved in any order.
    The settings of the cookie come from the configuration, through one method each.
    """

    null_session_class = NullSession
    """What `make_null_session` makes and `is_null_session` recognises."""

    pickle_based = False
    """Whether sessions are pickled; a hint for extensions."""

    def make_null_session(self, app: App) -> NullSession:
        """The stand-in where `open_session` returned None: readable, though it may refuse to be written."""
        return self.null_session_class()

    def is_null_session(self, obj: object) -> bool:
        """Whether an object is such a stand-in, which is not saved."""
        return isinstance(obj, self.null_session_class)

    def get_cookie_name(self, app: App) -> str:
        """`SESSION_COOKIE_NAME`."""
        value: str = app.config["SESSION_COOKIE_NAME"]
        return value

    def get_cookie_domain(self, app: App) -> str | None:
        """`SESSION_COOKIE_DOMAIN`; None: only the host that set the cookie gets it back."""
        value: str | None = app.config["SESSION_COOKIE_DOMAIN"]
        return value

    def get_cookie_path(self, app: App) -> str:
        """`SESSION_COOKIE_PATH`, or `APPLICATION_ROOT`."""
        value: str = app.config["SESSION_COOKIE_PATH"] or app.config["APPLICATION_ROOT"]
        return value

    def get_cookie_httponly(self, app: App) -> bool:
        """`SESSION_COOKIE_HTTPONLY`: whether scripts on the page are kept from the cookie."""
        value: bool = app.config["SESSION_COOKIE_HTTPONLY"]
        return value

    def get_cookie_secure(self, app: App) -> bool:
        """`SESSION_COOKIE_SECURE`: whether it is sent over HTTPS only."""
        value: bool = app.config["SESSION_COOKIE_SECURE"]
        return value

    def get_cookie_samesite(self, app: App) -> str | None:
        """`SESSION_COOKIE_SAMESITE`: `"Strict"`, `"Lax"`, `"None"`, or None for the browser's default."""
        value: str | None = app.config["SESSION_COOKIE_SAMESITE"]
        return value

    def get_cookie_partitioned(self, app: App) -> bool:
        """`SESSION_COOKIE_PARTITIONED`: whether an embedded page has a cookie for each page around it."""
        value: bool = app.config["SESSION_COOKIE_PARTITIONED"]
        return value

    def get_expiration_time(self, app: App, session: SessionMixin) -> datetime | None:
        """When the cookie of a permanent session expires; None for one that ends with the browser's."""
        if session.permanent:
            from datetime import UTC, datetime

            value: datetime | None = datetime.now(UTC) + app.permanent_session_lifetime
            return value
        return None

    def should_set_cookie(self, app: App, session: SessionMixin) -> bool:
        """Whether to send the cookie: it changed, or is permanent with `SESSION_REFRESH_EACH_REQUEST` on."""
        return session.modified or (session.permanent and app.config["SESSION_REFRESH_EACH_REQUEST"])

    def open_session(self, app: App, request: Request) -> SessionMixin | None:
        """The session of a request, before its view runs.

        None when loading failed for want of configuration: the request then has a null session. A session
        that cannot be trusted is no such failure: return an empty one.
        """
        raise NotImplementedError

    def save_session(self, app: App, session: SessionMixin, response: Response) -> None:
        """Saves a session after the view, before its response is sent. Not called for a null session."""
        raise NotImplementedError


def _lazy_sha1(string: bytes = b"") -> t.Any:
    """`hashlib.sha1`, looked up when called: hashlib maps OpenSSL, and FIPS builds may not have SHA-1."""
    import hashlib

    return hashlib.sha1(string)


session_json_serializer = TaggedJSONSerializer()


class SecureCookieSessionInterface(SessionInterface):
    """Keeps sessions in signed cookies; the default."""

    salt = "cookie-session"
    """Goes into the key, so that a value signed elsewhere with the same secret is no session."""

    digest_method = staticmethod(_lazy_sha1)
    """The hash of the signature."""

    key_derivation = "hmac"
    """How itsdangerous derives the key from the secret and the salt."""

    serializer = session_json_serializer
    """Turns a dict into text and back; by default compact JSON that keeps the types of `edgeweb.json.tag`."""

    session_class = SecureCookieSession

    def get_signing_serializer(self, app: App) -> URLSafeTimedSerializer | None:
        """The serializer of itsdangerous for the application's cookies; None without a secret key.

        Override it to sign in another way. Unless it is overridden or the hash is another one, cookies are
        signed by `edgeweb.sessions.signing`, which writes the same and does not load OpenSSL.
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
        """Whether `edgeweb.sessions.signing` writes what `get_signing_serializer` would."""
        return (
            type(self).get_signing_serializer is SecureCookieSessionInterface.get_signing_serializer
            and "get_signing_serializer" not in self.__dict__
            and self.digest_method is _lazy_sha1
            and self.key_derivation == "hmac"
            and isinstance(self.serializer, TaggedJSONSerializer)
        )

    def open_session(self, app: App, request: Request) -> SecureCookieSession | None:
        """The session in the request's cookie; an empty one where none is there, or none to be trusted."""
        if not self._signs_plainly():
            return self._open_by_itsdangerous(app, request)
        keys = _secret_keys(app)
        if not keys:
            return None
        value = _cookie(request, self.get_cookie_name(app))
        if not value:
            return self.session_class()
        from . import signing

        text = signing.unsign(value, keys, self.salt, int(app.permanent_session_lifetime.total_seconds()))
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
        from . import signing

        text = self.serializer.dumps(dict(session)).encode()
        return signing.sign(text, app.secret_key, self.salt)

    def save_session(self, app: App, session: SessionMixin, response: Response) -> None:
        """Sends the cookie when it has to be, deletes it when the session was emptied, and tells caches."""
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
        _vary_by_cookie(response)


def _secret_keys(app: App) -> list[str | bytes]:
    """The keys that may have signed a cookie: first the one that signs, then those that were rotated out."""
    key = app.secret_key
    return [key, *(app.config["SECRET_KEY_FALLBACKS"] or ())] if key else []


_parsed_cookies = Request.cookies


def _cookie(request: Request, name: str) -> str | None:
    """`request.cookies.get(name)`, without the MultiDict of all cookies, which costs more than the signature.

    A view that wants the others still gets them so.
    """
    if getattr(type(request), "cookies", None) is _parsed_cookies:
        header = request.environ.get("HTTP_COOKIE", "")
        # A quoted value may contain what separates the others.
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
    """Adds Cookie to the names in `Vary` (RFC 9110, 12.5.5)."""
    # By hand: `response.vary` parses the header, for which the older Werkzeug 3.1 loads urllib.request.
    names = ", ".join(response.headers.getlist("Vary"))
    if not names:
        response.headers["Vary"] = "Cookie"
    elif "cookie" not in {name.strip().lower() for name in names.split(",")}:
        response.headers["Vary"] = f"{names}, Cookie"
