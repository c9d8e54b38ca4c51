"""A root file system that boots, from packages that were only unpacked.

What the packages' scripts would have done and a boot needs is done here: users, the units that are enabled,
the network, Python's compiled files.
"""

from __future__ import annotations

import platform
import re
import shutil
import subprocess
from pathlib import Path

from . import debian
from .progress import Fault, say
from .releases import Release

#: A Debian for a small board, and what the tests use there. The release adds the Python modules that edgeweb
#: needs, as far as they are new enough there.
PACKAGES = (
    "systemd systemd-sysv udev dbus polkitd libpam-systemd passwd util-linux mount kmod iproute2 procps"
    " curl bash dash coreutils findutils grep sed gzip tar base-passwd base-files libc-bin busybox-static"
    " python3 python3-venv python3-pytest python3-pytest-timeout python3-jsonschema python3-hypothesis tzdata"
).split()
#: Nothing on a board under test reads these.
UNREAD = (
    "usr/share/doc usr/share/man usr/share/info usr/share/locale usr/share/lintian usr/lib/udev/hwdb.d"
).split()
#: Port of the root shell in the guest. It listens for the tests, in test images only.
SHELL_PORT = 2323

# One process that forks: a unit of systemd's for each connection would cost a slow board a second each time.
# It comes after edgeweb, so that it does not take part in how long that takes to start.
_SHELL = f"""\
[Unit]
Description=Root shell for the tests
After=network.target edgeweb.service
[Service]
ExecStart=/usr/bin/python3 -I -S /usr/lib/edgeweb-test/shell.py {SHELL_PORT}
"""
# QEMU's own network: the guest is always .15, the machine that runs it .2.
_NETWORK = """\
[Match]
Name=e* u*
[Network]
Address=10.0.2.15/24
Gateway=10.0.2.2
LinkLocalAddressing=no
IPv6AcceptRA=no
"""
# A busy machine can leave the emulator without a processor for longer than systemd's services may be silent;
# that killed networkd, and with it the board's network. edgeweb's watchdog stays as it is.
_SILENT = "[Service]\nWatchdogSec=0\n"
_PATIENT = ("systemd-journald", "systemd-logind", "systemd-networkd", "systemd-udevd")
_FILES = {
    "etc/hostname": "board\n",
    "etc/hosts": "127.0.0.1 localhost board\n",
    "etc/machine-id": "0123456789abcdef0123456789abcdef\n",
    "etc/fstab": "",
    "etc/resolv.conf": "",
    # What systemd does once after an update of /usr (linker's cache, users, catalogue) takes minutes here.
    "etc/.updated": "",
    "var/.updated": "",
    "etc/systemd/network/10-qemu.network": _NETWORK,
    **{f"etc/systemd/system/{name}.service.d/patient.conf": _SILENT for name in _PATIENT},
    "etc/systemd/system/edgeweb-test-shell.service": _SHELL,
    # The line of the 1-Wire bus is always low here, which a search takes for a device on every branch. So the
    # test that uses the bus loads it, and it searches nothing.
    "etc/modprobe.d/onewire.conf": "blacklist w1-gpio\noptions wire search_count=0\n",
    "usr/lib/edgeweb-test/shell.py": Path(__file__).with_name("inside").joinpath("shell.py").read_text(),
}
#: Enabled unit: the target that wants it.
_ENABLED = {
    "/usr/lib/systemd/system/systemd-networkd.service": "multi-user.target",
    "/etc/systemd/system/edgeweb-test-shell.service": "multi-user.target",
}
#: The first ones wait for what is not there: a login on the console, a second interface, a name server, a
#: first user. The others, from ldconfig on, nobody needs here: each costs a slow board a second of its boot.
_MASKED = (
    "getty.target",
    "systemd-networkd-wait-online.service",
    "systemd-firstboot.service",
    "systemd-timesyncd.service",
    "systemd-hwdb-update.service",
    "apt-daily.timer",
    "apt-daily-upgrade.timer",
    "ldconfig.service",
    "modprobe@.service",
    "dev-hugepages.mount",
    "dev-mqueue.mount",
    "sys-fs-fuse-connections.mount",
    "sys-kernel-config.mount",
    "sys-kernel-tracing.mount",
    "systemd-binfmt.service",
    "proc-sys-fs-binfmt_misc.automount",
)


def make(folder: Path, release: Release, architecture: str, kernel: str) -> None:
    """Make the root file system of a release and an architecture, with the kernel's package in it."""
    debian.unpack(folder, release, architecture, (*PACKAGES, *release.modules, kernel))
    for unread in UNREAD:
        shutil.rmtree(folder / unread, ignore_errors=True)
    _make_users(folder, release)
    for name, text in _FILES.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.unlink(missing_ok=True)
        path.write_text(text)
    units = folder / "etc/systemd/system"
    for unit, target in _ENABLED.items():
        wanted = units / f"{target}.wants"
        wanted.mkdir(exist_ok=True)
        (wanted / Path(unit).name).symlink_to(unit)
    for unit in _MASKED:
        (units / unit).symlink_to("/dev/null")
    certificates = sorted((folder / "usr/share/ca-certificates/mozilla").glob("*.crt"))
    bundle = folder / "etc/ssl/certs/ca-certificates.crt"
    bundle.write_text("".join(path.read_text() for path in certificates))
    # On the disk, so that what was said before a power cut can be read after it.
    (folder / "var/log/journal").mkdir(exist_ok=True)
    _compile(folder, release)


def _make_users(folder: Path, release: Release) -> None:
    for name in ("passwd", "group"):
        shutil.copy(folder / f"usr/share/base-passwd/{name}.master", folder / f"etc/{name}")
    users = (folder / "etc/passwd").read_text().splitlines()
    (folder / "etc/shadow").write_text(
        "".join(f"{user.partition(':')[0]}:*:19000:0:99999:7:::\n" for user in users)
    )
    (folder / "etc/shadow").chmod(0o640)
    # "u!", a user who is locked for good, is younger than Debian 12's systemd-sysusers, which leaves it out.
    for path in (folder / "usr/lib/sysusers.d").glob("*.conf"):
        path.write_text(re.sub(r"^u!", "u", path.read_text(), flags=re.MULTILINE))
    groups = "".join(f"g {name} -\n" for name in release.groups)
    (folder / "usr/lib/sysusers.d/udev-groups.conf").write_text(groups)
    done = subprocess.run(
        [debian.find("systemd-sysusers"), f"--root={folder}"], capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise Fault(f"systemd-sysusers failed: {done.stderr}")


def _compile(folder: Path, release: Release) -> None:
    """Compiles Python's own modules and Debian's for it, by the same Python for this machine's processor.

    Their packages do it when they are installed. Uncompiled, every process of the guest would compile anew
    what it imports, for minutes on a slow board.
    """
    python = folder.parent / f"{folder.name}.python"
    own = {"x86_64": "amd64", "aarch64": "arm64"}.get(platform.machine())
    if own is None:
        raise Fault(f"no Debian to compile with for {platform.machine()}")
    debian.unpack(python, release, own, ("python3-minimal", "libpython3-stdlib"))
    command = [*debian.command(python, "usr/bin/python3"), "-m", "compileall", "-q", "-q"]
    places = [*folder.glob("usr/lib/python3.*"), folder / "usr/lib/python3/dist-packages"]
    say("compiling Python's modules")
    # A process each: compileall's own -j would start further ones, without this loader.
    running = [
        subprocess.Popen(
            [*command, "-s", folder, "-p", "/", place],
            env={"PYTHONHOME": str(python / "usr"), "LANG": "C.UTF-8"},
            stdout=subprocess.DEVNULL,
        )
        for place in places
    ]
    # Code 1 where a file cannot be compiled: some packages carry examples for other versions.
    for process in running:
        process.wait()
    compiled = sum(1 for place in places for _ in place.rglob("*.pyc"))
    if compiled < 500:
        raise Fault(f"only {compiled} of Python's modules were compiled")
    shutil.rmtree(python)
