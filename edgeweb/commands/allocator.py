"""The settings of glibc's allocator that a server runs with, those of systemd/edgeweb.service.

With its defaults glibc keeps an arena of memory for each of a few threads, and from the first large block on
it does not give large blocks back: 2 to 4 MB more after a day. It reads its settings when a process begins.
A server that was started without them replaces itself once by the same command with them: that is one more
start of the interpreter, and none under the unit.

Source: mallopt(3), "Environment variables".
"""

from __future__ import annotations

import os
import sys

#: As in systemd/edgeweb.service, which says why.
SETTINGS = {
    "MALLOC_ARENA_MAX": "1",
    "MALLOC_MMAP_THRESHOLD_": "131072",
    "MALLOC_TRIM_THRESHOLD_": "131072",
}


def settle() -> None:
    """Replace this process by the same one with `SETTINGS` in its environment, where any is not there.

    To be called first: nothing is open yet, and no thread runs. What the environment sets already stays.
    Return where there is nothing to do, where the C library is another one, in a debugger, and where the
    system refuses.
    """
    missing = {name: value for name, value in SETTINGS.items() if name not in os.environ}
    if missing and _reads_settings() and _may_be_replaced():
        try:
            # With the interpreter's own options, such as -X and -m.
            os.execve(sys.executable, [sys.executable, *sys.orig_argv[1:]], {**os.environ, **missing})
        except OSError:
            pass  # a server with more memory is better than none


def _reads_settings() -> bool:
    """Return whether the C library is glibc, and its tunables leave the allocator alone."""
    names = getattr(os, "confstr_names", {})
    return "CS_GNU_LIBC_VERSION" in names and "glibc.malloc." not in os.environ.get("GLIBC_TUNABLES", "")


def _may_be_replaced() -> bool:
    """Return whether a new process would be the same: not under a debugger, nor where threads run."""
    is_traced = sys.gettrace() is not None or sys.getprofile() is not None
    try:
        is_single = len(os.listdir("/proc/self/task")) == 1
    except OSError:  # no /proc
        is_single = True
    return bool(sys.executable) and not hasattr(sys, "frozen") and not is_traced and is_single
