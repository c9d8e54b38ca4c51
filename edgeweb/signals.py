"""The signals that the framework sends: `request_started.connect(function, app)`.

Every signal is one of blinker's. blinker is imported when a signal is first used for anything but its
`receivers`. The framework reads `receivers` before it sends, so one without listeners costs an attribute.

    >>> def on_start(sender, **extra): ...
    >>> with request_started.connected_to(on_start):
    ...     bool(request_started.receivers)
    True
    >>> bool(request_started.receivers)
    False

Source: Flask documentation, "Signals"; blinker's documentation for what a signal can do.
"""

from __future__ import annotations

import typing as t

if t.TYPE_CHECKING:
    from blinker import NamedSignal
    from blinker import Namespace as Namespace

#: The namespace of the signals below; made when one of them is first used.
_signals: Namespace

#: Empty until blinker is imported, so until a listener can exist. Read before any signal is: a request then
#: reads one list instead of six signals.
awake: list[bool] = []


class LazySignal:
    """A signal that makes blinker's signal of its name on first use, and delegates to it."""

    def __init__(self, name: str, doc: str) -> None:
        self.name = name
        self.__doc__ = doc
        #: The listeners, by identity. Replaced by the dict of blinker's signal once it exists.
        self.receivers: dict[t.Any, t.Any] = {}

    def __getattr__(self, name: str) -> t.Any:
        # Called for what the instance lacks: blinker's methods, and `_signal` until it is set. Special names
        # are not delegated: copy and pickle look for them, and would load blinker in vain.
        if name.startswith("__"):
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")
        if name == "_signal":
            return self._wake()
        return getattr(self._signal, name)

    def _wake(self) -> NamedSignal:
        self._signal = _namespace()[self.name]
        self.receivers = self._signal.receivers
        return self._signal

    def __repr__(self) -> str:
        return f"<{type(self).__module__}.{type(self).__name__} object; {self.name!r}>"


template_rendered = LazySignal("template-rendered", "A template was rendered: `template`, `context`.")
before_render_template = LazySignal(
    "before-render-template", "A template is about to be rendered: `template`, `context`."
)
request_started = LazySignal("request-started", "A request begins; its context is there, no hook has run.")
request_finished = LazySignal("request-finished", "A response is about to be sent: `response`.")
request_tearing_down = LazySignal("request-tearing-down", "A request is over, well or not: `exc`.")
got_request_exception = LazySignal("got-request-exception", "No handler took an exception: `exception`.")
appcontext_tearing_down = LazySignal("appcontext-tearing-down", "An application context ends: `exc`.")
appcontext_pushed = LazySignal("appcontext-pushed", "An application context became the current one.")
appcontext_popped = LazySignal("appcontext-popped", "An application context is the current one no longer.")
message_flashed = LazySignal("message-flashed", "A message was flashed: `message`, `category`.")


def _namespace() -> Namespace:
    """Make all of blinker's signals at once, so that the namespace lists them as Flask's does."""
    if "_signals" not in globals():
        from blinker import Namespace

        namespace = Namespace()
        ours = [value for value in list(globals().values()) if isinstance(value, LazySignal)]
        for signal in ours:
            namespace.signal(signal.name, signal.__doc__)
        # Two threads may get here. setdefault lets one win: otherwise a listener could connect to a signal
        # that is never sent.
        globals().setdefault("_signals", namespace)
        for signal in ours:
            # All of them: a program can connect to a signal of the namespace directly.
            signal._wake()
        awake.append(True)
    return _signals  # noqa: F821 - just made


def __getattr__(name: str) -> object:
    if name == "Namespace":
        from blinker import Namespace

        return Namespace
    if name == "_signals":
        return _namespace()
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
