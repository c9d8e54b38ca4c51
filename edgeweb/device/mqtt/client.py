"""A client of paho, as the link uses it. The first connection imports this, and paho with it."""

from __future__ import annotations

import socket

from paho.mqtt.client import Client
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from .settings import Settings
from .topics import OFFLINE, Topics

#: Seconds between two signs of life: the broker takes us for dead after one and a half of them.
KEEPALIVE = 30

#: Bytes of a message that the broker may send: a command is short, and memory is not without end.
MAX_PACKET = 4096


class _Client(Client):
    """A client that asks for no proxy: where PySocks is installed, that imports urllib.request, 4 MB."""

    def _get_proxy(self) -> None:
        return None


def make_client(settings: Settings, topics: Topics) -> Client:
    """Return a client with everything set but its callbacks.

    Raises `SettingsFault` for a password that cannot be read, `OSError` for a file of TLS that cannot be.
    """
    client = _Client(
        CallbackAPIVersion.VERSION2, f"edgeweb-{settings.id}", protocol=MQTTProtocolVersion.MQTTv5
    )
    client.will_set(topics.availability, OFFLINE, qos=1, retain=True)
    password = settings.read_password()
    if settings.user or password is not None:
        client.username_pw_set(settings.user, password)
    if settings.tls:
        client.tls_set(
            ca_certs=settings.ca or None,
            certfile=settings.certificate or None,
            keyfile=settings.key or None,
        )
    return client


def connect(client: Client, settings: Settings) -> None:
    """Connect to the broker, with a session that ends with the connection.

    So the broker keeps no commands for a device that is away. Raises what the network and TLS raise.
    """
    properties = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]
    properties.MaximumPacketSize = MAX_PACKET
    host: str | bytes = settings.host
    if settings.host.isascii():
        # Of a text the resolver would import the tables of international names, 0.7 MB.
        host = settings.host.encode()
    client.connect(
        host,  # type: ignore[arg-type]  # sockets and ssl take bytes as well
        settings.port,
        KEEPALIVE,
        clean_start=True,
        properties=properties,
    )
    if (sock := client.socket()) is not None:
        # A state follows the acknowledgement of its command: without this it waits for the broker's, 40 ms.
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # type: ignore[attr-defined]
