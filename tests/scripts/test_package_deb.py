"""scripts/package_deb and scripts/debian/control.py: what is said of a package, without building one."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def test_the_control_file(tmp_path: Path) -> None:
    description = "A server with a sentence about it that is longer than a line of eighty characters may be."
    project = tmp_path / "pyproject.toml"
    project.write_text(
        f'[project]\ndescription = "{description}"\ndependencies = ["werkzeug>=3.1,<3.2", "psutil>=5.9"]\n'
    )
    command = [
        sys.executable,
        ROOT / "scripts/debian/control.py",
        project,
        "1.2",
        "Ada <ada@example.org>",
        "17",
    ]
    text = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    fields = dict(re.findall(r"^(\S+): (.*(?:\n .*)*)", text, re.MULTILINE))
    assert (fields["Version"], fields["Installed-Size"]) == ("1.2", "17")
    assert fields["Maintainer"] == "Ada <ada@example.org>"
    assert fields["Depends"].endswith(
        "python3-werkzeug (>= 3.1), python3-werkzeug (<< 3.2~), python3-psutil (>= 5.9)"
    )
    lines = fields["Description"].splitlines()
    assert max(map(len, lines)) <= 80
    assert description in " ".join(line.strip() for line in lines)


@pytest.mark.parametrize(
    "arguments",
    [
        ("--maintainer",),
        ("--maintainer", "ada"),
        ("--maintainer", "ada@example.org"),
        ("--maintainer", "Ada <ada>"),
        ("--maintainer", "Ada <a@b> <c@d>"),
        ("--maintainer", "Ada <a@b>\nEssential: yes"),
        ("--maintainer", "Ada\nEssential: yes <a@b>"),
        ("dist",),
    ],
)
def test_wrong_arguments_are_refused(arguments: tuple[str, ...]) -> None:
    done = subprocess.run(
        [ROOT / "scripts/package_deb", *arguments], capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert "--maintainer needs a name" in done.stderr or "see scripts/package_deb --help" in done.stderr
    assert not done.stdout


def test_its_help_names_the_maintainer() -> None:
    done = subprocess.run(
        [ROOT / "scripts/package_deb", "--help"], capture_output=True, text=True, check=True
    )
    assert "--maintainer" in done.stdout
