"""Factory resets that a power cut or a kill interrupts: all of the owner is there, or nothing is.

A cut is a copy of the running board's disk at one moment of a reset: one boot has many of them. The product
starts on the copy's state, as the board's service would at the next boot. A kill hits the service on the
board, and systemd starts it again.
"""

from __future__ import annotations

import http.client
import json
import os
import random
import re
import shutil
import threading
import time
from collections import Counter
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

import pytest

from edgeweb.device.storage import reset
from scripts.qemu.guest import HOST

from ..device.people import PASSWORD
from ..device.process import DeviceServer
from . import snapshots
from .conftest import Owned, only
from .owners import MARK, READABLE, Client, Owner, files_with, newest_code

#: Resets: one is cut, the next is killed, and so on. A kill before anything has begun does not count.
RESETS = int(os.environ.get("EDGEWEB_RESETS", "2"))
pytestmark = pytest.mark.vm

#: Cuts in one reset.
CUTS = 12
#: More resets than asked for, until each kind of cut and a kill that hits have been seen.
MORE = 8
#: Seconds of a reset within which it is interrupted. It takes a third of a second or a whole one, as busy as
#: the machine is; the last moments find the next process at its start.
SPAN = (0.03, 4.0)
#: The same for a kill, by the guest's clock: a quarter of a second after curl begins the files are gone.
KILL_SPAN = (0.05, 0.3)
#: What a cut finds of the reset: nothing on the disk yet, its mark, or neither mark nor owner.
BEFORE, AMID, AFTER = "before", "amid", "after"
#: A kill that finds no process, and what one shows that has hit.
LATE = "late"
HIT = "hit"
#: What curl shows of the answer to a reset that a kill interrupts: it came before the kill, or none came.
ACCEPTED, UNANSWERED = "202", "000"
_STATE = f"/{snapshots.STATE}"
_PROCESSES = "/sys/fs/cgroup/system.slice/edgeweb.service/cgroup.procs"


def moments(chance: random.Random, span: tuple[float, float], count: int) -> list[float]:
    """Return random moments of a span, in order and denser where it begins: the logarithm is uniform."""
    begin, end = span
    return [begin * (end / begin) ** ((number + chance.random()) / count) for number in range(count)]


class Cut(NamedTuple):
    """One copy of the disk.

    Attributes:
        moment: Seconds of the reset before it, without those for copies.
        was_accepted: Whether the owner had the answer by then that the reset takes place.
    """

    copy: Path
    moment: float
    was_accepted: bool


def cut_at(board: Owned, client: Client, at: list[float], folder: Path) -> list[Cut]:
    """Begin a reset, copy the disk at these moments of it, and return when the answer is there."""
    answers: list[tuple[int, str]] = []
    asking = threading.Thread(target=lambda: answers.append(client.ask("POST", "reset", {"password": ""})))
    cuts: list[Cut] = []
    begun, halted = time.monotonic(), 0.0
    asking.start()
    for number, moment in enumerate(at):
        time.sleep(max(0.0, begun + halted + moment - time.monotonic()))
        was_accepted, before = bool(answers), time.monotonic()
        copy = folder / f"{number}.qcow2"
        board.device.copy_as_cut(copy)
        cuts.append(Cut(copy, before - begun - halted, was_accepted))
        halted += time.monotonic() - before
    asking.join()
    assert answers == [(202, '{"accepted":"reset"}\n')]
    return cuts


def examine(cut: Cut, owner: Owner) -> str:
    """Start the product on what a cut has left; return the cut's kind. Fail where the owner is half gone."""
    folder = cut.copy.with_suffix("")
    folder.mkdir()
    files = snapshots.unpack(cut.copy, folder / "files")
    state, secrets = folder / "state", [MARK.encode(), *owner.secrets]
    (files / snapshots.STATE).rename(state)
    assert files_with(files, secrets) == [], "outside the state"
    profile = re.findall(r"^EDGEWEB_PROFILE=(\S+)", (files / "etc/default/edgeweb").read_text(), re.MULTILINE)
    (files / "etc/edgeweb").rename(folder / "etc")
    shutil.rmtree(files)
    left = files_with(state, secrets)
    kind = AMID if (state / reset.FILE).exists() else BEFORE if left else AFTER
    assert kind != BEFORE or not cut.was_accepted, "the reset was accepted, and is not on the disk"
    server = DeviceServer(folder, "--profile", profile[-1])
    try:
        client = Client(server.port, f"127.0.0.1:{server.port}")
        if kind == BEFORE:
            assert "set-up code" not in server.log
            owner.check_untouched(client)
        else:
            assert files_with(state, secrets) == []
            owner.check_shut_out(client)
            Owner("heir", "heir", PASSWORD).claim(client, server.code)
            owner.check_unreadable(client, READABLE)
        assert server.stop() == 0, server.log
        assert kind == BEFORE or files_with(state, secrets) == []
    finally:
        server.process.kill()
        server.process.wait()
    shutil.rmtree(folder)
    print(f"cut at {cut.moment:.3f} s: {kind}, the owner in {len(left)} files")
    return kind


class Board:
    """The board between two resets."""

    def __init__(self, board: Owned) -> None:
        self.guest = board.guest
        self.client = Client(board.guest.machine.web, HOST)

    def code(self) -> str:
        return newest_code(self.guest.run("journalctl -u edgeweb -o cat -n 400").text)

    def plant(self, owner: Owner) -> None:
        """Leave the mark where only some devices have files: certificates, and a state that was set aside.

        systemd forgets how often it has started the service: it allows five starts in ten minutes.
        """
        names = [f"{_STATE}/tls/old/device.key", f"{_STATE}/state.corrupt-1.db"]
        self.guest.run(
            f"mkdir -p {_STATE}/tls/old; echo {owner.mark} | tee {' '.join(names)} >/dev/null;"
            f" chown -R edgeweb: {_STATE}; sync; systemctl reset-failed edgeweb"
        )

    def kill(self, owner: Owner, delay: float) -> list[str]:
        """Begin a reset and kill the service that many of the guest's seconds after.

        Return the files that were left, with `ACCEPTED` or `UNANSWERED` among them, and `HIT` where it hit.
        """
        headers = f"-H 'Content-Type: application/json' -H 'Authorization: Bearer {owner.token}'"
        body = json.dumps({"password": ""})
        ask = f"curl -s -m 60 -o /dev/null -w '%{{http_code}}\\n' {headers} -d '{body}'"
        return self.guest.run(
            f"{ask} http://{HOST}/api/v1/reset & sleep {delay:.3f}\n"
            f'read -r pid <{_PROCESSES} && kill -9 "$pid" && echo {HIT}\nls {_STATE}; wait',
            check=False,
        ).text.split()

    def wait_for_answer(self, token: str, *expected: int) -> int:
        """Return how the service answers to this token, as soon as it is one of the expected ways."""
        client, found = Client(self.guest.machine.web, HOST), [0]
        client.token = token

        def answers() -> bool:
            try:
                found[0] = client.ask("GET", "users")[0]
            except (OSError, http.client.HTTPException):
                found[0] = 0  # QEMU takes connections for a guest that refuses them
            return found[0] in expected

        self.guest.wait_until(answers, "an answer of the next process", 300)
        return found[0]

    def check_gone(self, owner: Owner) -> None:
        """Fail where the board has something of the owner, or what the owner has opens the device."""
        secrets = " ".join(f"-e {secret.decode()}" for secret in owner.secrets)
        found = self.guest.run(f"grep -rlaF -e {MARK} {secrets} {_STATE} /tmp /var/tmp", check=False).text
        assert found == ""
        owner.check_shut_out(self.client)


class Campaign:
    """Resets of one board after each other, and what interruptions have found."""

    def __init__(self, board: Owned, folder: Path, pool: ThreadPoolExecutor) -> None:
        self.cuts: Counter[str] = Counter()
        self.kills: Counter[str] = Counter()
        self.resets = 0
        self.device = Board(board)
        self._chance = random.Random(23)
        self._board = board
        self._folder = folder
        self._pool = pool
        self._waiting: list[Future[str]] = []

    def is_complete(self) -> bool:
        """Return whether there were enough resets, cuts of each kind and a kill; only then wait for them."""
        is_enough = self.resets >= RESETS
        ready = [examined for examined in self._waiting if is_enough or examined.done()]
        self.cuts.update(examined.result() for examined in ready)
        self._waiting = [examined for examined in self._waiting if examined not in ready]
        was_killed = bool({AMID, AFTER} & set(self.kills))
        return is_enough and was_killed and {BEFORE, AMID, AFTER} <= set(self.cuts)

    def cut(self, owner: Owner) -> None:
        """Reset the board, with power cuts meanwhile; they are examined while the board goes on."""
        folder = self._folder / str(self.resets)
        folder.mkdir()
        for cut in cut_at(self._board, self.device.client, moments(self._chance, SPAN, CUTS), folder):
            self._waiting.append(self._pool.submit(examine, cut, owner))
        self.device.wait_for_answer(owner.token, 401)

    def kill(self, owner: Owner) -> bool:
        """Reset the board and kill the service meanwhile; return whether the owner is gone."""
        (moment,) = moments(self._chance, KILL_SPAN, 1)
        left = self.device.kill(owner, moment)
        has_hit = HIT in left
        self._board.kills += has_hit
        assert {ACCEPTED, UNANSWERED} & set(left), f"the reset was refused: {left}"
        is_gone = self.device.wait_for_answer(owner.token, 200, 401) == 401
        kind = LATE if not has_hit else AMID if reset.FILE in left else AFTER if is_gone else BEFORE
        assert is_gone or (kind == BEFORE and ACCEPTED not in left), f"the owner is there: {left}"
        print(f"kill at {moment:.3f} s: {kind}, left: {' '.join(left)}")
        self.kills[kind] += 1
        if not is_gone:
            owner.check_untouched(self.device.client)
        return is_gone

    def run(self) -> None:
        """Reset and interrupt until it is complete; the board then has no owner."""
        owner: Owner | None = Owner(f"{MARK}0000", "ada", PASSWORD)
        former: Owner | None = None
        owner.token = self._board.token
        while owner is not None or not self.is_complete():
            assert self.resets + self.kills[BEFORE] < 2 * RESETS + MORE, f"{self.cuts}, {self.kills}"
            if owner is None:
                mark = f"{MARK}{self.resets:04d}"
                owner = Owner(mark, f"{mark}-ada", f"{mark} horse battery")
                owner.claim(self.device.client, self.device.code())
            if former is not None:
                former.check_unreadable(self.device.client, (*READABLE, "logs"))
                former = None
            if not owner.session:
                owner.fill(self.device.client)
            self.device.plant(owner)
            self.resets += 1
            if self.resets % 2:
                self.cut(owner)
            elif not self.kill(owner):
                self.resets -= 1
                continue
            self.device.check_gone(owner)
            former, owner = owner, None


@only("virt64")
def test_a_reset_that_is_interrupted_leaves_nothing(board: Owned, tmp_path: Path) -> None:
    with ThreadPoolExecutor(1) as pool:
        campaign = Campaign(board, tmp_path, pool)
        campaign.run()
    print(f"{campaign.resets} resets; cuts: {dict(campaign.cuts)}; kills: {dict(campaign.kills)}")
    board.claim()
