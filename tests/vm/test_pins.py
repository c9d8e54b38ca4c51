"""What hangs on a Raspberry Pi's processor: the BCM2835's pins, its watchdog, its thermal sensor.

The emulator has the registers of the real chip, and the kernel is Debian's, with its driver for the board.
"""

from __future__ import annotations

import json

import pytest

from scripts.qemu import installation

from .conftest import DOOR_LINE, LINES, Owned

pytestmark = pytest.mark.vm

#: Requests a free line by its name, without a chip, and prints what the kernel says of it by its number.
BY_NAME = """
from edgeweb.device.system import gpiochip
from edgeweb.device.channels.drivers.gpio import Driver
from edgeweb.device.config.schema import defaults

driver, kernel = Driver(), gpiochip.Kernel()
chip = kernel.open("/dev/gpiochip0")
row = defaults("channels.*", driver="gpio", mode="output", line="GPIO22")
for level in (True, False):
    print(driver.attach("x", row, level, print), driver.read("x"))
    print(*gpiochip.line_info(kernel, chip, 22))
driver.close()
print(*gpiochip.line_info(kernel, chip, 22)[:2])
"""


@pytest.fixture
def broadcom(board: Owned) -> Owned:
    if not board.device.board.broadcom:
        pytest.skip("QEMU's virt machine has no BCM2835: the four Raspberry Pis are asked")
    return board


def levels(board: Owned) -> list[str]:
    """What the kernel says of the lines, whoever holds them: debugfs reads the registers."""
    board.guest.run("mountpoint -q /sys/kernel/debug || mount -t debugfs debugfs /sys/kernel/debug")
    said = board.guest.run("cat /sys/kernel/debug/gpio").text.splitlines()
    held = [line for line in said if "edgeweb" in line and f"GPIO{DOOR_LINE} " not in line]
    return [" ".join(line.partition(")")[2].split()[:2]) for line in held]


def switch(board: Owned, line: int, on: bool) -> None:
    answer = board.ask(f"/api/v1/channels/pin{line}/state", "-X", "PUT", "-d", json.dumps({"on": on}))
    assert answer["online"] is True and answer["state"] is on, answer


def test_pins_are_switched_and_read_back(broadcom: Owned) -> None:
    assert levels(broadcom) == ["out lo"] * len(LINES)
    for on in (True, False, True):
        for line in LINES:
            switch(broadcom, line, on)
        assert levels(broadcom) == [f"out {'hi' if on else 'lo'}"] * len(LINES)
    broadcom.guest.run("systemctl stop edgeweb")
    try:
        # at_exit wrote "off" before the kernel took the lines back.
        assert levels(broadcom) == []
    finally:
        installation.start(broadcom.guest)
        broadcom.device.wait_until_it_serves()


def test_sigkill_leaves_the_pins_to_the_policy_of_the_next_start(broadcom: Owned) -> None:
    switch(broadcom, 17, True)
    assert levels(broadcom)[0] == "out hi"
    broadcom.kill("systemctl kill --signal=SIGKILL edgeweb")
    # `at_start` is "off".
    assert levels(broadcom) == ["out lo"] * len(LINES)


def test_a_line_by_its_name_is_the_one_of_that_number(broadcom: Owned) -> None:
    """The names are those of the boards' device trees; flags: 1 is used, 8 is output."""
    said = broadcom.guest.run(f"/opt/edgeweb/bin/python -B - <<'END'\n{BY_NAME}END").text.splitlines()
    held = "GPIO22 edgeweb 9"
    assert [line.strip() for line in said] == ["True True", held, "False False", held, "GPIO22"]


def test_the_watchdog_is_there(board: Owned) -> None:
    identity = board.guest.run("cat /sys/class/watchdog/watchdog0/identity").text.strip()
    assert identity == (
        "Broadcom BCM2835 Watchdog timer" if board.device.board.broadcom else "i6300ESB timer"
    )


def test_the_temperature_is_measured(broadcom: Owned) -> None:
    assert broadcom.guest.run("cat /sys/class/thermal/thermal_zone0/type").text.strip() == "cpu-thermal"
    temperatures: dict[str, float] = {}

    def is_measured() -> bool:
        temperatures.update(broadcom.ask("/api/v1/status")["metrics"]["temperature_celsius"])
        return bool(temperatures)

    # No answer waits a second for a sensor: the first sample of a process on a busy host may have none.
    broadcom.wait_until(is_measured, "a temperature")
    assert all(-20 < value < 120 for value in temperatures.values())
