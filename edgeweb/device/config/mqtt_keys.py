"""The keys of `[mqtt]`. None is a setting: who is signed in must not send the device to another broker."""

from __future__ import annotations

from .key import RESTART, Key, table

#: Limits of the kind `topic`: one part, and several. No wildcards, no first `$`, which is the broker's, and
#: what Home Assistant takes in an id. Source: MQTT 5.0, section 4.7.
_LEVEL = (64, "[A-Za-z0-9_-]*")
_TOPIC = (200, "[A-Za-z0-9_-]+(?:/[A-Za-z0-9_-]+)*|")

MQTT = table(
    "mqtt",
    Key("host", RESTART, "string", 255, "", "Name or address of the broker; empty: no MQTT."),
    Key("port", RESTART, "integer", (0, 65535), 0, "TCP port; 0: 1883, with TLS 8883."),
    Key(
        "id",
        RESTART,
        "topic",
        _LEVEL,
        "",
        "Name of this device in topics; empty: made of the machine-id, the same for the life of the system.",
    ),
    Key("tls", RESTART, "boolean", None, False, "Connect by TLS, and check the broker's certificate."),
    Key("ca", RESTART, "string", 4096, "", "File with the authorities to trust; empty: those of the system."),
    Key("certificate", RESTART, "string", 4096, "", "File with this device's certificate for the broker."),
    Key("key", RESTART, "string", 4096, "", "File with the key of that certificate."),
    Key("user", RESTART, "string", 255, "", "Name by which the broker knows this device."),
    Key(
        "password_file",
        RESTART,
        "string",
        4096,
        "",
        "File with the password, or the name of a systemd credential; empty: the credential `mqtt-password`.",
    ),
    Key(
        "role",
        RESTART,
        "choice",
        ("none", "viewer", "operator", "admin"),
        "none",
        "Role of everybody who may publish to the broker: an operator switches; none: nobody does.",
    ),
    Key("interval", RESTART, "duration", (1, 86_400), 60.0, "Time between two publications of everything."),
    Key(
        "retry",
        RESTART,
        "duration",
        (1, 3600),
        60.0,
        "Without a broker: the longest time to the next attempt; each waits a random part of it.",
    ),
    Key("prefix", RESTART, "topic", _TOPIC, "edgeweb", "First part of all topics."),
    Key(
        "discovery",
        RESTART,
        "topic",
        _TOPIC,
        "homeassistant",
        "Topic below which Home Assistant looks for devices; empty: this one is not shown there.",
    ),
    Key("audit", RESTART, "boolean", None, False, "Publish each row of the audit log as an event."),
)
