"""edgeweb-update.service on a Debian 13 that really boots: forward, back, and on after power cuts."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from . import container as containers
from . import roots
from .container import Container
from .test_apt_repository import apt
from .test_booted import as_edgeweb, free_port, get, wait_for

pytestmark = [
    *roots.marks,
    pytest.mark.skipif(
        shutil.which("apt-ftparchive") is None or shutil.which("gpg") is None,
        reason="apt-utils or gnupg is not installed (Debian packages; scripts/test installs them)",
    ),
]

UNIT = "edgeweb-update.service"
START = ("systemctl", "--no-block", "--no-ask-password", "start", "--", UNIT)

#: Seconds after which an update is stuck: a version has two minutes, and dpkg is slow on a busy machine.
PATIENCE = 240

#: At the beginning of every script of a package: a test cuts the power while it waits here.
TRAP = """#!/bin/sh
if [ -e /srv/cut/{script}-{version} ]; then
  rm /srv/cut/{script}-{version}
  echo >/srv/cut/reached
  sync
  sleep 600
fi
"""

#: A service that spoils the state, and ends. systemd starts it again, but for code 78.
BROKEN = """#!/bin/sh
echo x >/var/lib/edgeweb/spoiled
rm -f /var/lib/edgeweb/kept
exit $(cat /srv/code)
"""


class Board:
    """A device, and the repository that its maker publishes."""

    def __init__(self, folder: Path) -> None:
        self.root = folder / "root"
        self.port = free_port()
        self._folder = folder
        self._boots = 0
        made = subprocess.run(
            [roots.ROOT / "scripts/package_deb"], check=True, stdout=subprocess.PIPE, text=True
        )
        self._deb = made.stdout.splitlines()[-1]
        self._variables = {
            **containers.CLEAN,
            "PATH": os.environ["PATH"],
            "GNUPGHOME": str(folder / "gnupg"),
        }
        (folder / "gnupg").mkdir(mode=0o700)
        self._gpg("gpg", "--batch", "--quiet", "--passphrase", "", "--quick-generate-key", "a@example.org")
        containers.make_bare_root(self.root, "trixie")
        self.publish("1.0")
        for old in (self.root / "etc/apt").glob("sources.list*/*"):
            old.unlink()
        (self.root / "etc/apt/sources.list").unlink(missing_ok=True)
        readme = (roots.ROOT / "systemd/README.md").read_text()
        (lines,) = re.findall(r"```\n(Types: deb\n.*?)```", readme, re.DOTALL)
        sources = self.root / "etc/apt/sources.list.d/edgeweb.sources"
        sources.write_text(lines.replace("https://packages.example.org/", "file:/srv/repository/"))
        shutil.copy(self.root / "srv/repository/edgeweb.asc", self.root / "etc/apt/keyrings/edgeweb.asc")
        (self.root / "srv/cut").mkdir()
        settings = self.root / "etc/default/edgeweb"
        settings.write_text(f"EDGEWEB_PROFILE=generic-linux\nEDGEWEB_OPTIONS=--port {self.port}\n")
        # for a test that does not take minutes: a version that fails does so at once
        drop_in = self.root / "etc/systemd/system/edgeweb.service.d/test.conf"
        drop_in.parent.mkdir()
        drop_in.write_text("[Service]\nRestartSec=100ms\n")
        (self.root / "etc/dpkg/dpkg.cfg.d/test").write_text("force-unsafe-io\n")
        for words in (["update"], ["install", "-y", "--no-install-recommends", "edgeweb"]):
            done = apt(self.root, *words)
            assert done.returncode == 0, done.stdout + done.stderr
        self.boot()

    def _gpg(self, *command: str | Path) -> None:
        subprocess.run(command, env=self._variables, check=True, capture_output=True)

    def publish(self, version: str, broken: bool = False) -> None:
        """Adds a version to the repository."""
        tree = self._folder / version
        subprocess.run(["dpkg-deb", "-R", self._deb, tree], check=True)
        control = tree / "DEBIAN/control"
        text = re.sub("^Version: .*$", f"Version: {version}", control.read_text(), flags=re.MULTILINE)
        control.write_text(text)
        for script in ("postinst", "postrm"):
            path = tree / "DEBIAN" / script
            rest = path.read_text().removeprefix("#!/bin/sh\n")
            path.write_text(TRAP.format(script=script, version=version) + rest)
        if broken:
            (tree / "usr/bin/edgeweb").write_text(BROKEN)
        deb = self._folder / f"edgeweb_{version}_all.deb"
        subprocess.run(["dpkg-deb", "--root-owner-group", "-Znone", "-b", tree, deb], check=True)
        shutil.rmtree(tree)
        script = roots.ROOT / "scripts/apt_repository"
        self._gpg(script, "--key", "a@example.org", self.root / "srv/repository", deb)

    def boot(self) -> None:
        self._boots += 1
        self.machine = Container(self.root, self._folder / f"console-{self._boots}")
        self.machine.wait_booted()

    def close(self) -> None:
        self.machine.close()
        subprocess.run(["gpgconf", "--kill", "all"], env=self._variables, check=True)

    @property
    def version(self) -> str:
        """What dpkg has, where it has all of it."""
        shown = "${db:Status-Status} ${Version}"
        return self.machine.run("dpkg-query", "-W", "-f", shown, "edgeweb").stdout

    def status(self) -> dict[str, str]:
        lines = self.machine.run("cat", "/run/edgeweb-update/status", check=False).stdout.splitlines()
        return dict(line.split("=", 1) for line in lines)

    def outcome(self) -> tuple[str, ...]:
        """How the update ended, once it has."""
        wait_for(lambda: self.status().get("step") == "done", PATIENCE)
        wait_for(lambda: self.machine.unit(UNIT)["ActiveState"] in ("inactive", "failed"))
        found = self.status()
        return found["result"], found["reason"], found["from"], found["to"]

    def update(self) -> None:
        """Starts an update, as the service does."""
        self.machine.run("rm", "-f", "/run/edgeweb-update/status")
        assert as_edgeweb(self.machine, *START) == (0, "")

    def cut_at(self, script: str) -> None:
        """Cuts the power when a script of a package begins, and boots again."""
        self.machine.run("touch", f"/srv/cut/{script}")
        self.update()
        wait_for((self.root / "srv/cut/reached").exists, PATIENCE)
        self.machine.cut_power()
        (self.root / "srv/cut/reached").unlink()
        self.boot()

    def log(self) -> str:
        return self.machine.journal(UNIT)


@pytest.fixture(scope="module")
def board(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Board]:
    board = Board(tmp_path_factory.mktemp("update"))
    board.machine.run("touch", "/var/lib/edgeweb/kept")
    yield board
    board.close()


def is_whole(board: Board) -> bool:
    """Whether the state is that of before, the service answers, and nothing of an update is left."""
    left = board.machine.run("ls", "-A", "/var/lib/edgeweb-update").stdout
    state = board.machine.run("ls", "-A", "/var/lib/edgeweb").stdout.split()
    owner = board.machine.run("stat", "-c", "%U %a", "/var/lib/edgeweb").stdout
    assert get(board.port, "/readyz")[0] == 200
    assert ("kept" in state, "spoiled" in state, "state.db" in state) == (True, False, True)
    return (left, owner) == ("", "edgeweb 750\n")


def test_the_service_may_start_this_unit_and_no_other(board: Board) -> None:
    systemctl = ("systemctl", "--no-block", "--no-ask-password")
    for verb, unit in (
        ("stop", UNIT),
        ("restart", UNIT),
        ("start", "edgeweb-update-resume.service"),
        ("start", "systemd-journald.service"),
    ):
        code, said = as_edgeweb(board.machine, *systemctl, verb, "--", unit)
        assert code != 0
        assert "authentication" in said.lower() or "denied" in said.lower(), said


def test_without_a_newer_version_nothing_is_changed(board: Board) -> None:
    before = board.machine.unit("edgeweb.service")["MainPID"]
    board.update()
    assert board.outcome() == ("refused", "nothing-newer", "1.0", ""), board.log()
    assert board.machine.unit("edgeweb.service")["MainPID"] == before
    assert is_whole(board)


def test_without_the_package_of_now_there_is_no_update(board: Board) -> None:
    board.publish("2.0")
    (old,) = (board.root / "srv/repository/pool").rglob("edgeweb_1.0_all.deb")
    old.rename(board.root / "srv/old.deb")
    board.update()
    outcome = board.outcome()
    (board.root / "srv/old.deb").rename(old)
    assert outcome == ("refused", "no-way-back", "1.0", "2.0"), board.log()
    assert board.version == "installed 1.0"
    assert is_whole(board)


def test_a_good_update_is_ready(board: Board) -> None:
    board.update()
    assert board.outcome() == ("updated", "", "1.0", "2.0"), board.log()
    assert board.version == "installed 2.0"
    assert is_whole(board)


def test_a_power_cut_while_it_is_unpacked(board: Board) -> None:
    board.publish("3.0")
    # dpkg calls it between the new files and the note of them
    board.cut_at("postrm-2.0")
    assert board.outcome() == ("updated", "", "2.0", "3.0"), board.log()
    assert "goes on after an interruption: install of 3.0" in board.log()
    assert board.version == "installed 3.0"
    assert is_whole(board)


def test_a_version_that_fails_goes_back_with_the_state(board: Board) -> None:
    board.publish("4.0", broken=True)
    board.machine.write("/srv/code", "1")
    board.update()
    assert board.outcome() == ("restored", "not-ready", "3.0", "4.0"), board.log()
    assert board.version == "installed 3.0"
    assert is_whole(board)


def test_a_power_cut_on_the_way_back(board: Board) -> None:
    board.machine.write("/srv/code", "78")
    board.cut_at("postinst-3.0")
    assert board.outcome() == ("restored", "not-ready", "3.0", "4.0"), board.log()
    assert "goes on after an interruption: back of 4.0" in board.log()
    assert board.version == "installed 3.0"
    assert is_whole(board)
