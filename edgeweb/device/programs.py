"""Programs of the system that the device calls, by their arguments, never by a shell.

What a request says becomes an argument only after it was compared with a list or turned into a number.
"""

from __future__ import annotations

from collections.abc import Sequence

#: More output than this is cut: a journal's line may have megabytes.
MOST_OUTPUT = 512 * 1024


class ProgramError(Exception):
    """A program did not do its work; the text has its own words."""


def run(arguments: Sequence[str], timeout: float = 10.0) -> bytes:
    """What a program prints. Raises `ProgramError` where it fails, is not there, or takes too long.

    >>> run(["echo", "$HOME; ls"])
    b'$HOME; ls\\n'
    """
    import subprocess  # 0.9 MB, with the first call

    try:
        done = subprocess.run(
            arguments, stdin=subprocess.DEVNULL, capture_output=True, timeout=timeout, check=False
        )
    except subprocess.TimeoutExpired:
        raise ProgramError(f"{arguments[0]} did not end within {timeout:g} s") from None
    except OSError as error:
        raise ProgramError(f"{arguments[0]}: {error.strerror}") from error
    if done.returncode:
        words = done.stderr.decode("utf-8", "replace").strip().splitlines()
        raise ProgramError(f"{arguments[0]}: {words[-1][:200] if words else f'code {done.returncode}'}")
    return done.stdout[:MOST_OUTPUT]
