"""GPIO chips and their lines, by the calls that describe them: no line is requested.

A line is used where the kernel or a program holds it, edgeweb's own channels among them. On a Raspberry Pi a
row has the position on the 40-pin header. Of the board's own chips only the lines of the header are offered
to a profile: the others are wired to the card, the network and the memory.

Source: Linux kernel documentation, userspace-api/gpio/.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Mapping
from typing import Any

from ..system import gpiochip
from ..system.gpiochip import FIRST_CHIP, NOT_DESCRIBED, NOT_OPENED, OUTPUT, USED, Kernel
from ..system.header import HEADER, ID_LINES, INTERNAL, LABELS
from ..system.text import clean
from .tree import MAX_TEXT, Limit, Row

_PINS = {line: pin for pin, line in enumerate(HEADER) if isinstance(line, int)}


def read(root: str, limit: Limit, kernel: Kernel | None = None) -> list[Row]:
    """Return a row for each chip, with its `lines`; a chip that cannot be described has a `reason`.

    `kernel` makes the calls. Raises `OSError` where /dev cannot be listed.
    """
    kernel = kernel or Kernel()
    chips: dict[str, Row] = {}
    for path in limit.take(kernel.chips(os.path.join(root, "dev"))):
        try:
            descriptor = kernel.open_for_info(path)
        except FileNotFoundError:
            continue  # a link without its chip
        except OSError as error:
            chips[path] = _chip(path, reason=gpiochip.explain(error, NOT_OPENED, _path(path)))
            continue
        try:
            _describe(kernel, descriptor, path, chips, limit)
        except OSError as error:
            chips[path] = _chip(path, reason=gpiochip.explain(error, NOT_OPENED, _path(path)))
        finally:
            kernel.close(descriptor)
    labels = Counter(chip["label"] for chip in chips.values())
    for chip in chips.values():
        # the label stays when chips come in another order, but two chips may have the same one
        label = chip["label"]
        is_sure = label and labels[label] == 1 and not gpiochip.path_of(label)
        _offer(chip, label if is_sure else chip["chip"])
    return list(chips.values())


def is_meant(options: Mapping[str, Any], chip: Row, line: Row) -> bool:
    """Return whether the line is that of a channel with these options, as the driver `gpio` finds it."""
    if options["pin"]:
        return bool(line["pin"] == options["pin"])
    named, wanted = options["chip"], options["line"]
    is_number = wanted.isdecimal()
    if not named and is_number:
        named = FIRST_CHIP
    path = gpiochip.path_of(named)
    if path:
        is_chip = path in chip["paths"]
    else:
        is_chip = not named or named == chip["label"] or f"/dev/{named}" in chip["paths"]
    if not is_chip:
        return False
    return bool(line["line"] == int(wanted) if is_number else line["name"] == wanted)


def _describe(kernel: Kernel, descriptor: int, path: str, chips: dict[str, Row], limit: Limit) -> None:
    info = gpiochip.chip_info(kernel, descriptor)
    known = chips.get(info.name)
    if known is not None:
        # newer systems of the Raspberry Pi 5 have /dev/gpiochip4 as a link to gpiochip0
        known["paths"].append(_path(path))
        return
    chip = chips[info.name] = _chip(path, clean(info.name, MAX_TEXT), clean(info.label, MAX_TEXT))
    has_header = info.label in LABELS
    try:
        for offset in limit.take(range(info.lines)):
            line = gpiochip.line_info(kernel, descriptor, offset)
            chip["lines"].append(
                {
                    "line": offset,
                    "name": clean(line.name, MAX_TEXT),
                    "pin": _PINS.get(offset) if has_header else None,
                    "used": bool(line.flags & USED),
                    "consumer": clean(line.consumer, MAX_TEXT),
                    "direction": "output" if line.flags & OUTPUT else "input",
                }
            )
    except OSError as error:
        chip["reason"] = gpiochip.explain(error, NOT_DESCRIBED, chip["chip"])


def _chip(path: str, name: str = "", label: str = "", reason: str = "") -> Row:
    row: Row = {
        "chip": name or os.path.basename(path),
        "label": label,
        "paths": [_path(path)],
        "lines": [],
    }
    if reason:
        row["reason"] = clean(reason)
    return row


def _path(path: str) -> str:
    """Return the path of a chip on the device itself, also in a recorded tree."""
    return f"/dev/{os.path.basename(path)}"


def _offer(chip: Row, name: str) -> None:
    """Add the keys of a channel that would use it to each line that is free."""
    if chip["label"].startswith(INTERNAL):
        return
    for line in chip["lines"]:
        is_wired = chip["label"] in LABELS and (line["pin"] is None or line["line"] in ID_LINES)
        if not line["used"] and not is_wired:
            mode = line["direction"]
            line["channel"] = {"driver": "gpio", "mode": mode, "chip": name, "line": str(line["line"])}
            if mode == "output":
                # one that a program has left: a profile with these keys switches nothing
                line["channel"]["at_start"] = "leave"
