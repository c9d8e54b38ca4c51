"""The kernel's own figures of the machine, as it says them: counters and gauges, read from /proc and /sys.

psutil says the same; loading it takes 1.1 MB, a twentieth of the whole server. It is asked where a kernel
does not say enough by itself: those before 3.14, which some boards' vendors still ship, do not know how much
memory is available, and psutil has a good estimate.
Source: proc(5); Linux, Documentation/hwmon/sysfs-interface.rst and Documentation/driver-api/thermal.
"""

from __future__ import annotations

import os
from collections.abc import Iterator

#: Columns of a core in /proc/stat. Guest time, which follows, is within user and nice already.
_CORE_COLUMNS = 8
_IDLE, _WAITING = 3, 4


class Machine:
    """Reads the figures. `root` is where the system's files are; tests give a recorded tree.

    What a kernel or a sandbox does not show is missing in the answers; nothing is raised.

    >>> Machine().memory()["MemTotal"] > 0
    True
    """

    def __init__(self, root: str = "/") -> None:
        self._root = root

    def cores(self) -> dict[str, tuple[int, int]]:
        """core: ticks that it was busy, and all ticks, since the start; waiting for a disk is idle."""
        found: dict[str, tuple[int, int]] = {}
        for line in self._lines("proc/stat"):
            name, _, rest = line.partition(" ")
            if name.startswith("cpu") and name[3:].isdecimal():
                ticks = [int(word) for word in rest.split()[:_CORE_COLUMNS]]
                total = sum(ticks)
                found[name[3:]] = total - ticks[_IDLE] - ticks[_WAITING], total
        return found

    def memory(self) -> dict[str, int]:
        """Bytes by the kernel's names: `MemTotal`, `MemAvailable`, `SwapTotal`, `SwapFree` and many more."""
        found: dict[str, int] = {}
        for line in self._lines("proc/meminfo"):
            name, _, rest = line.partition(":")
            words = rest.split()
            if words and words[0].isdecimal():
                found[name] = int(words[0]) * 1024
        if "MemTotal" in found and "MemAvailable" not in found:
            import psutil

            found["MemAvailable"] = psutil.virtual_memory().available
        return found

    def interfaces(self) -> dict[str, tuple[int, int]]:
        """interface: bytes received and sent since it came up."""
        found: dict[str, tuple[int, int]] = {}
        for line in self._lines("proc/net/dev"):
            name, colon, rest = line.rpartition(":")
            words = rest.split()
            if colon and len(words) > 8:
                found[name.strip()] = int(words[0]), int(words[8])
        return dict(sorted(found.items()))

    def temperatures(self) -> dict[str, list[tuple[str, float]]]:
        """chip: label and degrees Celsius of each of its sensors; thermal zones where no chip has any."""
        found: dict[str, list[tuple[str, float]]] = {}
        for folder, sensor in self._sensors():
            chip = self._word(os.path.join(folder, "name")) or os.path.basename(folder)
            value = self._degrees(os.path.join(folder, f"{sensor}_input"))
            if value is not None:
                label = self._word(os.path.join(folder, f"{sensor}_label"))
                found.setdefault(chip, []).append((label, value))
        if found:
            return found
        zones = os.path.join(self._root, "sys/class/thermal")
        for zone in _names(zones, "thermal_zone"):
            value = self._degrees(os.path.join(zones, zone, "temp"))
            if value is not None:
                name = self._word(os.path.join(zones, zone, "type")) or zone
                found.setdefault(name, []).append(("", value))
        return found

    def own_memory(self) -> int | None:
        """Bytes that this process holds."""
        for line in self._lines("proc/self/statm"):
            return int(line.split()[1]) * os.sysconf("SC_PAGE_SIZE")
        return None

    def _sensors(self) -> Iterator[tuple[str, str]]:
        """Folder and name of each sensor: `("/sys/class/hwmon/hwmon0", "temp1")`."""
        chips = os.path.join(self._root, "sys/class/hwmon")
        for chip in _names(chips, "hwmon"):
            # drivers before Linux 3.15 have their files a folder deeper
            for folder in (os.path.join(chips, chip), os.path.join(chips, chip, "device")):
                for file in _names(folder, "temp"):
                    sensor, _, kind = file.partition("_")
                    if kind == "input":
                        yield folder, sensor

    def _lines(self, file: str) -> list[str]:
        try:
            with open(os.path.join(self._root, file), encoding="utf-8", errors="replace") as lines:
                return lines.readlines()
        except OSError:
            return []

    @staticmethod
    def _word(file: str) -> str:
        try:
            with open(file, encoding="utf-8", errors="replace") as content:
                return content.read(100).strip()
        except OSError:
            return ""

    @classmethod
    def _degrees(cls, file: str) -> float | None:
        """What a sensor says in thousandths; None for one that is asleep or fails."""
        try:
            return int(cls._word(file)) / 1000
        except ValueError:
            return None


def disk(folder: str) -> tuple[int, int, int]:
    """Bytes of the file system that holds a folder: all, used, and free for programs without special rights.

    Raises `OSError` where there is no such folder.
    """
    found = os.statvfs(folder)
    size = found.f_frsize
    return found.f_blocks * size, (found.f_blocks - found.f_bfree) * size, found.f_bavail * size


def _names(folder: str, prefix: str) -> list[str]:
    try:
        return sorted(name for name in os.listdir(folder) if name.startswith(prefix))
    except OSError:
        return []
