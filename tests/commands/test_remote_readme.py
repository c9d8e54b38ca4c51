"""The part "From another machine" of the README, done with a real device in place of its address."""

from __future__ import annotations

import os
import re
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from tests.device.process import ROOT, DeviceServer

README = (ROOT / "README.md").read_text()
ADDRESS = "http://greenhouse.local"


def block(kind: str) -> str:
    (found,) = re.findall(rf"^```{kind} remote\n(.*?)^```$", README, re.M | re.S)
    return str(found)


@pytest.mark.slow
def test_its_commands_and_its_program(tmp_path: Path) -> None:
    rows = (("lamp", "output"), ("fan", "pwm"))
    profile = "".join(f'[channels.{name}]\ndriver = "memory"\nmode = "{mode}"\n' for name, mode in rows)
    (tmp_path / "shed.toml").write_text(profile)
    server = DeviceServer(tmp_path / "device", "--profile", str(tmp_path / "shed.toml"))
    try:
        server.claim()
        (tmp_path / "greenhouse.token").write_text(server.token)
        (tmp_path / "greenhouse.token").chmod(0o600)
        env = {**os.environ, "PYTHONPATH": str(ROOT), "XDG_CONFIG_HOME": str(tmp_path / "config")}
        for line in block("sh").replace(ADDRESS, server.url).splitlines():
            command = line.replace("edgeweb", f"{sys.executable} -m edgeweb", 1).split()
            done = subprocess.run(
                command, cwd=tmp_path, env=env, capture_output=True, text=True, timeout=120, check=False
            )
            assert done.returncode == 0, f"{line}: {done.stdout}{done.stderr}"
        assert server.get("/api/v1/channels/lamp").json["state"] is True
        (backup,) = (tmp_path / "backups").iterdir()
        assert stat.S_IMODE(backup.stat().st_mode) == 0o600
        program = block("python").replace(ADDRESS, server.url).replace("edgeweb_...", server.token)
        subprocess.run([sys.executable, "-c", program], env=env, check=True, timeout=120)
        assert server.get("/api/v1/channels/fan").json["state"] is True
    finally:
        assert server.stop() == 0, server.log
