from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from edgeweb.device.channels.drivers import DRIVERS, outside
from edgeweb.device.config.checks import expectation
from edgeweb.device.config.errors import ProfileError
from edgeweb.device.config.profile import COMMAND_LINE, MAX_FILE, Profile, load, shipped_profiles
from edgeweb.device.config.renamed import RENAMED
from edgeweb.device.config.schema import KEYS
from tests.device.process import ROOT

MakeProfile = Callable[..., Profile]


def faults(call: Callable[[], object]) -> list[str]:
    with pytest.raises(ProfileError) as caught:
        call()
    lines = str(caught.value).split("\n")
    assert len(lines) == len(caught.value.faults), "a fault is one line"
    return lines


def test_an_empty_profile_has_every_default(make_profile: MakeProfile) -> None:
    profile = make_profile("")
    values = dict(profile.items())
    for path, default in ((row.path, row.default) for row in KEYS):
        if "*" not in path:
            assert values[tuple(path.split("."))] == default
            assert profile[path] == default
    assert profile["channels"] == {}
    assert profile.origins == {}


@pytest.mark.parametrize("name", shipped_profiles())
def test_every_shipped_profile_is_right(name: str, tmp_path: Path) -> None:
    profile = load(name, system=str(tmp_path))
    assert profile.name == name
    assert len(profile.files) == 1


def test_the_shipped_profiles_are_the_promised_ones() -> None:
    assert shipped_profiles() == [
        "generic-linux",
        "qemu-virt-arm64",
        "raspberry-pi-2",
        "raspberry-pi-3",
        "raspberry-pi-4",
        "raspberry-pi-5",
        "raspberry-pi-zero-2-w",
        "raspberry-pi-zero-w",
    ]


def test_only_this_machine_is_served_by_default(make_profile: MakeProfile) -> None:
    assert make_profile("")["server.host"] == ("127.0.0.1",)


def test_layers_win_in_their_order(tmp_path: Path) -> None:
    board = tmp_path / "board.toml"
    board.write_text(
        '[server]\nport = 1\nthreads = 1\nconnections = 8\nbacklog = 9\n[storage]\nwatch = ["/", "/data"]\n'
    )
    system = tmp_path / "etc"
    (system / "edgeweb.toml.d").mkdir(parents=True)
    (system / "edgeweb.toml").write_text("[server]\nport = 2\nthreads = 2\nconnections = 9\n")
    (system / "edgeweb.toml.d" / "10-a.toml").write_text("[server]\nport = 3\nthreads = 3\n")
    (system / "edgeweb.toml.d" / "20-b.toml").write_text('[server]\nport = 4\n[storage]\nwatch = ["/x"]\n')
    (system / "edgeweb.toml.d" / "30-c.toml.bak").write_text("this is no TOML")
    profile = load(board, {"server.port": 5}, system=str(system))

    assert [profile[f"server.{key}"] for key in ("port", "threads", "connections", "backlog")] == [5, 3, 9, 9]
    assert profile["storage.watch"] == ("/x",), "lists replace, they do not add up"
    assert [os.path.basename(file) for file in profile.files] == [
        "board.toml",
        "edgeweb.toml",
        "10-a.toml",
        "20-b.toml",
    ]
    assert profile.origins["server", "port"] == COMMAND_LINE
    assert profile.origins["server", "threads"].endswith("10-a.toml")
    assert profile.origins["server", "connections"].endswith("edgeweb.toml")
    assert profile.origins["server", "backlog"].endswith("board.toml")


def test_the_system_folder_is_the_one_that_systemd_names(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "edgeweb.toml").write_text("[server]\nport = 99\n")
    monkeypatch.setenv("CONFIGURATION_DIRECTORY", f"{tmp_path}:/other")
    assert load()["server.port"] == 99


def test_all_faults_of_all_layers_at_once(tmp_path: Path) -> None:
    board = tmp_path / "board.toml"
    board.write_text(
        """
[server]
prot = 8080
port = "80"
[sever]
host = "x"
[channels.lamp]
driver = "memroy"
[channels."a/b"]
driver = "memory"
mode = "output"
[channels."door.left"]
driver = "memory"
at_strat = "on"
mode = "output"
"""
    )
    system = tmp_path / "etc"
    system.mkdir()
    (system / "edgeweb.toml").write_text("server = 5\n")
    lines = faults(lambda: load(board, {"server.threads": "many"}, system=str(system)))

    assert lines == [
        f"{board}:3: server.prot = 8080: expected a known key of [server] (allow_origins, backlog,"
        " behind_proxy, body_bytes, buffer_bytes,"
        " check_host, check_origin, connections, connections_per_peer, drain_timeout,"
        " frame_ancestors, grace_time, header_bytes, header_fields, header_timeout, host, hosts,"
        " idle_timeout, least_rate, port, prefix, queue, security_headers, threads, tls, upload_folder);"
        " the nearest known key is server.port",
        f'{board}:4: server.port = "80": expected a whole number from 0 to 65535',
        f"{board}:5: sever: expected a known key of the top level (access, board, channels, dashboard,"
        " device, fleet, history, mqtt, schedules, sensors, server, storage, system, vendor); the nearest"
        " known key is server",
        f'{board}:7: channels.lamp.mode: expected one of "output", "input", "pwm", "button", but the key is'
        " missing",
        f'{board}:8: channels.lamp.driver = "memroy": expected {expectation("module", (DRIVERS, outside))}',
        f'{board}:9: channels."a/b": expected a name of 1 to 64 letters, digits and _ . - that starts with a'
        " letter or _ (__x__ is reserved)",
        f'{board}:14: channels."door.left".at_strat = "on": expected a known key of [channels."door.left"]'
        " (ask, at_exit, at_start, busy_delay, debounce, driver, fault, group, icon, interlock, inverted,"
        " max_on, mode, order, poll,"
        " pulse, pulse_max, pulse_min, ramp, title, words);"
        ' the nearest known key is channels."door.left".at_start',
        f"{system}/edgeweb.toml:1: server = 5: expected a table: [server]",
        'command line: server.threads = "many": expected a whole number from 1 to 64',
    ]


@pytest.mark.parametrize("old", RENAMED)
def test_an_old_key_is_refused_with_the_new_one_named(make_profile: MakeProfile, old: str) -> None:
    table, _, key = old.replace("*", "lamp").rpartition(".")
    new, change = RENAMED[old]
    paths = {row.path for row in KEYS}
    assert new in paths and old not in paths
    toml = '[channels.lamp]\ndriver = "memory"\nmode = "output"\n'
    toml = toml if table == "channels.lamp" else f"{toml}[{table}]\n"
    (line,) = faults(lambda: make_profile(f"{toml}{key} = 7\n"))
    now = f"{table}.{key} is now {new.replace('*', 'lamp')}{change}"
    assert line.endswith(
        f"test.toml:{toml.count(chr(10)) + 1}: {table}.{key} = 7: expected another key: {now}"
    )


def test_an_old_key_of_a_channel_with_a_dot_in_its_name(make_profile: MakeProfile) -> None:
    toml = '[channels."door.left"]\ndriver = "memory"\nmode = "output"\non_exit = "off"\n'
    (line,) = faults(lambda: make_profile(toml))
    assert line.endswith('channels."door.left".on_exit is now channels."door.left".at_exit')


def test_rules_between_keys_are_told_with_all_other_faults(make_profile: MakeProfile) -> None:
    """As far as the keys that a rule compares are right themselves."""
    toml = """\
[board]
memory = "64 MiB"
[server]
threads = 0
buffer_bytes = "32 MiB"
[channels.pump]
driver = "gpio"
mode = "output"
pins = 17
[channels.door]
mode = "input"
driver = "memory"
at_start = "on"
poll = "often"
[channels.lamp]
driver = "gpio"
mode = "pwm"
pulse = 0.5
pulse_min = 1
pulse_max = "long"
[channels.fan]
driver = "no"
mode = "pwm"
"""
    lines = [line.partition("test.toml:")[2] for line in faults(lambda: make_profile(toml))]
    assert [line.partition(": expected")[0] for line in lines] == [
        "4: server.threads = 0",
        '5: server.buffer_bytes = "32 MiB"',
        "6: channels.pump.line",
        "9: channels.pump.pins = 17",
        '13: channels.door.at_start = "on"',
        '14: channels.door.poll = "often"',
        "15: channels.lamp.line",
        '17: channels.lamp.mode = "pwm"',
        '20: channels.lamp.pulse_max = "long"',
        '22: channels.fan.driver = "no"',
    ]


def test_a_fault_knows_its_parts(make_profile: MakeProfile) -> None:
    with pytest.raises(ProfileError) as caught:
        make_profile("[sensors]\ninterva = 1")
    (fault,) = caught.value.faults
    assert fault.as_dict() == {
        "file": fault.file,
        "line": 2,
        "key": "sensors.interva",
        "value": "1",
        "expected": "a known key of [sensors] (interfaces, interval, temperatures), or a table:"
        " [sensors.interva]",
        "nearest": "sensors.interval",
    }


def test_long_values_are_cut(make_profile: MakeProfile) -> None:
    (line,) = faults(lambda: make_profile(f'[dashboard]\ntitle = "{"x" * 10_000}"'))
    assert len(line) < 300


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"[server\nport = 1", ":1: expected TOML (Expected ']'"),
        (b"[server]\nport = 1\nport = 2", ":3: expected TOML (Cannot overwrite a value)"),
        (b"[server]\n\n# caf\xe9", ":3: expected UTF-8 text"),
        (b"#" * (MAX_FILE + 1), ": expected a TOML file of at most 256 KiB"),
        (b"a = " + b"[" * 50_000, "expected"),
    ],
)
def test_what_is_no_toml(tmp_path: Path, content: bytes, expected: str) -> None:
    file = tmp_path / "test.toml"
    file.write_bytes(content)
    (line,) = faults(lambda: load(file, system=str(tmp_path / "etc")))
    assert line.startswith(str(file))
    assert expected in line


def test_a_missing_file(tmp_path: Path) -> None:
    file = tmp_path / "none.toml"
    assert faults(lambda: load(file, system=str(tmp_path))) == [
        f"{file}: expected a TOML file that can be read (No such file or directory)"
    ]


def test_a_folder_in_place_of_a_file(tmp_path: Path) -> None:
    (line,) = faults(lambda: load(f"{tmp_path}/", system=str(tmp_path)))
    assert "(Is a directory)" in line


def test_an_unknown_name_lists_the_known_ones(tmp_path: Path) -> None:
    (line,) = faults(lambda: load("raspberry-pi-9", system=str(tmp_path)))
    assert line.startswith("raspberry-pi-9: expected the name of a profile (generic-linux, ")


def test_a_dangling_link_is_not_silently_left_out(tmp_path: Path) -> None:
    (tmp_path / "edgeweb.toml").symlink_to(tmp_path / "gone")
    (line,) = faults(lambda: load(system=str(tmp_path)))
    assert line.startswith(f"{tmp_path}/edgeweb.toml: expected a TOML file that can be read")


def test_buffers_have_to_fit_the_board_and_bodies_the_buffers(make_profile: MakeProfile) -> None:
    (line,) = faults(lambda: make_profile('[board]\nmemory = "64 MiB"\n[server]\nbuffer_bytes = "32 MiB"'))
    assert 'buffer_bytes = "32 MiB": expected at most 16 MiB, a quarter of board.memory' in line
    (line,) = faults(lambda: make_profile('[server]\nbody_bytes = "5 MiB"'))
    assert 'body_bytes = "5 MiB": expected at most 4 MiB, the half of server.buffer_bytes that is for' in line
    many = make_profile('[board]\nmemory = "64 MiB"\n[server]\nconnections = 1000\nbody_bytes = "1 MiB"')
    assert many["server.connections"] == 1000, "the budget holds, however many connect"


def test_an_input_has_no_state_at_the_start(make_profile: MakeProfile) -> None:
    (line,) = faults(
        lambda: make_profile('[channels.door]\ndriver = "memory"\nmode = "input"\nat_start = "on"')
    )
    assert 'channels.door.at_start = "on": expected no such key for an input' in line


@pytest.mark.parametrize(
    ("toml", "fault"),
    [
        ('driver = "led"\nmode = "output"', 'x.line: expected a value, because the driver "led" needs it'),
        ('driver = "gpio"\nmode = "output"', "x.line: expected a line, or a position of the header in pin"),
        (
            'driver = "gpio"\nmode = "output"\nline = "17"\npin = 11',
            'x.line = "17": expected no value beside pin, which names the chip and the line',
        ),
        (
            'driver = "gpio"\nmode = "output"\nchip = "0"\npin = 11',
            'x.chip = "0": expected no value beside pin, which names the chip and the line',
        ),
        (
            'driver = "gpio"\nmode = "output"\npin = 6',
            'x.pin = 6: expected the position of a line: pin 6 is ground, and GPIO6 is line = "GPIO6"',
        ),
        (
            'driver = "gpio"\nmode = "output"\npin = 41',
            "x.pin = 41: expected a whole number from 0 to 40",
        ),
        (
            'driver = "command"\nmode = "input"',
            'x.read: expected a value, because the driver "command" needs',
        ),
        (
            'driver = "gpio"\nmode = "pwm"\nline = "1"',
            'x.mode = "pwm": expected "output" or "input" or "button", because of all drivers only led,'
            ' memory, pwm have the mode "pwm"',
        ),
        (
            'driver = "memory"\nmode = "output"\nchip = "gpiochip0"',
            'x.chip = "gpiochip0": expected no such key, which belongs to other drivers (gpio, pwm)',
        ),
        (
            'driver = "pwm"\nmode = "pwm"\nline = "1"\nfrequncy = 5',
            "x.frequncy = 5: expected a known key of [channels.x] (ask, at_exit, at_start, busy_delay, chip,",
        ),
        ('driver = "memory"\nmode = "output"\ndebounce = 0.1', "x.debounce = 0.1: expected no such key for"),
        (
            'driver = "memory"\nmode = "input"\nmax_on = 5',
            "x.max_on = 5.0: expected no such key for",
        ),
        (
            'driver = "memory"\nmode = "output"\npulse = 90',
            "x.pulse: expected pulse_min <= pulse <=",
        ),
    ],
)
def test_keys_that_do_not_fit_the_channel(make_profile: MakeProfile, toml: str, fault: str) -> None:
    (line,) = faults(lambda: make_profile(f"[channels.x]\n{toml}"))
    assert f"channels.{fault}" in line


@pytest.mark.parametrize("driver", ["", 'driver = "no"\n', "driver = 5\n"])
def test_without_a_driver_the_keys_of_any_driver_are_no_fault(make_profile: MakeProfile, driver: str) -> None:
    toml = f'[channels.x]\n{driver}mode = "output"\nfrequency = 100\non = ["true"]\nbias = "up"\n'
    lines = [line.partition("channels.")[2] for line in faults(lambda: make_profile(toml))]
    assert len(lines) == 2
    assert lines[0].startswith("x.driver") and lines[1].startswith('x.bias = "up": expected one of "as-is"')


def test_the_driver_may_stand_in_another_layer_than_its_keys(tmp_path: Path) -> None:
    board, system = tmp_path / "board.toml", tmp_path / "etc"
    system.mkdir()
    board.write_text('[channels.x]\ndriver = "memory"\nmode = "output"\n')
    (system / "edgeweb.toml").write_text('[channels.x]\ndriver = "gpio"\nline = "4"\n')
    channel = load(board, {"channels.x.bias": "pull-up"}, system=str(system))["channels"]["x"]
    assert [channel[key] for key in ("driver", "line", "chip", "bias")] == ["gpio", "4", "", "pull-up"]
    assert "frequency" not in channel


def test_a_profile_imports_the_drivers_that_it_names_and_no_other(make_profile: MakeProfile) -> None:
    toml = '[channels.x]\ndriver = "memory"\nmode = "output"\n[channels.y]\ndriver = "led"\n'
    file = make_profile(toml + 'mode = "pwm"\nline = "ACT"\n').files[0]
    program = (
        "import sys; from edgeweb.device.config.profile import load; import edgeweb.device.app;"
        "load(sys.argv[1], system='/nonexistent');"
        "print(*sorted(name for name in sys.modules if '.drivers.' in name))"
    )
    run = subprocess.run([sys.executable, "-c", program, file], cwd=ROOT, capture_output=True, check=True)
    package = "edgeweb.device.channels.drivers"
    expected = [f"{package}.{name}" for name in ("kernel", "kernel.sysfs", "led", "memory")]
    assert run.stdout.decode().split() == expected


def test_durations_have_a_unit_or_are_seconds(make_profile: MakeProfile) -> None:
    row = '[channels.x]\ndriver = "memory"\nmode = "output"\nmax_on = 60\npulse = "250 ms"\n'
    row += 'pulse_max = "30 min"'
    channel = make_profile(row)["channels"]["x"]
    assert (channel["pulse"], channel["max_on"], channel["pulse_max"]) == (0.25, 60.0, 1800.0)
    (line,) = faults(lambda: make_profile(row.replace("250 ms", "1 h")))
    assert line.endswith("expected pulse_min <= pulse <= pulse_max, not 50 ms, 1 h, 30 min")
    (line,) = faults(lambda: make_profile('[sensors]\ninterval = "2"'))
    assert line.endswith(
        'sensors.interval = "2": expected seconds as a number or text like "10 min" (ms, s, min, h, d),'
        " from 500 ms to 1 h"
    )


def test_two_of_a_group_do_not_start_on(make_profile: MakeProfile) -> None:
    row = 'driver = "memory"\nmode = "output"\ninterlock = "blind"\nat_start = "on"\n'
    (line,) = faults(lambda: make_profile(f"[channels.up]\n{row}[channels.down]\n{row}"))
    assert 'channels.down.at_start = "on": expected "off", because up of the same interlock group' in line


def test_an_unknown_key_of_a_loaded_profile(make_profile: MakeProfile) -> None:
    with pytest.raises(KeyError):
        make_profile("")["server.prot"]


def test_as_dict_is_a_copy(make_profile: MakeProfile) -> None:
    profile = make_profile("")
    profile.as_dict()["server"]["port"] = 1
    assert profile["server.port"] == 8080
