"""A set-up code that a device is given: by its maker as a credential, or by its owner in a file.

Both come through systemd, which has read them as root: a credential (systemd.exec(5), `LoadCredential=`), or
the file `edgeweb-setup.txt` of the boot partition, which `systemd/setup/setup-code` moves to the service's
folder.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import NamedTuple

from . import passwords, secrets

#: The credential's name, in `$CREDENTIALS_DIRECTORY`: the same at every start.
CREDENTIAL = "edgeweb.setup-code"
#: The file in `$RUNTIME_DIRECTORY`: read once, and removed.
FILE = "setup-code"

#: Letters and digits at least. 12 random ones are 60 bits, see `secrets.new_code`.
MIN_LENGTH = 12
#: What the form takes, and what is read of a file: a byte-order mark and a few lines' ends more.
MAX_LENGTH = 40
_MAX_BYTES = 128


class Given(NamedTuple):
    """What was found: a code, or else why there is none; `origin` is where it was. Empty: nothing."""

    origin: str = ""
    code: str = ""
    fault: str = ""


def find(environ: Mapping[str, str]) -> Given:
    """Return the code that this start was given; the file, which is removed, goes before the credential.

    >>> find({})
    Given(origin='', code='', fault='')
    """
    found = Given()
    if folder := environ.get("CREDENTIALS_DIRECTORY", ""):
        found = _read(os.path.join(folder, CREDENTIAL), f"the credential {CREDENTIAL}")
    # of several folders the first is the service's own
    if folder := environ.get("RUNTIME_DIRECTORY", "").split(":")[0]:
        path = os.path.join(folder, FILE)
        in_file = _read(path, "the file edgeweb-setup.txt")
        if in_file.origin:
            found = in_file
            try:
                os.unlink(path)
            except OSError as error:
                found = found._replace(code="", fault=f"it cannot be removed: {error.strerror}")
    return found


def fault_of(code: str) -> str:
    """Return the fault of a code that people have chosen, for people; empty where it has none.

    >>> fault_of("7QMK-4T2X-9RWD"), fault_of("1234-1234-1234")
    ('', 'it is too easy to guess')
    """
    letters = secrets.plain(code)
    if not code.isascii() or not code.isprintable() or len(code) > MAX_LENGTH:
        return f"a code is one line of at most {MAX_LENGTH} letters, digits and dashes"
    if len(letters) < MIN_LENGTH:
        return f"a code has at least {MIN_LENGTH} letters and digits"
    return "it is too easy to guess" if passwords.fault_of(letters) else ""


def _read(path: str, origin: str) -> Given:
    try:
        with open(path, "rb") as file:
            content = file.read(_MAX_BYTES + 1)
    except FileNotFoundError:
        return Given()
    except OSError as error:
        return Given(origin, "", f"it cannot be read: {error.strerror}")
    if len(content) > _MAX_BYTES:
        return Given(origin, "", f"it has more than {_MAX_BYTES} bytes")
    # editors of other systems begin a file with a mark
    code = content.removeprefix(b"\xef\xbb\xbf").decode("latin-1").strip()
    fault = fault_of(code)
    return Given(origin, "" if fault else code, fault)
