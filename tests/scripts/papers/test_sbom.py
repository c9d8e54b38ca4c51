"""scripts/sbom: bills of materials that the official schemas allow, with what the packages themselves say."""

from __future__ import annotations

import email.parser
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from scripts.papers import bill, cyclonedx_format, sbom, spdx_format

from .conftest import ROOT, Packages

DATE = datetime(2026, 11, 28, 10, tzinfo=UTC)
METADATA = """\
Metadata-Version: 2.4
Name: edgeweb
Version: 1.2
Summary: A server.
Author: Ada
License-Expression: BSD-3-Clause
Requires-Dist: markupsafe>=2.1.2
Requires-Dist: waitress<4,>=3.0.2
Requires-Dist: asgiref>=3.2; extra == 'async'
Requires-Dist: paho-mqtt<3,>=2.1; extra == 'mqtt'
"""
VENDORED = (
    '{"package": "uplot", "registry": "npm", "version": "1.6", "licence": "MIT", "sha256": {"u.js": "%s"}}'
)
LOCKED = {
    "device.txt": f"markupsafe==3.0.4 \\\n    --hash=sha256:{'a' * 64} \\\n    --hash=sha256:{'b' * 64}\n"
    f"waitress==3.0.2 \\\n    --hash=sha256:{'c' * 64}\n",
    "mqtt.txt": f"paho-mqtt==2.1.0 \\\n    --hash=sha256:{'d' * 64}\n",
}


def make_wheel(folder: Path, metadata: str = METADATA) -> Path:
    path = folder / "edgeweb-1.2-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(zipfile.ZipInfo("edgeweb-1.2.dist-info/METADATA"), metadata)
        archive.writestr(zipfile.ZipInfo(bill.VENDORED), VENDORED % ("e" * 64))
    return path


def make_deb(folder: Path, depends: str, version: str = "1.2") -> Path:
    if shutil.which("dpkg-deb") is None:
        pytest.skip("dpkg-deb is missing: not a Debian")
    modules = folder / "tree" / bill.MODULES
    (modules / "edgeweb-1.2.dist-info").mkdir(parents=True)
    (modules / "edgeweb-1.2.dist-info/METADATA").write_text(METADATA)
    (modules / bill.VENDORED).parent.mkdir(parents=True)
    (modules / bill.VENDORED).write_text(VENDORED % ("e" * 64))
    (folder / "tree/DEBIAN").mkdir()
    (folder / "tree/DEBIAN/control").write_text(
        f"Package: edgeweb\nVersion: {version}\nArchitecture: all\nMaintainer: Ada <ada@example.org>\n"
        f"Depends: {depends}\nSuggests: avahi-daemon\nDescription: a server\n It serves.\n"
    )
    path = folder / "edgeweb_1.2_all.deb"
    subprocess.run(["dpkg-deb", "--build", folder / "tree", path], check=True, capture_output=True)
    return path


@pytest.fixture
def locked(tmp_path: Path) -> Path:
    folder = tmp_path / "locked"
    folder.mkdir()
    for name, text in LOCKED.items():
        (folder / name).write_text(text)
    return folder


def parts(found: bill.Bill) -> dict[str, bill.Part]:
    return {part.name: part for part in found.parts}


def test_what_a_wheel_needs_is_pinned(tmp_path: Path, locked: Path) -> None:
    found = bill.read(make_wheel(tmp_path), locked)
    assert (found.name, found.version, found.licence) == ("edgeweb", "1.2", "BSD-3-Clause")
    assert found.purl == "pkg:pypi/edgeweb@1.2"
    assert found.sha256 == hashlib.sha256((tmp_path / found.file).read_bytes()).hexdigest()
    assert parts(found) == {
        "markupsafe": bill.Part(
            "markupsafe",
            "pkg:pypi/markupsafe@3.0.4",
            "requires",
            "3.0.4",
            range=">=2.1.2",
            sha256=("a" * 64, "b" * 64),
        ),
        "waitress": bill.Part(
            "waitress", "pkg:pypi/waitress@3.0.2", "requires", "3.0.2", range="<4,>=3.0.2", sha256=("c" * 64,)
        ),
        # No lock file has it: who uses the extra chooses the version.
        "asgiref": bill.Part("asgiref", "pkg:pypi/asgiref", "optional", range=">=3.2"),
        "paho-mqtt": bill.Part(
            "paho-mqtt", "pkg:pypi/paho-mqtt@2.1.0", "optional", "2.1.0", range="<3,>=2.1", sha256=("d" * 64,)
        ),
        "uplot": bill.Part("uplot", "pkg:npm/uplot@1.6", "contains", "1.6", "MIT", sha256=("e" * 64,)),
    }


def test_what_a_debian_package_needs_has_its_range(tmp_path: Path, locked: Path) -> None:
    depends = "python3:any (>= 3.11), systemd, python3-click (>= 8), python3-click (<< 9~)"
    found = bill.read(make_deb(tmp_path, depends), locked)
    assert (found.version, found.licence, found.supplier) == (
        "1.2",
        "BSD-3-Clause",
        ("Ada", "ada@example.org"),
    )
    assert found.purl == "pkg:deb/edgeweb/edgeweb@1.2?arch=all"
    assert [(part.name, part.relation, part.range) for part in found.parts] == [
        ("avahi-daemon", "optional", ""),
        ("python3", "requires", "(>= 3.11)"),
        ("python3-click", "requires", "(>= 8), (<< 9~)"),
        ("systemd", "requires", ""),
        ("uplot", "contains", ""),
    ]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            ("waitress<4,>=3.0.2", "waitress>=4"),
            "has waitress 3.0.2, and edgeweb needs >=4: run scripts/lock",
        ),
        (("waitress<4,>=3.0.2", "flask>=3"), "has no flask, which edgeweb needs: run scripts/lock"),
    ],
)
def test_what_is_not_locked_is_named(
    tmp_path: Path, locked: Path, change: tuple[str, str], message: str
) -> None:
    with pytest.raises(bill.BillError, match=message):
        bill.read(make_wheel(tmp_path, METADATA.replace(*change)), locked)


def test_a_debian_package_that_no_bill_can_be_made_of(tmp_path: Path, locked: Path) -> None:
    with pytest.raises(bill.BillError, match=r"no component for 'a \| b'"):
        bill.read(make_deb(tmp_path, "a | b"), locked)
    shutil.rmtree(tmp_path / "tree")
    with pytest.raises(bill.BillError, match=r"has the modules of 1\.2 as 2\.0"):
        bill.read(make_deb(tmp_path, "systemd", "2.0"), locked)


def test_other_files_and_damaged_ones_are_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name, reason in (
        ("a.whl", "cannot be read"),
        ("a.deb", "cannot be read"),
        ("a.txt", "is no wheel and no Debian package"),
    ):
        (tmp_path / name).write_text("nothing")
        assert sbom.main([str(tmp_path / name)]) == 1
        assert f"scripts/sbom: {name} {reason}" in capsys.readouterr().err
    assert sbom.main([str(tmp_path / "absent.whl")]) == 1
    assert len(list(tmp_path.iterdir())) == 3


@pytest.mark.slow
def test_the_same_file_gives_the_same_bills(tmp_path: Path, locked: Path) -> None:
    path = make_wheel(tmp_path)
    first = bill.read(path, locked)
    for write in sbom.FORMATS.values():
        assert write(first, DATE) == write(bill.read(path, locked), DATE)
    other = first._replace(parts=first.parts[1:])
    assert other.serial() != first.serial()
    assert str(first.serial()) in cyclonedx_format.write(first, DATE)
    assert str(first.serial()) in spdx_format.write(first, DATE)
    assert '"2026-11-28T10:00:00' in cyclonedx_format.write(first, DATE)


def test_each_hash_has_its_place(tmp_path: Path, locked: Path) -> None:
    found = bill.read(make_wheel(tmp_path), locked)
    (component,) = [
        component
        for component in json.loads(cyclonedx_format.write(found, DATE))["components"]
        if component["name"] == "markupsafe"
    ]
    assert "hashes" not in component
    files = [reference["hashes"][0]["content"] for reference in component["externalReferences"]]
    assert sorted(files) == ["a" * 64, "b" * 64]
    (package,) = [
        package
        for package in json.loads(spdx_format.write(found, DATE))["packages"]
        if package["name"] == "markupsafe"
    ]
    assert "checksums" not in package and f"{'a' * 64}, {'b' * 64}" in package["comment"]


def test_what_the_schemas_do_not_allow_is_refused(tmp_path: Path, locked: Path) -> None:
    found = bill.read(make_wheel(tmp_path), locked)
    bad = json.loads(cyclonedx_format.write(found, DATE))
    bad["components"][0]["scope"] = "perhaps"
    with pytest.raises(bill.BillError, match="CycloneDX does not allow"):
        cyclonedx_format.check(json.dumps(bad))
    bad = json.loads(spdx_format.write(found, DATE))
    bad["relationships"][0]["relatedSpdxElement"] = "SPDXRef-Nothing"
    with pytest.raises(bill.BillError, match="SPDX does not allow"):
        spdx_format.check(json.dumps(bad))
    with pytest.raises(bill.BillError, match="SPDX does not allow"):
        spdx_format.write(found._replace(licence="My-Own"), DATE)


@pytest.fixture(scope="module")
def written(packages: Packages, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The bills of the real packages by the end of their names; a second process has made the same."""
    folders = [tmp_path_factory.mktemp("bills") for _ in range(2)]
    for folder in folders:
        command = [sys.executable, "-m", "scripts.papers.sbom", f"--output={folder}", *map(str, packages)]
        variables = {**os.environ, "SOURCE_DATE_EPOCH": "1700000000", "PYTHONPATH": str(ROOT)}
        subprocess.run(command, check=True, capture_output=True, env=variables, cwd=folder)
    first, second = ({path.name: path.read_bytes() for path in folder.iterdir()} for folder in folders)
    assert first == second and len(first) == 4
    for name, content in first.items():
        check = cyclonedx_format.check if ".cdx." in name else spdx_format.check
        check(content.decode())
    return {".".join(name.split(".")[-3:]): json.loads(content) for name, content in first.items()}


def names(document: dict[str, Any]) -> dict[str, str]:
    """Name and relation of each component of a bill."""
    if "bomFormat" in document:
        assert (document["bomFormat"], document["specVersion"]) == ("CycloneDX", "1.6")
        return {component["name"]: component["scope"] for component in document["components"]}
    assert document["spdxVersion"] == "SPDX-2.3"
    by_identifier = {package["SPDXID"]: package["name"] for package in document["packages"]}
    found = {}
    for relation in document["relationships"]:
        kind = relation["relationshipType"]
        ends = relation["spdxElementId"], relation["relatedSpdxElement"]
        part = ends[0] if kind == "OPTIONAL_DEPENDENCY_OF" else ends[1]
        if kind != "DESCRIBES":
            found[by_identifier[part]] = "optional" if "OPTIONAL" in kind else "required"
    assert found.keys() == set(by_identifier.values()) - {"edgeweb"}
    return found


@pytest.mark.slow
@pytest.mark.parametrize("ending", ["whl.cdx.json", "whl.spdx.json"])
def test_the_bill_of_the_wheel_has_what_its_metadata_needs(
    packages: Packages, written: dict[str, Any], ending: str
) -> None:
    with zipfile.ZipFile(packages.wheel) as archive:
        (name,) = [name for name in archive.namelist() if name.endswith(".dist-info/METADATA")]
        metadata = email.parser.BytesParser().parsebytes(archive.read(name))
    lines = metadata.get_all("Requires-Dist", [])
    wanted = {
        re.split(r"[^\w.-]", line)[0]: "optional" if "extra ==" in line else "required" for line in lines
    }
    assert len(wanted) > 8
    assert names(written[ending]) == {**wanted, "uplot": "required"}


@pytest.mark.slow
@pytest.mark.parametrize("ending", ["deb.cdx.json", "deb.spdx.json"])
def test_the_bill_of_the_debian_package_has_what_its_control_file_says(
    packages: Packages, written: dict[str, Any], ending: str
) -> None:
    wanted = {"uplot": "required"}
    for field, relation in (("Depends", "required"), ("Recommends", "optional"), ("Suggests", "optional")):
        text = subprocess.check_output(["dpkg-deb", "--field", packages.deb, field], text=True)
        wanted |= {re.split(r"[ :]", entry)[0]: relation for entry in text.strip().split(", ")}
    assert len(wanted) > 12
    assert names(written[ending]) == wanted


@pytest.mark.slow
def test_the_script_makes_its_own_environment(packages: Packages, tmp_path: Path) -> None:
    variables = {**os.environ, "EDGEWEB_RELEASE_VENV": str(tmp_path / "venv"), "PYTHON": sys.executable}
    command = [ROOT / "scripts/sbom", f"--output={tmp_path}", packages.wheel]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=variables)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == [f"{tmp_path / packages.wheel.name}{end}" for end in sbom.FORMATS]
    # What it installed is what scripts/locked says: another process of this environment writes the same.
    date = sbom.source_date()
    for line in done.stdout.split():
        ending = line.removeprefix(str(tmp_path / packages.wheel.name))
        assert Path(line).read_text() == sbom.FORMATS[ending](bill.read(packages.wheel), date)
