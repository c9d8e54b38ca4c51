"""The scripts that boot boards, as far as that can be asked without booting one; tests/vm boots them."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from scripts import mirror
from scripts.debian import control
from scripts.qemu import debian, figures, image, installation, kernel, machine
from scripts.qemu.boards import BOARDS, KERNELS, every_name, find
from scripts.qemu.image import Image
from scripts.qemu.progress import Fault

ROOT = Path(__file__).parent.parent.parent
#: Stands in for QEMU: writes to the file of `-serial file:X` what $SAYS holds, and stays.
EMULATOR = """\
#!/bin/sh
for word; do case $word in file:*) console=${word#file:} ;; esac; done
printf '%s\\n' "$SAYS" >"$console"
exec sleep 300
"""


@pytest.fixture
def emulator(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a program that takes QEMU's place."""
    program = tmp_path / "qemu-system-aarch64"
    program.write_text(EMULATOR)
    program.chmod(0o755)
    find = debian.find
    monkeypatch.setattr(debian, "find", lambda name: str(program) if name == program.name else find(name))
    return tmp_path


def boot(folder: Path) -> machine.Machine:
    return machine.Machine(BOARDS["virt64"], Image(folder, None), folder / "disk", folder / "console")


def ended(pid: int, seconds: float = 20) -> bool:
    """Whether the process is gone, or a zombie, in time."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            if Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z":
                return True
        except FileNotFoundError:
            return True
        time.sleep(0.1)
    return False


def test_a_kernel_panic_ends_the_machine_and_is_told(emulator: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SAYS", "[ 1.0] Kernel panic - not syncing: Attempted to kill init!")
    with boot(emulator) as running:
        assert ended(running._qemu.pid)
        running.wait_for_end(5)
        with pytest.raises(machine.Panic, match=r"has given up(.|\n)*Attempted to kill init"):
            running.check()


def test_a_machine_is_ended_with_its_block(emulator: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SAYS", "boots")
    with pytest.raises(KeyboardInterrupt), boot(emulator) as running:
        running.check()
        raise KeyboardInterrupt
    assert ended(running._qemu.pid)


def test_a_machine_ends_when_its_process_is_killed(emulator: Path) -> None:
    # What no `finally` can see: SIGKILL.
    program = (
        "import sys, time; from pathlib import Path; from scripts.qemu import debian, machine;"
        " from scripts.qemu.boards import BOARDS; from scripts.qemu.image import Image;"
        " f = Path(sys.argv[1]); find = debian.find;"
        " debian.find = lambda n: str(f / n) if n.startswith('qemu-system') else find(n);"
        " m = machine.Machine(BOARDS['virt64'], Image(f, None), f / 'disk', f / 'console');"
        " print(m._qemu.pid, flush=True); time.sleep(300)"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program, emulator],
        cwd=ROOT,
        env={**os.environ, "SAYS": "boots"},
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        pid = int(process.stdout.readline())
        assert not ended(pid, 0.5)
        process.send_signal(signal.SIGKILL)
    assert ended(pid)


def test_a_missing_program_is_named_with_its_package() -> None:
    with pytest.raises(Fault, match="apt install no-such-program"):
        debian.find("no-such-program")


def test_every_board_has_a_kernel_and_a_profile_that_knows_it() -> None:
    for board in BOARDS.values():
        assert board.architecture in KERNELS
        assert (ROOT / f"firmware_configs/{board.profile}.toml").exists(), board.name


def test_a_board_is_a_machine_with_a_release() -> None:
    assert {name: find(name).release.number for name in ("zero", "virt64", "virt64@12", "zero@13")} == {
        "zero": "12",
        "virt64": "13",
        "virt64@12": "12",
        "zero@13": "13",
    }
    # The machine is the same one.
    assert find("virt64@12")._replace(name="virt64", release=find("virt64").release) == find("virt64")
    # By the release that it has anyway, a board has the same name, and so the same image and figures.
    assert find("virt64@13") is find("virt64")
    assert [find(name).name for name in every_name()] == every_name()
    for unknown in ("pi9", "zero@11", "@12", ""):
        with pytest.raises(KeyError):
            find(unknown)


def mmdebstrap(folder: Path, *attempts: str) -> Path:
    """Make a stand-in for mmdebstrap that fails with these errors in turn, and then succeeds.

    As the real one, it shows no reason when it is to be quiet.
    """
    for number, errors in enumerate(attempts, 1):
        (folder / f"errors.{number}").write_text(errors)
    program = folder / "mmdebstrap"
    program.write_text(
        f'#!/bin/sh\ncd "{folder}"\necho "$*" >>asked\nerrors="errors.$(grep -c "" asked)"\n'
        '[ -e "$errors" ] || exit 0\ncase "$*" in *--quiet*) ;; *) cat "$errors" >&2 ;; esac\nexit 25\n'
    )
    program.chmod(0o755)
    return program


LOST = "E: Failed to fetch http://m/pool/main/g/glibc/{}  404  Not Found [IP: 127.0.0.1 80]\n"
BROKEN = "E: Failed to fetch http://m/pool/x_1_all.deb  Connection failed\n"


@pytest.mark.parametrize(
    ("attempts", "asked", "message"),
    [
        ((BROKEN,), 2, ""),
        (("W: Hash Sum mismatch\n",), 2, ""),
        (
            (
                LOST.format("libc6_2%2bb1_armel.deb"),
                LOST.format("libc6_2%2bb1_armel.deb") + LOST.format("a_1_all.deb"),
            ),
            2,
            "Debian 12 armel: the mirror does not hold 2 packages that its index lists: a 1, libc6 2+b1",
        ),
        ((BROKEN, BROKEN), 2, "mmdebstrap for Debian 12 armel failed:\n" + BROKEN),
        # Nothing that a second try could mend.
        (("E: no space left\n",), 1, "mmdebstrap for Debian 12 armel failed:\nE: no space left\n"),
    ],
)
def test_a_broken_download_is_tried_again_and_missing_packages_are_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, attempts: tuple[str, ...], asked: int, message: str
) -> None:
    program = mmdebstrap(tmp_path, *attempts)
    monkeypatch.setattr(debian, "find", lambda name: str(program))
    monkeypatch.setattr(mirror, "url", lambda: "http://m")
    if message:
        with pytest.raises(Fault) as caught:
            debian.unpack(tmp_path / "root", find("zero").release, "armel", ("libc6",))
        assert str(caught.value) == message
    else:
        debian.unpack(tmp_path / "root", find("zero").release, "armel", ("libc6",))
    calls = (tmp_path / "asked").read_text().splitlines()
    assert len(calls) == asked
    # A proxy between here and the mirror must not answer with the index that it has kept.
    assert ["No-Cache" in call for call in calls] == [False, True][:asked]


def test_the_mirror_is_the_one_of_this_machines_apt(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = tmp_path / "apt-get"
    program.write_text('#!/bin/sh\n[ "$1" = indextargets ] && echo "$SAYS"\n')
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    monkeypatch.setenv("SAYS", "http://near.example/debian/\nhttp://far.example/debian/")
    assert mirror.source("trixie") == "deb http://near.example/debian trixie main"
    monkeypatch.setenv("SAYS", "")
    with pytest.raises(mirror.NoMirror, match=r"add one to /etc/apt/sources\.list"):
        mirror.url()


def test_modules_are_loaded_after_what_they_need(tmp_path: Path) -> None:
    (tmp_path / "modules.dep").write_text(
        "kernel/fs/ext4/ext4.ko.xz: kernel/fs/jbd2/jbd2.ko.xz kernel/lib/crc16.ko.xz\n"
        "kernel/lib/crc16.ko.xz:\n"
    )
    needs = kernel._needs(tmp_path)
    assert [path.name for path in needs["ext4"]] == ["crc16.ko.xz", "jbd2.ko.xz", "ext4.ko.xz"]


def test_the_table_has_a_row_for_each_board_that_was_measured(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(image, "FOLDER", tmp_path)
    peer = {"rss": 20.0, "dirty": 10.0, "cold_start": 1.0, "rate": 100.0}
    measured = {"edgeweb": peer, "flask": {**peer, "rss": 40.0}, "rss_ratio": 0.5}
    figures.keep(BOARDS["zero"], {**measured, "ready": 60.2, "first": 70.0, "service": 21.0, "image": 180.0})
    lines = figures.table().splitlines()
    assert len(lines) == 3
    assert "Pi Zero, ARMv6 | 12 | 60 | 70 | 20.0 / 40.0 = 0.50" in lines[2]
    assert json.loads((tmp_path / "zero.json").read_text())["date"] in lines[2]


def test_requirements_in_debians_words() -> None:
    assert control.relations("werkzeug>=3.1.3,<3.2") == [
        "python3-werkzeug (>= 3.1.3)",
        "python3-werkzeug (<< 3.2~)",
    ]
    with pytest.raises(SystemExit, match="extend"):
        control.relations("werkzeug ~= 3.1; python_version > '3'")


def test_a_board_gets_all_that_the_installer_reads() -> None:
    text = (ROOT / "scripts/install").read_text()
    read = set(re.findall(r"\$root/([\w./-]+\w)", text))
    assert {"pyproject.toml", "scripts/debian/modules.py", "systemd"} <= read
    for path in read:
        assert any(path == carried or path.startswith(f"{carried}/") for carried in installation.CARRIED), (
            path
        )
