"""What the shell scripts share: environments that are made once, and words for whoever lacks something."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPTS = Path(__file__).resolve().parents[2] / "scripts"


def bash(code: str, cwd: Path, **env: str) -> subprocess.CompletedProcess[str]:
    """Run code after `environment.sh`, as the scripts are run."""
    return subprocess.run(
        ["bash", "-euo", "pipefail", "-c", f'. "{SCRIPTS}/environment.sh"\n{code}'],
        cwd=cwd,
        env={**os.environ, **env},
        capture_output=True,
        text=True,
        check=False,
    )


def program(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return path


@pytest.mark.parametrize("name", ["environment.sh", "serve", "test", "check", "install", "../.ci/run"])
def test_the_shell_can_read_it(name: str) -> None:
    subprocess.run(["bash", "-n", str(SCRIPTS / name)], check=True)


def test_once_is_once_for_each_key(tmp_path: Path) -> None:
    code = """
        once stamp one echo first
        once stamp one echo again
        once stamp two echo "another key"
        once stamp two echo "again another key"
        """
    assert bash(code, tmp_path).stdout == "first\nanother key\n"


def test_what_failed_is_not_done(tmp_path: Path) -> None:
    assert bash("once stamp one false", tmp_path).returncode == 1
    assert bash("once stamp one echo now", tmp_path).stdout == "now\n"
    # In a condition, bash does not end at the first failure.
    assert bash("if once stamp two false; then echo done; fi", tmp_path).stdout == ""
    assert bash("once stamp two echo now", tmp_path).stdout == "now\n"


def test_the_digest_is_of_the_content(tmp_path: Path) -> None:
    for name, text in (("a", "x"), ("b", "x"), ("c", "y")):
        (tmp_path / name).write_text(text)
    a, b, c = bash("digest a; digest b; digest c", tmp_path).stdout.split()
    assert a == b != c


def test_an_interpreter_that_is_too_old_is_named(tmp_path: Path) -> None:
    old = program(tmp_path / "python", 'case "$1" in --version) echo Python 3.10.13;; *) exit 1;; esac')
    done = bash("find_python", tmp_path, PYTHON=str(old))
    assert done.returncode == 1
    assert (
        done.stderr
        == "Python 3.10.13 is too old: edgeweb needs Python 3.11 or newer. Set PYTHON to a newer one.\n"
    )


def test_an_interpreter_that_is_missing_is_named(tmp_path: Path) -> None:
    done = bash("make_venv venv", tmp_path, PYTHON="no-such-python")
    assert done.returncode == 1
    assert "No no-such-python found. Install Python 3.11 or newer" in done.stderr


def test_debian_s_missing_package_is_named(tmp_path: Path) -> None:
    """There, `python3 -m venv` is present and does not work without python3-venv."""
    bare = program(
        tmp_path / "python", f'case "$2" in *ensurepip*) exit 1;; esac; exec {sys.executable} "$@"'
    )
    done = bash("make_venv venv", tmp_path, PYTHON=str(bare))
    assert done.returncode == 1
    assert "sudo apt install python3-venv" in done.stderr
    assert not (tmp_path / "venv").exists()


def test_an_environment_that_works_is_kept(tmp_path: Path) -> None:
    program(tmp_path / "venv/bin/pip", "exit 0")
    program(tmp_path / "venv/bin/python", "exit 0")
    assert bash("make_venv venv", tmp_path, PYTHON="no-such-python").returncode == 0


def test_an_environment_whose_interpreter_has_gone_is_made_again(tmp_path: Path) -> None:
    program(tmp_path / "venv/bin/pip", "exit 0")
    (tmp_path / "venv/bin/python").symlink_to(tmp_path / "uninstalled")
    done = bash("make_venv venv", tmp_path, PYTHON=sys.executable)
    assert done.returncode == 0, done.stderr
    subprocess.run([tmp_path / "venv/bin/python", "-m", "pip", "--version"], check=True, capture_output=True)


def test_arguments_go_to_pytest(tmp_path: Path) -> None:
    """With an environment that claims to be ready, whose interpreter only shows how it was called."""
    program(tmp_path / "bin/pip", "exit 1")
    program(tmp_path / "bin/python", 'case "$1" in -c) exit 0;; esac; echo "$PWD: $*"')
    digest = bash('digest "$root/pyproject.toml"', tmp_path).stdout
    (tmp_path / ".installed").write_text(digest)
    done = subprocess.run(
        [SCRIPTS / "test", "tests/server", "-k", "drain or journal"],
        env={**os.environ, "EDGEWEB_TEST_VENV": str(tmp_path)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == f"{SCRIPTS.parent}: -m pytest tests/server -k drain or journal\n"
