from __future__ import annotations

import re
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from edgeweb.device.channels.drivers import DRIVERS
from edgeweb.device.config.checks import KINDS, NAME, REQUIRED, accept, as_written
from edgeweb.device.config.key import Key
from edgeweb.device.config.quantities import MIB, duration_text, size_text
from edgeweb.device.config.schema import FAMILIES, KEYS, driver_rows, kind_rows, row_of, tree
from edgeweb.device.sensors.kinds import KINDS as SENSOR_KINDS
from tests.device.process import ROOT

ROWS = (
    *KEYS,
    *(row for driver in DRIVERS for row in driver_rows(driver)),
    *(row for kind in SENSOR_KINDS for row in kind_rows(kind)),
)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.path)
def test_every_default_is_itself_acceptable(row: Key) -> None:
    path, kind, limits, default, meaning = row.path, row.kind, row.limits, row.default, row.meaning
    if default is not REQUIRED:
        assert accept(kind, limits, default) == default, path
    assert meaning.endswith("."), "a sentence that can be printed as documentation"


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.path)
def test_every_default_fits_the_json_schema_of_its_kind(row: Key) -> None:
    schema = KINDS[row.kind].schema(row.limits)
    Draft202012Validator.check_schema(schema)
    if row.default is not REQUIRED:
        validator = Draft202012Validator(schema)
        for value in (row.default, as_written(row.kind, row.default)):
            validator.validate(list(value) if isinstance(value, tuple) else value)


def test_the_field_of_a_kind_is_one_that_the_form_has() -> None:
    folder = ROOT / "edgeweb/device/ui/templates/dashboard"
    own = set(re.findall(r'\bfield\.field == "(\w+)"', (folder / "_thing.html").read_text()))
    assert {kind.field for kind in KINDS.values()} == own | {"number", "text"}
    of_settings = set(re.findall(r'\brow\.field == "(\w+)"', (folder / "settings.html").read_text()))
    assert {KINDS[row.kind].field for row in ROWS if row.setting} <= of_settings | {"number", "text"}


def test_every_kind_is_used() -> None:
    # names are keys of tables in a profile, and values in JSON bodies and queries only; what is unchecked is
    # of packages that are faulty
    others = {"name", "choices", "words", "moment", "unchecked"}
    assert {row.kind for row in ROWS} | others == set(KINDS)


@pytest.mark.parametrize(
    ("kind", "limits", "value", "accepted"),
    [
        ("boolean", None, False, False),
        ("integer", (0, 5), 5, 5),
        ("number", (0, 5), 5, 5.0),
        ("size", (0, MIB), "64 KiB", 65536),
        ("size", (0, MIB), "64KiB", 65536),
        ("size", (0, MIB), 12, 12),
        ("duration", (0, 9), 5, 5.0),
        ("duration", (0, 9), 0.25, 0.25),
        ("duration", (0, 9), "500 ms", 0.5),
        ("duration", (0, 9), "500ms", 0.5),
        ("duration", (0, 9), "1100 ms", 1.1),
        ("duration", (0, 9), " 1.5 s ", 1.5),
        ("duration", (0, 9), "0 s", 0.0),
        ("duration", (0, 600), "10 min", 600.0),
        ("duration", (0, 7200), "1.5 h", 5400.0),
        ("duration", (0, 604_800), "7 d", 604_800.0),
        ("string", 3, "abc", "abc"),
        ("string", 3, "", ""),
        ("strings", 3, ["a", "b"], ("a", "b")),
        ("choice", ("on", "off"), "on", "on"),
    ],
)
def test_accepted(kind: str, limits: Any, value: object, accepted: object) -> None:
    result = accept(kind, limits, value)
    assert result == accepted and type(result) is type(accepted)


@pytest.mark.parametrize(
    ("kind", "limits", "value", "expected"),
    [
        ("boolean", None, 1, "true or false"),
        ("boolean", None, "true", "true or false"),
        ("integer", (0, 5), 6, "a whole number from 0 to 5"),
        ("integer", (0, 5), True, "a whole number from 0 to 5"),
        ("integer", (0, 5), 1.0, "a whole number from 0 to 5"),
        ("number", (0.5, 5), 0, "a number from 0.5 to 5"),
        ("number", (0, 5), float("nan"), "a number from 0 to 5"),
        ("number", (0, 5), float("inf"), "a number from 0 to 5"),
        ("size", (1024, MIB), "64 kB", 'bytes as a whole number or text like "64 KiB", from 1 KiB to 1 MiB'),
        ("size", (1024, MIB), "9" * 99 + " B", "from 1 KiB to 1 MiB"),
        ("size", (1024, MIB), 1023, "from 1 KiB to 1 MiB"),
        (
            "duration",
            (0.5, 3600),
            "10 minutes",
            'seconds as a number or text like "10 min" (ms, s, min, h, d), from 500 ms to 1 h',
        ),
        ("duration", (0, 9), "5", "seconds as a number or text"),
        ("duration", (0, 9), "", "seconds as a number or text"),
        ("duration", (0, 9), "-1 s", "from 0 s to 9 s"),
        ("duration", (0, 9), "1e1 s", "from 0 s to 9 s"),
        ("duration", (0, 9), "1 s 5 ms", "from 0 s to 9 s"),
        ("duration", (0, 9), "\u0665 s", "from 0 s to 9 s"),
        ("duration", (0, 9), "9" * 99 + " s", "from 0 s to 9 s"),
        ("duration", (0.5, 9), "499 ms", "from 500 ms to 9 s"),
        ("duration", (0.5, 9), "9.001 s", "from 500 ms to 9 s"),
        ("duration", (0, 9), 9.001, "from 0 s to 9 s"),
        ("duration", (0, 9), True, "from 0 s to 9 s"),
        ("duration", (0, 9), float("nan"), "from 0 s to 9 s"),
        ("string", 3, "abcd", "text of at most 3 printable characters"),
        ("string", 3, "a\n", "text of at most 3 printable characters"),
        ("string", 3, "\u202e", "text of at most 3 printable characters"),
        ("strings", 3, "abc", "a list of at most 64 texts"),
        ("strings", 3, [""], "a list of at most 64 texts"),
        ("strings", 3, ["a"] * 65, "a list of at most 64 texts"),
        ("choice", ("on", "off"), "On", 'one of "on", "off"'),
        ("choice", ("on", "off"), [], 'one of "on", "off"'),
    ],
)
def test_refused_with_what_was_expected(kind: str, limits: Any, value: object, expected: str) -> None:
    with pytest.raises(ValueError) as caught:
        accept(kind, limits, value)
    assert expected in str(caught.value)


@pytest.mark.parametrize("name", ["lamp", "_x", "Door.left-2", "a" * 64, "__x", "x__"])
def test_names(name: str) -> None:
    assert NAME.fullmatch(name)


@pytest.mark.parametrize("name", ["", "1st", "a/b", "a b", "é", "__all__", "a" * 65, "-a", ".a", "a\n"])
def test_refused_names(name: str) -> None:
    assert not NAME.fullmatch(name)


def test_size_text() -> None:
    assert [size_text(n) for n in (0, 1, 1023, 1024, 1536, 3 << 20, 2 << 30)] == [
        "0 B",
        "1 B",
        "1023 B",
        "1 KiB",
        "1536 B",
        "3 MiB",
        "2 GiB",
    ]


def test_duration_text() -> None:
    texts = {0.0: "0 s", 0.0005: "0.5 ms", 0.057: "57 ms", 1.0: "1 s", 1.5: "1.5 s", 90.0: "90 s"}
    texts |= {120.0: "2 min", 3600.0: "1 h", 86_400.0: "1 d", 31_536_000.0: "365 d"}
    assert {number: duration_text(number) for number in texts} == texts


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.path)
def test_defaults_and_limits_are_written_as_they_are_read(row: Key) -> None:
    kind, limits, default = row.kind, row.limits, row.default
    if kind in ("size", "duration"):
        assert all(accept(kind, limits, as_written(kind, one)) == one for one in (default, *limits))


def test_tree_and_row_of() -> None:
    assert tree()["server"]["port"] is row_of(("server", "port"))
    assert row_of(("channels", "any", "driver")).path == "channels.*.driver"
    with pytest.raises(KeyError):
        row_of(("server", "prot"))


def test_a_channel_has_the_keys_of_its_driver() -> None:
    channels = tree({"channels": {"fan": "pwm", "lamp": "led", "odd": "unknown"}})["channels"]
    assert channels["fan"]["frequency"] is not None and "frequency" not in channels["*"]
    assert "frequency" not in channels["lamp"]
    assert {"frequency", "bias", "on"} <= channels["odd"].keys()
    assert row_of(("channels", "fan", "frequency"), "pwm").default == 1000.0
    with pytest.raises(KeyError):
        row_of(("channels", "lamp", "frequency"), "led")
    owners_of = FAMILIES["channels"].owners_of
    assert owners_of("line") == ["gpio", "led", "pwm"] and owners_of("nonsense") == []
    assert FAMILIES["sensors"].owners_of("device") == ["iio", "w1"]
