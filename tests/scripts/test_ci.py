"""`.ci/run` with stand-ins for its steps: one that passes, fails or hangs; how it ends."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
STEPS = ("check", "unit", "conformance", "programs", "versions", "hostile", "browser", "nspawn")


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A checkout with the real `.ci/run`, in which each step passes at once."""
    (tmp_path / ".ci").mkdir()
    (tmp_path / "scripts").mkdir()
    for name in (".ci/run", "scripts/ci"):
        shutil.copy(ROOT / name, tmp_path / name)
    for name in ("check", "conformance", "programs", "versions", "test", "qemu/report"):
        script(tmp_path, name, "echo '12 passed, 1 skipped in 0.1s'")
    return tmp_path


def script(checkout: Path, name: str, text: str) -> None:
    """A stand-in for one of the scripts; it is given the arguments of the real one."""
    path = checkout / "scripts" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)


def run(checkout: Path, *arguments: str, **env: str) -> tuple[int, str, str]:
    """Its exit code, all that it has said, and the summary of that."""
    environment = {**os.environ, "EDGEWEB_CI_BOARDS": "zero pi3", **env}
    done = subprocess.run(
        [checkout / ".ci/run", *arguments],
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return done.returncode, done.stdout, done.stdout.partition("== summary")[2]


def results(summary: str) -> dict[str, str]:
    return dict(re.findall(r"^  (\w+) +\d+ s  (passed|FAILED)", summary, re.MULTILINE))


def test_every_step_and_every_board_has_its_line(checkout: Path) -> None:
    code, said, summary = run(checkout)
    assert code == 0, said
    assert results(summary) == dict.fromkeys((*STEPS, "zero", "pi3"), "passed")
    assert summary.count("12 passed, 1 skipped") == len(STEPS) + 2
    assert "left out by EDGEWEB_CI_BOARDS: virt64 pi2 zero2" in summary
    # What a step says is shown behind its name.
    assert "zero | 12 passed" in said


def test_what_failed_is_said_again_at_the_end(checkout: Path) -> None:
    said = ["E   assert 1 == 2", "FAILED tests/test_app.py::test_it - assert 1 == 2", "  Python 3.12: FAILED"]
    script(checkout, "versions", "\n".join(f"echo '{line}'" for line in said) + "\nexit 1")
    script(checkout, "conformance", "echo 'FAILED one that is expected'")
    _, printed, _ = run(checkout)
    assert (
        "\n== what failed\n" + "\n".join(f"versions | {line}" for line in said) + "\n\n== summary" in printed
    )


def test_a_third_lane_takes_what_is_left_over(checkout: Path) -> None:
    """Its steps are nice to the two others, which are stopped here until it has begun."""
    script(checkout, "conformance", f"echo nice by $(nice); touch {checkout}/begun")
    script(checkout, "test", f"while [ ! -e {checkout}/begun ]; do sleep 0.05; done; echo nice by $(nice)")
    _, said, _ = run(checkout)
    own = os.getpriority(os.PRIO_PROCESS, 0)
    assert f"conformance | nice by {min(own + 5, 19)}\n" in said
    for name in ("nspawn", "unit", "zero", "pi3"):
        assert f"{name} | nice by {own}\n" in said


def test_no_lane_ends_while_a_step_waits(checkout: Path) -> None:
    """The third one's first step waits for its last one, which another lane therefore has to take."""
    script(checkout, "test", f'case "$*" in *browser) touch {checkout}/last; echo nice by $(nice);; esac')
    script(checkout, "conformance", f"while [ ! -e {checkout}/last ]; do sleep 0.05; done")
    code, said, summary = run(checkout)
    assert code == 0, said
    assert results(summary) == dict.fromkeys((*STEPS, "zero", "pi3"), "passed")
    assert f"browser | nice by {os.getpriority(os.PRIO_PROCESS, 0)}\n" in said


def test_without_the_environment_steps_come_one_after_the_other(checkout: Path) -> None:
    """Each of them would make it."""
    for name in ("versions", "test"):
        script(checkout, name, f"mkdir {checkout}/busy && sleep 0.3 && rmdir {checkout}/busy")
    code, said, _ = run(checkout, "unit", "versions", "hostile")
    assert code == 0, said


def test_steps_can_be_named(checkout: Path) -> None:
    code, _, summary = run(checkout, "unit", "check")
    assert code == 0
    assert results(summary) == {"unit": "passed", "check": "passed"}
    assert "left out" not in summary
    ended = subprocess.run([checkout / ".ci/run", "units"], capture_output=True, text=True, check=False)
    assert ended.returncode == 2
    assert "unknown: units; there are check, nspawn, unit, hostile, browser" in ended.stderr


def test_the_card_is_a_step_of_its_own(checkout: Path) -> None:
    """A whole run counts it as left out; where it is named, its tests know that by EDGEWEB_CI_BOARDS."""
    script(checkout, "test", 'echo "of $EDGEWEB_CI_BOARDS: $*"; echo "1 passed"')
    _, said, summary = run(checkout)
    assert "card" not in results(summary)
    assert "left out, 1 step: card (" in summary
    assert "tests/vm/test_card.py" not in said
    code, said, summary = run(checkout, "card")
    assert (code, results(summary)) == (0, {"card": "passed"})
    assert "card | of card: -m vm tests/vm/test_card.py" in said
    assert "left out" not in summary


def test_a_step_without_a_result_fails_the_run(checkout: Path) -> None:
    (checkout / "scripts/check").unlink()
    assert run(checkout)[0] == 1


def test_a_step_that_fails_does_not_keep_the_others_from_running(checkout: Path) -> None:
    script(checkout, "versions", "echo 'two lines'; echo '3 failed, 4 passed'; exit 1")
    code, _, summary = run(checkout)
    assert code == 1
    assert results(summary) == dict.fromkeys((*STEPS, "zero", "pi3"), "passed") | {"versions": "FAILED"}
    assert "3 failed, 4 passed" in summary


@pytest.mark.slow
def test_a_board_that_fails_fails_the_run(checkout: Path) -> None:
    script(checkout, "test", 'case "$*" in *"-m vm"*) [ "$EDGEWEB_CI_BOARDS" != pi3 ];; esac')
    code, _, summary = run(checkout)
    assert code == 1
    assert results(summary) == dict.fromkeys((*STEPS, "zero", "pi3"), "passed") | {"pi3": "FAILED"}


@pytest.mark.slow
def test_a_step_that_hangs_ends_and_is_told(checkout: Path) -> None:
    script(checkout, "conformance", "echo 'has begun'; exec sleep 50")
    # No time for anything is left from the start: a step then has a second.
    code, said, summary = run(checkout, EDGEWEB_CI_MINUTES="0", EDGEWEB_CI_BOARDS="")
    assert code == 1
    assert results(summary)["conformance"] == "FAILED"
    assert "not done in" in summary
    assert "conformance | has begun" in said


def test_its_end_is_the_end_of_its_steps(checkout: Path) -> None:
    script(checkout, "test", f'echo $$ >>"{checkout}/started"; exec sleep 50')
    with subprocess.Popen(
        [checkout / ".ci/run"],
        env={**os.environ, "EDGEWEB_CI_BOARDS": "zero"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as process:
        started = checkout / "started"
        # one in each lane but the third
        wait_until(lambda: started.exists() and len(started.read_text().split()) == 2)
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) != 0
    pids = started.read_text().split()
    wait_until(lambda: not any(Path(f"/proc/{pid}/cmdline").exists() for pid in pids))


def wait_until(condition: object, seconds: float = 30) -> None:
    assert callable(condition)
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "not in time"
        time.sleep(0.05)
