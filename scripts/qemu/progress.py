"""What the scripts say while they work, and how they give up."""

from __future__ import annotations

import sys
import time

_begun = time.monotonic()


class Fault(Exception):
    """Something that ends the script; the message says what to do."""


def say(text: str) -> None:
    """A line on standard error, with the seconds since the start."""
    print(f"[{time.monotonic() - _begun:6.1f} s] {text}", file=sys.stderr, flush=True)
