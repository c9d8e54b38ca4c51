"""The page "Hardware": a table for each chip, one line for a bus that there is not, in both languages."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from html import unescape
from pathlib import Path

import pytest

from edgeweb.device import create_app
from edgeweb.device.config.profile import Profile
from edgeweb.device.hardware import reader
from edgeweb.device.hardware.reader import BUSES, Hardware
from edgeweb.device.hardware.tables import LAYOUTS
from edgeweb.device.ui.i18n import LANGUAGES, catalogue

from ...channels.drivers.fake_kernel import FakeChip, FakeKernel
from ...hardware.trees import BOARDS, plant
from ...people import add_owner, browser_of, device_of

Show = Callable[..., str]


@pytest.fixture
def show(make_profile: Callable[..., Profile], monkeypatch: pytest.MonkeyPatch) -> Show:
    """Return the page of a device with this hardware, as it is sent."""

    def shown(root: Path, kernel: FakeKernel, profile: str = "", language: str = "en") -> str:
        monkeypatch.setattr(reader, "Hardware", partial(Hardware, str(root), kernel))
        app = add_owner(create_app(make_profile(profile)))
        answer = browser_of(app).get("/hardware", headers={"Accept-Language": language})
        device_of(app).close()
        assert answer.status_code == 200
        return answer.text

    return shown


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("board", BOARDS)
def test_all_boards_in_all_languages(board: str, language: str, tmp_path: Path, show: Show) -> None:
    html = show(*plant(tmp_path / "root", board), language=language)
    texts = catalogue(language)
    assert [name for name in BUSES if f'data-bus="{name}"' in html] == list(BUSES)
    assert all(texts[f"hardware.bus.{name}"] in html for name in BUSES)
    assert "GPIO17" in html
    assert texts["hardware.direction.input"] in html
    assert '<a href="/add/channels/gpio?mode=input&amp;chip=pinctrl-' in html


def test_a_board_without_anything_says_so_in_a_line_each(tmp_path: Path, show: Show) -> None:
    html = show(tmp_path / "none", FakeKernel())
    texts = catalogue("en")
    assert [name for name in BUSES if texts[f"hardware.none.{name}"] not in unescape(html)] == []
    assert "<table" not in html


def test_what_fails_has_its_reason(tmp_path: Path, show: Show, monkeypatch: pytest.MonkeyPatch) -> None:
    root, kernel = plant(tmp_path / "root", "raspberry-pi-3")
    kernel.refused["/dev/gpiochip1"] = 13
    monkeypatch.setattr("edgeweb.device.hardware.i2c.names", lambda *arguments: 1 / 0)
    html = show(root, kernel)
    assert "This cannot be read: unexpected content (ZeroDivisionError)." in html
    assert "/dev/gpiochip1 may not be opened" in html


def test_what_the_profile_uses_is_named(tmp_path: Path, show: Show) -> None:
    profile = '[channels.heater]\ndriver = "led"\nmode = "output"\nline = "ACT"\n'
    html = show(*plant(tmp_path / "root", "raspberry-pi-4"), profile=profile)
    assert '<td data-name="Used by">heater</td>' in html


def test_a_sensor_in_use_is_not_offered_again(tmp_path: Path, show: Show) -> None:
    keys = 'kind = "iio"\ndevice = "ads1015"\nchannel = "voltage0"\n'
    html = show(*plant(tmp_path / "root", "raspberry-pi-3"), profile=f"[sensors.soil]\n{keys}")
    assert '<td data-name="Used by">soil</td>' in html
    assert 'channel=voltage0"' not in html and 'channel=voltage1"' in html


def test_names_of_the_hardware_are_text(tmp_path: Path, show: Show) -> None:
    hostile = "<script>alert(1)</script>"
    kernel = FakeKernel(FakeChip("gpiochip0", hostile, [hostile]))
    html = show(tmp_path / "none", kernel)
    assert hostile not in html
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in html


def test_a_full_bus_says_that_there_is_more(tmp_path: Path, show: Show) -> None:
    html = show(tmp_path / "none", FakeKernel(FakeChip("gpiochip0", "", ["-"] * 600)))
    assert catalogue("en")["hardware.cut"] in html


def test_every_column_has_a_word() -> None:
    texts = catalogue("en")
    assert list(LAYOUTS) == list(BUSES)
    for name, layout in LAYOUTS.items():
        assert {f"hardware.column.{column}" for column in layout.columns} <= texts.keys(), name
