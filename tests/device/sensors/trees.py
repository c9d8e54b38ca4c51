"""The files of /sys as boards have them, written into a folder of a test.

The names and contents are those of the kernel's documents and of Raspberry Pis: a Pi 3 with two thermometers
on a 1-Wire bus, a Pi 4 with a converter ADS1015 and a BME280, a Pi 5 with its fan and the board's power
converter, a Zero with nothing but its processor's temperature. Each is `{path: content}` from the root of the
file system; a content that begins with "-> " is a link.
"""

from __future__ import annotations

import os
from pathlib import Path

#: The scratchpad of a DS18B20 at 23.125 °C, as w1_therm prints it.
GOOD_W1 = "72 01 4b 46 7f ff 0e 10 57 : crc=57 YES\n72 01 4b 46 7f ff 0e 10 57 t=23125\n"
#: A wrong checksum; the second line has the last good answer.
BAD_CRC = "72 01 4b 46 ff ff 0e 10 57 : crc=c4 NO\n72 01 4b 46 7f ff 0e 10 57 t=23125\n"
#: The value after a loss of power, the one with too little power, and a real 85 °C.
POWER_ON = "50 05 4b 46 7f ff 0c 10 1c : crc=1c YES\n50 05 4b 46 7f ff 0c 10 1c t=85000\n"
TOO_LITTLE = "ff 07 4b 46 7f ff 0c 10 d7 : crc=d7 YES\nff 07 4b 46 7f ff 0c 10 d7 t=127937\n"
REALLY_85 = "50 05 4b 46 7f ff 10 10 e6 : crc=e6 YES\n50 05 4b 46 7f ff 10 10 e6 t=85000\n"
SHORTED = "00 00 00 00 00 00 00 00 00 : crc=00 YES\n00 00 00 00 00 00 00 00 00 t=0\n"

FIRST, SECOND = "28-0316a2795e1f", "28-00000a1b2c3d"
W1 = "sys/bus/w1/devices"
IIO = "sys/bus/iio/devices"
HWMON = "sys/class/hwmon"

_CPU = {
    f"{HWMON}/hwmon0/name": "cpu_thermal\n",
    f"{HWMON}/hwmon0/temp1_input": "48312\n",
}
_VOLT = {
    f"{HWMON}/hwmon1/name": "rpi_volt\n",
    f"{HWMON}/hwmon1/in0_lcrit_alarm": "0\n",
}

ZERO = _CPU
PI_3 = {
    **_CPU,
    **_VOLT,
    f"{W1}/{FIRST}/w1_slave": GOOD_W1,
    f"{W1}/{FIRST}/temperature": "23125\n",
    f"{W1}/{SECOND}/w1_slave": GOOD_W1.replace("t=23125", "t=-1062"),
    f"{W1}/w1_bus_master1/w1_master_slave_count": "2\n",
}
PI_4 = {
    **_CPU,
    **_VOLT,
    f"{IIO}/iio:device0/name": "ads1015\n",
    f"{IIO}/iio:device0/device": "-> ../../../../devices/platform/soc/fe804000.i2c/i2c-1/1-0048",
    f"{IIO}/iio:device0/in_voltage0_raw": "700\n",
    f"{IIO}/iio:device0/in_voltage0_scale": "3.000000000\n",
    f"{IIO}/iio:device0/in_voltage1_raw": "-20\n",
    f"{IIO}/iio:device0/in_voltage1_scale": "3.000000000\n",
    f"{IIO}/iio:device0/in_voltage0-voltage1_raw": "400\n",
    f"{IIO}/iio:device0/in_voltage-voltage_scale": "2.000000000\n",
    f"{IIO}/iio:device1/name": "bme280\n",
    f"{IIO}/iio:device1/label": "greenhouse\n",
    f"{IIO}/iio:device1/in_temp_input": "21480\n",
    f"{IIO}/iio:device1/in_humidityrelative_input": "54321\n",
    f"{IIO}/iio:device1/in_pressure_input": "101.325195312\n",
    f"{IIO}/trigger0/name": "sysfstrig0\n",
}
PI_5 = {
    **_CPU,
    f"{HWMON}/hwmon1/name": "pwmfan\n",
    f"{HWMON}/hwmon1/fan1_input": "2894\n",
    f"{HWMON}/hwmon2/name": "rp1_adc\n",
    f"{HWMON}/hwmon2/device": "-> ../../../1f000c8000.adc",
    f"{HWMON}/hwmon2/in1_input": "1467\n",
    f"{HWMON}/hwmon2/temp1_input": "51234\n",
    f"{HWMON}/hwmon3/name": "ina219\n",
    f"{HWMON}/hwmon3/device": "-> ../../../1-0040",
    f"{HWMON}/hwmon3/in1_input": "5120\n",
    f"{HWMON}/hwmon3/in1_label": "bus\n",
    f"{HWMON}/hwmon3/curr1_input": "742\n",
    f"{HWMON}/hwmon3/power1_input": "3800000\n",
}


def write(root: Path, tree: dict[str, str]) -> Path:
    """Write a tree below a root, and return the root."""
    for name, content in tree.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if content.startswith("-> "):
            path.symlink_to(content[3:])
        else:
            path.write_text(content)
    return root


def hang(path: Path) -> None:
    """Put a pipe that nothing is written to in the place of a file."""
    path.unlink(missing_ok=True)
    os.mkfifo(path)
