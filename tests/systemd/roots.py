"""Root file systems of Debian releases, made once of this machine's mirror and kept as archives."""

from __future__ import annotations

import ast
import functools
import hashlib
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from scripts import mirror

ROOT = Path(__file__).parent.parent.parent

#: Releases that edgeweb is installed on, and the Python of each.
PYTHONS = {"bookworm": "3.11", "trixie": "3.13"}

#: All that a minimal Debian has beyond itself, so that a checkout can be cloned and `scripts/serve` be run.
MINIMAL = ("python3", "git", "ca-certificates")

#: Where a root has its copy of this checkout.
PLACE = Path("/usr/src/edgeweb")

# Outside of the checkout, so that a fresh clone does not fetch Debian once more.
CACHE = Path(os.environ.get("EDGEWEB_CACHE", Path.home() / ".cache" / "edgeweb"))


class NoRoot(Exception):
    """A root file system could not be made; the text is one line with the reason."""


def missing() -> str | None:
    """Why no container can be run here; None when one can."""
    if os.geteuid() != 0:
        return "running a container needs root"
    for program, package in (("systemd-nspawn", "systemd-container"), ("mmdebstrap", "mmdebstrap")):
        if shutil.which(program) is None:
            return f"{program} is not installed (Debian package {package}; scripts/test installs it)"
    try:
        mirror.url()
    except mirror.NoMirror as error:
        return str(error)
    return None


#: Marks a module whose tests run containers.
marks = [pytest.mark.nspawn, pytest.mark.skipif(missing() is not None, reason=str(missing()))]


def extract(folder: Path, release: str, packages: Sequence[str] = ()) -> None:
    """Make a root of a release with `MINIMAL` and these packages.

    Raises:
        NoRoot: the mirror does not hold a package, or cannot be reached.
    """
    archive = _archive(release, packages)
    folder.mkdir(parents=True)
    subprocess.run(["tar", "--extract", "--file", archive, "--directory", folder], check=True)


def copy_checkout(root: Path) -> None:
    """Copy what git has of this checkout, committed or not, to `PLACE`."""
    listing = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    for name in subprocess.check_output(listing, cwd=ROOT, text=True).splitlines():
        if (ROOT / name).is_file() and not name.startswith("tests/"):
            target = root / PLACE.relative_to("/") / name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, target)


def make_wheels(folder: Path, release: str) -> None:
    """Make what `scripts/install --offline` is given: edgeweb and its packages for a release's Python."""
    pip = [sys.executable, "-m", "pip"]
    subprocess.run([*pip, "wheel", "--quiet", "--no-deps", "--wheel-dir", folder, ROOT], check=True)
    fetch = [*pip, "download", "--quiet", "--only-binary=:all:", f"--python-version={PYTHONS[release]}"]
    fetch += ["--no-deps", "--require-hashes", f"--requirement={ROOT}/scripts/locked/device.txt"]
    subprocess.run([*fetch, "--dest", folder], check=True)


@functools.cache
def pip_variables() -> dict[str, str]:
    """Return pip's settings on this machine as variables, such as `{"PIP_CERT": "/etc/ssl/own.pem"}`."""
    command = [sys.executable, "-m", "pip", "config", "list"]
    text = subprocess.check_output(command, text=True, stderr=subprocess.DEVNULL)
    found = {}
    # Variables come last, and win.
    for key, value in re.findall(r"^(?:global|install|:env:)\.([\w-]+)=(['\"].*)$", text, re.MULTILINE):
        found[f"PIP_{key.upper().replace('-', '_')}"] = " ".join(str(ast.literal_eval(value)).split())
    return found


def network_variables() -> dict[str, str]:
    """Return the variables by which pip and apt in a container reach what they reach on this machine."""
    return pip_variables() | {
        key: value for key, value in os.environ.items() if key.lower().endswith("_proxy")
    }


def network_options() -> list[str]:
    """Return nspawn's options for the name servers and for the files that pip's settings name."""
    paths = set()
    for word in " ".join(pip_variables().values()).split():
        path = Path(word.removeprefix("file://"))
        # The pages of an index name files beside it.
        path = path.parent if path.name == "simple" else path
        if path.is_absolute() and path.exists():
            paths.add(path)
    return ["--resolv-conf=bind-host", *(f"--bind-ro={path}" for path in sorted(paths))]


def nspawn(root: Path, *command: str | Path, home: str = "/root", options: Sequence[str] = ()) -> list[str]:
    """Return the command that runs a command in a root, as root, with this machine's network.

    `options` are further options of systemd-nspawn.
    """
    start = ["systemd-nspawn", "--quiet", f"--directory={root}", "--register=no", "--keep-unit", "--pipe"]
    variables = {"LANG": "C.UTF-8", "HOME": home, **network_variables()}
    settings = [f"--setenv={key}={value}" for key, value in variables.items()]
    return [*start, "--as-pid2", *network_options(), *settings, *options, *map(str, command)]


def _archive(release: str, packages: Sequence[str]) -> Path:
    """The archive of a root, made where it is missing; one with packages is made from the one without."""
    key = hashlib.sha256(f"{release} {MINIMAL} {sorted(packages)}".encode()).hexdigest()[:16]
    archive = CACHE / f"nspawn-{release}-{key}.tar"
    if archive.exists():
        return archive
    CACHE.mkdir(parents=True, exist_ok=True)
    unfinished = archive.with_suffix(".part.tar")
    where = f"Debian {release}"
    if not packages:
        include = f"--include={','.join(MINIMAL)}"
        command = [
            "mmdebstrap",
            "--variant=minbase",
            include,
            *mirror.options(),
            release,
            str(unfinished),
            mirror.source(release),
        ]
        run_twice(command, unfinished, where)
    else:
        folder = archive.with_suffix(".part")
        extract(folder, release)
        apt = "apt-get -qq -o DPkg::Options::=--force-unsafe-io"
        install = (
            f"{apt} -o APT::Update::Error-Mode=any update && "
            f"DEBIAN_FRONTEND=noninteractive {apt} install -y --no-install-recommends {' '.join(packages)}"
        )
        run_twice(nspawn(folder, "sh", "-c", install), unfinished, where)
        # As mmdebstrap leaves it: an image in which apt has never been updated.
        clean = "apt-get clean && rm -rf /var/lib/apt/lists/*"
        subprocess.run(nspawn(folder, "sh", "-c", clean), check=True)
        subprocess.run(["tar", "--create", "--file", unfinished, "--directory", folder, "."], check=True)
        shutil.rmtree(folder)
    unfinished.rename(archive)
    return archive


def run_twice(command: list[str], unfinished: Path, where: str) -> None:
    """Run a command that fetches packages; once more, with a fresh index, after a broken download.

    Raises:
        NoRoot: it failed for good.
    """
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode and mirror.is_broken_download(done.stderr):
        unfinished.unlink(missing_ok=True)
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        unfinished.unlink(missing_ok=True)
        errors = [line for line in done.stderr.splitlines() if line.startswith("E:")]
        raise NoRoot(mirror.missing_line(done.stderr, where) or f"{where}: {'; '.join(errors)}")
