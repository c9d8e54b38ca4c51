"""What runs here: versions, the memory of this process, and the licences of what it is made of."""

from __future__ import annotations

import os
import sys

from edgeweb import Response

from ...http.current import current_device
from ...system.text import clean
from ..blueprint import pages
from ..format import date
from ..i18n import Words, chosen
from ..layout import page

#: What a board runs besides Python's own library: name, module, licence.
PARTS = (
    ("edgeweb", "edgeweb", "BSD-3-Clause"),
    ("Werkzeug", "werkzeug", "BSD-3-Clause"),
    ("Jinja2", "jinja2", "BSD-3-Clause"),
    ("MarkupSafe", "markupsafe", "BSD-3-Clause"),
    ("waitress", "waitress", "ZPL-2.1"),
    ("psutil", "psutil", "BSD-3-Clause"),
)

_FIELDS = ("Rss", "Pss", "Private_Dirty", "Swap")


@pages.nav_page("about", 110)
def about() -> Response:
    """Show all figures of the machine, versions, memory and licences."""
    device = current_device()
    sample = device.metrics.sample()
    until = device.profile["vendor.support_until"]
    return page(
        "about",
        live="show=figures",
        values=sample.values,
        machine=device.identity(),
        support_until=until and date(until, Words(chosen())),
        addresses=device.addresses,
        system=_system(),
        python=sys.version.split()[0],
        parts=[(name, version(module), licence) for name, module, licence in PARTS if module in sys.modules],
        memory=memory(),
        history=device.history.bytes,
        threads=_threads(),
    )


def version(module: str) -> str:
    """Return the version of a loaded package: that of its folder of metadata, without an import."""
    found = sys.modules[module]
    folder = os.path.dirname(os.path.dirname(os.path.abspath(found.__file__ or "")))
    prefix = f"{module}-"
    try:
        names = os.listdir(folder)
    except OSError:
        names = []
    for name in names:
        if name.lower().startswith(prefix) and name.endswith((".dist-info", ".egg-info")):
            return name[len(prefix) :].rpartition(".")[0]
    return str(getattr(found, "__version__", ""))


def memory(file: str = "/proc/self/smaps_rollup") -> dict[str, int]:
    """Return the memory of this process in bytes; nothing where the kernel has no figures."""
    found: dict[str, int] = {}
    try:
        with open(file, encoding="ascii", errors="replace") as lines:
            for line in lines:
                name, _, rest = line.partition(":")
                if name in _FIELDS:
                    found[name] = int(rest.split()[0]) * 1024
    except (OSError, ValueError, IndexError):
        return {}
    return found


def _system() -> str:
    try:
        with open("/etc/os-release", encoding="utf-8", errors="surrogateescape") as lines:
            for line in lines:
                if line.startswith("PRETTY_NAME="):
                    return clean(line.partition("=")[2].strip().strip('"'))
    except OSError:
        pass
    return os.uname().sysname


def _threads() -> int:
    import threading

    return threading.active_count()
