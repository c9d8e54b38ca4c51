"""Put the distribution `flask` of `distribution.py` into an environment, and bring back what was there.

The real Flask is first copied into `share/edgeweb/flask` of the environment: `remove` needs no network.

A kill, at any moment, leaves a `flask` that is whole, because one file decides which of the two is imported:
`flask/__init__.py`. It is replaced by one rename. Whatever it refers to is there before, and what it does not
refer to goes afterwards:

    install    copy the real files aside | ours over __init__.py  | remove the real ones, write ours, metadata
    remove     copy the real files back  | theirs over __init__.py | remove ours, metadata, the copy

The version with edgeweb needs no other file of the package, and the real one does not read edgeweb's. A
second call of either finishes what a killed one has begun: each step goes by the files, none by a journal.
"""

from __future__ import annotations

import contextlib
import csv
import os
import shutil
import sys
import sysconfig
import typing as t
from email.parser import HeaderParser
from pathlib import Path, PurePosixPath

from . import distribution
from .distribution import DIST_INFO, MARK, PACKAGE, REPLACED, Files

#: Suffix of what is not finished yet; no importer and no packaging tool reads such names.
_UNFINISHED = ".edgeweb-new"
_DISCARDED = ".edgeweb-old"


class Refused(Exception):
    """An environment that cannot be changed; the text names the next step."""


class Environment(t.NamedTuple):
    """The folders of an environment, as `sysconfig` names them, and its interpreter."""

    packages: Path
    scripts: Path
    data: Path
    python: str

    @property
    def aside(self) -> Path:
        """The copy of the real Flask: `packages/` and `scripts/`."""
        return self.data / "share/edgeweb/flask"


def current() -> Environment:
    """Return the environment of this interpreter."""
    purelib, scripts, data = (Path(sysconfig.get_path(name)) for name in ("purelib", "scripts", "data"))
    return Environment(purelib, scripts, data, sys.executable)


def to_change() -> Environment:
    """Return the environment of this interpreter. Raises `Refused` if a package manager owns it."""
    if sys.prefix == sys.base_prefix and Path(sysconfig.get_path("stdlib"), "EXTERNALLY-MANAGED").exists():
        raise Refused(
            "The system's package manager owns this environment (PEP 668). Use a virtual environment, or"
            " start the program by 'edgeweb as-flask run -- PROGRAM'."
        )
    return current()


def is_ours(env: Environment) -> bool:
    """Return whether `import flask` gives edgeweb's package in this environment."""
    try:
        return (env.packages / PACKAGE).read_text().startswith(MARK)
    except (OSError, UnicodeDecodeError):
        return False


def install(env: Environment) -> str:
    """Put edgeweb's `flask` into an environment. Return the version of the real one, set aside, or "".

    Raises `Refused` if the real one cannot be set aside, and `OSError` if a file cannot be written.
    """
    ours = is_ours(env)
    real = _real_metadata(env)
    if not ours:
        _set_aside(env, real)
    replaced = set_aside_version(env)
    commands = distribution.command_files(env.python)
    scripts = {os.path.relpath(env.scripts / name, env.packages): text for name, text in commands.items()}
    scripts = {path.replace(os.sep, "/"): text for path, text in scripts.items()}
    package = distribution.package_files()

    if not (env.packages / "flask").exists():
        _add_folder(env.packages / "flask", _below("flask", package))
    _replace(env.packages / PACKAGE, package[PACKAGE])

    # Those of the copy, too: a killed `remove` may have brought some of them back.
    aside = {path for path in _files(_set_aside_in(env).packages) if path.startswith("flask/")}
    _remove_files(env, (aside | _recorded(env, real)) - set(package))
    for path, content in package.items():
        _replace(env.packages / path, content)
    _add_folder(env.packages / DIST_INFO, _below(DIST_INFO, distribution.metadata_files(scripts, replaced)))
    for folder in _metadata(env):
        if folder.name != DIST_INFO:
            _discard(folder)
    for name, content in commands.items():
        _replace(env.scripts / name, content, 0o755)
    _sweep(env)
    return replaced


def remove(env: Environment) -> str | None:
    """Bring back what was in the environment before. Return its version, "" for nothing, None if unchanged.

    Raises `Refused` if the copy of the real Flask is gone: edgeweb's stays then.
    """
    ours = [folder for folder in _metadata(env) if _is_of_edgeweb(folder)]
    if not ours and not is_ours(env):
        if env.aside.exists():
            _discard(env.aside)
        _sweep(env)
        return None
    saved = _set_aside_in(env)
    replaced = set_aside_version(env)
    own = set(distribution.package_files()).union(*(_recorded(env, [folder]) for folder in ours))
    if not env.aside.exists():
        replaced = next((text for folder in ours if (text := _read(folder / REPLACED).strip())), "")
        if replaced and is_ours(env):
            raise Refused(
                f"The Flask {replaced} that was set aside is gone. This installs it from the package index:"
                f" {env.python} -m pip install --force-reinstall flask=={replaced}"
            )
        if is_ours(env):
            _discard(env.packages / "flask")
        _remove_scripts(env, ours)
    else:
        kept = _files(saved.packages)
        for path in sorted(kept - {PACKAGE}):
            if not path.startswith("flask-"):
                _restore(saved.packages / path, env.packages / path)
        for folder in _metadata(saved):
            if not (env.packages / folder.name).exists():
                _copy_folder(folder, env.packages / folder.name)
        _remove_files(env, own - kept - {PACKAGE})
        if PACKAGE in kept:
            _restore(saved.packages / PACKAGE, env.packages / PACKAGE)
        elif is_ours(env):
            _discard(env.packages / "flask")
        _remove_scripts(env, ours)
        for path in _files(saved.scripts):
            _restore(saved.scripts / path, env.scripts / path)
    for folder in ours:
        _discard(folder)
    if env.aside.exists():
        _discard(env.aside)
    _sweep(env)
    return replaced


def set_aside_version(env: Environment) -> str:
    """Return the version of the real Flask that is set aside, or ""."""
    return _version(next(iter(_metadata(_set_aside_in(env))), None))


# --- the metadata of an environment -------------------------------------------------------------------------


def _metadata(env: Environment) -> list[Path]:
    """Return the `.dist-info` folders of all distributions named flask."""
    try:
        return sorted(
            path
            for path in env.packages.iterdir()
            if path.name.lower().startswith("flask-") and path.name.endswith((".dist-info", ".egg-info"))
        )
    except FileNotFoundError:
        return []


def _real_metadata(env: Environment) -> list[Path]:
    return [path for path in _metadata(env) if not _is_of_edgeweb(path)]


def _is_of_edgeweb(folder: Path) -> bool:
    return "+edgeweb." in folder.name


def _read(path: Path) -> str:
    try:
        return path.read_text()
    except FileNotFoundError:
        return ""


def _version(folder: Path | None) -> str:
    if folder is None:
        return ""
    return str(HeaderParser().parsestr(_read(folder / "METADATA"))["Version"] or "")


def _recorded(env: Environment, metadata: t.Iterable[Path]) -> set[str]:
    """Return the files of the package that the RECORD of these distributions has, scripts left out."""
    rows = (row for folder in metadata for row in csv.reader(_read(folder / "RECORD").splitlines()) if row)
    return {row[0] for row in rows if PurePosixPath(row[0]).parts[0] == "flask"}


def _recorded_scripts(env: Environment, metadata: t.Iterable[Path]) -> set[str]:
    rows = (row for folder in metadata for row in csv.reader(_read(folder / "RECORD").splitlines()) if row)
    outside = (Path(os.path.normpath(env.packages / row[0])) for row in rows if row[0].startswith(".."))
    return {path.name for path in outside if path.parent == Path(os.path.normpath(env.scripts))}


# --- the real one, aside ------------------------------------------------------------------------------------


def _set_aside_in(env: Environment) -> Environment:
    """Return the copy, as an environment."""
    return env._replace(packages=env.aside / "packages", scripts=env.aside / "scripts")


def _set_aside(env: Environment, real: list[Path]) -> None:
    """Copy the real Flask, complete or not at all; a copy of an earlier one goes."""
    package = (env.packages / PACKAGE).exists()
    if package and not any((folder / "RECORD").exists() for folder in real):
        raise Refused(
            f"{env.packages / 'flask'} was not installed by pip, so it cannot be set aside. Start the program"
            " by 'edgeweb as-flask run -- PROGRAM'."
        )
    if env.aside.exists():
        _discard(env.aside)
    if not package and not real:
        return
    unfinished = Path(f"{env.aside}{_UNFINISHED}")
    shutil.rmtree(unfinished, ignore_errors=True)
    for path in _recorded(env, real):
        if (env.packages / path).exists():
            _restore(env.packages / path, unfinished / "packages" / path)
    for folder in real:
        shutil.copytree(folder, unfinished / "packages" / folder.name)
    for name in _recorded_scripts(env, real):
        if (env.scripts / name).exists():
            _restore(env.scripts / name, unfinished / "scripts" / name)
    unfinished.rename(env.aside)


# --- files --------------------------------------------------------------------------------------------------


def _below(folder: str, files: Files) -> Files:
    return {path.removeprefix(f"{folder}/"): content for path, content in files.items()}


def _files(root: Path) -> set[str]:
    return {path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_file()}


def _replace(path: Path, content: bytes, mode: int = 0o644) -> None:
    """Write a file, complete or not at all; leave one that has this content alone."""
    with contextlib.suppress(OSError):
        if path.read_bytes() == content:
            return
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f"{path.name}{_UNFINISHED}")
    with unfinished.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    unfinished.chmod(mode)
    unfinished.replace(path)


def _restore(source: Path, target: Path) -> None:
    """Copy a file with its time, by which its `.pyc` counts, complete or not at all."""
    target.parent.mkdir(parents=True, exist_ok=True)
    unfinished = target.with_name(f"{target.name}{_UNFINISHED}")
    shutil.copy2(source, unfinished)
    unfinished.replace(target)


def _add_folder(path: Path, files: Files) -> None:
    """Write a folder, complete or not at all; one that exists with another content is replaced."""
    if path.is_dir() and all(
        (path / name).exists() and (path / name).read_bytes() == content for name, content in files.items()
    ):
        return
    unfinished = Path(f"{path}{_UNFINISHED}")
    shutil.rmtree(unfinished, ignore_errors=True)
    distribution.write(unfinished, files)
    if path.exists():
        _discard(path)
    unfinished.rename(path)


def _copy_folder(source: Path, target: Path) -> None:
    unfinished = Path(f"{target}{_UNFINISHED}")
    shutil.rmtree(unfinished, ignore_errors=True)
    shutil.copytree(source, unfinished)
    unfinished.rename(target)


def _discard(path: Path) -> None:
    """Remove a folder: it is gone at once, then its files go."""
    discarded = Path(f"{path}{_DISCARDED}")
    shutil.rmtree(discarded, ignore_errors=True)
    path.rename(discarded)
    shutil.rmtree(discarded)


def _remove_files(env: Environment, paths: t.Iterable[str]) -> None:
    """Remove files, what was compiled of them, and the folders that are empty then."""
    folders = set()
    for path in paths:
        file = env.packages / path
        file.unlink(missing_ok=True)
        folders.add(file.parent)
        for compiled in file.parent.glob(f"__pycache__/{file.stem}.*.pyc"):
            compiled.unlink(missing_ok=True)
            folders.add(compiled.parent)
    for folder in sorted(folders, reverse=True):
        with contextlib.suppress(OSError):  # other files are in it
            folder.rmdir()


def _remove_scripts(env: Environment, metadata: list[Path]) -> None:
    for name in _recorded_scripts(env, metadata):
        (env.scripts / name).unlink(missing_ok=True)


def _sweep(env: Environment) -> None:
    """Remove what a killed call has left unfinished."""
    for root, pattern in (
        (env.packages, "flask*"),
        (env.packages / "flask", "**/*"),
        (env.scripts, "flask*"),
        (env.aside.parent, "flask*"),
    ):
        for suffix in (_UNFINISHED, _DISCARDED):
            for path in list(root.glob(f"{pattern}{suffix}")):
                if path.is_dir():
                    shutil.rmtree(path)
                else:
                    path.unlink(missing_ok=True)
    with contextlib.suppress(OSError):  # the copy is in it
        env.aside.parent.rmdir()
