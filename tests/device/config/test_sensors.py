"""The tables [sensors.*] of a profile: checked as a whole, each fault with its path and what is expected."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from edgeweb.device.config.checks import accept
from edgeweb.device.config.errors import ProfileError
from edgeweb.device.config.profile import Profile

from .test_profile import faults

MakeProfile = Callable[..., Profile]

SOIL = '[sensors.soil]\nkind = "iio"\ndevice = "ads1015"\nchannel = "voltage0"\n'


def test_a_sensor_has_all_its_defaults(make_profile: MakeProfile) -> None:
    profile = make_profile(f'{SOIL}valid = [0, 3.3]\nlow = 1\nfor = "30 s"\n')
    assert profile["sensors.soil"] == {
        "kind": "iio",
        "title": "",
        "unit": "",
        "scale": 1.0,
        "offset": 0.0,
        "interval": 10.0,
        "valid": (0.0, 3.3),
        "low": 1.0,
        "high": "",
        "hysteresis": 0.0,
        "for": 30.0,
        "keep": "",
        "group": "",
        "order": 0,
        "icon": "",
        "device": "ads1015",
        "channel": "voltage0",
    }
    assert profile.row(("sensors", "soil", "channel")).change == "restart"
    assert make_profile().things("sensors") == {}


@pytest.mark.parametrize(
    ("toml", "fault"),
    [
        ("", 'x.kind: expected one of "command", "file", "hwmon", "iio", "w1", or one that an'),
        ('kind = "gpio"', 'x.kind = "gpio": expected one of "command", "file",'),
        ('kind = "file"', 'x.path: expected a value, because the kind "file" needs it'),
        ('kind = "file"\npath = "rain"', 'x.path = "rain": expected a path that begins with a slash'),
        ('kind = "command"', 'x.run: expected a value, because the kind "command" needs it'),
        ('kind = "w1"\ndevice = "../28"', 'x.device = "../28": expected the name of a folder in /sys/bus'),
        (
            'kind = "iio"\ndevice = "a"\nchannel = "../x"',
            'x.channel = "../x": expected what stands between "in_" and "_raw"',
        ),
        (
            'kind = "hwmon"\nchip = "a"\npath = "/a"',
            'x.path = "/a": expected no such key, which belongs to other kinds (file)',
        ),
        ('kind = "hwmon"\nchip = "a"\nlow = "cold"', 'x.low = "cold": expected a number from -1e+15 to'),
        ('kind = "hwmon"\nchip = "a"\nlow = 5\nhigh = 5', "x.high = 5.0: expected more than low, which is 5"),
        ('kind = "hwmon"\nchip = "a"\nvalid = [5, 1]', "x.valid = [5, 1]: expected [lowest, highest] of"),
        ('kind = "hwmon"\nchip = "a"\nvalid = [5]', "x.valid = [5]: expected [lowest, highest]"),
        ('kind = "hwmon"\nchip = "a"\nscale = nan', "x.scale = nan: expected a number from"),
        ('kind = "hwmon"\nchip = "a"\nicon = "skull"', 'x.icon = "skull": expected one of ""'),
        ('kind = "hwmon"\nchip = "a"\nvaild = []', "x.vaild = []: expected a known key of [sensors.x]"),
    ],
)
def test_keys_that_do_not_fit_the_sensor(make_profile: MakeProfile, toml: str, fault: str) -> None:
    (line,) = faults(lambda: make_profile(f"[sensors.x]\n{toml}"))
    assert f"sensors.{fault}" in line


def test_all_faults_of_all_sensors_at_once(make_profile: MakeProfile) -> None:
    toml = '[sensors.a]\nkind = "no"\n[sensors.b]\nkind = "file"\ninterval = 0\n[sensors."c/d"]\n'
    lines = [line.partition("sensors.")[2] for line in faults(lambda: make_profile(toml))]
    assert [line.partition(" ")[0] for line in lines] == ["a.kind", "b.path:", "b.interval", '"c/d":']


def test_a_name_with_a_dot(make_profile: MakeProfile) -> None:
    profile = make_profile('[sensors."bed.2"]\nkind = "file"\npath = "/x"')
    assert profile.row(("sensors", "bed.2", "path")).kind == "string"


@pytest.mark.parametrize("value", ["", 5, -1e15, 2.5])
def test_limits(value: object) -> None:
    assert accept("limit", (-1e15, 1e15), value) == value


@pytest.mark.parametrize("value", ["5", None, True, 1e16, float("nan")])
def test_no_limits(value: object) -> None:
    with pytest.raises(ValueError, match='or "" for none'):
        accept("limit", (-1e15, 1e15), value)


def test_the_machine_s_own_figures_have_keys_beside_the_tables_of_sensors(
    make_profile: Callable[..., Profile],
) -> None:
    profile = make_profile(
        '[sensors]\ninterval = "5 s"\n[sensors.soil]\nkind = "file"\npath = "/soil"\ninterval = "1 min"\n'
    )
    assert (profile["sensors.interval"], profile["sensors.soil.interval"]) == (5.0, 60.0)
    assert list(profile.things("sensors")) == ["soil"]
    with pytest.raises(ProfileError, match=r"sensors\.interval = .*: expected seconds as a number"):
        make_profile('[sensors.interval]\nkind = "file"\npath = "/soil"\n')
