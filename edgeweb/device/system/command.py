"""Programs of the system that the device calls, by their arguments, never by a shell.

What a request says becomes an argument only after it was compared with a list or turned into a number.

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

#: More output than this is dropped: a journal's line may have megabytes.
MOST_OUTPUT = 512 * 1024

#: Of what a program says of its failure, the end is what counts.
_MOST_WORDS = 8 * 1024

#: Seconds between two looks whether a program has ended that has closed its output before.
_LOOK = 0.01


class CommandError(DeviceError):
    """A program did not do its work; the text has its own words."""

    key = "system-refused"


def run(arguments: Sequence[str], timeout: float = 10.0) -> bytes:
    """What a program prints. Raises `CommandError` where it fails, is not there, or takes too long.

    >>> run(["echo", "$HOME; ls"])
    b'$HOME; ls\\n'
    """
    name, deadline = arguments[0], time.monotonic() + timeout
    output, output_end = os.pipe()
    words, words_end = os.pipe()
    try:
        try:
            process = _start(arguments, output_end, words_end)
        except OSError as error:
            raise CommandError(f"{name}: {error.strerror}") from error
        finally:
            # only the program holds these ends: when it has closed them there is nothing more to come
            os.close(output_end)
            os.close(words_end)
        read = {output: bytearray(), words: bytearray()}
        code = None
        try:
            if _read(read, words, deadline):
                code = _wait(process, deadline)
        finally:
            if code is None:
                os.kill(process, signal.SIGKILL)
                os.waitpid(process, 0)
    finally:
        os.close(output)
        os.close(words)
    if code is None:
        raise CommandError(f"{name} did not end within {timeout:g} s")
    if code:
        lines = read[words].decode("utf-8", "replace").strip().splitlines()
        raise CommandError(f"{name}: {lines[-1][:200] if lines else f'code {code}'}")
    return bytes(read[output])


def _start(arguments: Sequence[str], output: int, words: int) -> int:
    """Starts it with nothing to read. Its number; raises `OSError` where there is no such program."""
    actions = [
        (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
        (os.POSIX_SPAWN_DUP2, output, 1),
        (os.POSIX_SPAWN_DUP2, words, 2),
    ]
    # the interpreter ignores these, and a program would go on doing so
    return os.posix_spawnp(
        arguments[0],
        list(arguments),
        os.environ,
        file_actions=actions,
        setsigdef=[signal.SIGPIPE, signal.SIGXFSZ],
    )


def _read(read: dict[int, bytearray], words: int, deadline: float) -> bool:
    """Reads both ends until the program has closed them; False where that takes too long."""
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
            elif end == words:
                kept += piece
                del kept[:-_MOST_WORDS]
            else:
                # the rest is read, too, or the program would wait for somebody to do so
                kept += piece[: MOST_OUTPUT - len(kept)]
    return True


def _wait(process: int, deadline: float) -> int | None:
    """The code with which it ended, negative for a signal; None where that takes too long."""
    while True:
        number, status = os.waitpid(process, os.WNOHANG)
        if number:
            return os.waitstatus_to_exitcode(status)
        if time.monotonic() >= deadline:
            return None
        time.sleep(_LOOK)
