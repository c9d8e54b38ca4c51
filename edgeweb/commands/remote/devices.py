"""The list of devices: `edgeweb/remotes.toml` in the folder of the user's settings.

    [greenhouse]
    url = "http://greenhouse.local"
    token_file = "/home/ada/.config/edgeweb/greenhouse.token"

A token stands in a file of its own, which nobody else can read, and is read when it is sent: the list may be
shown, copied and kept under version control. Source: XDG Base Directory Specification 0.8.
"""

from __future__ import annotations

import os
import re
import stat
from pathlib import Path
from typing import NamedTuple

from edgeweb.client import Client

#: A name is the beginning of `greenhouse/lamp`, and of the name of a backup.
NAME = r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}"

#: Devices at most, and bytes of the list and of a token.
MAX_DEVICES = 1000
_MAX_LIST, _MAX_TOKEN = 1 << 20, 4096

_HEAD = "# The devices of `edgeweb remote`, which writes this file anew when one is added or removed.\n"


class Refused(Exception):
    """A command cannot be carried out here; the text is the reason and the next step."""


class Device(NamedTuple):
    """One row of the list."""

    name: str
    url: str
    token_file: str = ""
    ca_file: str = ""

    def client(self, timeout: float, patience: float = 0.0) -> Client:
        """Return a client with the token of the file. Raises `Refused`."""
        token = read_token(self.token_file) if self.token_file else ""
        try:
            return Client(self.url, token, timeout=timeout, patience=patience, ca_file=self.ca_file)
        except ValueError as error:
            raise Refused(f"{self.name}: {error}") from None


def file_of_list() -> Path:
    """Return where the list is: `$XDG_CONFIG_HOME`, else `~/.config`."""
    home = os.environ.get("XDG_CONFIG_HOME", "")
    folder = Path(home) if os.path.isabs(home) else Path.home() / ".config"
    return folder / "edgeweb" / "remotes.toml"


def load() -> dict[str, Device]:
    """Return the list by name, in its order; empty where there is none yet. Raises `Refused`."""
    import tomllib

    file = file_of_list()
    try:
        with file.open("rb") as opened:
            content = opened.read(_MAX_LIST)
        found = tomllib.loads(content.decode())
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise Refused(f"{file}: {error.strerror}") from None
    except ValueError as error:  # also a TOMLDecodeError
        raise Refused(f"{file}: {error}. Mend it, or remove the file and add the devices again.") from None
    return {name: _device(file, name, row) for name, row in found.items()}


def _device(file: Path, name: str, row: object) -> Device:
    fields = row if isinstance(row, dict) else {}
    is_right = re.fullmatch(NAME, name) and "url" in fields and set(fields) <= set(Device._fields[1:])
    if not is_right or not all(isinstance(value, str) for value in fields.values()):
        raise Refused(f"{file}: [{name}] has to have a url, and may have a token_file and a ca_file.")
    return Device(name, **fields)


def save(devices: dict[str, Device]) -> None:
    """Write the list in place of the one before, for this user only. Raises `Refused`."""
    file = file_of_list()
    tables = [
        "\n".join([f"[{device.name}]", *(f"{key} = {_quote(value)}" for key, value in _fields(device))])
        for device in devices.values()
    ]
    partial = file.with_name(f".{file.name}.{os.getpid()}")
    try:
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        partial.unlink(missing_ok=True)
        descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as opened:
            opened.write("\n\n".join([_HEAD, *tables, ""]).replace("\n\n\n", "\n\n"))
            opened.flush()
            os.fsync(opened.fileno())
        os.replace(partial, file)
    except OSError as error:
        raise Refused(f"{file}: {error.strerror}") from None


def _fields(device: Device) -> list[tuple[str, str]]:
    rows = zip(Device._fields[1:], device[1:], strict=True)
    return [(key, value) for key, value in rows if value]


def _quote(text: str) -> str:
    """Return a basic string of TOML. Source: TOML 1.0.0, "String"."""
    escaped = "".join(
        f"\\{char}" if char in '"\\' else char if char.isprintable() else f"\\U{ord(char):08x}"
        for char in text
    )
    return f'"{escaped}"'


def read_token(file: str) -> str:
    """Return the token in the first line of a file. Raises `Refused` where others can read the file."""
    try:
        with open(file, encoding="utf-8") as opened:
            mode = os.fstat(opened.fileno()).st_mode
            token = opened.read(_MAX_TOKEN).partition("\n")[0].strip()
    except OSError as error:
        raise Refused(f"{file}: {error.strerror}") from None
    except UnicodeDecodeError:
        raise Refused(f"{file}: expected a token in the first line.") from None
    # Windows has no such bits.
    if os.name == "posix" and stat.S_ISREG(mode) and mode & 0o077:
        raise Refused(f"{file}: others can read this token. Enter: chmod 600 {file}")
    if not token:
        raise Refused(f"{file}: expected a token in the first line.")
    return token
