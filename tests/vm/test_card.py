"""A card as it is flashed: claimed by Chromium, a power cut, a root that is read-only.

Nothing of the tests is on the card, so all that is seen of it is its console, its port and its disk.
`EDGEWEB_CARD` names an image that is already made by `scripts/image pi64`.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
import shutil
import struct
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from scripts.card import boot, tools
from scripts.qemu import image
from scripts.qemu.boards import BOARDS
from scripts.qemu.machine import Machine, make_overlay
from tests.browser.window import Window
from tests.device.people import PASSWORD

from .conftest import CARD, NAMED

pytestmark = [
    pytest.mark.vm,
    pytest.mark.skipif(CARD not in NAMED, reason=f"EDGEWEB_CI_BOARDS does not name the {CARD}"),
    # Debian is installed under emulation: half an hour on a busy machine.
    pytest.mark.timeout(4500),
]
ROOT = Path(__file__).parents[2]
GIVEN = os.environ.get("EDGEWEB_CARD")
HOST = "edgeweb.local"
#: Seconds from power on to the first page: the first start grows the state's file system and makes keys.
PATIENCE = 600
#: QEMU's SD cards have a power of two as size, and what a card has beyond the image is to be used.
SIZE = 4 << 30


class Flashed:
    """A card in an emulated board, over several starts."""

    def __init__(self, made: Path, folder: Path) -> None:
        self._image, self._arguments = boot.take(made, folder)
        self._folder = folder
        self._starts = 0
        self._disk = make_overlay(self._image.disk, folder / "card.qcow2")
        subprocess.run(["qemu-img", "resize", "-q", self._disk, str(SIZE)], check=True)
        self.machine = self.power_on()

    def power_on(self, *arguments: str) -> Machine:
        """Start the board, with further arguments of the kernel, and return when it serves pages."""
        self._starts += 1
        board = BOARDS["virt64"]
        # Of several arguments the last one counts; of several consoles the last one is /dev/console.
        board = board._replace(
            name=CARD, arguments=(*self._arguments, f"console={board.console},115200", *arguments)
        )
        console = image.FOLDER / f"{CARD}.{self._starts}.console"
        self.machine = Machine(board, self._image, self._disk, console, "writethrough", port=80)
        self.wait_until(lambda: self.status("/livez") == 200, "an answer of /livez")
        return self.machine

    @property
    def console(self) -> str:
        """What the board has written to its serial line since its last start."""
        return self.machine.console.read_text(errors="replace")

    def status(self, path: str) -> int:
        """Return the status of an answer, 0 while there is none."""
        request = urllib.request.Request(f"http://127.0.0.1:{self.machine.web}{path}", headers={"Host": HOST})
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return int(answer.status)
        except urllib.error.HTTPError as error:
            with error:
                return error.code
        except OSError:
            return 0

    def wait_until(self, condition: Callable[[], object], what: str) -> None:
        """Return as soon as the condition holds."""
        end = time.monotonic() + PATIENCE
        while not condition():
            self.machine.check()
            assert time.monotonic() < end, f"{what}: not within {PATIENCE} s; see {self.machine.console}"
            time.sleep(0.5)

    def raw(self) -> Path:
        """Return the whole disk as it is now, as a file; the board must be off."""
        whole = self._folder / "whole.raw"
        subprocess.run(["qemu-img", "convert", "-O", "raw", self._disk, whole], check=True)
        return whole


def make(path: Path) -> Path:
    """Make the image of a card."""
    subprocess.run([ROOT / "scripts/image", "pi64", "--output", path], check=True)
    return path


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return Path(GIVEN) if GIVEN else make(tmp_path_factory.mktemp("made") / "pi64.img")


@pytest.fixture(scope="module")
def card(made: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flashed]:
    flashed = Flashed(made, tmp_path_factory.mktemp("card"))
    yield flashed
    flashed.machine.cut_power()


@contextlib.contextmanager
def chromium(card: Flashed) -> Iterator[Window]:
    """A browser in the board's network: `edgeweb.local` leads to it."""
    browser, driver = shutil.which("chromium"), shutil.which("chromedriver")
    assert browser and driver, "no chromium and chromedriver: scripts/test installs them"
    window = Window(browser, driver, f"--host-resolver-rules=MAP {HOST}:80 127.0.0.1:{card.machine.web}")
    try:
        yield window
    finally:
        window.close()


def test_it_is_claimed_by_its_page_and_survives_a_power_cut_and_a_read_only_root(
    card: Flashed, tmp_path: Path
) -> None:
    # A screen is all that shows the code: the card has no shell and no SSH.
    shown = re.compile(r"\b[A-Z0-9]{4}(-[A-Z0-9]{4}){2}\b")
    card.wait_until(lambda: shown.search(card.console), "the set-up code")
    code = next(shown.finditer(card.console))
    pictures = Path(os.environ.get("EDGEWEB_SCREENSHOTS", tmp_path))
    with chromium(card) as window:
        window.open(f"http://{HOST}/")
        window.picture(pictures / "card-unclaimed.png")
        window.find("#code").send_keys(code[0])
        window.find("#name").send_keys("ada")
        window.find("#password").send_keys(PASSWORD)
        window.find("button[type=submit]").click()
        window.until(lambda: window.all("nav") and not window.all("#code"), "the owner's home")
        window.picture(pictures / "card-claimed.png")
        assert complaints(window) == []
    card.machine.cut_power()

    # Without what fstab(5) wants of the root, it stays as the kernel has mounted it.
    card.power_on("ro", "systemd.mask=systemd-remount-fs.service")
    with chromium(card) as window:
        window.open(f"http://{HOST}/")
        window.find("#name").send_keys("ada")
        window.find("#password").send_keys(PASSWORD)
        window.find("button[type=submit]").click()
        window.until(lambda: window.all("nav") and not window.all("#password"), "the owner's home")
        assert complaints(window) == []
    card.machine.cut_power()
    assert "Kernel panic" not in card.console
    # The root is the second partition of the first disk.
    assert re.findall(r"EXT4-fs \(vda2\): mounted filesystem \S+ (\S+)", card.console) == ["ro"]
    # The kernel names the mode of a later mount where it is another one.
    assert not re.search(r"EXT4-fs \(vda2\): re-mounted \S+ r/w", card.console)

    sectors = disk_table(card.raw())
    start, size = sectors[-1]
    assert (start + size) * 512 == SIZE, "the last partition ends where the card ends"
    assert ext4_bytes(card.raw(), start) > size * 512 * 0.99, "and its file system fills it"


@pytest.mark.skipif(GIVEN is not None, reason="EDGEWEB_CARD may be of another commit, whose time is in it")
def test_the_same_packages_give_the_same_bytes(made: Path, tmp_path: Path) -> None:
    """Debian is kept from the first time: this repeats edgeweb's installation and the disk."""
    digests = set()
    for path in (made, make(tmp_path / "again.img")):
        with path.open("rb") as file:
            digests.add(hashlib.file_digest(file, "sha256").hexdigest())
    assert len(digests) == 1


def complaints(window: Window) -> list[str]:
    """Return the notes of the console, without the one on a page that asks to sign in: its status is 401."""
    return [note for note in window.console() if "401 (UNAUTHORIZED)" not in note]


def disk_table(disk: Path) -> list[tuple[int, int]]:
    """Return start and size of each partition, in sectors of 512 bytes."""
    text = subprocess.check_output([tools.find("sfdisk"), "--json", disk], text=True)
    return [(part["start"], part["size"]) for part in json.loads(text)["partitiontable"]["partitions"]]


def ext4_bytes(disk: Path, start: int) -> int:
    """Return how large the file system is that begins at a sector.

    Source: the kernel documentation, "ext4: Super Block", 1,024 bytes from the start: `s_blocks_count_lo` and
    `s_log_block_size`.
    """
    with disk.open("rb") as file:
        file.seek(start * 512 + 1024)
        block = file.read(64)
    count, shift = struct.unpack_from("<I", block, 4)[0], struct.unpack_from("<I", block, 24)[0]
    return int(count) * (1024 << int(shift))
