"""The bench's own virtual environment, and the tools that come from the system."""

from __future__ import annotations

import hashlib
import os
import platform
import shutil
import subprocess
import sys
import venv
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from typing import NamedTuple

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent

#: Exact, so that two runs measure the same peers. uvicorn is the plain one, without uvloop and httptools.
PEERS = (
    "flask==3.1.3",
    "werkzeug==3.1.9",
    "jinja2==3.1.6",
    "markupsafe==3.0.4",
    "itsdangerous==2.2.0",
    "click==8.5.1",
    "blinker==1.9.0",
    "bottle==0.13.4",
    "falcon==4.4.0",
    "microdot==2.7.0",
    "pyjwt==2.15.1",
    "starlette==1.10.0",
    "fastapi==0.165.0",
    "pydantic==2.14.3",
    "python-multipart==0.0.34",
    "uvicorn==0.54.0",
    "gunicorn==27.0.1",
    "waitress==3.0.2",
    "psutil==7.2.2",
)


class Extra(NamedTuple):
    """A server that only some sections need."""

    packages: tuple[str, ...]
    #: It is there if Python finds these modules, or the program beside Python.
    modules: tuple[str, ...] = ()
    program: str = ""
    #: What its build needs from the system: a file, and the package of Debian that has it.
    header: str = ""
    system_package: str = ""


#: By the name of the server in peers.py. They are not among the peers: uvicorn would take uvloop by itself.
EXTRAS = {
    "uwsgi": Extra(("uwsgi==2.0.31",), program="uwsgi"),
    "bjoern": Extra(("bjoern==3.2.2",), ("bjoern",), header="ev.h", system_package="libev-dev"),
    "granian": Extra(("granian==2.8.9",), ("granian",)),
    # What uvicorn[standard] means.
    "standard": Extra(
        (
            "httptools==0.9.0",
            "python-dotenv==1.2.4",
            "pyyaml==6.0.4",
            "uvloop==0.23.0",
            "watchfiles==1.3.0",
            "websockets==17.4",
        ),
        ("httptools", "uvloop"),
    ),
}


class Environment(NamedTuple):
    """Where the measured programs run. `valgrind` and `wrk` are empty when there is none."""

    python: Path
    valgrind: str
    wrk: str
    #: How edgeweb comes by the templates' code, in words.
    templates: str


def prepare(work: Path, checkout: Path, python: Path | None, left_out: list[str]) -> Environment:
    """Install what is missing; what cannot be had is said in `left_out`.

    `python`: an interpreter that has everything already.
    """
    if python is None:
        python = work / "bin" / "python"
        once(work / "peers", repr(PEERS) + sys.version, lambda: _install_peers(work))
        once(work / "edgeweb", digest(checkout), lambda: _install_edgeweb(work / "bin" / "python", checkout))
    valgrind = _system_tool("valgrind")
    if not valgrind:
        left_out.append("instructions: valgrind is missing (as root: apt-get install valgrind)")
    wrk = _system_tool("wrk")
    if not wrk:
        left_out.append("wrk is missing (apt-get install wrk): this program's own client makes the load")
    return Environment(python, valgrind, wrk, _build_templates(python, checkout, left_out))


def _build_templates(python: Path, checkout: Path, left_out: list[str]) -> str:
    """As on a device: compiled where the application is installed."""
    # cli/: where it was before commands/, for a comparison with an older checkout.
    if not any((checkout / "edgeweb" / room / "build.py").exists() for room in ("commands", "cli")):
        left_out.append("compiled templates: this edgeweb has no edgeweb build")
        return "compiled by the first request"
    command = [str(python), "-m", "edgeweb", "build", "--app", "device.edgeweb:app"]
    done = subprocess.run(
        command,
        cwd=HERE / "applications",
        check=False,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    if done.returncode:
        # A checkout below a temporary folder, whose cache nobody would read.
        left_out.append(f"compiled templates: {done.stderr.strip()}")
        return "compiled by the first request"
    return "compiled before, by edgeweb build"


def once(stamp: Path, key: str, make: Callable[[], None]) -> None:
    """Make something, unless the file `stamp` says that it was made of the same `key`."""
    name = hashlib.sha256(key.encode()).hexdigest()
    if stamp.exists() and stamp.read_text() == name:
        return
    stamp.unlink(missing_ok=True)
    make()
    stamp.write_text(name)


def _install_peers(work: Path) -> None:
    print(f"Installing the peers into {work} (once; a minute or so)", file=sys.stderr)
    venv.create(work, clear=True, with_pip=True, symlinks=True)
    python = work / "bin" / "python"
    subprocess.run([python, "-m", "pip", "install", "--quiet", *PEERS], check=True)
    # Its .pth file runs code in every interpreter that starts, which would be counted for everybody.
    subprocess.run([python, "-m", "pip", "uninstall", "--quiet", "--yes", "setuptools"], check=False)


def add_extras(
    work: Path, python: Path, names: Iterable[str], installs: bool, left_out: list[str]
) -> tuple[Path, frozenset[str]]:
    """Return an interpreter that has the named extras besides all of `python`'s, and the names that it has.

    Without `installs` it is `python`. An extra that is missing gets a line in `left_out`.
    """
    names = [name for name in names if name in EXTRAS]
    reasons: dict[str, str] = {}
    if installs and names:
        folder = work / "servers"
        once(work / "servers-made", sys.version, lambda: _make_above(folder, python))
        peers, python = python, folder / "bin" / "python"
        for name in names:
            try:
                once(folder / name, repr(EXTRAS[name]), partial(_install_extra, peers, python, name))
            except subprocess.CalledProcessError as error:
                lines = [line for line in error.stderr.splitlines() if "error" in line.lower()]
                reasons[name] = lines[0].strip() if lines else f"pip ended with {error.returncode}"
    found = frozenset(name for name in names if name not in reasons and _has_extra(python, EXTRAS[name]))
    for name in names:
        if name not in found:
            reason = reasons.get(name, "not installed, and --python installs nothing")
            left_out.append(f"{' '.join(EXTRAS[name].packages)}: {reason}")
    return python, found


def _make_above(folder: Path, python: Path) -> None:
    """Make an environment that has everything of another one, too."""
    venv.create(folder, clear=True, symlinks=True)
    ask = "import sysconfig; print(sysconfig.get_path('purelib'))"
    below = subprocess.check_output([python, "-c", ask], text=True).strip()
    own = subprocess.check_output([folder / "bin" / "python", "-c", ask], text=True).strip()
    Path(own, "peers.pth").write_text(below + "\n")


def _install_extra(peers: Path, python: Path, name: str) -> None:
    extra = EXTRAS[name]
    print(
        f"Installing {' '.join(extra.packages)} (once; half a minute where it is compiled)", file=sys.stderr
    )
    if extra.header and not Path("/usr/include", extra.header).exists():
        _apt_get(extra.system_package)
    command = ["-m", "pip", "--python", str(python), "install", "--quiet", "--no-deps", *extra.packages]
    subprocess.run([peers, *command], check=True, capture_output=True, text=True)


def _has_extra(python: Path, extra: Extra) -> bool:
    if extra.program:
        return (python.parent / extra.program).exists()
    imports = f"import {', '.join(extra.modules)}"
    return not subprocess.run([python, "-c", imports], check=False, capture_output=True).returncode


def _install_edgeweb(python: Path, checkout: Path) -> None:
    # Not editable: what is measured is what a user installs, and .pyc files are there from the start.
    command = ["-m", "pip", "install", "--quiet", "--force-reinstall", "--no-deps", str(checkout)]
    subprocess.run([python, *command], check=True)


def digest(checkout: Path) -> str:
    """Return a hash of all files that an installation of this checkout takes."""
    files = sorted(
        path
        for folder in ("edgeweb", "firmware_configs")
        for path in (checkout / folder).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    )
    whole = hashlib.sha256()
    for path in [checkout / "pyproject.toml", *files]:
        whole.update(str(path.relative_to(checkout)).encode() + b"\0" + path.read_bytes())
    return whole.hexdigest()


def _system_tool(name: str) -> str:
    """The tool's path; installed with apt-get where that is possible without a question."""
    if found := shutil.which(name):
        return found
    _apt_get(name)
    return shutil.which(name) or ""


def _apt_get(package: str) -> None:
    """Install a package of the system, as root on Debian."""
    if os.geteuid() == 0 and shutil.which("apt-get"):
        for command in (["update", "-qq"], ["install", "-y", "-qq", "--no-install-recommends", package]):
            subprocess.run(["apt-get", *command], stdout=sys.stderr, check=False)


def describe(environment: Environment, checkout: Path) -> dict[str, object]:
    """What a figure depends on: the machine, the interpreter, the versions, the commit."""
    listing = subprocess.check_output(
        [environment.python, "-m", "pip", "list", "--format=freeze", "--disable-pip-version-check"], text=True
    )
    return {
        "python": platform.python_version(),
        "machine": platform.machine(),
        "processor": _processor(),
        "cores": os.cpu_count(),
        "system": platform.platform(),
        "commit": _git(checkout, "describe", "--always", "--dirty", "--exclude=*"),
        "packages": dict(line.split("==", 1) for line in listing.split() if "==" in line),
    }


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith(("model name", "Model")):
            return line.partition(":")[2].strip()
    return "unknown"


def _git(checkout: Path, *arguments: str) -> str:
    result = subprocess.run(
        ["git", "-C", str(checkout), *arguments], capture_output=True, text=True, check=False
    )
    return result.stdout.strip() or "unknown"
