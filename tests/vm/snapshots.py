"""What a power cut leaves of a board that goes on: the files of a copy of its disk, without a boot."""

from __future__ import annotations

import subprocess
from pathlib import Path

from scripts.qemu import debian

#: Below these is all that the service may write, and all that an installation writes.
FOLDERS = ("etc", "home", "opt", "root", "srv", "tmp", "var")
STATE = "var/lib/edgeweb"
#: Exit codes of e2fsck: nothing was wrong, or all of it was mended.
_SOUND = (0, 1)


def unpack(copy: Path, folder: Path) -> Path:
    """Unpack a copied disk's files below `folder` as the next boot would find them; the copy is removed.

    The file system's journal is replayed, and what was not finished is repaired, as at a boot. Nothing is
    mounted, because a container may have no loop device.
    """
    raw = copy.with_suffix(".raw")
    _run("qemu-img", "convert", "-q", "-O", "raw", str(copy), str(raw))
    copy.unlink()
    checked = _run("e2fsck", "-f", "-p", str(raw), codes=_SOUND)
    folder.mkdir()
    commands = folder.with_suffix(".commands")
    commands.write_text("".join(f'rdump /{name} "{folder}"\n' for name in FOLDERS))
    _run("debugfs", "-f", str(commands), str(raw))
    raw.unlink()
    assert (folder / "var" / "lib").is_dir(), f"no files: {checked}"
    return folder


def _run(program: str, *arguments: str, codes: tuple[int, ...] = (0,)) -> str:
    done = subprocess.run(
        [debian.find(program), *arguments], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False
    )
    text = done.stdout.decode(errors="replace")
    assert done.returncode in codes, f"{program} ended with {done.returncode}: {text[-2000:]}"
    return text
