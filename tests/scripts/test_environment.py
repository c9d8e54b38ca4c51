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


def test_a_python_without_ensurepip_is_named(tmp_path: Path) -> None:
    bare = program(
        tmp_path / "python", f'case "$2" in *ensurepip*) exit 1;; esac; exec {sys.executable} "$@"'
    )
    done = bash("make_venv venv", tmp_path, PYTHON=str(bare))
    assert done.returncode == 1
    assert done.stderr == f"{bare} cannot make virtual environments: it has no ensurepip. " + (
        "Set PYTHON to one that has.\n"
    )
    assert not (tmp_path / "venv").exists()


# A Debian for `install_packages`: nothing is installed, and apt writes down what it is asked for.
DEBIAN = """
    id() { echo "$USER_ID"; }
    dpkg-query() { return 1; }
    apt-get() { :; }
    env() { shift 2; echo "$*" >>asked; eval "${APT:-}"; }
    sudo() { [ "$1" = -n ] && shift; [ "$SUDO" = free ] && "$@"; }
    """


def asked(folder: Path) -> list[str]:
    """What apt was asked for, without the options that are the same each time."""
    try:
        lines = (folder / "asked").read_text().splitlines()
    except FileNotFoundError:
        return []
    return [line.rpartition("=120 ")[2] for line in lines]


@pytest.mark.parametrize(("user", "sudo"), [("0", "none"), ("1000", "free")])
def test_what_is_missing_is_installed_by_apt(tmp_path: Path, user: str, sudo: str) -> None:
    done = bash(f"{DEBIAN}\ninstall_packages python3-venv", tmp_path, USER_ID=user, SUDO=sudo)
    assert (done.returncode, done.stderr) == (0, "Installing by apt: python3-venv\n")
    assert asked(tmp_path) == ["install -y --no-install-recommends python3-venv"]


def test_what_is_installed_is_left_alone(tmp_path: Path) -> None:
    code = f"{DEBIAN}\ndpkg-query() {{ echo 'ii '; }}\ninstall_packages python3-venv"
    done = bash(code, tmp_path, USER_ID="1000", SUDO="none")
    assert (done.returncode, done.stderr, asked(tmp_path)) == (0, "", [])


def test_who_may_not_install_is_given_the_command(tmp_path: Path) -> None:
    done = bash(f"{DEBIAN}\ninstall_packages python3-venv npm", tmp_path, USER_ID="1000", SUDO="none")
    assert done.returncode == 1
    assert done.stderr == "Missing: python3-venv npm. Install it: sudo apt-get install python3-venv npm\n"
    assert asked(tmp_path) == []


def test_missing_or_old_lists_are_fetched_and_apt_is_asked_again(tmp_path: Path) -> None:
    apt = "case $* in *update*) touch fresh;; *) [ -e fresh ];; esac"
    done = bash(f"{DEBIAN}\ninstall_packages npm", tmp_path, USER_ID="0", SUDO="none", APT=apt)
    assert (done.returncode, done.stderr) == (0, "Installing by apt: npm\n")
    install = "install -y --no-install-recommends npm"
    assert asked(tmp_path) == [install, "update", install]


@pytest.mark.parametrize(
    ("written", "advice"),
    [
        ("E: Unable to locate package npm", "add the main archive of Debian to /etc/apt/sources.list"),
        (
            "E: Failed to fetch http://m/npm.deb  404  Not Found [IP: ::1 80]",
            "check the network and the mirror",
        ),
        ("W: Failed to fetch http://m/InRelease  Could not resolve 'm'", "check the network and the mirror"),
        ("E: Could not get lock /var/lib/dpkg/lock-frontend.", "wait until it has finished"),
        ("E: You don't have enough free space in /var/cache/apt/archives/.", "make room on the disk"),
        ("E: dpkg was interrupted, you must run it", "sudo dpkg --configure -a"),
        ("E: Something that nobody has seen before", "sudo apt-get update"),
        ("no reason at all", "sudo apt-get update"),
    ],
)
def test_a_failure_of_apt_is_one_line_with_the_next_step(tmp_path: Path, written: str, advice: str) -> None:
    code = f"{DEBIAN}\ninstall_packages npm"
    (tmp_path / "written").write_text(f"Reading package lists...\n{written}\n")
    done = bash(code, tmp_path, USER_ID="0", SUDO="none", APT="cat written; return 100")
    assert done.returncode == 1
    first, line = done.stderr.splitlines()
    assert first == "Installing by apt: npm"
    assert line.startswith("apt could not install npm: ")
    assert advice in line and " Next: " in line
    assert not line.count("E: ")


def test_an_environment_that_works_is_kept(tmp_path: Path) -> None:
    program(tmp_path / "venv/bin/pip", "exit 0")
    program(tmp_path / "venv/bin/python", "exit 0")
    assert bash("make_venv venv", tmp_path, PYTHON="no-such-python").returncode == 0


@pytest.mark.slow
def test_an_environment_whose_interpreter_has_gone_is_made_again(tmp_path: Path) -> None:
    program(tmp_path / "venv/bin/pip", "exit 0")
    (tmp_path / "venv/bin/python").symlink_to(tmp_path / "uninstalled")
    done = bash("make_venv venv", tmp_path, PYTHON=sys.executable)
    assert done.returncode == 0, done.stderr
    subprocess.run([tmp_path / "venv/bin/python", "-m", "pip", "--version"], check=True, capture_output=True)


@pytest.mark.parametrize(
    ("given", "passed"),
    [
        (["tests/server", "-k", "drain or journal"], "tests/server -k drain or journal"),
        (["--", "--help"], "--help"),
        (
            ["--fast", "-x"],
            "-m not (browser or nspawn or vm or slow) -n logical --dist loadfile -x",
        ),
    ],
)
def test_arguments_go_to_pytest(tmp_path: Path, given: list[str], passed: str) -> None:
    """With an environment that claims to be ready, whose interpreter only shows how it was called."""
    program(tmp_path / "bin/pip", "exit 1")
    program(tmp_path / "bin/python", 'case "$1" in -c) exit 0;; esac; echo "$PWD: $*"')
    digest = bash('digest "$root/pyproject.toml"', tmp_path).stdout
    (tmp_path / ".installed").write_text(digest)
    # Debian's packages and those of npm: to fetch them takes most of a minute.
    for name in ("prometheus", "mosquitto"):
        (tmp_path / f".{name}").write_text("1\n")
    for row in bash('printf "%s\\n" "${npm_packages[@]}"', tmp_path).stdout.splitlines():
        name, package, _ = row.split(":")
        (tmp_path / f".{name}").write_text(f"{package}\n")
    done = subprocess.run(
        [SCRIPTS / "test", *given],
        env={**os.environ, "EDGEWEB_TEST_VENV": str(tmp_path)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == f"{SCRIPTS.parent}: -m pytest {passed}\n"
    assert [path.name for path in tmp_path.iterdir() if path.is_dir()] == ["bin"], "nothing was fetched"
