"""`edgeweb as-flask`: run programs that import flask on edgeweb, unchanged."""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Sequence

from edgeweb.compat import distribution, environment

from .doctor import find

_EPILOG = """\
'install' puts a small distribution named flask into this environment, which resolves to edgeweb: for console
scripts, gunicorn, child processes and plug-ins alike. A real Flask is set aside, and 'remove' brings it back
without a network. 'run' changes nothing in the environment.
"""


def main(argv: Sequence[str]) -> int:
    """Run `edgeweb as-flask ...`. Return 0, 1 for what cannot be done, or the exit code of the program."""
    options = make_parser().parse_args(argv)
    try:
        if options.command == "run":
            program = options.program[options.program[:1] == ["--"] :]
            if not program:
                options.fail("name the program to start, as in: edgeweb as-flask run -- flask run")
            return _run(program)
        return {"install": _install, "remove": _remove}[options.command]()
    except environment.Refused as refusal:
        print(f"edgeweb as-flask: {refusal}", file=sys.stderr)
    except OSError as error:
        print(f"edgeweb as-flask: {error.strerror}: {error.filename}", file=sys.stderr)
    return 1


def make_parser() -> argparse.ArgumentParser:
    """Return the parser of the command line."""
    parser = argparse.ArgumentParser(
        prog="edgeweb as-flask",
        description=__doc__,
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND", dest="command")
    commands.add_parser("install", help="put edgeweb in Flask's place, in this environment")
    commands.add_parser("remove", help="bring the real Flask back")
    run = commands.add_parser("run", help="start a program on edgeweb: run -- PROGRAM [ARGUMENT ...]")
    run.add_argument("program", nargs=argparse.REMAINDER, metavar="PROGRAM [ARGUMENT ...]")
    run.set_defaults(fail=run.error)
    return parser


def _install() -> int:
    replaced = environment.install(environment.to_change())
    print(f"flask {distribution.VERSION} is installed: programs that import flask run on edgeweb.")
    if replaced:
        print(f"Flask {replaced} is set aside. 'edgeweb as-flask remove' brings it back.")
    found = find()
    if not found.is_edgeweb:
        print(f"edgeweb as-flask: {found.why}", file=sys.stderr)
    return 0 if found.is_edgeweb else 1


def _remove() -> int:
    env = environment.to_change()
    replaced = environment.remove(env)
    if replaced is None:
        print("edgeweb is not in Flask's place in this environment. Nothing was changed.")
    elif replaced:
        print(f"Flask {replaced} is back.")
    else:
        print(f"Removed. There was no Flask before; this installs it: {env.python} -m pip install flask")
    return 0


def _run(command: list[str]) -> int:
    """Replace this process by a program to which `import flask` gives edgeweb, as to all its children."""
    folder = distribution.folder()
    # The programs of edgeweb's own environment before others: it need not be activated.
    path = [str(folder / "bin"), sysconfig.get_path("scripts"), os.environ.get("PATH", os.defpath)]
    python_path = [str(folder), os.environ.get("PYTHONPATH", "")]
    environ = {
        **os.environ,
        "PATH": os.pathsep.join(path),
        "PYTHONPATH": os.pathsep.join(filter(None, python_path)),
    }
    program = shutil.which(command[0], path=environ["PATH"])
    if program is None:
        print(f"edgeweb as-flask: there is no program {command[0]} on the PATH.", file=sys.stderr)
        return 127
    if sys.platform == "win32":
        # There, exec ends this process before the program has ended.
        return subprocess.run([program, *command[1:]], env=environ, check=False).returncode
    os.execve(program, [program, *command[1:]], environ)
