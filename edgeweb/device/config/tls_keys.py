"""The keys of `[server.tls]`. None is a setting: who is signed in must not choose whom browsers trust."""

from __future__ import annotations

from .key import RESTART, Key, table

TLS = table(
    "server.tls",
    Key(
        "certificate",
        RESTART,
        "string",
        4096,
        "",
        "File of PEM with the certificate and its chain, or the name of a systemd credential; `own`: by an"
        " authority that the device makes; empty: no TLS.",
    ),
    Key(
        "key",
        RESTART,
        "string",
        4096,
        "",
        "File of PEM with its key, or the name of a systemd credential; for `own` none.",
    ),
    Key(
        "port",
        RESTART,
        "integer",
        (0, 65535),
        8443,
        "TCP port with TLS; that of `server.port`: none is without; 0 takes a free one.",
    ),
    Key(
        "http",
        RESTART,
        "choice",
        ("redirect", "serve"),
        "redirect",
        "What `server.port` does: lead to the port with TLS, or serve without it as well.",
    ),
)
