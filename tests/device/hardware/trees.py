"""Recorded trees: what /sys and /dev of boards with sensors on them have, written into a folder.

    root, kernel = plant(tmp_path, "raspberry-pi-4")
    Hardware(str(root), kernel).buses({})

Devices are folders below sys/devices, and the folders of a bus or class have links to them, as in the kernel.
The contents are written after the kernel's documents and what these boards show, not copied from one.

Sources: Linux, Documentation/ABI/testing (sysfs-class-led, sysfs-class-pwm, sysfs-bus-iio),
Documentation/w1/w1-generic.rst, Documentation/hwmon/sysfs-interface.rst, drivers/iio/adc/ti-ads1015.c,
drivers/iio/pressure/bmp280-core.c.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from ..channels.drivers.fake_kernel import FakeChip, FakeKernel, raspberry_pi_5

#: path below the root: content; of a folder that is linked from other places, the places.
Files = dict[str, str]
Links = dict[str, str]


class Tree:
    """Files and links of one board."""

    def __init__(self) -> None:
        self.files: Files = {}
        self.links: Links = {}

    def device(self, folder: str, *links: str, **values: str) -> str:
        """A folder below sys/devices with values, and the links to it."""
        folder = f"sys/devices/{folder}"
        for name, content in values.items():
            self.files[f"{folder}/{name}"] = f"{content}\n"
        self.files.setdefault(f"{folder}/uevent", "\n")
        for link in links:
            self.links[f"sys/{link}"] = folder
        return folder

    def led(self, name: str, highest: int, trigger: str) -> None:
        others = ["none", "timer", "default-on", "mmc0", "heartbeat"]
        triggers = " ".join(f"[{one}]" if one == trigger else one for one in others)
        folder = f"platform/leds/leds/{name}"
        self.device(
            folder, f"class/leds/{name}", max_brightness=str(highest), brightness="0", trigger=triggers
        )

    def pwm(self, number: int, device: str, outputs: int, exported: dict[int, tuple[int, int, int]]) -> None:
        folder = f"platform/soc/{device}/pwm/pwmchip{number}"
        path = self.device(folder, f"class/pwm/pwmchip{number}", npwm=str(outputs), export="", unexport="")
        self.device(f"platform/soc/{device}")
        self.links[f"{path}/device"] = f"sys/devices/platform/soc/{device}"
        for line, (period, duty, enable) in exported.items():
            self.device(f"{folder}/pwm{line}", period=str(period), duty_cycle=str(duty), enable=str(enable))

    def onewire(self, *devices: str) -> None:
        self.device("w1_bus_master1", "bus/w1/devices/w1_bus_master1", w1_master_name="w1_bus_master1")
        for device in devices:
            # reading this one makes the sensor measure, for 750 ms
            self.device(
                f"w1_bus_master1/{device}", f"bus/w1/devices/{device}", name=device, w1_slave="NOT TO BE READ"
            )

    def i2c(self, number: int, name: str) -> str:
        folder = f"platform/soc/i2c{number}/i2c-{number}"
        self.device(folder, f"bus/i2c/devices/i2c-{number}", name=name)
        return folder

    def chip(self, number: int, address: int, name: str, driver: str = "") -> str:
        """A device on an I2C bus."""
        folder = f"platform/soc/i2c{number}/i2c-{number}/{number}-{address:04x}"
        path = self.device(folder, f"bus/i2c/devices/{number}-{address:04x}", name=name)
        if driver:
            self.device(f"../bus/i2c/drivers/{driver}")
            self.links[f"{path}/driver"] = f"sys/bus/i2c/drivers/{driver}"
        return folder

    def ads1115(self, device: int, number: int, address: int = 0x48) -> None:
        """A converter: four channels, and four differences of two."""
        pairs = ("0-voltage1", "0-voltage3", "1-voltage3", "2-voltage3")
        values = {"sampling_frequency_available": "8 16 32 64 128 250 475 860"}
        for channel in (*"0123", *pairs):
            values |= {f"in_voltage{channel}_raw": "13211", f"in_voltage{channel}_scale": "0.125000000"}
        folder = self.chip(number, address, "ads1115", "ads1015")
        self._iio(folder, device, "ads1015", values)

    def bme280(self, device: int, number: int, address: int = 0x76) -> None:
        """A sensor that its driver computes."""
        values: dict[str, str] = {}
        for kind, value in (("temp", "21430"), ("pressure", "99.618"), ("humidityrelative", "47312")):
            values |= {f"in_{kind}_input": value, f"in_{kind}_oversampling_ratio": "2"}
        self._iio(self.chip(number, address, "bme280", "bmp280"), device, "bme280", values)

    def _iio(self, folder: str, device: int, name: str, values: dict[str, str]) -> None:
        path = f"{folder}/iio:device{device}"
        self.device(path, f"bus/iio/devices/iio:device{device}", name=name, **values)

    def hwmon(self, number: int, name: str, **values: str) -> None:
        self.device(f"virtual/hwmon/hwmon{number}", f"class/hwmon/hwmon{number}", name=name, **values)

    def camera(self, number: int, name: str) -> None:
        self.files[f"dev/video{number}"] = ""
        self.device(
            f"platform/soc/camera/video{number}", f"class/video4linux/video{number}", name=name, index="0"
        )

    def write(self, root: Path) -> None:
        for path, content in self.files.items():
            file = root / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(content)
        for link, folder in self.links.items():
            (root / link).parent.mkdir(parents=True, exist_ok=True)
            (root / link).symlink_to(os.path.relpath(root / folder, (root / link).parent))


def _lines(count: int, first: int = 0) -> list[str]:
    return ["ID_SDAI", "ID_SCLI", *(f"GPIO{number}" for number in range(2, 28)), *["-"] * (count - 28)]


def zero() -> tuple[Tree, FakeKernel]:
    """A Zero W: one chip, thermometers on one wire, no other bus."""
    tree = Tree()
    tree.led("ACT", 255, "mmc0")
    tree.onewire("28-00000a1b2c3d", "28-3c01d607ab41", "3a-0000004d2f10")
    tree.hwmon(0, "cpu_thermal", temp1_input="41700", temp1_crit="110000")
    tree.hwmon(1, "rpi_volt", in0_lcrit_alarm="0")
    kernel = FakeKernel(FakeChip("gpiochip0", "pinctrl-bcm2835", _lines(54)))
    kernel.chip("gpiochip0").use(4, "onewire@4")
    kernel.chip("gpiochip0").use(47, "ACT")
    return tree, kernel


def pi_3() -> tuple[Tree, FakeKernel]:
    """A 3 B+ with a converter on I2C and a thermometer."""
    tree = Tree()
    tree.led("ACT", 1, "mmc0")
    tree.led("PWR", 1, "default-on")
    tree.onewire("10-000802be73fa")
    tree.i2c(1, "bcm2835 (i2c@7e804000)")
    tree.ads1115(0, 1)
    tree.hwmon(0, "cpu_thermal", temp1_input="48312")
    expander = ["BT_ON", "WL_ON", "PWR_LED_R", "LAN_RUN", "NC", "CAM_GPIO0", "CAM_GPIO1", "NC"]
    kernel = FakeKernel(
        FakeChip("gpiochip0", "pinctrl-bcm2835", _lines(54)),
        FakeChip("gpiochip1", "raspberrypi-exp-gpio", expander),
    )
    kernel.chip("gpiochip1").use(1, "shutdown")
    return tree, kernel


def pi_4() -> tuple[Tree, FakeKernel]:
    """A 4 with two PWM outputs, a weather sensor, a chip without a driver, and the video devices."""
    tree = Tree()
    tree.led("ACT", 255, "mmc0")
    tree.led("PWR", 255, "default-on")
    tree.pwm(0, "fe20c000.pwm", 2, {0: (1_000_000, 250_000, 1)})
    tree.i2c(1, "bcm2835 (i2c@7e804000)")
    tree.i2c(20, "fef04500.i2c")
    tree.bme280(0, 1)
    tree.chip(1, 0x27, "pcf8574")
    tree.hwmon(0, "cpu_thermal", temp1_input="52095")
    tree.hwmon(1, "ina219", in0_input="12", in1_input="5104", curr1_input="312", power1_input="1592000")
    tree.camera(0, "unicam")
    tree.camera(10, "bcm2835-codec-decode")
    expander = [
        "BT_ON",
        "WL_ON",
        "PWR_LED_OFF",
        "GLOBAL_RESET",
        "VDD_SD_IO_SEL",
        "CAM_GPIO",
        "SD_PWR_ON",
        "SD_OC_N",
    ]
    kernel = FakeKernel(
        FakeChip("gpiochip0", "pinctrl-bcm2711", _lines(58)),
        FakeChip("gpiochip1", "raspberrypi-exp-gpio", expander),
    )
    kernel.chip("gpiochip0").use(17, "edgeweb").flags = 1 << 3
    return tree, kernel


def pi_5() -> tuple[Tree, FakeKernel]:
    """A 5 with both sensors, a fan, and a link beside the header's chip."""
    tree = Tree()
    tree.led("ACT", 255, "mmc0")
    tree.led("PWR", 255, "none")
    tree.pwm(0, "1f00098000.pwm", 4, {})
    for number in (1, 13):
        tree.i2c(number, "Synopsys DesignWare I2C adapter")
    tree.ads1115(0, 1)
    tree.bme280(1, 1)
    tree.hwmon(0, "cpu_thermal", temp1_input="50250")
    tree.hwmon(1, "rp1_adc", in1_input="1466", in2_input="2534", temp1_input="44700", temp1_label="RP1")
    tree.hwmon(10, "pwmfan", fan1_input="2512", pwm1="75", pwm1_enable="1")
    return tree, raspberry_pi_5()


BOARDS: dict[str, Callable[[], tuple[Tree, FakeKernel]]] = {
    "raspberry-pi-zero": zero,
    "raspberry-pi-3": pi_3,
    "raspberry-pi-4": pi_4,
    "raspberry-pi-5": pi_5,
}


def plant(root: Path, board: str) -> tuple[Path, FakeKernel]:
    """Write the tree of a board into a folder; return the folder, and the kernel with the board's chips."""
    tree, kernel = BOARDS[board]()
    tree.write(root)
    return root, kernel
