from __future__ import annotations

import io
import json

from edgeweb import Flask

from ...people import PASSWORD, add_user, device_of
from ..visitor import Visitor


def test_a_backup_is_taken_and_brought_back(app: Flask) -> None:
    owner = Visitor(app)
    owner.send("/backup/file", status=401, password="wrong password")
    content = owner.send("/backup/file", status=200, password=PASSWORD)
    assert json.loads(content)["format"] == "edgeweb-backup"
    add_user(app, "vera", "viewer")

    def restore(status: int, content: str, password: str = PASSWORD) -> str:
        file = (io.BytesIO(content.encode()), "backup.json")
        return owner.send("/backup/restore", status=status, file=file, password=password)

    restore(401, content, "wrong password")
    assert "vera" in device_of(app).accounts.users()
    assert "This is not a backup of edgeweb: choose another file." in restore(422, "{}")
    assert "Expected a file." in restore(422, "")
    assert restore(303, content) == "/?done=restore"
    assert "vera" not in device_of(app).accounts.users()


def test_a_file_that_is_too_large(app: Flask) -> None:
    app.config["MAX_CONTENT_LENGTH"] = 2000
    file = (io.BytesIO(b"x" * 3000), "backup.json")
    page = Visitor(app).send("/backup/restore", status=413, file=file, password=PASSWORD)
    assert "server.body_bytes" in page
