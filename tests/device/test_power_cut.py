"""The server, killed in the middle of its work: what it acknowledged is there, and nothing is there by half.

Twenty times by default; EDGEWEB_TEST_KILLS=300 for the whole of it. `storage/test_store.py` has the power
cuts within the process: a fault at each write, fsync and rename.
"""

from __future__ import annotations

import http.client
import json
import os
import random
import sqlite3
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from .process import DeviceServer

KILLS = int(os.environ.get("EDGEWEB_TEST_KILLS", "20"))

PROFILE = """
[access]
audit_rows = 1_000_000
[channels.lamp]
driver = "memory"
mode = "output"
at_start = "restore"
"""
ROLES = ("viewer", "operator")
JSON = {"Content-Type": "application/json"}


class Writer(threading.Thread):
    """Changes one thing, again and again, until the server is gone. `turn` makes one request."""

    def __init__(self, server: DeviceServer, turn: Callable[[Writer], None]) -> None:
        super().__init__(daemon=True)
        self._connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
        self._token = server.token
        self._turn = turn
        self.failures: list[str] = []
        self.start()

    def run(self) -> None:
        try:
            while not self.failures:
                self._turn(self)
        except (OSError, http.client.HTTPException):
            pass  # the server is gone
        finally:
            self._connection.close()

    def ask(self, method: str, path: str, value: Any = None, headers: dict[str, str] | None = None) -> Any:
        """The JSON of an answer that has come as a whole; None without a body."""
        body = None if value is None else json.dumps(value)
        headers = {"Authorization": f"Bearer {self._token}", **(JSON if body else {}), **(headers or {})}
        self._connection.request(method, path, body, headers)
        answer = self._connection.getresponse()
        text = answer.read()
        if answer.status >= 400:
            self.failures.append(f"{method} {path}: {answer.status} {text.decode()}")
        return json.loads(text) if text else None


class Known:
    """What was asked for and what was acknowledged, by those who asked."""

    def __init__(self) -> None:
        self.asked = self.set = 0
        self.role_asked = self.role = ROLES[0]
        self.tokens: dict[int, str] = {}
        self.revoking: int | None = None
        self.revoked: set[int] = set()
        self.changes = 0

    def settings(self, writer: Writer) -> None:
        """Two settings that belong together, in one change."""
        self.asked += 1
        change = {"dashboard.title": f"title {self.asked}", "sensors.interval": 1 + self.asked / 10_000}
        writer.ask("PATCH", "/api/v1/settings", change, {"If-Match": "*"})
        self.set = self.asked
        self.changes += 2

    def accounts(self, writer: Writer) -> None:
        """A role, a new token, and the end of an older one."""
        self.role_asked = ROLES[(ROLES.index(self.role) + 1) % 2]
        writer.ask("PUT", "/api/v1/users/vera/role", {"role": self.role_asked})
        self.role = self.role_asked
        made = writer.ask("POST", "/api/v1/tokens", {"note": f"note {self.changes}", "role": "viewer"})
        self.tokens[made["id"]] = made["note"]
        self.changes += 2
        if len(self.tokens) > 20:
            self.revoking = next(iter(self.tokens))
            writer.ask("DELETE", f"/api/v1/tokens/{self.revoking}")
            self.revoked.add(self.revoking)
            del self.tokens[self.revoking]
            self.changes += 1

    def channel(self, writer: Writer) -> None:
        """Switches, which are gathered and not acknowledged as kept: a load on the same file."""
        writer.ask("POST", "/api/v1/channels/lamp/toggle")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "board.toml").write_text(PROFILE)
    monkeypatch.setenv("TEST_PROFILE", str(tmp_path / "board.toml"))
    monkeypatch.setenv("TEST_BACKUP_DELAY", "0.1")
    return tmp_path


def start(folder: Path, token: str = "") -> DeviceServer:
    profile = str(folder / "board.toml")
    server = DeviceServer(folder, "tests.device.programs.device:app", "--profile", profile)
    server.token = token
    return server


def content(database: Path) -> dict[str, Any]:
    """What another program finds in the file."""
    connection = sqlite3.connect(database)
    try:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
        settings = connection.execute("SELECT key, value FROM settings").fetchall()
        return {
            "settings": {key: json.loads(value) for key, value in settings},
            "role": connection.execute("SELECT role FROM users WHERE name = 'vera'").fetchone(),
            "tokens": dict(connection.execute("SELECT id, note FROM tokens").fetchall()),
            "audit": connection.execute(
                "SELECT COUNT(*) FROM audit WHERE action IN"
                " ('setting.change', 'user.role', 'token.add', 'token.revoke')"
            ).fetchone()[0],
        }
    finally:
        connection.close()


@pytest.mark.slow
def test_kill_9_under_a_writing_load(folder: Path) -> None:
    server = start(folder)
    server.claim()
    vera = {"name": "vera", "password": "x1y2z3x1y2z3", "role": ROLES[0]}
    assert server.post_json("/api/v1/users", vera).status == 201
    token, known, rest = server.token, Known(), random.Random(7)
    first = content(folder / "state" / "state.db")["audit"]
    known_backups = 0

    for turn in range(KILLS):
        writers = [Writer(server, call) for call in (known.settings, known.accounts, known.channel)]
        # from within the first request to some hundred of them, and through several backups
        writers[0].join(rest.choice((0.002, 0.02, 0.1, 0.3, 0.6)) * rest.uniform(0.5, 1.5))
        server.process.kill()
        server.process.wait(30)
        for writer in writers:
            writer.join(30)
            assert writer.failures == []

        server = start(folder, token)
        assert "damaged" not in server.log and "not persistent" not in server.log, server.log
        assert server.get("/readyz").json["checks"]["storage"] == "ok"
        found = content(folder / "state" / "state.db")
        settings = found["settings"]
        number = int(settings.get("dashboard.title", "title 0").split()[1])
        assert known.set <= number <= known.asked, "what was acknowledged, or what was just asked for"
        assert settings.get("sensors.interval", 1.0) == 1 + number / 10_000, "both or none"
        shown = {row["key"]: row["value"] for row in server.get("/api/v1/settings").json["settings"]}
        assert number == 0 or shown["dashboard.title"] == f"title {number}", "and the server says so"
        assert found["role"][0] in (known.role, known.role_asked)
        missing = known.tokens.keys() - found["tokens"].keys() - {known.revoking}
        assert missing == set(), f"acknowledged and lost after kill {turn}"
        assert not known.revoked & found["tokens"].keys(), "revoked tokens stay revoked"
        # each change has its row in the audit log, in the same transaction; a writer has one under way
        assert first + known.changes <= found["audit"] <= first + known.changes + 4
        backup = folder / "state" / "state.backup.db"
        if backup.exists():
            known_backups += 1
            content(backup)
        # what was under way counts from now on
        known.set = known.asked = number
        known.role = known.role_asked = found["role"][0]
        known.tokens = {id: note for id, note in found["tokens"].items() if note.startswith("note ")}
        known.revoking, first, known.changes = None, found["audit"], 0
    assert known.asked > KILLS, "there was something to lose"
    assert known_backups > KILLS // 4, "backups were under way too"
    leftover = sorted(file.name for file in (folder / "state").iterdir() if "corrupt" in file.name)
    assert leftover == []
    print(f"{KILLS} kills, {known.asked} settings and {found['audit']} rows of the audit log")
    assert server.stop() == 0
