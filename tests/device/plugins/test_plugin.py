"""Plug-ins that are right, and every way in which one is not: at its import, and by what it declares."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from threading import Event
from typing import Any

import pytest

from edgeweb.commands.profile import main as profile_command
from edgeweb.device.channels import outside as drivers
from edgeweb.device.channels.drivers import DRIVERS as OWN_DRIVERS
from edgeweb.device.config.outside import faults, notes, usable
from edgeweb.device.config.profile import Profile
from edgeweb.device.config.schema import is_same
from edgeweb.device.plugins import plugin

from ..process import ROOT
from .packages import DRIVER, KIND, KINDS, install

Make = Callable[..., Profile]

CHANNEL = '[channels.x]\ndriver = "relay8"\nmode = "output"\n'
SENSOR = '[sensors.y]\nkind = "volts"\n'


def reasons(profile: Profile) -> list[str]:
    return [fault.expected.partition("; ")[2] for fault in faults(profile)]


def test_options_and_modes_are_as_our_own(site: Path, make_profile: Make) -> None:
    install(site, "boards", {"relay8": "boards"}, modules={"boards": DRIVER})
    install(site, "volts", {"volts": "volts"}, KINDS, modules={"volts": KIND})
    profile = make_profile(f"{CHANNEL}address = 0x21\n{SENSOR}")
    assert (profile["channels.x.address"], profile["sensors.y.number"]) == (0x21, 1.5)
    assert profile.row(("channels", "x", "address")).meaning == "Address on the bus."
    assert faults(profile) == [] and notes(profile) == []
    assert usable("channels") == [*OWN_DRIVERS, "relay8"]
    before = profile["channels.x"]
    assert is_same("channels", before, {**before, "title": "X"})
    assert not is_same("channels", before, {**before, "address": 0x22})


@pytest.mark.parametrize(
    ("keys", "fault"),
    [
        ("address = 1", "channels.x.address = 1: expected a whole number from 32 to 39"),
        ("adress = 33", "channels.x.adress = 33: expected a known key of [channels.x]"),
        ('line = "GPIO17"', "no such key, which belongs to other drivers (gpio, led, pwm)"),
    ],
)
def test_faults_of_a_profile_are_found_as_with_our_own(
    site: Path, make_profile: Make, keys: str, fault: str
) -> None:
    install(site, "boards", {"relay8": "boards"}, modules={"boards": DRIVER})
    with pytest.raises(Exception) as error:
        make_profile(f"{CHANNEL}{keys}\n")
    assert fault in str(error.value)


def test_a_mode_that_a_driver_cannot_do(site: Path, make_profile: Make) -> None:
    install(site, "boards", {"relay8": "boards"}, modules={"boards": DRIVER})
    with pytest.raises(Exception, match='mode = "pwm": expected "output" or "input", because of all drivers'):
        make_profile(CHANNEL.replace("output", "pwm"))


def test_a_check_of_its_own(site: Path, make_profile: Make) -> None:
    check = (
        '\ndef check(options):\n    return {"address": "an even address"} if options["address"] % 2 else {}\n'
    )
    install(site, "boards", {"relay8": "boards"}, modules={"boards": DRIVER + check})
    assert make_profile(CHANNEL)["channels.x.address"] == 32
    with pytest.raises(Exception, match="address = 33: expected an even address"):
        make_profile(f"{CHANNEL}address = 33\n")


def test_an_error_of_the_group_keeps_its_words() -> None:
    """A driver that raises what our own raise has chosen the text for people."""
    asked = plugin.Plugin(plugin.Offer("relay8", "boards", "", "acme 1.0", "/"), LookupError)

    def fail(error: BaseException) -> None:
        raise error

    with pytest.raises(LookupError, match=r"^no board at 0x21$"):
        asked.ask("read", lambda: fail(LookupError("no board at 0x21")))
    with pytest.raises(LookupError, match=r"^acme 1\.0: ValueError: five "):
        asked.ask("read", lambda: fail(ValueError("five")))


def test_a_name_that_no_package_offers(site: Path, make_profile: Make) -> None:
    with pytest.raises(Exception, match=r'driver = "relay8": expected one of .* or one that an installed'):
        make_profile(CHANNEL)


def test_two_packages_with_one_name_are_refused(site: Path, make_profile: Make) -> None:
    install(site, "boards", {"relay8": "boards"}, modules={"boards": DRIVER})
    install(site, "others", {"relay8": "others"}, version="2.0", modules={"others": DRIVER})
    with pytest.raises(Exception) as error:
        make_profile(CHANNEL)
    assert f"not boards 1.0 in {site} and others 2.0 in {site}: remove all but one" in str(error.value)


def test_our_own_wins_and_that_is_said_once(site: Path, make_profile: Make) -> None:
    install(site, "boards", {"relay8": "boards", "gpio": "boards"}, modules={"boards": DRIVER})
    profile = make_profile(f'{CHANNEL}[channels.z]\ndriver = "gpio"\nmode = "output"\nline = "GPIO17"\n')
    assert profile["channels.z.line"] == "GPIO17"
    (note,) = notes(profile)
    assert note == '"gpio" of boards 1.0 is not used: edgeweb has one of that name itself'
    assert notes(profile) == []


# -- faulty ones ---------------------------------------------------------------------------------------

#: The text of a module, and what the reason has to say.
FAULTY = {
    "raises": ("1 / 0", "boards 1.0: ZeroDivisionError: division by zero (boards.py, line 1): try"),
    "no syntax": ("def", "SyntaxError"),
    "ends the process": ("import sys\nsys.exit(3)", "SystemExit: 3 (boards.py, line 2)"),
    "interrupts": ("raise KeyboardInterrupt", "KeyboardInterrupt"),
    "needs a module": ("import smbus3000", "boards 1.0: it needs smbus3000, which is not installed"),
    "empty": ("", "OPTIONS has to be a tuple of Option(...) in boards: update or remove the package"),
    "text as options": ('OPTIONS = "address"', "OPTIONS has to be a tuple"),
    "no modes": (DRIVER.replace("MODES =", "MODE ="), "MODES has to be a tuple of some of output,"),
    "text as modes": (DRIVER.replace('("output", "input")', '"output"'), "MODES has to be a tuple"),
    "unknown mode": (DRIVER.replace('"input")', '"inptu")'), "MODES has to be a tuple"),
    "no driver": (DRIVER.replace("class Driver", "class Drive"), "Driver has to be a class that derives"),
    "another class": (DRIVER.replace("Driver(BaseDriver)", "Driver"), "Driver has to be a class"),
    "driver is made": (DRIVER + "\nDriver = Driver()", "Driver has to be a class that derives"),
    "programs": (DRIVER + '\nRUNS_PROGRAMS = "no"', "RUNS_PROGRAMS has to be True or False"),
    "check": (DRIVER + "\ncheck = {}", "check has to be a function"),
    "key": (DRIVER.replace('"address"', '"Add ress"'), "the key of an Option has to be a name"),
    "key twice": (DRIVER + "\nOPTIONS += OPTIONS", "OPTIONS has a key twice"),
    "key of ours": (DRIVER.replace('"address"', '"title"'), "the option title: edgeweb has a key"),
    "kind": (DRIVER.replace('"integer"', '"hexadecimal"'), "the option address: its kind has to be one of"),
    "limits": (DRIVER.replace("(0x20, 0x27)", "7"), "its limits or its default cannot be used"),
    "limits of texts": (DRIVER.replace("(0x20, 0x27)", "('a', 'b')"), "its limits or its default cannot"),
    "default": (DRIVER.replace("0x20, \"", "0x99, \""), "its default has to be a whole number"),
    "default of another type": (DRIVER.replace("0x20, \"", "32.0, \""), "its default has to be a whole"),
    "needed": (DRIVER.replace('bus.")', 'bus.", needed=1)'), "needed of address has to be True"),
    "needed with a default": (DRIVER.replace('bus.")', 'bus.", needed=True)'), "so it has no default"),
    "meaning": (DRIVER.replace('"Address on the bus."', "None"), "kind and meaning of address have to"),
    "timeout": (DRIVER.replace('"address"', '"timeout"'), "the option timeout: its kind has to be duration"),
    "option without parts": (DRIVER + "\nOPTIONS = (Option.__new__(Option),)", "AttributeError"),
    "lies about its type": (
        DRIVER + "\nclass O(tuple):\n    def __iter__(self): raise ValueError('no')\nOPTIONS = O((1,))",
        "ValueError: no",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", FAULTY)
def test_a_faulty_driver_is_a_reason_and_no_fault_of_the_profile(
    site: Path, make_profile: Make, case: str
) -> None:
    text, reason = FAULTY[case]
    install(site, "boards", {"relay8": "boards"}, modules={"boards": text})
    profile = make_profile(f'{CHANNEL}address = 0x21\nwords = ["a", "b"]\n')
    (found,) = reasons(profile)
    assert found.startswith("boards 1.0: ") and reason in found, found
    assert found.endswith("restart the server")
    # its keys are kept as they are, so that nothing is lost until the package is whole again
    assert (profile["channels.x.address"], profile["channels.x.words"]) == (0x21, ("a", "b"))
    assert not is_same("channels", profile["channels.x"], {**profile["channels.x"], "address": 1})


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (KIND.replace("class Input", "class Output"), "Input has to be a class that derives from BaseInput"),
        (
            KIND.replace('"number", "number"', '"low", "number"'),
            "the option low: edgeweb has a key",
        ),
        (KIND.replace("1.5", "1"), "the option number: its default has to be a number from -9 to 9"),
        ("raise SystemExit", "SystemExit"),
    ],
)
def test_a_faulty_kind(site: Path, make_profile: Make, text: str, reason: str) -> None:
    install(site, "volts", {"volts": "volts"}, KINDS, modules={"volts": text})
    (found,) = reasons(make_profile(SENSOR))
    assert found.startswith("volts 1.0: ") and reason in found


def test_an_entry_point_of_an_object_or_without_its_module(site: Path, make_profile: Make) -> None:
    install(site, "boards", {"relay8": "boards:Driver", "relay9": "lost.module"}, modules={"boards": DRIVER})
    other = CHANNEL.replace("relay8", "relay9").replace("channels.x", "channels.y")
    first, second = reasons(make_profile(CHANNEL + other))
    assert first.startswith("boards 1.0: its entry point has to name a module, not boards:Driver: update")
    assert second == "boards 1.0: its module lost is missing: install the package again"


def test_an_import_that_hangs_is_waited_for_once(
    site: Path, make_profile: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(plugin, "IMPORT", 0.2)
    gate = Event()
    monkeypatch.setattr(drivers, "GATE", gate, raising=False)
    text = f"from edgeweb.device.channels import outside\noutside.GATE.wait()\n{DRIVER}"
    install(site, "boards", {"relay8": "boards"}, modules={"boards": text})
    profile = make_profile(CHANNEL)
    assert reasons(profile) == [
        "boards 1.0: it was not imported within 0.2 s: update or remove the package, then restart the server"
    ]
    gate.set()
    assert drivers.OUTSIDE._loads["relay8"]._call.is_done(30)
    # late is as good as never: what the profile was checked with stays
    assert reasons(make_profile(CHANNEL)) == reasons(profile)
    assert drivers.OUTSIDE.get("relay8").OPTIONS == ()


def test_a_request_waits_for_an_import_shortly(site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    gate = Event()
    monkeypatch.setattr(drivers, "GATE", gate, raising=False)
    text = f"from edgeweb.device.channels import outside\noutside.GATE.wait()\n{DRIVER}"
    install(site, "boards", {"relay8": "boards"}, modules={"boards": text})
    late = "boards 1.0: its import is still under way: try again in a few seconds"
    assert drivers.OUTSIDE.trouble("relay8", 0.0) == late
    gate.set()
    assert drivers.OUTSIDE.trouble("relay8", 30.0) == ""


def test_what_is_declared_does_not_change_later(site: Path, make_profile: Make) -> None:
    install(site, "boards", {"relay8": "boards"}, modules={"boards": DRIVER})
    make_profile(CHANNEL)
    boards: Any = __import__("boards")
    boards.OPTIONS[0].default = "nonsense"
    boards.OPTIONS[0].limits = None
    boards.OPTIONS, boards.MODES, boards.Driver = None, None, None
    profile = make_profile(CHANNEL)
    assert profile["channels.x.address"] == 0x20 and faults(profile) == []


@pytest.mark.parametrize(
    "check",
    ["return None", "return {'title': 'x'}", "return {'address': 1}", "raise SystemExit", "1 / 0"],
)
def test_a_check_that_fails_is_no_fault_of_the_profile(site: Path, make_profile: Make, check: str) -> None:
    text = f"{DRIVER}\ndef check(options):\n    {check}\n"
    install(site, "boards", {"relay8": "boards"}, modules={"boards": text})
    assert make_profile(CHANNEL)["channels.x.address"] == 0x20


def test_a_check_that_hangs_is_waited_for_once(
    site: Path, make_profile: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(plugin, "CHECK", 0.05)
    gate = Event()
    monkeypatch.setattr(drivers, "GATE", gate, raising=False)
    text = f"from edgeweb.device.channels import outside\n{DRIVER}\ndef check(o):\n    outside.CALLS.append(o)\n    outside.GATE.wait()\n    return {{}}\n"  # noqa: E501
    calls: list[object] = []
    monkeypatch.setattr(drivers, "CALLS", calls, raising=False)
    install(site, "boards", {"relay8": "boards"}, modules={"boards": text})
    make_profile(CHANNEL + CHANNEL.replace("channels.x", "channels.y"))
    assert len(calls) == 1
    gate.set()


@pytest.mark.parametrize(
    ("value", "kept"),
    [
        ("x" * 4096, "x" * 4096),
        ("x" * 4097, None),
        ([1] * 64, (1,) * 64),
        ([1] * 65, None),
        ([[1]], None),
        (["x" * 4097], None),
        (float("inf"), None),
        (0.5, 0.5),
        (False, False),
        (b"x", None),
    ],
)
def test_values_of_a_faulty_package_are_kept_within_bounds(value: object, kept: object) -> None:
    found = plugin.unchecked(value)
    assert found == kept and type(found) is type(kept)


# -- commands ------------------------------------------------------------------------------------------


@pytest.fixture
def no_system(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CONFIGURATION_DIRECTORY", str(tmp_path / "etc"))


@pytest.mark.usefixtures("no_system")
def test_profile_check_and_show(site: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    board = tmp_path / "board.toml"
    board.write_text(f"{CHANNEL}address = 0x21\n")
    install(site, "boards", {"relay8": "boards"}, modules={"boards": f"print('hello')\n{DRIVER}"})
    assert profile_command(["check", str(board)]) == 0
    assert capsys.readouterr() == (f"{board}: no faults in {board}\n", "hello\n")
    assert profile_command(["show", "--changed", "--json", str(board)]) == 0
    shown = json.loads(capsys.readouterr().out)
    assert shown["channels.x.address"] == {"value": 0x21, "from": str(board)}


@pytest.mark.usefixtures("no_system")
def test_profile_check_of_a_faulty_package(
    site: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    board = tmp_path / "board.toml"
    board.write_text(CHANNEL)
    install(site, "boards", {"relay8": "boards"}, modules={"boards": "import smbus3000"})
    assert profile_command(["check", str(board)]) == 1
    assert capsys.readouterr().err == (
        f'{board}:2: channels.x.driver = "relay8": expected a driver that can be used; boards 1.0: it needs'
        " smbus3000, which is not installed: install it, then restart the server\n"
    )
    assert profile_command(["show", str(board)]) == 0, "what is in the files can be shown all the same"


NOTHING = """
import sys
from edgeweb.device.access.actor import TIMER
from edgeweb.device.config.profile import load
from edgeweb.device.device import Device

device = Device(load("board.toml", system="/nonexistent"), threaded=False)
device.start()
device.sensor("tank", unit="l").set(640)
device.things.add(TIMER, "channels", "fan", {"driver": "memory", "mode": "output"})
unwanted = ("outside", "plugins", "importlib.metadata")
print(*(name for name in sys.modules if any(word in name for word in unwanted)))
"""


def test_without_such_names_nothing_of_it_is_imported(tmp_path: Path) -> None:
    (tmp_path / "board.toml").write_text(
        '[channels.lamp]\ndriver = "memory"\nmode = "output"\n'
        '[sensors.up]\nkind = "file"\npath = "/proc/uptime"\n[storage]\nstate = "memory"\n'
    )
    variables = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-c", NOTHING],
        cwd=tmp_path,
        env=variables,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == "", done.stdout
