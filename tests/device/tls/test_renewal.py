"""When the certificate is looked at, and what the log has of it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from edgeweb.device.tls import renewal
from edgeweb.device.tls.authority import AuthorityError
from edgeweb.device.tls.renewal import INTERVAL, Renewal


class Due:
    """An authority whose next answers are given: whether it has made a certificate again, or a fault."""

    def __init__(self, *answers: bool | Exception) -> None:
        self._answers = list(answers)

    def renew_if_due(self, now: float) -> bool:
        answer = self._answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer


def looks(*answers: bool | Exception) -> list[str]:
    """Return what the log has after as many looks as there are answers."""
    log: list[str] = []
    timers: list[tuple[float, Callable[[], object]]] = []

    def submit(lane: str, call: Callable[[], object]) -> bool:
        call()
        return True

    Renewal(
        Due(*answers),  # type: ignore[arg-type]
        lambda seconds, call: timers.append((seconds, call)),
        submit,
        log.append,
    ).start()
    for _ in answers:
        ((seconds, call),) = timers
        timers.clear()
        assert seconds == INTERVAL
        call()
    return log


def test_nothing_is_said_where_nothing_is_due() -> None:
    assert looks(False, False) == []


def test_a_new_certificate_is_said() -> None:
    assert looks(False, True) == ["TLS: the certificate was made again"]


@pytest.mark.parametrize("fault", [AuthorityError("it has expired"), OSError(28, "No space left on device")])
def test_a_fault_is_said_once_and_tried_again(fault: Exception) -> None:
    said = looks(fault, fault, True, fault)
    assert [line.partition(":")[2] for line in said] == [
        f" the certificate cannot be made again: {fault}",
        " the certificate was made again",
        f" the certificate cannot be made again: {fault}",
    ]
    assert renewal.INTERVAL < 3600
