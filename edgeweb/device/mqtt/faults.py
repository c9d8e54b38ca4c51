"""Why there is no connection to the broker, and the next step: not an errno's or OpenSSL's words alone."""

from __future__ import annotations

import socket
import time
from collections.abc import Mapping

from ..system.text import clean

#: The year before which a clock was never set: this program is younger.
_FIRST_YEAR = 2025

#: The reasons with which a broker refuses or ends a connection. Source: MQTT 5.0, sections 3.2.2.2, 3.14.2.1.
_REASONS: Mapping[int, str] = {
    0x84: "it does not speak MQTT 5: use a newer broker, such as mosquitto 1.6 or later",
    0x85: "it refuses the client id: set another mqtt.id",
    0x86: "user or password is wrong: check mqtt.user and mqtt.password_file",
    0x87: "this user may not connect: check mqtt.user, mqtt.password_file and the broker's own rules",
    0x88: "it is not available at present",
    0x89: "it is busy",
    0x8A: "this client is banned there: look into the broker's log",
    0x8B: "it shuts down",
    0x8C: "it asks for another way of signing in than user and password",
    0x8D: "it heard nothing from this device for too long",
    0x8E: "another client connects with the same id: give this device an mqtt.id of its own",
    0x97: "its quota is used up: look into the broker's log",
    0x9F: "too many connections in a short time: look into the broker's log",
}

#: The codes of OpenSSL for certificates. Source: x509_vfy.h of OpenSSL.
_NOT_YET_VALID, _EXPIRED, _OTHER_HOST, _OTHER_ADDRESS = 9, 10, 62, 64
_OF_TIME = (_NOT_YET_VALID, _EXPIRED)
_UNKNOWN_ISSUER = (2, 18, 19, 20, 21)


def of_reason(code: int, text: str) -> str:
    """Return the reason that a broker gave, in words."""
    return _REASONS.get(code) or f"it says: {clean(text, 100)}"


def of_error(error: Exception, host: str, now: float | None = None) -> str:
    """Return why no connection was made, and what to do. `now` is the time by this machine's clock.

    >>> of_error(ConnectionRefusedError(), "shed")
    'nothing listens there: check mqtt.host and mqtt.port, and that the broker runs'
    """
    if hasattr(error, "verify_code"):
        return _of_certificate(error, host, time.time() if now is None else now)
    if isinstance(error, ImportError):
        return (
            "paho-mqtt 2 is not installed: install it by scripts/install --upgrade --mqtt, or by apt install"
            " python3-paho-mqtt (Debian 13), or by pip install 'edgeweb[mqtt]'"
        )
    if isinstance(error, ConnectionRefusedError):
        return "nothing listens there: check mqtt.host and mqtt.port, and that the broker runs"
    if isinstance(error, socket.gaierror):
        return f"the name {clean(host)} is not known: check mqtt.host and the name server"
    if isinstance(error, ConnectionResetError):
        return "it ended the connection at once: check mqtt.port, and mqtt.tls, which has to be as there"
    if isinstance(error, TimeoutError):
        return "no answer: check mqtt.host, and the network and firewall between"
    if type(error).__name__.startswith("SSL"):
        reason = clean(getattr(error, "reason", "") or error, 100)
        return f"TLS failed ({reason}): check mqtt.port, mqtt.tls, and mqtt.certificate if it asks for one"
    return clean(getattr(error, "strerror", "") or error, 200)


def _of_certificate(error: Exception, host: str, now: float) -> str:
    code = getattr(error, "verify_code", 0)
    if code in (_OTHER_HOST, _OTHER_ADDRESS):
        return (
            f"its certificate is for another name: put a name of the certificate in place of {clean(host)} in"
            " mqtt.host"
        )
    if code in _UNKNOWN_ISSUER:
        return "its certificate is of no authority that is known here: name the authority's file in mqtt.ca"
    if code in _OF_TIME:
        day = time.strftime("%Y-%m-%d", time.gmtime(now))
        if time.gmtime(now).tm_year < _FIRST_YEAR:
            return (
                f"this device's clock says {day}, so no certificate can be checked: let the network set the"
                " clock (timedatectl set-ntp true), or set it by hand; the connection is then made on its own"
            )
        if code == _EXPIRED:
            return (
                f"its certificate is expired on {day}: check the clock of this device, then renew the"
                " certificate"
            )
        return (
            f"its certificate is not valid yet on {day}: check the clock of this device, then renew the"
            " certificate"
        )
    return f"its certificate is not right: {clean(getattr(error, 'verify_message', error), 100)}"
