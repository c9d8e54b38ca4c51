"""scripts/release: what keeps a commit from being one, what has to be the same twice, what is left to do."""

from __future__ import annotations

import hashlib
import importlib.machinery
import importlib.util
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = ROOT / "scripts/release"


def load() -> ModuleType:
    loader = importlib.machinery.SourceFileLoader("release_script", str(SCRIPT))
    spec = importlib.util.spec_from_loader("release_script", loader)
    assert spec is not None
    module = importlib.util.module_from_spec(spec)
    loader.exec_module(module)
    return module


release = load()


def git(folder: Path, *arguments: str) -> None:
    who = ["-c", "user.name=Ada", "-c", "user.email=ada@example.org", "-c", "commit.gpgsign=false"]
    subprocess.run(["git", *who, *arguments], cwd=folder, check=True, capture_output=True)


def commit(folder: Path, version: str, heading: str) -> Path:
    (folder / "pyproject.toml").write_text(f'[project]\nname = "edgeweb"\nversion = "{version}"\n')
    (folder / "CHANGELOG.md").write_text(f"# Changes\n\n{heading}\n\n- One.\n\n## 0.0.1 (2025-01-01)\n")
    git(folder, "add", ".")
    git(folder, "commit", "--message", "release")
    return folder


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A clone whose commit is release 1.2.0."""
    git(tmp_path, "init", "--quiet")
    commit(tmp_path, "1.2.0", "## 1.2.0 (2026-11-28)")
    git(tmp_path, "tag", "v1.2.0")
    return tmp_path


def test_a_release(repository: Path) -> None:
    assert release.find_problems(repository) == []


@pytest.mark.parametrize(
    ("version", "heading", "wanted"),
    [
        ("1.3.0", "## 1.2.0 (2026-11-28)", "begins with 1.2.0, pyproject.toml has 1.3.0"),
        ("1.3.0", "", "begins with 0.0.1, pyproject.toml has 1.3.0"),
        ("1.3.0", "## 1.3.0 (unreleased)", 'has "unreleased" for 1.3.0: write "## 1.3.0 (20'),
        ("1.3.0", "## 1.3.0 (2026-02-30)", 'has "2026-02-30" for 1.3.0'),
        ("1.3", "## 1.3 (2026-11-28)", "1.3 in pyproject.toml is no version such as 1.2.3"),
    ],
)
def test_names_that_do_not_agree(repository: Path, version: str, heading: str, wanted: str) -> None:
    commit(repository, version, heading)
    git(repository, "tag", f"v{version}")
    (problem,) = release.find_problems(repository)
    assert wanted in problem


def test_tags(repository: Path) -> None:
    commit(repository, "1.3.0rc1", "## 1.3.0rc1 (2026-11-28)")
    assert release.find_problems(repository) == [
        'This commit has no tag: git tag --sign v1.3.0rc1 --message "edgeweb 1.3.0rc1".'
    ]
    commit(repository, "1.2.0", "## 1.2.0 (2026-11-29)")
    (problem,) = release.find_problems(repository)
    assert "The tag v1.2.0 is at another commit" in problem


def test_a_tree_that_is_not_clean(repository: Path) -> None:
    (repository / "left.txt").write_text("")
    (repository / "CHANGELOG.md").write_text((repository / "CHANGELOG.md").read_text() + "more\n")
    (problem,) = release.find_problems(repository)
    assert "CHANGELOG.md, left.txt" in problem


def test_builds_that_differ_are_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    files = []
    for name, content in (("a", "1"), ("b", "1"), ("c", "2")):
        (tmp_path / name).mkdir()
        (tmp_path / name / "x.deb").write_text(content)
        files.append([tmp_path / name / "x.deb"])
    release.compare(files[0], files[1])
    with pytest.raises(release.ReleaseError, match=r"two builds of x\.deb differ") as raised:
        release.compare(files[0], files[2])
    (kept,) = re.findall(r"Both are in (\S+):", str(raised.value))
    assert {path.read_text() for path in Path(kept).iterdir()} == {"1", "2"}
    with pytest.raises(release.ReleaseError, match="other files"):
        release.compare(files[0], [])


def test_a_program_that_fails_is_shown_with_its_last_lines(tmp_path: Path) -> None:
    with pytest.raises(release.ReleaseError) as raised:
        release.run(["sh", "-c", "seq 100; exit 7"], tmp_path)
    assert str(raised.value).startswith("sh failed with code 7:\n  71\n") and str(raised.value).endswith(
        "100"
    )


def run(script: Path, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, script, *arguments]
    return subprocess.run(
        command, capture_output=True, text=True, check=False, env={**os.environ, **variables}
    )


def test_what_is_no_release_ends_before_a_build(tmp_path: Path) -> None:
    (tmp_path / "full").mkdir()
    (tmp_path / "full/old.deb").write_text("")
    refused = run(SCRIPT, "--output", str(tmp_path / "full"))
    assert refused.returncode == 1 and "has files already" in refused.stderr
    assert run(SCRIPT, "--upload").returncode == 2
    told = run(SCRIPT, "--help")
    assert told.returncode == 0
    assert all(word in told.stdout for word in ("--rehearse", "--maintainer", "SHA256SUMS", "Exit code 0"))


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """This checkout as a release: all of its files, with a date and a tag."""
    folder = tmp_path / "clone"
    listing = [
        "git",
        "-c",
        f"safe.directory={ROOT}",
        "ls-files",
        "--cached",
        "--others",
        "--exclude-standard",
    ]
    for name in subprocess.check_output(listing, cwd=ROOT, text=True).splitlines():
        if (ROOT / name).is_file() and not name.startswith("tests/"):
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, folder / name)
    changelog = (folder / "CHANGELOG.md").read_text()
    version = release.project_version(folder)
    dated = re.sub(r"^## \S+ \(.*\)$", f"## {version} (2026-11-28)", changelog, count=1, flags=re.MULTILINE)
    (folder / "CHANGELOG.md").write_text(dated)
    git(folder, "init", "--quiet")
    git(folder, "add", ".")
    git(folder, "commit", "--quiet", "--message", "release")
    assert run(folder / "scripts/release", "--no-containers").returncode == 1, "there is no tag yet"
    git(folder, "tag", f"v{version}")
    return folder


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("dpkg-deb") is None, reason="dpkg-deb is missing: not a Debian")
def test_all_of_a_release(clone: Path, tmp_path: Path) -> None:
    maintainer = "Ada <ada@example.org>"
    options = ("--no-containers", "--maintainer", maintainer)
    variables = {"PYTHON": sys.executable, "EDGEWEB_RELEASE_VENV": str(tmp_path / "venv")}
    done = run(clone / "scripts/release", *options, **variables)
    assert done.returncode == 0, done.stdout + done.stderr
    steps = [line.split()[0] for line in done.stdout.splitlines() if not line.startswith(" ")]
    assert steps == ["version", "build", "bills", "install", "sums", "next"]
    version = release.project_version(clone)
    files = clone / "dist" / version
    packages = [
        f"edgeweb-{version}-py3-none-any.whl",
        f"edgeweb-{version}.tar.gz",
        f"edgeweb_{version}_all.deb",
    ]
    bills = [f"{packages[i]}.{kind}.json" for i in (0, 2) for kind in ("cdx", "spdx")]
    rows = [row.split("  ") for row in (files / "SHA256SUMS").read_text().splitlines()]
    assert sorted(name for _, name in rows) == sorted(packages + bills)
    assert {path.name for path in files.iterdir()} == {"SHA256SUMS", *packages, *bills}
    for digest, name in rows:
        assert hashlib.sha256((files / name).read_bytes()).hexdigest() == digest
    field = ["dpkg-deb", "--field", files / packages[2], "Maintainer"]
    assert subprocess.check_output(field, text=True).strip() == maintainer
    # Nothing was uploaded or pushed, and each command that is left to do names files that are there.
    assert "nothing has been uploaded" in done.stdout
    named = re.findall(rf"{re.escape(str(files))}/(\S+)", done.stdout.partition("next")[2])
    assert len(named) == 4 and all((files / name).exists() for name in named)
    again = run(clone / "scripts/release", *options, **variables)
    assert again.returncode == 1 and "has files already" in again.stderr
