"""The distribution `flask` that edgeweb makes: a package that resolves to edgeweb, and its metadata.

Its one working line is in `flask/__init__.py`: it puts the finder of `finder.py` first, and from then on
every `flask.x` *is* the module `edgeweb.x`. The other files are for what reads files: type checkers, editors,
`pkgutil`, `python -m flask`.

Source: Python Packaging User Guide, "Recording installed projects", "Core metadata" and "Entry points".
"""

from __future__ import annotations

import base64
import hashlib
import os
import shlex
import sys
import tempfile
import typing as t
from pathlib import Path

import edgeweb

from . import FLASK_VERSION
from .finder import MODULES

#: Folder or file below an installation path, with `/`: content.
Files = dict[str, bytes]

#: A local version (PEP 440): `flask==3.1.3` and `flask>=3` accept it.
VERSION = f"{FLASK_VERSION}+edgeweb.{edgeweb.__version__}"
DIST_INFO = f"flask-{VERSION}.dist-info"
PACKAGE = "flask/__init__.py"

#: How a `flask/__init__.py` of ours begins, of this version or of another.
MARK = '"""Flask\'s package, provided by edgeweb'

_INIT = f"""\
{MARK}: `edgeweb as-flask remove` brings back what was here before.\"""

from typing import TYPE_CHECKING

from edgeweb.compat import fill_flask

if TYPE_CHECKING:
{{names}}

fill_flask(globals())
"""

_MAIN = """\
from edgeweb.cli import main

if __name__ == "__main__":
    main()
"""

_METADATA = f"""\
Metadata-Version: 2.1
Name: flask
Version: {VERSION}
Summary: edgeweb in Flask's place: `edgeweb as-flask remove` ends it.
License: BSD-3-Clause
Requires-Python: >=3.11
Requires-Dist: edgeweb
Provides-Extra: async
Requires-Dist: asgiref>=3.2; extra == "async"
Provides-Extra: dotenv
Requires-Dist: python-dotenv; extra == "dotenv"
"""

_WHEEL = f"""\
Wheel-Version: 1.0
Generator: edgeweb {edgeweb.__version__}
Root-Is-Purelib: true
Tag: py3-none-any
"""


def package_files() -> Files:
    """Return the files of the package `flask`."""
    names = "".join(f"    from edgeweb import {name} as {name}\n" for name in sorted(edgeweb.__all__))
    files = {PACKAGE: _INIT.format(names=names.rstrip()), "flask/__main__.py": _MAIN, "flask/py.typed": ""}
    packages = {name.rpartition(".")[0] for name in MODULES}
    for name, home in MODULES.items():
        path = name.replace(".", "/") + ("/__init__.py" if name in packages else ".py")
        files.setdefault(path, f'"""`{name}` is `{home}`."""\n\nfrom {home} import *\n')
    return {path: text.encode() for path, text in files.items()}


def metadata_files(scripts: Files, replaced: str = "") -> Files:
    """Return the files of the distribution's `.dist-info`.

    `scripts` are the files outside of the package, by their path from it; `replaced` is the version of the
    real Flask that was set aside, or "".
    """
    files = {
        "METADATA": _METADATA.encode(),
        "WHEEL": _WHEEL.encode(),
        "INSTALLER": b"edgeweb\n",
        "REQUESTED": b"",
        "top_level.txt": b"flask\n",
        "entry_points.txt": b"[console_scripts]\nflask = flask.cli:main\n",
        REPLACED: f"{replaced}\n".encode(),
    }
    files = {f"{DIST_INFO}/{name}": content for name, content in files.items()}
    record = "".join(
        f'"{path}",{_digest(content)},{len(content)}\n'
        for path, content in {**package_files(), **files, **scripts}.items()
    )
    files[f"{DIST_INFO}/RECORD"] = f'{record}"{DIST_INFO}/RECORD",,\n'.encode()
    return files


#: The file of the `.dist-info` that has the version of the real Flask.
REPLACED = "replaced.txt"


def _digest(content: bytes) -> str:
    digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest())
    return f"sha256={digest.decode().rstrip('=')}"


def command_files(python: str, windows: bool = sys.platform == "win32") -> Files:
    """Return the command `flask`, by name, for an interpreter."""
    if windows:
        return {"flask.cmd": f'@"{python}" -m flask %*\r\n'.encode()}
    if " " in python or len(python) > _LONGEST_SHEBANG:
        return {"flask": f'#!/bin/sh\nexec {shlex.quote(python)} -m flask "$@"\n'.encode()}
    return {"flask": f"#!{python}\nimport sys\n\nfrom flask.cli import main\n\nsys.exit(main())\n".encode()}


#: Characters of an interpreter's path after `#!`: Linux cuts the line off at 127, older BSDs earlier.
_LONGEST_SHEBANG = 120


def folder(python: str = sys.executable) -> Path:
    """Return a folder that has the distribution, and the command in `bin`: for PYTHONPATH and PATH.

    It is in the user's cache, or, where that cannot be written, among the temporary files. Its name has a
    digest of the content, so that one that exists is used as it is, if no other user could have written it.
    """
    files = {**package_files(), **metadata_files({})}
    commands = command_files(python)
    files.update({f"bin/{name}": content for name, content in commands.items()})
    digest = hashlib.sha256(repr(sorted(files.items())).encode()).hexdigest()[:16]
    for parent in (_cache(), Path(tempfile.gettempdir())):
        # The user in the name: the folder for temporary files is everybody's.
        path = parent / f"edgeweb-as-flask-{_user()}-{digest}"
        try:
            if not path.exists():
                parent.mkdir(parents=True, exist_ok=True)
                _make(path, files)
            if _is_ours(path, files):
                return path
        except OSError:
            continue
    path = Path(tempfile.mkdtemp(prefix="edgeweb-as-flask-"))
    write(path, files)
    return path


def _cache() -> Path:
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData/Local") / "edgeweb"
    if sys.platform == "darwin":
        return Path.home() / "Library/Caches/edgeweb"
    return Path(os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")) / "edgeweb"


def _user() -> int:
    return os.getuid() if hasattr(os, "getuid") else 0


def _make(path: Path, files: Files) -> None:
    """Make a folder complete or not at all; another process may do the same."""
    unfinished = Path(tempfile.mkdtemp(prefix=f"{path.name}.", dir=path.parent))
    write(unfinished, files)
    try:
        unfinished.rename(path)
    except OSError:
        import shutil

        shutil.rmtree(unfinished)
        if not path.is_dir():
            raise


def _is_ours(path: Path, files: Files) -> bool:
    status = path.lstat()
    if hasattr(os, "getuid") and (status.st_uid != os.getuid() or status.st_mode & 0o022):
        return False
    try:
        return all((path / name).read_bytes() == content for name, content in files.items())
    except OSError:
        return False


def write(root: Path, files: t.Mapping[str, bytes]) -> None:
    """Write files below a folder. Those of `bin` can be executed."""
    for name, content in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        if path.parent.name == "bin":
            path.chmod(0o755)
