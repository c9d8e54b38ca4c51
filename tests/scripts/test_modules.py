"""scripts/debian/modules.py: which modules come from Debian, and what is said of where they came from."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from scripts.debian import modules

ROOT = Path(__file__).resolve().parents[2]
NEEDED = modules.requirements(ROOT / "pyproject.toml")

#: What Debian has, by release. Source: packages.debian.org.
DEBIAN = {
    12: {
        "werkzeug": "2.2.2-3+deb12u1",
        "jinja2": "3.1.2-1+deb12u2",
        "markupsafe": "2.1.2-1+b1",
        "waitress": "2.1.2-2",
        "psutil": "5.9.4-1+b1",
        "itsdangerous": "2.1.2-3",
        "click": "8.1.3-2",
        "blinker": "1.5-1",
    },
    13: {
        "werkzeug": "3.1.3-2",
        "jinja2": "3.1.6-1",
        "markupsafe": "2.1.5-1+b3",
        "waitress": "3.0.2-1",
        "psutil": "7.0.0-2",
        "itsdangerous": "2.2.0-2",
        "click": "8.2.0+0.really.8.1.8-1",
        "blinker": "1.9.0-2",
    },
}


@pytest.mark.parametrize(
    ("version", "expected"),
    [
        ("2.1.2-1+b1", (2, 1, 2)),
        ("1:7.0.0-2", (7,)),
        ("8.2.0+0.really.8.1.8-1", (8, 1, 8)),
        ("1.9.0", (1, 9)),
    ],
)
def test_the_numbers_of_a_version(version: str, expected: tuple[int, ...]) -> None:
    assert modules.numbers(version) == expected


def test_debian_12_has_the_compiled_ones_and_debian_13_has_all() -> None:
    assert modules.packages(NEEDED, DEBIAN[12]) == ["python3-markupsafe", "python3-psutil"]
    assert modules.packages(NEEDED, DEBIAN[13]) == [f"python3-{each.name}" for each in NEEDED]


def test_compiled_ones_are_debians_also_where_apt_has_no_lists() -> None:
    assert modules.packages(NEEDED, {}) == ["python3-markupsafe", "python3-psutil"]


def test_what_is_too_new_is_not_taken() -> None:
    offered = DEBIAN[13] | {"werkzeug": "3.2.0-1", "click": "9.0-1"}
    assert not {"python3-werkzeug", "python3-click"} & set(modules.packages(NEEDED, offered))


def test_apt_is_asked_for_what_it_would_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    answer = """\
python3-werkzeug:
  Installed: (none)
  Candidate: 3.1.3-2
  Version table:
     3.1.3-2 500
        500 http://mirror/debian trixie/main arm64 Packages
python3-jinja2:
  Installed: (none)
  Candidate: (none)
  Version table:
python3-click:
  Installed: 8.1.3-2
  Candidate: 8.1.3-2
"""
    done = subprocess.CompletedProcess([], 0, stdout=answer)
    monkeypatch.setattr(modules.subprocess, "run", lambda *arguments, **options: done)
    offered = modules.candidates(["werkzeug", "jinja2", "click", "blinker"])
    assert offered == {"werkzeug": "3.1.3-2", "click": "8.1.3-2"}


def test_one_line_names_each_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program, system = tmp_path / "program", tmp_path / "system"
    for folder, name, version in (
        (system, "psutil", "5.9.4"),
        (program, "click", "8.4.2"),
        (program, "blinker", "1.9"),
    ):
        metadata = folder / f"{name}-{version}.dist-info"
        metadata.mkdir(parents=True)
        (metadata / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
    monkeypatch.setattr(modules, "DEBIAN", system)
    monkeypatch.setattr(sys, "path", [str(program), str(system)])
    needed = [each for each in NEEDED if each.name in ("psutil", "click", "blinker")]
    assert modules.origins(needed, program, "the package index") == (
        "From Debian: python3-psutil 5.9.4. From the package index: click 8.4.2, blinker 1.9."
    )


def test_a_requirement_of_another_form_is_refused(tmp_path: Path) -> None:
    pyproject = tmp_path / "pyproject.toml"
    pyproject.write_text('[project]\ndependencies = ["click~=8.1"]\n')
    with pytest.raises(ValueError, match=r"click~=8\.1"):
        modules.requirements(pyproject)
