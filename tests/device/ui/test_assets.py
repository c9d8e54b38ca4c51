from __future__ import annotations

import gzip
import hashlib
import json
import re
import shutil
import struct
from collections.abc import Callable
from pathlib import Path

import pytest

import edgeweb.device
from edgeweb import Flask
from edgeweb.device import create_app
from edgeweb.device.config.profile import Profile
from edgeweb.device.ui.assets import addresses
from edgeweb.server.prefix import BelowPrefix
from scripts import pack

from ..people import client_of

STATIC = Path(edgeweb.device.__file__).parent / "ui" / "static"
SOURCES = pack.sources(STATIC)
KIB = 1024


def packed(name: str) -> bytes:
    return (STATIC / "packed" / f"{addresses()[name]}.gz").read_bytes()


@pytest.mark.parametrize("name", SOURCES)
def test_what_is_packed_is_what_the_sources_say(name: str) -> None:
    content = SOURCES[name]
    for imported, address in addresses().items():
        content = content.replace(f'"./{imported}"'.encode(), f'"./{address}"'.encode())
    assert gzip.decompress(packed(name)) == content, "run scripts/pack.py"
    assert hashlib.sha256(content).hexdigest()[:10] in addresses()[name], "run scripts/pack.py"


def test_the_style_sheet_is_every_sheet_in_the_named_order() -> None:
    assert {path.stem for path in (STATIC / "css").iterdir()} == set(pack.SHEETS)
    sheet = gzip.decompress(packed("dashboard.css"))
    positions = [sheet.index((STATIC / f"css/{name}.css").read_bytes()) for name in pack.SHEETS]
    assert positions == sorted(positions)


@pytest.mark.parametrize("name", pack.SHEETS)
def test_sides_follow_the_direction_of_the_text(name: str) -> None:
    """A language from right to left needs no sheet of its own."""
    sheet = (STATIC / f"css/{name}.css").read_text()
    sides = (
        r"(?:margin|padding|border)-(?:left|right)|(?:text-align|float): (?:left|right)|^\s*(?:left|right):"
    )
    assert re.findall(sides, sheet, flags=re.M) == []


def test_motion_and_contrast_are_as_a_person_wants_them() -> None:
    sheet = gzip.decompress(packed("dashboard.css")).decode()
    assert "prefers-reduced-motion: reduce" in sheet and "prefers-contrast: more" in sheet
    assert re.findall(r"(?:transition|animation):(?![^;]*var\(--motion\))[^;]*;", sheet) == []


def test_packing_again_changes_nothing_and_a_changed_file_gets_another_address(tmp_path: Path) -> None:
    static = tmp_path / "static"
    shutil.copytree(STATIC, static, ignore=shutil.ignore_patterns("packed"))
    first = pack.pack(static)
    assert [path.name for path in first] == sorted(f"{address}.gz" for address in addresses().values())
    dates = [path.stat().st_mtime_ns for path in first]
    assert pack.pack(static) == first
    assert [path.stat().st_mtime_ns for path in first] == dates
    # dashboard.js imports quantity.js: both have other addresses, and nothing old is left.
    (static / "quantity.js").write_text("export {};")
    second = pack.pack(static)
    changed = {path.name.partition(".")[0] for path in set(second) - set(first)}
    assert {"quantity", "dashboard"} <= changed
    assert sorted((static / "packed").iterdir()) == second


def test_nothing_else_is_packed() -> None:
    names = {file.name.removesuffix(".gz") for file in (STATIC / "packed").iterdir()}
    assert names == set(addresses().values())
    assert set(addresses()) == set(SOURCES)


def test_all_of_it_is_small() -> None:
    assert sum(file.stat().st_size for file in (STATIC / "packed").iterdir()) <= 60 * KIB


def test_what_others_wrote_is_as_they_wrote_it() -> None:
    manifest = json.loads((STATIC / "vendored.json").read_text())
    assert set(manifest["sha256"]) == {name for name in SOURCES if name.startswith("uPlot")}
    for name, digest in manifest["sha256"].items():
        assert hashlib.sha256((STATIC / name).read_bytes()).hexdigest() == digest
    assert manifest["version"] in (STATIC / "uPlot.iife.min.js").read_text()[:100]
    about = (STATIC.parent / "templates" / "dashboard" / "about.html").read_text()
    assert f"<td>{manifest['version']}</td>" in about


@pytest.mark.parametrize("name", sorted(addresses()))
def test_they_are_kept_for_ever(app: Flask, name: str) -> None:
    client, path = app.test_client(), f"/static/{addresses()[name]}"
    answer = client.get(path, headers={"Accept-Encoding": "gzip, br"})
    assert (answer.status_code, answer.headers["Content-Encoding"]) == (200, "gzip")
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert answer.headers["Vary"] == "Accept-Encoding"
    plain = client.get(path, headers={"Accept-Encoding": "gzip;q=0"})
    assert "Content-Encoding" not in plain.headers
    assert plain.headers["Vary"] == "Accept-Encoding"
    assert plain.data == gzip.decompress(answer.data)
    assert plain.content_type == answer.content_type
    assert plain.headers["ETag"] != answer.headers["ETag"], "they are different bytes"
    again = client.get(path, headers={"Accept-Encoding": "gzip", "If-None-Match": answer.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")


@pytest.mark.parametrize("name", ["dashboard.css", "vendored.json", "packed", "..", "uPlot.min.css.gz"])
def test_only_what_is_packed_is_served(app: Flask, name: str) -> None:
    assert app.test_client().get(f"/static/{name}").status_code == 404


@pytest.mark.parametrize("name", [name for name in SOURCES if not name.endswith(".png")])
def test_they_name_no_other_host(name: str) -> None:
    text = SOURCES[name].decode()
    urls = re.findall(r"(?:https?:)?//[\w.]+\w", re.sub(r"^\s*//.*$", "", text, flags=re.M))
    # the SVG's namespace is no address, and a comment of uPlot's says where it is from
    assert set(urls) <= {"http://www.w3.org", "https://github.com"}


def test_a_phone_can_keep_the_dashboard(make_profile: Callable[..., Profile]) -> None:
    app = create_app(make_profile("", {"dashboard.title": "Greenhouse"}))
    app.wsgi_app = BelowPrefix(app.wsgi_app, "/board", "")  # type: ignore[method-assign]
    stranger = client_of(app)
    page = stranger.get("/board/", headers={"Accept": "text/html"}).text
    found = re.findall(r'<link rel="(manifest|apple-touch-icon)" href="([^"]+)"', page)
    links = dict(found)
    assert len(re.findall(r'<meta name="theme-color" content="#[0-9a-f]{6}" media=', page)) == 2
    answer = stranger.get(links["manifest"])
    assert (answer.status_code, answer.mimetype) == (200, "application/manifest+json")
    manifest = answer.get_json(force=True)
    assert (manifest["name"], manifest["display"]) == ("Greenhouse", "standalone")
    assert manifest["start_url"] == manifest["scope"] == "/board/"
    icons = {icon["type"]: icon for icon in manifest["icons"]}
    assert icons["image/png"]["src"] == links["apple-touch-icon"]
    for icon in icons.values():
        assert stranger.get(icon["src"]).mimetype == icon["type"]
    png = stranger.get(links["apple-touch-icon"]).data
    assert png[:8] == b"\x89PNG\r\n\x1a\n" and len(png) < 4 * KIB
    assert "{}x{}".format(*struct.unpack(">II", png[16:24])) == icons["image/png"]["sizes"]
