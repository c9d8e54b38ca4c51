"""Kinds of other packages at work: what they declare, raise and return is their own sensors' affair."""

from __future__ import annotations

from pathlib import Path
from threading import Event
from typing import Any

import pytest

from edgeweb.device.config.schema import defaults
from edgeweb.device.sensors import outside
from edgeweb.device.sensors.kinds import BaseInput, kind_module
from edgeweb.device.system.source import SourceError

from ..plugins.conftest import site
from ..plugins.packages import KIND, KINDS, install

__all__ = ["site"]


def input_of(site: Path, text: str, **options: Any) -> BaseInput:
    install(site, "meters", {"volts": "meters"}, KINDS, modules={"meters": text})
    return kind_module("volts").Input(defaults("sensors.*", kind="volts", **options), "/")


def with_read(line: str) -> str:
    return f"{KIND}\n    def read(self):\n        {line}\n"


def test_a_kind_that_is_right_declares_as_our_own(site: Path) -> None:
    found = input_of(site, KIND, number=2.5)
    assert (found.unit, found.lane, found.deadline) == ("V", "bus 1", 2.0)
    assert found.read() == 2.5


def test_it_never_shares_the_thread_of_all_that_answer_at_once(site: Path) -> None:
    assert input_of(site, KIND.replace('"bus 1"', '""')).lane == "outside volts"


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (
            "1 / 0",
            r"meters 1\.0: ZeroDivisionError: division by zero \(meters\.py, line \d+\) in read: update",
        ),
        ("raise SystemExit", r"meters 1\.0: SystemExit .* in read: update or remove the package"),
        (
            "raise OSError(121, 'Remote I/O error')",
            r"meters 1\.0: Remote I/O error in read: check the wiring",
        ),
        ("return '1.5'", r"meters 1\.0: read has to return a number, not '1\.5': update"),
        ("return True", r"meters 1\.0: read has to return a number, not True"),
        ("self.unit = 5; return 1.0", r"meters 1\.0: unit of an Input has to be a text of at most 20"),
        (
            "from edgeweb.device.system.source import SourceError; raise SourceError('no chip')",
            "^no chip$",
        ),
    ],
)
def test_what_a_reading_raises_or_returns(site: Path, line: str, reason: str) -> None:
    found = input_of(site, with_read(line))
    with pytest.raises(SourceError, match=reason):
        found.read()


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (KIND.replace("2.0", '"2 s"'), "deadline of an Input has to be a number of seconds"),
        (KIND.replace("2.0", "0.09"), "deadline of an Input has to be from"),
        (KIND.replace("2.0", "300.5"), "deadline of an Input has to be from"),
        (KIND.replace("2.0", "float('nan')"), "deadline of an Input has to be from"),
        (KIND.replace('"bus 1"', "None"), "lane of an Input has to be a text"),
        (KIND.replace('"V"', r'"V\n"'), "unit of an Input has to be a text"),
        (KIND.replace("super().__init__(options, root)", "raise SystemExit"), "SystemExit"),
        (KIND.replace("super().__init__(options, root)", "options['number'] = 1"), "TypeError"),
        (KIND + "\ndef check(options):\n    1 / 0\n", "ZeroDivisionError"),
        ("import smbus3000", "it needs smbus3000, which is not installed: install it"),
    ],
)
def test_an_input_that_cannot_be_made_is_offline(site: Path, text: str, reason: str) -> None:
    found = input_of(site, text)
    assert (found.unit, found.lane, found.deadline) == ("", "outside volts", 5.0)
    with pytest.raises(SourceError, match=rf"^meters 1\.0: .*{reason}"):
        found.read()


def test_a_kind_whose_options_were_refused_is_not_asked(site: Path) -> None:
    install(site, "meters", {"volts": "meters"}, KINDS, modules={"meters": KIND})
    module = outside.OUTSIDE.get("volts")
    module.fail("the option number: no")
    found = module.Input(defaults("sensors.*", kind="volts"))
    with pytest.raises(SourceError, match=r"^meters 1\.0: the option number: no$"):
        found.read()


def test_one_that_can_be_made_later_is_made_by_a_reading(site: Path) -> None:
    text = KIND.replace(
        "super().__init__(options, root)", "super().__init__(options, root); open(PATH).close()"
    )
    there = site / "there"
    found = input_of(site, f"PATH = {str(there)!r}\n{text}")
    with pytest.raises(SourceError, match="No such file or directory in Input: check the wiring"):
        found.read()
    there.touch()
    assert (found.read(), found.unit) == (1.5, "V")


def test_one_that_hangs_while_it_is_made_is_left_to_the_reader(
    site: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate = Event()
    monkeypatch.setattr(outside, "GATE", gate, raising=False)
    monkeypatch.setattr(outside, "MAKE", 0.05)
    text = KIND.replace(
        "super().__init__(options, root)", "super().__init__(options, root); outside.GATE.wait()"
    )
    found = input_of(site, f"from edgeweb.device.sensors import outside\n{text}")
    assert found.lane == "outside volts"
    assert str(found.late()).startswith("meters 1.0: no answer within 5 s: check the wiring")
    gate.set()
    assert found.read() == 1.5
