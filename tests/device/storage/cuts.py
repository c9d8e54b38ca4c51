"""A power cut at one of the calls that change the disk."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from typing import Any

import pytest


class PowerCut(BaseException):
    """The process is gone. No handler of an exception catches it."""


def cut_at(patch: pytest.MonkeyPatch, number: int, names: Sequence[str]) -> list[str]:
    """Let the power go at the call with this number of these of `os`; return the names until then."""
    calls: list[str] = []

    def counted(name: str, real: Callable[..., Any]) -> Callable[..., Any]:
        def call(*args: Any, **options: Any) -> Any:
            if len(calls) == number:
                raise PowerCut
            calls.append(name)
            return real(*args, **options)

        return call

    for name in names:
        patch.setattr(os, name, counted(name, getattr(os, name)))
    return calls
