"""Channels and sensors that an admin adds, tries, changes and removes with forms, without a script."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from edgeweb import Flask
from edgeweb.device import create_app, operations
from edgeweb.device.channels.drivers import ALL_MODES, DRIVERS, memory
from edgeweb.device.config.profile import Profile
from edgeweb.device.config.schema import FAMILIES
from edgeweb.device.config.thing_keys import ICONS
from edgeweb.device.config.things import module_of, runs_programs
from edgeweb.device.ui import i18n
from edgeweb.device.ui.i18n import LANGUAGES, catalogue

from ...people import PASSWORD, add_owner, add_user, device_of
from ..visitor import Visitor

STATIC = Path(operations.__file__).parent / "ui" / "static"
LAMP = {".title": "Lamp", ".mode": "output", "password": PASSWORD}


@pytest.fixture
def app(make_profile: Callable[..., Profile]) -> Iterator[Flask]:
    """A device without a channel and without a sensor."""
    app = add_owner(create_app(make_profile()))
    yield app
    device_of(app).close()


@pytest.fixture
def owner(app: Flask) -> Visitor:
    return Visitor(app)


def definition(app: Flask, name: str, family: str = "channels") -> dict[str, Any]:
    return device_of(app).things.definition(family, name)


def field(page: str, name: str) -> str:
    """The label, the input and the fault of a key."""
    found = re.search(
        rf'<div class="field"[^>]*>(?:(?!<div class="field").)*?name="\.{name}".*?</div>', page, re.S
    )
    assert found, name
    return found[0]


def tag(page: str) -> str:
    found = re.search(r'name="tag" value="([^"]+)"', page)
    assert found
    return found[1]


# -- texts ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", sorted(LANGUAGES))
@pytest.mark.parametrize("family", FAMILIES)
def test_every_key_has_a_text(family: str, language: str) -> None:
    texts, one = catalogue(language), FAMILIES[family]
    needed = {f"setting.{row.path}" for row in one.rows} - {f"setting.{family}.*.{one.selector}"}
    for choice in one.choices:
        needed.add(f"things.{family}.{choice}")
        if not runs_programs(family, choice):
            options = module_of(family, choice).OPTIONS
            needed |= {f"option.{choice}.{option.key}" for option in options}
            needed |= {
                f"choice.{one}" for option in options if option.kind == "choice" for one in option.limits
            }
    needed |= {f"choice.{icon}" for icon in ICONS} | {f"mode.{mode}" for mode in ALL_MODES}
    assert needed - texts.keys() == set()


def test_every_icon_is_drawn() -> None:
    drawn = re.findall(r'<symbol id="(\w+)"', (STATIC / "icons.svg").read_text())
    assert len(drawn) == len(set(drawn))
    assert {icon for icon in ICONS if icon} <= set(drawn)


# -- adding --------------------------------------------------------------------------------------------


def test_what_can_be_added_runs_no_program(owner: Visitor) -> None:
    page = owner.get("/add")
    found = set(re.findall(r'href="/add/(\w+)/(\w+)"', page))
    assert found == {
        (family, choice)
        for family, one in FAMILIES.items()
        for choice in one.choices
        if not runs_programs(family, choice)
    }
    assert ("channels", "command") not in found
    for path in ("/add/channels/command", "/add/channels/none", "/add/sensors/gpio", "/add/others/gpio"):
        owner.get(path, status=404)
    owner.send("/add/sensors/command", status=404, **{".run": "/bin/true", "password": PASSWORD})


def test_from_nothing_to_a_lamp_and_back(owner: Visitor, app: Flask) -> None:
    assert 'href="/add"' in owner.get("/")
    form = owner.get("/add/channels/memory")
    assert '<option value="output">Output</option>' in field(form, "mode")
    assert owner.send("/add/channels/memory", **LAMP) == "/?done=thing-add"
    assert definition(app, "lamp") == {"driver": "memory", "mode": "output", "title": "Lamp"}, "no defaults"
    assert 'data-channel="lamp"' in owner.get("/")
    page = owner.get("/channels/lamp")
    assert "set on the device" in page
    changes = {
        ".title": "Porch",
        ".group": "Outside",
        ".words": ["dark", "bright"],
        ".ask": ["false", "true"],
    }
    location = owner.send("/channels/lamp/edit", tag=tag(page), **changes)
    assert location == "/channels/lamp?done=thing-change"
    assert definition(app, "lamp") == {
        "driver": "memory",
        "mode": "output",
        "title": "Porch",
        "group": "Outside",
        "words": ["dark", "bright"],
        "ask": True,
    }
    page = owner.get("/channels/lamp")
    assert 'value="bright"' in field(page, "words") and "checked" in field(page, "ask")
    owner.send("/channels/lamp/edit", tag=tag(page), **{".words": ["", ""], ".ask": "false", ".group": ""})
    assert definition(app, "lamp") == {"driver": "memory", "mode": "output", "title": "Porch"}
    page = owner.get("/channels/lamp")
    assert owner.send("/channels/lamp/edit", tag=tag(page), **{".title": "Porch"}).endswith(
        "done=settings-same"
    )
    assert owner.send("/channels/lamp/remove", tag=tag(page), password=PASSWORD) == "/?done=thing-remove"
    owner.get("/channels/lamp", status=404)
    assert "data-channel" not in owner.get("/")


def test_a_sensor(owner: Visitor, app: Flask, tmp_path: Path) -> None:
    file = tmp_path / "rain"
    file.write_text("5\n")
    given = {".title": "Rain", ".path": str(file), ".unit": "mm", ".scale": "0,5", "password": PASSWORD}
    owner.send("/add/sensors/file", **given, **{".valid": ["0", "99,5"], ".low": "1", ".keep": "true"})
    assert definition(app, "rain", "sensors") == {
        "kind": "file",
        "title": "Rain",
        "unit": "mm",
        "scale": 0.5,
        "valid": [0.0, 99.5],
        "low": 1.0,
        "keep": True,
        "path": str(file),
    }
    page = owner.get("/sensors/rain")
    assert 'value="99.5"' in field(page, "valid") and 'value="true" selected' in field(page, "keep")
    owner.send("/sensors/rain/edit", tag=tag(page), **{".low": "", ".keep": "", ".valid": ["", ""]})
    assert not {"low", "keep", "valid"} & definition(app, "rain", "sensors").keys()
    assert 'href="/sensors/rain"' in owner.get("/")


def test_names_are_made_of_titles(owner: Visitor, app: Flask) -> None:
    for title in ("Lampe d'été", "Lampe d'été", "灯", ""):
        owner.send("/add/channels/memory", **{**LAMP, ".title": title})
    assert list(device_of(app).profile["channels"]) == ["lampe_d_ete", "lampe_d_ete_2", "memory", "memory_2"]
    owner.send("/add/channels/memory", id="porch", **LAMP)
    assert definition(app, "porch")["title"] == "Lamp"
    page = owner.send("/add/channels/memory", status=409, id="porch", **LAMP)
    assert '<p class="fault" id="id-fault">Expected another name: this one is taken.' in page
    page = owner.send("/add/channels/memory", status=422, id="a/b", **LAMP)
    assert '<p class="fault" id="id-fault">Expected a name of 1 to 64 letters' in page
    owner.send("/add/sensors/file", **{".title": "interval", ".path": "/proc/uptime"})
    assert list(device_of(app).profile.things("sensors")) == ["interval_2"], "a key of its own"


def test_an_address_fills_the_form_in(owner: Visitor) -> None:
    page = owner.get("/add/channels/gpio?mode=input&chip=pinctrl-rp1&line=17&at_start=leave&path=/etc")
    assert 'value="17"' in field(page, "line") and 'value="pinctrl-rp1"' in field(page, "chip")
    assert '<option value="input" selected>' in field(page, "mode")
    assert 'data-when=".mode" data-is="output button"' in field(page, "at_start")
    assert "/etc" not in page.partition("<main")[2].replace('value="/add', "")


def test_keys_of_another_mode_are_left_out(owner: Visitor, app: Flask) -> None:
    """A browser without a script sends the fields of every mode."""
    owner.send("/add/channels/memory", **{**LAMP, ".at_start": "leave", ".debounce": "1 s"})
    assert definition(app, "lamp") == {
        "driver": "memory",
        "mode": "output",
        "title": "Lamp",
        "at_start": "leave",
    }
    page = owner.get("/channels/lamp")
    owner.send("/channels/lamp/edit", tag=tag(page), **{".mode": "input", ".at_start": "leave"})
    assert definition(app, "lamp") == {"driver": "memory", "mode": "input", "title": "Lamp"}


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        (
            "en",
            {
                "line": "Expected a line, or a pin below.",
                "max_on": "Expected seconds, or a time with its unit such as 500 ms",
                "words": "Expected two texts of at most 30 characters, or none.",
            },
        ),
        (
            "fr",
            {
                "line": "Attendu\u202f: une ligne, ou une broche ci-dessous.",
                "max_on": "Attendu\u202f: des secondes, ou une durée avec son unité comme 500 ms",
                "words": "Attendu\u202f: deux textes d'au plus 30 caractères, ou aucun.",
            },
        ),
    ],
)
def test_faults_stand_beside_their_fields(
    owner: Visitor, app: Flask, language: str, expected: dict[str, str]
) -> None:
    wrong = {**LAMP, ".max_on": "soon", ".words": ["dark", ""]}
    # a rule between keys counts where each of them is right
    page = owner.send("/add/channels/gpio", status=422, language=language, **LAMP)
    assert expected["line"] in field(page, "line")
    page = owner.send("/add/channels/gpio", status=422, language=language, **wrong)
    for key in ("max_on", "words"):
        assert f'<p class="fault" id="key-{key}-fault">{expected[key]}' in field(page, key)
        assert 'aria-invalid="true"' in field(page, key)
    assert 'value="soon"' in page and 'value="dark"' in page, "what was typed is still there"
    assert '<details class="more" open>' in page
    assert device_of(app).profile["channels"] == {}


def test_a_value_that_is_needed_is_asked_for_in_french(owner: Visitor) -> None:
    page = owner.send("/add/sensors/w1", status=422, language="fr", **{".device": "", "password": PASSWORD})
    assert "Attendu\u202f: une valeur\u202f: elle est indispensable." in field(page, "device")


def test_what_has_no_text_is_described_by_its_module(owner: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    """As of a driver from elsewhere."""
    gone = {"option.memory.fault", "choice.hang", "things.channels.memory", "expect.channels.pulse"}
    texts = {key: text for key, text in catalogue("en").items() if key not in gone}
    monkeypatch.setitem(i18n._catalogues, "en", texts)
    page = owner.get("/add/channels/memory")
    assert "For rehearsals:" in field(page, "fault") and ">hang</option>" in field(page, "fault")
    assert "<h1>Channels that exist in memory only" in page
    wrong = {**LAMP, ".pulse": "90 s"}
    page = owner.send("/add/channels/memory", status=422, **wrong)
    assert "Expected pulse_min <= pulse <= pulse_max, not 50 ms, 90 s, 1 min." in page


# -- trying --------------------------------------------------------------------------------------------


def test_trying_keeps_nothing_but_what_was_typed(
    owner: Visitor, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(operations, "TRIAL", 0.05)
    page = owner.send("/try/channels/memory", status=200, **LAMP)
    assert '<p class="notice" role="status">It was on for a moment.' in page
    assert 'value="Lamp"' in page
    driver = device_of(app).channels.driver("memory")
    assert isinstance(driver, memory.Driver)
    assert [row[1:] for row in driver.changes] == [("lamp", True), ("lamp", False)]
    assert device_of(app).profile["channels"] == {}
    assert 'name="password"' not in page, "it was shown a moment ago"
    page = owner.send("/try/channels/memory", status=200, language="fr", **{".mode": "input"})
    assert "Valeur lue\u202f: off." in page or "Valeur lue\u202f: arrêt." in page
    page = owner.send("/try/channels/led", status=503, **{".mode": "output", ".line": "none"})
    assert 'value="none"' in field(page, "line")
    owner.send("/try/channels/led", status=422, **{".mode": "output", ".line": ""})


def test_a_sensor_is_read_once(owner: Visitor, app: Flask, tmp_path: Path) -> None:
    value = tmp_path / "value"
    value.write_text("215\n")
    fields = {".path": str(value), ".scale": "0.1", ".unit": "°C", "password": PASSWORD}
    page = owner.send("/try/sensors/file", status=200, **fields)
    assert "It reads: 21.5\u00a0°C." in page and f'value="{value}"' in page
    assert device_of(app).profile.things("sensors") == {} and device_of(app).sensors is None
    page = owner.send("/try/sensors/file", status=503, **{**fields, ".path": str(tmp_path / "none")})
    assert "It cannot be read:" in page
    page = owner.send("/try/sensors/file", status=503, **{**fields, ".valid": ["100", "200"]})
    assert "21.5 is not within 100 to 200" in page
    owner.send("/try/sensors/file", status=422, **{".path": ""})
    owner.send("/try/sensors/command", status=404, **{".run": "/bin/true"})


# -- who may, and which version --------------------------------------------------------------------------


def test_it_asks_for_the_password(owner: Visitor, app: Flask) -> None:
    page = owner.send("/add/channels/memory", status=403, **{**LAMP, "password": ""})
    assert "Enter your own password as well" in page and 'value="Lamp"' in page
    page = owner.send("/add/channels/memory", status=401, **{**LAMP, "password": "wrong password"})
    assert 'name="password"' in page
    assert device_of(app).profile["channels"] == {}


def test_only_admins(app: Flask, owner: Visitor) -> None:
    owner.send("/add/channels/memory", **LAMP)
    add_user(app, "olga", "operator")
    olga = Visitor(app, "olga")
    for path in ("/add", "/add/channels/memory", "/channels/lamp/edit"):
        olga.get(path, status=403)
    olga.send("/channels/lamp/remove", status=403, password=PASSWORD)
    pages = olga.get("/") + olga.get("/channels")
    assert "/edit" not in pages and 'href="/add' not in pages


def test_somebody_else_was_faster(owner: Visitor, app: Flask) -> None:
    owner.send("/add/channels/memory", **LAMP)
    old = tag(owner.get("/channels/lamp"))
    owner.send("/channels/lamp/edit", tag=old, **{".title": "Porch"})
    page = owner.send("/channels/lamp/edit", status=412, tag=old, **{".title": "Barn"})
    assert "Another person has changed this meanwhile" in page
    assert 'value="Porch"' in field(page, "title"), "what the other one has done is seen"
    owner.send("/channels/lamp/remove", status=412, tag=old)
    owner.send("/channels/lamp/edit", status=412, **{".title": "Barn"})
    assert definition(app, "lamp")["title"] == "Porch"


def test_what_runs_programs_is_left_to_files(make_profile: Callable[..., Profile]) -> None:
    toml = '[channels.fan]\ndriver = "command"\nmode = "output"\non = ["/bin/true"]\noff = ["/bin/true"]\n'
    app = add_owner(create_app(make_profile(toml)))
    owner = Visitor(app)
    page = owner.get("/channels/fan")
    assert "set in a file of the profile" in page and "A program" in page
    assert 'name=".on"' not in page and "/bin/true" not in page
    fields = {".title": "Fan", ".on": "/bin/false", "password": PASSWORD}
    owner.send("/channels/fan/edit", tag=tag(page), **fields)
    assert definition(app, "fan")["on"] == ["/bin/true"]
    device_of(app).close()


# -- as the overview shows them ----------------------------------------------------------------------------


def test_a_key_of_the_same_name_as_the_password_is_another_field(owner: Visitor) -> None:
    """A driver from elsewhere may have a key `password`, `tag` or `id`."""
    page = owner.get("/add/channels/memory")
    names = re.findall(r'name="([^"]+)"', page.partition("data-kinds")[2])
    assert {name for name in names if not name.startswith(".")} <= {
        "csrf",
        "id",
        "password",
        "language",
        "back",
    }


def test_the_overview_imports_no_driver_and_no_form(tmp_path: Path) -> None:
    program = (
        "import sys\n"
        "from edgeweb.device import create_app\n"
        "from edgeweb.device.config.profile import load\n"
        "from tests.device.people import add_owner, browser_of\n"
        f"app = add_owner(create_app(load({str(tmp_path / 'empty.toml')!r}, system='/nonexistent')))\n"
        "assert browser_of(app).get('/').status_code == 200\n"
        "late = ('channels.drivers.', 'sensors.kinds.', 'ui.things', 'ui.fields')\n"
        "names = [name.removeprefix('edgeweb.device.') for name in sys.modules]\n"
        "print(*[name for name in names if name.startswith(late)])"
    )
    (tmp_path / "empty.toml").write_text("")
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["ui.fields"], "which the settings have as well"
    assert len(DRIVERS) > 3
