"""Programs of the system that the device calls, by their arguments, never by a shell.

Text of a request becomes an argument only after it was compared with a list or turned into a number.

The standard `subprocess` would take 0.5 MB for good, with the first call; the system calls behind it take
nothing.
"""

from __future__ import annotations

import contextlib
import os
import select
import signal
import time
from collections.abc import Sequence

from .source import SourceError
from .text import clean

#: Keep only the end of the output, in bytes: a journal's line may have megabytes, and the newest comes last.
MAX_OUTPUT = 512 * 1024

#: Keep only the tail of stderr, in bytes: the reason of a failure stands at its end.
_MAX_STDERR = 8 * 1024

#: Characters of the reason of a failure.
MAX_REASON = 200

#: Seconds between two polls for the exit of a program that has closed its output.
_EXIT_POLL = 0.01


#: Seconds for which a killed program may stay: one that waits for a dead disk cannot be killed before.
_KILLED = 0.2

#: Killed programs that have not exited yet.
_left: set[int] = set()


class CommandError(SourceError):
    """A program failed; the text has its own last line."""

    key = "system-refused"


def run(arguments: Sequence[str], timeout: float = 5.0, given: bytes = b"") -> bytes:
    """Run a program; return the end of its output, at most `MAX_OUTPUT` bytes.

    `given`, at most 4,096 bytes, is its input. Raises `CommandError` where it fails, is missing or does not
    end within `timeout` seconds, and nothing else.

    >>> run(["echo", "$HOME; ls"])
    b'$HOME; ls\\n'
    """
    name, deadline = arguments[0], time.monotonic() + timeout
    _reap()
    try:
        output, output_end = os.pipe()
    except OSError as error:
        raise CommandError(f"{name}: {error.strerror}") from error
    try:
        errors, errors_end = os.pipe()
    except OSError as error:
        os.close(output)
        os.close(output_end)
        raise CommandError(f"{name}: {error.strerror}") from error
    try:
        try:
            process = _start(arguments, given, output_end, errors_end)
        except OSError as error:
            raise CommandError(f"{name}: {error.strerror}") from error
        except ValueError as error:  # NUL in an argument
            raise CommandError(f"{name}: {error}") from error
        finally:
            # only the program holds these ends: once it has closed them, the output is complete
            os.close(output_end)
            os.close(errors_end)
        read = {output: bytearray(), errors: bytearray()}
        code = None
        try:
            if _read(read, output, errors, deadline):
                code = _wait(process, deadline)
        finally:
            if code is None:
                _kill(process)
    finally:
        os.close(output)
        os.close(errors)
    if code is None:
        raise CommandError(f"{name} did not end within {timeout:g} s")
    if code:
        lines = [text for line in read[errors].splitlines() if (text := clean(line, MAX_REASON).strip())]
        raise CommandError(f"{name}: {lines[-1] if lines else f'code {code}'}")
    return bytes(read[output])


def _start(arguments: Sequence[str], given: bytes, output: int, errors: int) -> int:
    """Start a program; return its process id. Raises `OSError` where it is missing."""
    # in the pipe before there is a reader: every pipe takes so much (pipe(7), PIPE_BUF)
    given_end, rest = os.pipe()
    actions = [
        (os.POSIX_SPAWN_DUP2, given_end, 0),
        (os.POSIX_SPAWN_DUP2, output, 1),
        (os.POSIX_SPAWN_DUP2, errors, 2),
    ]
    try:
        try:
            os.write(rest, given)
        finally:
            os.close(rest)
        # the interpreter ignores these signals, and a program would inherit that
        return os.posix_spawnp(
            arguments[0],
            list(arguments),
            os.environ,
            file_actions=actions,
            setsigdef=[signal.SIGPIPE, signal.SIGXFSZ],
            # a group of its own, so that its children are killed with it
            setpgroup=0,
        )
    finally:
        os.close(given_end)


def _read(read: dict[int, bytearray], output: int, errors: int, deadline: float) -> bool:
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
                # all of it is read, or the program would block on a full pipe
                kept += piece
                if len(kept) > 2 * MAX_OUTPUT:
                    del kept[:-MAX_OUTPUT]
    del read[output][:-MAX_OUTPUT]
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


def _kill(process: int) -> None:
    """Kill a program with its children; return soon, also where it does not exit."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process, signal.SIGKILL)
    if _wait(process, time.monotonic() + _KILLED) is None:
        _left.add(process)


def _reap() -> None:
    """Collect killed programs that have exited since."""
    for process in list(_left):
        with contextlib.suppress(ChildProcessError):
            if not os.waitpid(process, os.WNOHANG)[0]:
                continue
        _left.discard(process)
