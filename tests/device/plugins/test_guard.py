"""Calls into code that may hang, print, raise anything, or ask to end the process."""

from __future__ import annotations

import sys
from threading import Event

import pytest

from edgeweb.device.plugins.guard import QUIET, Call, Faulty, described


def test_what_a_call_returns() -> None:
    assert Call(lambda: [1]).result(10) == [1]


@pytest.mark.parametrize("error", [ValueError("five"), SystemExit(3), KeyboardInterrupt(), GeneratorExit()])
def test_what_a_call_raises_is_a_fault_with_its_place(error: BaseException) -> None:
    def fail() -> None:
        raise error

    with pytest.raises(Faulty, match=rf"^{type(error).__name__}.*\(test_guard.py, line \d+\)$"):
        Call(fail).result(10)


def test_a_fault_keeps_its_words() -> None:
    def fail() -> None:
        raise Faulty("MODES is empty")

    with pytest.raises(Faulty, match=r"^MODES is empty$"):
        Call(fail).result(10)


def test_a_call_that_hangs_is_left_behind() -> None:
    gate = Event()
    call = Call(gate.wait)
    assert not call.is_done(0.0)
    with pytest.raises(Faulty, match=r"no answer within 0\.01 s"):
        call.result(0.01)
    gate.set()
    assert call.is_done(10) and call.is_done(0)
    assert call.result(0) is True


def test_an_exception_without_a_text_of_its_own() -> None:
    class Silent(Exception):
        def __str__(self) -> str:
            raise ValueError

    assert described(Silent()) == "Silent: \N{REPLACEMENT CHARACTER}"
    assert described(ValueError("x" * 999)).endswith("…") and len(described(ValueError("x" * 999))) < 250


def test_texts_and_names_have_a_longest_length() -> None:
    name = "n" * 57 + ".py"
    assert described(ValueError("x" * 200)) == "ValueError: " + "x" * 200
    assert described(ValueError("x" * 201)) == "ValueError: " + "x" * 199 + "…"
    for file, shown in ((name, name), ("n" + name, "n" * 58 + ".…")):
        with pytest.raises(ValueError, match="five") as caught:
            exec(compile("raise ValueError('five')", file, "exec"))
        assert described(caught.value) == f"ValueError: five ({shown}, line 1)"


def test_what_is_printed_goes_to_stderr(capsys: pytest.CaptureFixture[str]) -> None:
    stdout = sys.stdout
    with QUIET:
        print("inside")
        with QUIET:
            print("deeper")
        print("still")
    assert sys.stdout is stdout
    print("after")
    assert capsys.readouterr() == ("after\n", "inside\ndeeper\nstill\n")
