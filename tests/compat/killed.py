"""Kills `install` or `remove` of this environment at its file operations: `killed.py install|remove`.

Prints how many kills there were, and which of the two an import gave afterwards.
"""

import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from edgeweb.compat import distribution, environment

#: Audit events of what changes files (Python documentation, "Audit events table").
EVENTS = {"os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.chmod", "os.utime", "shutil.rmtree"}
REAL = {"install": environment.install, "remove": environment.remove}
KILLED = 9
IMPORT = """
import sys
sys.path.insert(0, sys.argv[1])
import flask, flask.json.tag, flask.testing, flask.sansio.app, flask.views
print(flask.Flask.__module__.partition(".")[0])
"""


#: A kill at every operation takes minutes. A prime, so that all kinds of operations are met.
STRIDE = 29


def copied(env: environment.Environment, root: Path) -> environment.Environment:
    """Return a copy of what belongs to Flask in an environment."""
    copy = environment.Environment(root / "packages", root / "bin", root, env.python)
    copy.packages.mkdir(parents=True)
    copy.scripts.mkdir()
    for path in env.packages.iterdir():
        if path.name == "flask" or path.name.startswith("flask-3"):
            shutil.copytree(path, copy.packages / path.name)
    shutil.copy2(env.scripts / "flask", copy.scripts)
    # RECORD names the command from the packages: four folders up in a real environment, one here.
    for record in copy.packages.glob("flask-3*/RECORD"):
        record.write_text(record.read_text().replace("../../../bin", "../bin"))
    if env.aside.exists():
        shutil.copytree(env.aside, copy.aside)
        for record in copy.aside.glob("packages/flask-3*/RECORD"):
            record.write_text(record.read_text().replace("../../../bin", "../bin"))
    return copy


def killed(env: environment.Environment, action: str, last: int) -> bool:
    """Do it in a child that ends before the operation with this number; whether it came to that."""
    child = os.fork()
    if child == 0:
        count = 0

        def hook(event: str, arguments: tuple[object, ...]) -> None:
            nonlocal count
            if event in EVENTS or (event == "open" and isinstance(arguments[1], str) and "w" in arguments[1]):
                count += 1
                if count > last:
                    os._exit(KILLED)

        sys.addaudithook(hook)
        REAL[action](env)
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == KILLED


def state(env: environment.Environment) -> dict[str, str]:
    """Return the digest of every file, without what is compiled."""
    return {
        str(path.relative_to(env.data)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in env.data.rglob("*")
        if path.is_file() and path.suffix != ".pyc"
    }


def imported(env: environment.Environment) -> str:
    """Return the framework that a program gets, from a new interpreter, by a module of each kind."""
    command = [sys.executable, "-c", IMPORT, str(env.packages)]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


def whole(env: environment.Environment) -> str:
    """Return which one is there, by its files."""
    package = distribution.package_files()
    if environment.is_ours(env):
        assert (env.packages / distribution.PACKAGE).read_bytes() == package[distribution.PACKAGE]
        return "edgeweb"
    for name, content in real.items():
        assert (env.packages / name).read_bytes() == content, name
    assert any(env.packages.glob("flask-3*.dist-info/METADATA"))
    return "flask"


# A kill is no power cut: what was written stays, and waiting for the disk would take minutes.
os.fsync = lambda file: None
here = environment.current()
action = sys.argv[1]
source = (here.packages if action == "install" else here.aside / "packages") / "flask"
real = {str(path.relative_to(source.parent)): path.read_bytes() for path in source.rglob("*.py")}
seen = set()
with tempfile.TemporaryDirectory() as scratch:
    ends = {}
    for command in REAL:
        env = copied(here, Path(scratch, f"end-{command}"))
        REAL[action](env)
        REAL[command](env)
        ends[command] = state(env)
    number = kills = 0
    while True:
        env = copied(here, Path(scratch, f"{number}"))
        if not killed(env, action, number):
            break
        which = whole(env)
        if number % (3 * STRIDE) == 0 or which not in seen:
            assert imported(env) == which, number
        kills += 1
        seen.add(which)
        for command in REAL:
            again = Path(scratch, f"{number}-{command}")
            shutil.copytree(env.data, again, symlinks=True)
            finished = environment.Environment(again / "packages", again / "bin", again, here.python)
            REAL[command](finished)
            assert state(finished) == ends[command], (
                number,
                command,
                state(finished).keys() ^ ends[command].keys(),
            )
            shutil.rmtree(again)
        shutil.rmtree(env.data)
        number += STRIDE
print(json.dumps([kills, sorted(seen)]))
