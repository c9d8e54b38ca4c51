"""Drivers of other packages at work: what they raise and return, and where they hang, is their own affair."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from edgeweb.device.channels.controller import ChannelController
from edgeweb.device.channels.drivers import DriverError, Level, make_driver, package_of
from edgeweb.device.config.schema import defaults
from edgeweb.device.system.executor import Inline

from ..plugins.conftest import site
from ..plugins.packages import DRIVER, install

__all__ = ["site"]


def driver_of(site: Path, text: str) -> Any:
    install(site, "boards", {"relay8": "boards"}, modules={"boards": text})
    return make_driver("relay8")


def row(**values: Any) -> dict[str, Any]:
    return defaults("channels.*", **{"driver": "relay8", "mode": "output", **values})


def with_method(line: str, name: str = "write", arguments: str = "name, level") -> str:
    return f"{DRIVER}\n    def {name}(self, {arguments}):\n        {line}\n"


def ignore(name: str, level: Level | DriverError | None) -> None:
    pass


def test_a_driver_that_is_right_is_called_as_our_own(site: Path) -> None:
    driver = driver_of(site, DRIVER)
    assert package_of("relay8") == "boards 1.0" and package_of("gpio") == ""
    controller = ChannelController({"x": row()}, executor=Inline())
    assert controller.set("x", True).state is True
    assert controller.set("x", False).state is False
    assert driver.attach("x", row(), True, ignore) is True
    controller.close()


def test_that_a_write_cannot_hang_is_not_believed(site: Path) -> None:
    driver = driver_of(site, with_method("return True", "is_instant", "name"))
    driver.attach("x", row(), None, ignore)
    assert driver.is_instant("x") is False


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (
            "1 / 0",
            r"boards 1\.0: ZeroDivisionError: division by zero \(boards\.py, line \d+\) in write: update",
        ),
        ("raise SystemExit(1)", r"boards 1\.0: SystemExit: 1 .* in write: update or remove the package"),
        ("raise KeyboardInterrupt", r"boards 1\.0: KeyboardInterrupt .* in write"),
        (
            "raise OSError(121, 'Remote I/O error')",
            r"boards 1\.0: Remote I/O error in write: check the wiring",
        ),
        ("raise OSError", r"boards 1\.0: OSError in write: check the wiring"),
        ("return 'on'", r"boards 1\.0: a level has to be True, False, a number .* not 'on': update"),
        ("return float('nan')", r"boards 1\.0: a level has to be .* not nan"),
        (
            "from edgeweb.device.channels.driver import DriverError as E; raise E('no board\\n at 0x20')",
            "^no board  at 0x20$",
        ),
    ],
)
def test_what_a_write_raises_or_returns(site: Path, line: str, reason: str) -> None:
    driver = driver_of(site, with_method(line))
    driver.attach("x", row(), None, ignore)
    with pytest.raises(DriverError, match=reason):
        driver.write("x", True)


@pytest.mark.parametrize(
    ("name", "arguments", "call"),
    [
        ("__init__", "", lambda driver: driver),
        ("attach", "name, options, level, report", lambda driver: driver.attach("x", row(), None, ignore)),
        ("read", "name", lambda driver: driver.read("x")),
        ("detach", "name", lambda driver: driver.detach("x")),
        ("close", "", lambda driver: driver.close()),
    ],
)
def test_every_method_may_raise_anything(
    site: Path, name: str, arguments: str, call: Callable[[Any], object]
) -> None:
    with pytest.raises(DriverError, match=r"boards 1\.0: SystemExit"):
        call(driver_of(site, with_method("raise SystemExit", name, arguments)))


def test_a_question_about_threads_may_raise(site: Path) -> None:
    assert driver_of(site, with_method("1 / 0", "has_own_thread", "options")).has_own_thread(row()) is False


def test_a_table_cannot_be_changed(site: Path) -> None:
    driver = driver_of(site, with_method("options['address'] = 5", "attach", "name, options, level, report"))
    with pytest.raises(DriverError, match="'mappingproxy' object does not support"):
        driver.attach("x", row(), None, ignore)


def test_a_check_that_fails_keeps_its_channel_offline(site: Path) -> None:
    driver = driver_of(site, f"{DRIVER}\ndef check(options):\n    1 / 0\n")
    with pytest.raises(DriverError, match=r"boards 1\.0: ZeroDivisionError.* in check: update or remove"):
        driver.attach("x", row(), None, ignore)


def test_reports_are_of_its_own_channels_and_are_levels(site: Path) -> None:
    found: list[tuple[str, object]] = []

    def report(name: str, level: Level | DriverError | None) -> None:
        found.append((name, level if isinstance(level, bool | None) else str(level)))

    driver = driver_of(
        site, with_method("self.report = report; return False", "attach", "name, options, level, report")
    )
    driver.attach("x", row(), None, report)
    inner: Any = driver._driver
    for name, level in (("x", True), ("lamp", True), (5, True), ("x", "on"), ("x", None)):
        inner.report(name, level)
    inner.report("x", DriverError("unplugged"))
    driver.detach("x")
    inner.report("x", True)
    assert found[0] == ("x", True) and found[2:] == [("x", None), ("x", "unplugged")]
    assert found[1][0] == "x" and "a level has to be True" in str(found[1][1])


def test_one_that_fails_takes_its_own_channels_offline_and_comes_back(site: Path) -> None:
    text = with_method("raise SystemExit", "attach", "name, options, level, report")
    install(site, "boards", {"relay8": "boards"}, modules={"boards": text})
    table = {"x": row(), "lamp": defaults("channels.*", driver="memory", mode="output")}
    controller = ChannelController(table, executor=Inline())
    assert controller["lamp"].current.online
    assert not controller["x"].current.online
    assert controller["x"].current.reason.startswith("boards 1.0: SystemExit")
    controller.close()


def test_a_package_that_is_faulty_has_a_driver_that_says_so(site: Path) -> None:
    with pytest.raises(DriverError, match=r"boards 1\.0: it needs smbus3000, which is not installed"):
        driver_of(site, "import smbus3000")
