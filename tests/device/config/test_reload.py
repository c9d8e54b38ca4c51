"""SIGHUP on a running device: what a changed profile brings at once, and what waits for the next start."""

from __future__ import annotations

import signal
from collections.abc import Callable
from pathlib import Path

from edgeweb.device.config.profile import Profile
from edgeweb.device.config.reload import merge

from ..process import DeviceServer

MakeProfile = Callable[..., Profile]

LAMP = '[channels.lamp]\ndriver = "memory"\nmode = "output"\n'


def test_what_counts_now_and_what_waits(make_profile: MakeProfile) -> None:
    running = make_profile(f'[server]\nport = 1\n{LAMP}title = "Old"\n')
    found = make_profile(
        '[server]\nport = 2\nbody_bytes = 2048\nidle_timeout = 7\n[dashboard]\ntitle = "New"\n'
        '[history]\nlength = 5\n[storage]\nstate = "memory"\n[system]\npower = false\n'
        f'{LAMP}title = "New"\nmax_on = 9\ninverted = true\n'
        '[channels.more]\ndriver = "memory"\nmode = "input"\n'
    )
    merged, waiting = merge(running, found)
    for key in ("server.body_bytes", "server.idle_timeout", "dashboard.title", "system.power"):
        assert merged[key] == found[key]
    for key in ("server.port", "history.length", "storage.state"):
        assert merged[key] == running[key]
    assert list(merged["channels"]) == ["lamp"]
    lamp = merged["channels"]["lamp"]
    assert (lamp["title"], lamp["max_on"], lamp["inverted"]) == ("New", 9.0, False)
    assert {"server.port", "storage.state", "history.length", "channels.lamp.inverted"} < set(waiting)
    assert "channels.more.driver" in waiting
    assert not {"server.body_bytes", "channels.lamp.title"} & set(waiting)


def test_a_channel_that_became_another_one_waits_as_a_whole(make_profile: MakeProfile) -> None:
    running = make_profile(LAMP)
    found = make_profile('[channels.lamp]\ndriver = "memory"\nmode = "input"\ntitle = "Door"\ndebounce = 1\n')
    merged, waiting = merge(running, found)
    assert merged["channels"] == running["channels"]
    assert {"channels.lamp.mode", "channels.lamp.title"} < set(waiting)


def test_nothing_changed(make_profile: MakeProfile) -> None:
    merged, waiting = merge(make_profile(LAMP), make_profile(LAMP))
    assert waiting == []
    assert merged["channels"]["lamp"]["driver"] == "memory"


def test_origins_follow(make_profile: MakeProfile) -> None:
    running, found = make_profile("[server]\nthreads = 2\nqueue = 9\n"), make_profile("[server]\nqueue = 8\n")
    merged, _ = merge(running, found)
    assert ("server", "threads") not in merged.origins
    assert ("server", "queue") in merged.origins


def test_hangup_renews_a_running_device(tmp_path: Path) -> None:
    system = tmp_path / "etc"
    system.mkdir()
    file = system / "edgeweb.toml"
    file.write_text('[dashboard]\ntitle = "Old"\n[server]\nbody_bytes = "1 KiB"\n')
    server = DeviceServer(tmp_path)
    server.claim()
    try:
        path, headers = "/api/v1/channels/relay1/state", {"Content-Type": "application/json"}
        body = b'{"on": true}'.ljust(2048)
        assert server.ask("PUT", path, body, headers).status == 413
        assert server.get("/api/v1/status").json["device"]["title"] == "Old"
        file.write_text(
            '[dashboard]\ntitle = "New"\n[server]\nbody_bytes = "4 KiB"\nbacklog = 9\n'
            '[channels.relay1]\ntitle = "Pump"\ninverted = true\n'
        )
        server.process.send_signal(signal.SIGHUP)
        while server.get("/api/v1/status").json["device"]["title"] != "New":
            pass
        # The server's limits and the application's are renewed together, and the output did not move.
        answer = server.ask("PUT", path, body, headers)
        assert (answer.status, answer.json["state"]) == (200, True)
        assert server.get("/api/v1/channels/relay1").json["title"] == "Pump"
        assert (
            "changed, but not before the next start: server.backlog, channels.relay1.inverted" in server.log
        )
        # A faulty one changes nothing.
        file.write_text('[dashboard]\ntitle = 5\n[server]\nbody_bytes = "1 KiB"\n')
        server.process.send_signal(signal.SIGHUP)
        while "dashboard.title = 5" not in server.log:
            server.get("/livez")
        assert server.ask("PUT", path, body, headers).status == 200
        assert server.get("/api/v1/status").json["device"]["title"] == "New"
    finally:
        assert server.stop() == 0, server.log
