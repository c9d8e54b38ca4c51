"""Programs of the system that the device calls, by their arguments, never by a shell.

Text of a request becomes an argument only after it was compared with a list or turned into a number.

The standard `subprocess` would take 0.5 MB for good, with the first call; the system calls behind it take
nothing.
"""

from __future__ import annotations

import os
import select
import signal
import time
from collections.abc import Sequence

from ..errors import DeviceError
from .text import clean

#: Bytes of output at most, the rest is dropped: a journal's line may have megabytes.
MAX_OUTPUT = 512 * 1024

#: Keep only the tail of stderr, in bytes: the reason of a failure stands at its end.
_MAX_STDERR = 8 * 1024

#: Characters of the reason of a failure.
MAX_REASON = 200

#: Seconds between two polls for the exit of a program that has closed its output.
_EXIT_POLL = 0.01


class CommandError(DeviceError):
    """A program failed; the text has its own last line."""

    key = "system-refused"


def run(arguments: Sequence[str], timeout: float = 10.0) -> bytes:
    """Run a program; return its output. Raises `CommandError` where it fails, is missing or takes too long.

    >>> run(["echo", "$HOME; ls"])
    b'$HOME; ls\\n'
    """
    name, deadline = arguments[0], time.monotonic() + timeout
    output, output_end = os.pipe()
    errors, errors_end = os.pipe()
    try:
        try:
            process = _start(arguments, output_end, errors_end)
        except OSError as error:
            raise CommandError(f"{name}: {error.strerror}") from error
        finally:
            # only the program holds these ends: once it has closed them, the output is complete
            os.close(output_end)
            os.close(errors_end)
        read = {output: bytearray(), errors: bytearray()}
        code = None
        try:
            if _read(read, errors, deadline):
                code = _wait(process, deadline)
        finally:
            if code is None:
                os.kill(process, signal.SIGKILL)
                os.waitpid(process, 0)
    finally:
        os.close(output)
        os.close(errors)
    if code is None:
        raise CommandError(f"{name} did not end within {timeout:g} s")
    if code:
        lines = [text for line in read[errors].splitlines() if (text := clean(line, MAX_REASON).strip())]
        raise CommandError(f"{name}: {lines[-1] if lines else f'code {code}'}")
    return bytes(read[output])


def _start(arguments: Sequence[str], output: int, errors: int) -> int:
    """Start a program without input; return its process id. Raises `OSError` where it is missing."""
    actions = [
        (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
        (os.POSIX_SPAWN_DUP2, output, 1),
        (os.POSIX_SPAWN_DUP2, errors, 2),
    ]
    # the interpreter ignores these signals, and a program would inherit that
    return os.posix_spawnp(
        arguments[0],
        list(arguments),
        os.environ,
        file_actions=actions,
        setsigdef=[signal.SIGPIPE, signal.SIGXFSZ],
    )


def _read(read: dict[int, bytearray], errors: int, deadline: float) -> bool:
    """Read both ends until the program has closed them; False where that takes too long."""
    poll = select.poll()
    for end in read:
        poll.register(end, select.POLLIN)
    still_open = len(read)
    while still_open:
        left = deadline - time.monotonic()
        if left <= 0:
            return False
        for end, _ in poll.poll(left * 1000):
            piece = os.read(end, 65536)
            kept = read[end]
            if not piece:
                poll.unregister(end)
                still_open -= 1
            elif end == errors:
                kept += piece
                del kept[:-_MAX_STDERR]
            else:
                # the rest is read as well, or the program would block on a full pipe
                kept += piece[: MAX_OUTPUT - len(kept)]
    return True


def _wait(process: int, deadline: float) -> int | None:
    """Return the exit code, negative for a signal; None where the program takes too long."""
    while True:
        number, status = os.waitpid(process, os.WNOHANG)
        if number:
            return os.waitstatus_to_exitcode(status)
        if time.monotonic() >= deadline:
            return None
        time.sleep(_EXIT_POLL)
