"""edgeweb.signals: blinker's signals behind names that do not load blinker."""

from __future__ import annotations

import copy
import subprocess
import sys
from typing import Any

import blinker
import pytest

from edgeweb import Flask, signals
from edgeweb.signals import LazySignal, request_started, template_rendered

NAMES = [
    "template_rendered",
    "before_render_template",
    "request_started",
    "request_finished",
    "request_tearing_down",
    "got_request_exception",
    "appcontext_tearing_down",
    "appcontext_pushed",
    "appcontext_popped",
    "message_flashed",
]


@pytest.mark.parametrize("name", NAMES)
def test_every_signal_is_a_named_signal_of_the_namespace(name: str) -> None:
    signal = getattr(signals, name)
    real = signals._signals[name.replace("_", "-")]
    assert isinstance(real, blinker.NamedSignal)
    assert signal.name == real.name == name.replace("_", "-")
    assert signal.__doc__ == real.__doc__
    received = []

    def receive(sender: Any, **values: Any) -> None:
        received.append((sender, values))

    with signal.connected_to(receive):
        # Either is the signal: extensions keep the one, the framework looks at the other.
        assert signal.receivers is real.receivers
        real.send("there", a=1)
        signal.send("here", b=2)
    assert received == [("there", {"a": 1}), ("here", {"b": 2})]
    assert not signal.receivers


def test_a_signal_of_the_namespace_can_be_connected_directly() -> None:
    program = """
from edgeweb import Flask, signals
seen = []
signals._signals["request-started"].connect(seen.append, weak=False)
Flask("direct").test_client().get("/")
print(len(seen), bool(signals.request_started.receivers))
"""
    output = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert output.stdout == "1 True\n"


def test_the_namespace_has_these_signals_and_no_other() -> None:
    assert sorted(signals._signals) == sorted(name.replace("_", "-") for name in NAMES)
    assert signals.Namespace is blinker.Namespace


def test_connect_returns_the_function_and_may_name_a_sender() -> None:
    app, other = Flask("app"), Flask("other")
    seen: list[Any] = []

    @request_started.connect_via(app)
    def receive(sender: Any, **extra: Any) -> None:
        seen.append(sender)

    try:
        assert request_started.has_receivers_for(app)
        assert not request_started.has_receivers_for(other)
        app.test_client().get("/")
        other.test_client().get("/")
        assert seen == [app]
        with request_started.muted():
            app.test_client().get("/")
        assert seen == [app]
    finally:
        request_started.disconnect(receive, app)
    app.test_client().get("/")
    assert seen == [app]


def test_a_receiver_that_is_forgotten_disconnects_itself() -> None:
    class Receiver:
        def receive(self, sender: Any, **extra: Any) -> None: ...

    receiver = Receiver()
    template_rendered.connect(receiver.receive)
    assert template_rendered.receivers
    del receiver
    assert not template_rendered.receivers


def test_coroutines_are_received_by_the_applications_wrapper() -> None:
    app = Flask("async_app")
    seen = []

    async def receive(sender: Any, **extra: Any) -> None:
        seen.append(sender)

    with request_started.connected_to(receive, app):
        app.test_client().get("/")
    assert seen == [app]


def test_unknown_names() -> None:
    with pytest.raises(AttributeError, match="no_such_name"):
        request_started.no_such_name  # noqa: B018
    assert not hasattr(signals, "no_such_name")


def test_special_names_are_not_asked_of_blinker() -> None:
    signal = LazySignal("never-made", "doc")
    assert copy.copy(signal).name == "never-made"
    assert "_signal" not in vars(signal)
    assert repr(signal) == "<edgeweb.signals.LazySignal object; 'never-made'>"


def test_blinker_is_loaded_by_the_first_listener() -> None:
    program = """
import sys
from edgeweb import Flask, got_request_exception, request_started
app = Flask("quiet")
environ = {"REQUEST_METHOD": "GET", "PATH_INFO": "/", "SERVER_NAME": "h", "SERVER_PORT": "80",
           "wsgi.url_scheme": "http"}
b"".join(app(environ, lambda *args: None))
print("blinker" in sys.modules)
request_started.connect(print)
print("blinker" in sys.modules)
"""
    output = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert output.stdout == "False\nTrue\n"


def test_threads_that_connect_at_once_share_a_signal() -> None:
    program = """
import sys, threading
sys.setswitchinterval(1e-6)
from edgeweb.signals import request_started
functions = [lambda sender, n=n: None for n in range(20)]
barrier = threading.Barrier(20)
def connect(function):
    barrier.wait()
    request_started.connect(function)
threads = [threading.Thread(target=connect, args=(f,)) for f in functions]
for thread in threads: thread.start()
for thread in threads: thread.join()
print(len(request_started.receivers), len(request_started.send(None)))
"""
    output = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert output.stdout == "20 20\n"
