"""The profile's `[mqtt]` as the link needs it."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import NamedTuple

from ..config.profile import Profile
from ..errors import DeviceError
from .identity import device_id

#: The name of the systemd credential with the password. Source: systemd.exec(5), LoadCredential=.
CREDENTIAL = "mqtt-password"

#: Bytes of a password's file at most.
_MAX_PASSWORD = 4096

#: The ports that IANA has registered, without and with TLS.
_PORT, _TLS_PORT = 1883, 8883


class SettingsFault(DeviceError):
    """A file that `[mqtt]` names cannot be used; the text names it and the next step."""


class Settings(NamedTuple):
    """What `[mqtt]` says. `password` is None where there is none; it is in no `repr` and no answer."""

    host: str
    port: int
    id: str
    tls: bool
    ca: str
    certificate: str
    key: str
    user: str
    password_file: str
    role: str
    interval: float
    retry: float
    prefix: str
    discovery: str
    audit: bool

    @property
    def broker(self) -> str:
        """Return the broker's address, for people."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}"

    def read_password(self, environ: Mapping[str, str] = os.environ) -> str | None:
        """Return the password, of `password_file` or else of the credential; None where there is none.

        A relative name is one of a systemd credential. Raises `SettingsFault`.
        """
        folder = environ.get("CREDENTIALS_DIRECTORY", "")
        name = self.password_file or CREDENTIAL
        if not os.path.isabs(name):
            if not folder or not (self.password_file or os.path.exists(os.path.join(folder, name))):
                if not self.password_file:
                    return None
                raise SettingsFault(
                    f"mqtt.password_file names the credential {name}, and systemd has given none: add"
                    f" LoadCredential={name}:/etc/edgeweb/{name} to the service (systemctl edit edgeweb)."
                )
            name = os.path.join(folder, name)
        try:
            with open(name, encoding="utf-8") as file:
                password = file.read(_MAX_PASSWORD).rstrip("\r\n")
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or "it is no text"
            raise SettingsFault(
                f"The password of the broker cannot be read from {name}: {reason}. Check mqtt.password_file"
                " and the rights of the file."
            ) from error
        return password


def read_settings(profile: Profile) -> Settings:
    """Return the settings of a profile with an `mqtt.host`."""
    table = profile["mqtt"]
    return Settings(
        host=table["host"],
        port=table["port"] or (_TLS_PORT if table["tls"] else _PORT),
        id=table["id"] or device_id(),
        tls=table["tls"],
        ca=table["ca"],
        certificate=table["certificate"],
        key=table["key"],
        user=table["user"],
        password_file=table["password_file"],
        role="" if table["role"] == "none" else table["role"],
        interval=table["interval"],
        retry=table["retry"],
        prefix=table["prefix"],
        discovery=table["discovery"],
        audit=table["audit"],
    )
