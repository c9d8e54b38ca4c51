"""The repository of scripts/apt_repository on a Debian 13, with the lines of README."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from . import container as containers
from . import roots

pytestmark = [
    *roots.marks,
    pytest.mark.skipif(
        shutil.which("apt-ftparchive") is None or shutil.which("gpg") is None,
        reason="apt-utils or gnupg is not installed (Debian packages; scripts/test installs them)",
    ),
]


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A Debian 13 with all that edgeweb depends on, the repository in /srv, and the maker's key."""
    folder = tmp_path_factory.mktemp("apt")
    made = subprocess.run([roots.ROOT / "scripts/package_deb"], check=True, stdout=subprocess.PIPE, text=True)
    containers.make_bare_root(folder / "root", "trixie")
    variables = {**containers.CLEAN, "PATH": os.environ["PATH"], "GNUPGHOME": str(folder / "gnupg")}
    (folder / "gnupg").mkdir(mode=0o700)
    key = ["gpg", "--batch", "--quiet", "--passphrase", "", "--quick-generate-key", "maker@example.org"]
    subprocess.run([*key, "ed25519", "sign", "never"], env=variables, check=True, capture_output=True)
    repository = folder / "root/srv/repository"
    add = [roots.ROOT / "scripts/apt_repository", "--key", "maker@example.org", repository]
    subprocess.run([*add, made.stdout.splitlines()[-1]], env=variables, check=True, capture_output=True)
    subprocess.run(["gpgconf", "--kill", "all"], env=variables, check=True)
    # As README says it, but for the address.
    readme = (roots.ROOT / "systemd/README.md").read_text()
    (lines,) = re.findall(r"```\n(Types: deb\n.*?)```", readme, re.DOTALL)
    for old in (folder / "root/etc/apt").glob("sources.list*/*"):
        old.unlink()
    (folder / "root/etc/apt/sources.list").unlink(missing_ok=True)
    sources = folder / "root/etc/apt/sources.list.d/edgeweb.sources"
    sources.write_text(lines.replace("https://packages.example.org/", "file:/srv/repository/"))
    shutil.copy(repository / "edgeweb.asc", folder / "root/etc/apt/keyrings/edgeweb.asc")
    return folder / "root"


def apt(root: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = ["apt-get", "-q", "-o", "APT::Update::Error-Mode=any", *arguments]
    return subprocess.run(roots.nspawn(root, *command), capture_output=True, text=True, check=False)


def test_it_is_installed_by_apt_alone(root: Path) -> None:
    updated = apt(root, "update")
    assert updated.returncode == 0, updated.stdout + updated.stderr
    assert not re.search("^[WEN]:", updated.stderr, re.MULTILINE), updated.stderr
    installed = apt(root, "install", "-y", "--no-install-recommends", "edgeweb")
    assert installed.returncode == 0, installed.stdout + installed.stderr
    assert (root / "usr/bin/edgeweb").exists()


def test_an_index_that_was_changed_is_refused(root: Path) -> None:
    shutil.rmtree(root / "var/lib/apt/lists", ignore_errors=True)
    path = root / "srv/repository/dists/stable/InRelease"
    text = path.read_text()
    path.write_text(text.replace("Origin: edgeweb", "Origin: edgewev"))
    refused = apt(root, "update")
    path.write_text(text)
    assert refused.returncode != 0
    assert re.search("signature|signed", refused.stderr), refused.stderr
    assert apt(root, "update").returncode == 0
