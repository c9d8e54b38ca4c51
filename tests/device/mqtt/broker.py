"""Debian's mosquitto on a loopback port of its own, and a client that hears everything there."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from threading import Condition
from typing import Any

import pytest
from paho.mqtt.client import Client, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion
from paho.mqtt.subscribeoptions import SubscribeOptions

#: Seconds after which a test that waits is stuck, even on a machine with a load of ten for each core.
PATIENCE = 30.0

USER, PASSWORD = "shed", "rain on a tin roof"

#: Who reads and writes everything: the tests, and Home Assistant.
HOUSE, HOUSE_PASSWORD = "house", "two dogs and a cat"

README = (Path(__file__).parents[3] / "edgeweb" / "device" / "README.md").read_text()


def block(language: str, first: str) -> str:
    """Return the block of the README of this language that begins with this line."""
    blocks = README.split(f"```{language}\n")[1:]
    return next(one.partition("```")[0] for one in blocks if one.startswith(f"{first}\n"))


#: What the README has for a device, with its id; and who reads and writes everything.
ACL = f"user {HOUSE}\ntopic readwrite #\n\n{block('', 'user shed').replace('ID', 'shed')}"


def program(name: str) -> tuple[str, dict[str, str]]:
    """A program of Debian's package `mosquitto`, and the surroundings that it needs."""
    unpacked = Path(sys.prefix) / "mosquitto"
    for folder in ("usr/sbin", "usr/bin"):
        if (unpacked / folder / name).exists():
            libraries = ":".join(str(one) for one in (unpacked / "usr" / "lib").glob("*-linux-*"))
            return str(unpacked / folder / name), {**os.environ, "LD_LIBRARY_PATH": libraries}
    found = shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/sbin")
    if found is None:
        pytest.skip(f"no {name}: run scripts/test where apt-get is (Debian: apt install mosquitto)")
    return found, dict(os.environ)


class Broker:
    """A process of mosquitto. `tls` is a folder of `certificates.py`, `options` are further lines."""

    def __init__(self, folder: Path, tls: Path | None = None, options: str = "") -> None:
        folder.mkdir(exist_ok=True)
        self.folder = folder
        self._program, self._env = program("mosquitto")
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        passwords, acl = folder / "passwords", folder / "acl"
        passwords.write_text(f"{USER}:{PASSWORD}\n{HOUSE}:{HOUSE_PASSWORD}\n")
        passwd, env = program("mosquitto_passwd")
        subprocess.run([passwd, "-U", str(passwords)], env=env, check=True, timeout=PATIENCE)
        acl.write_text(ACL)
        lines = [f"listener {self.port} 127.0.0.1", "allow_anonymous false", "log_type all"]
        lines += [f"password_file {passwords}", f"acl_file {acl}", f"persistence_location {folder}/"]
        # As root it would give up its rights, and then not read a folder that is the test's own.
        lines += ["user root"] if os.getuid() == 0 else []
        if tls is not None:
            lines += [f"cafile {tls / 'ca.crt'}", f"certfile {tls / 'server.crt'}"]
            lines += [f"keyfile {tls / 'server.key'}"]
        (folder / "mosquitto.conf").write_text("\n".join([*lines, options, ""]))
        self.process: subprocess.Popen[bytes] | None = None
        self.start()

    def start(self) -> None:
        """Start it, and wait until it listens."""
        command = [self._program, "-c", str(self.folder / "mosquitto.conf")]
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(command, env=self._env, stdout=log, stderr=log)
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                return
            except OSError:
                assert self.process.poll() is None and time.monotonic() < deadline, self.log
                time.sleep(0.05)

    def send(self, number: signal.Signals) -> None:
        assert self.process is not None
        self.process.send_signal(number)

    def kill(self) -> None:
        """End it at once, without a goodbye to anybody."""
        if self.process is not None:
            self.process.kill()
            self.process.wait(PATIENCE)
            self.process = None

    @property
    def log(self) -> str:
        return (self.folder / "log").read_text(errors="replace")


class Ear:
    """A client that hears everything. What it waits for may have come before."""

    def __init__(self, broker: Broker, ca: Path | None = None) -> None:
        self.last: dict[str, str] = {}
        self.all: list[tuple[str, str]] = []
        #: How often the broker has confirmed that everything is sent here.
        self.subscriptions = 0
        self._heard = Condition()
        self._client = client = Client(CallbackAPIVersion.VERSION2, protocol=MQTTProtocolVersion.MQTTv5)
        client.username_pw_set(HOUSE, HOUSE_PASSWORD)
        if ca is not None:
            client.tls_set(ca_certs=str(ca))
        client.reconnect_delay_set(1, 1)
        client.on_message = self._take
        client.on_subscribe = self._subscribed
        options = SubscribeOptions(qos=1)
        client.on_connect = lambda *_: client.subscribe("#", options=options)
        client.connect("localhost" if ca else "127.0.0.1", broker.port)
        client.loop_start()

    def _subscribed(self, *_: object) -> None:
        with self._heard:
            self.subscriptions += 1
            self._heard.notify_all()

    def _take(self, client: Client, data: object, message: MQTTMessage) -> None:
        with self._heard:
            text = message.payload.decode()
            self.last[message.topic] = text
            self.all.append((message.topic, text))
            self._heard.notify_all()

    def until(self, true: Callable[[], object], why: str = "") -> None:
        """Wait until a condition of what was heard is true."""
        with self._heard:
            if not self._heard.wait_for(true, PATIENCE):
                raise AssertionError(f"{why or 'never'}: {json.dumps(self.last, indent=1)[:4000]}")

    def says(self, topic: str, payload: str) -> None:
        """Wait until the last message of a topic is this one."""
        self.until(lambda: self.last.get(topic) == payload, f"{topic} is not {payload}")

    def has(self, topic: str, /, **fields: object) -> Any:
        """Wait until the last message of a topic is a JSON object with these fields, and return it."""

        def found() -> bool:
            document = json.loads(self.last.get(topic) or "{}")
            return all(document.get(name, self) == value for name, value in fields.items())

        self.until(lambda: topic in self.last and found(), f"{topic} has no {fields}")
        return json.loads(self.last[topic])

    def events(self, topic: str) -> list[Any]:
        with self._heard:
            return [json.loads(text) for name, text in self.all if name == topic]

    def say(self, topic: str, payload: str, *, retain: bool = False) -> None:
        """Publish, and wait until the broker has it; after an outage as soon as it is reached again."""
        deadline = time.monotonic() + PATIENCE
        while not self._client.is_connected():
            assert time.monotonic() < deadline, "the broker does not answer"
            time.sleep(0.05)
        self._client.publish(topic, payload, qos=1, retain=retain).wait_for_publish(PATIENCE)

    def close(self) -> None:
        self._client.disconnect()
        self._client.loop_stop()
