"""The device on a recorded board, for tests of a whole server.

    export TEST_PROFILE=board.toml TEST_BOARD=raspberry-pi-4 TEST_TREE=tree
    edgeweb serve tests.device.programs.board:app

`TEST_NAME` is the name of an LED and of a line that somebody hostile has chosen.
"""

from __future__ import annotations

import os
from functools import partial
from pathlib import Path

from edgeweb.device import create_app, start
from edgeweb.device.hardware import reader

from ..channels.drivers.fake_kernel import FakeChip
from ..hardware.trees import plant

root, kernel = plant(Path(os.environ["TEST_TREE"]), os.environ["TEST_BOARD"])
if name := os.environ.get("TEST_NAME"):
    (root / "sys/class/leds" / name).mkdir()
    kernel.plug(FakeChip("gpiochip20", name[:31], [name[:31]]))
vars(reader)["Hardware"] = partial(reader.Hardware, str(root), kernel)
app = create_app(os.environ["TEST_PROFILE"])
start(app)
