"""The Debian package on a Debian 13 that really boots: installed, upgraded, removed, purged by dpkg."""

from __future__ import annotations

import gzip
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from . import container as containers
from . import roots
from .container import Container
from .test_booted import free_port, get, wait_for

pytestmark = roots.marks


@pytest.fixture(scope="module")
def package() -> Path:
    """The package, as scripts/package_deb makes it of this checkout."""
    made = subprocess.run([roots.ROOT / "scripts/package_deb"], check=True, stdout=subprocess.PIPE, text=True)
    return Path(made.stdout.splitlines()[-1])


@pytest.fixture(scope="module")
def newer(package: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same package with a higher version: an upgrade."""
    tree = tmp_path_factory.mktemp("newer") / "tree"
    subprocess.run(["dpkg-deb", "-R", package, tree], check=True)
    control = tree / "DEBIAN/control"
    control.write_text(re.sub("^Version: .*$", "Version: 99.0", control.read_text(), flags=re.MULTILINE))
    target = tree.parent / "edgeweb_99.0_all.deb"
    subprocess.run(["dpkg-deb", "--root-owner-group", "-Znone", "-b", tree, target], check=True)
    return target


@pytest.fixture(scope="module")
def machine(tmp_path_factory: pytest.TempPathFactory, package: Path, newer: Path) -> Iterator[Container]:
    folder = tmp_path_factory.mktemp("package")
    containers.make_bare_root(folder / "root", "trixie")
    for file in (package, newer):
        shutil.copy(file, folder / "root/usr/src" / file.name)
    with containers.booted(folder / "root", folder / "console") as machine:
        yield machine


def dpkg(machine: Container, *arguments: str) -> str:
    done = machine.run("dpkg", *arguments, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def options(machine: Container, port: int) -> None:
    text = f"EDGEWEB_PROFILE=generic-linux\nEDGEWEB_OPTIONS=--port {port}\n"
    machine.write("/etc/default/edgeweb", text)


def test_installed_upgraded_removed_and_purged(machine: Container, package: Path, newer: Path) -> None:
    # What the administrator has set before is kept, so the port can be a free one from the start.
    port = free_port()
    options(machine, port)
    dpkg(machine, "-i", f"/usr/src/{package.name}")
    assert get(port) == (200, "ok\n")
    assert machine.unit("edgeweb.service")["UnitFileState"] == "enabled"
    assert "/usr/bin/edgeweb" in machine.unit("edgeweb.service")["ExecStart"]
    compiled = machine.run("find", "/usr/lib/python3/dist-packages/edgeweb", "-name", "*.templates").stdout
    assert compiled.strip()
    assert not uncompiled(machine)
    completion = ". /usr/share/bash-completion/completions/edgeweb && complete -p edgeweb"
    assert machine.run("bash", "-c", completion).stdout.split() == "complete -F _edgeweb edgeweb".split()

    machine.run("touch", "/var/lib/edgeweb/kept")
    setting = "[server]\nidle_timeout = 7\n"
    machine.write("/etc/edgeweb/edgeweb.toml", setting)
    before = machine.unit("edgeweb.service")["MainPID"]
    dpkg(machine, "-i", f"/usr/src/{newer.name}")
    assert get(port) == (200, "ok\n")
    assert machine.unit("edgeweb.service")["MainPID"] != before
    kept = ("/var/lib/edgeweb/kept", "/var/lib/edgeweb/state.db", "/etc/edgeweb/edgeweb.toml")
    assert all(exists(machine, path) for path in kept)
    assert f"--port {port}" in (machine.folder / "etc/default/edgeweb").read_text()
    assert not uncompiled(machine)

    before = machine.unit("edgeweb.service")["MainPID"]
    refused = machine.run("dpkg", "-i", f"/usr/src/{package.name}", check=False)
    assert refused.returncode == 1
    assert "is older than 99.0, which is installed here" in refused.stderr
    assert "EDGEWEB_DOWNGRADE=1" in refused.stderr
    shown = machine.run("dpkg-query", "-W", "-f", "${db:Status-Status} ${Version}", "edgeweb").stdout
    assert shown == "installed 99.0"
    assert machine.unit("edgeweb.service")["MainPID"] == before and get(port) == (200, "ok\n")
    assert (
        machine.run("find", "/usr/lib/python3/dist-packages/edgeweb", "-name", "*.templates").stdout
        == compiled
    )
    assert not uncompiled(machine)
    machine.run("env", "EDGEWEB_DOWNGRADE=1", "dpkg", "-i", f"/usr/src/{package.name}")
    assert get(port) == (200, "ok\n")

    dpkg(machine, "-r", "edgeweb")
    wait_for(lambda: machine.unit("edgeweb.service")["LoadState"] == "not-found")
    assert machine.unit("edgeweb.service")["ActiveState"] == "inactive"
    assert all(exists(machine, path) for path in kept)
    assert not exists(machine, "/usr/lib/python3/dist-packages/edgeweb")

    dpkg(machine, "-i", f"/usr/src/{package.name}")
    assert get(port) == (200, "ok\n")
    dpkg(machine, "-P", "edgeweb")
    assert not any(exists(machine, path) for path in (*kept, "/etc/default/edgeweb", "/etc/edgeweb"))
    left = machine.run(
        "find", "/etc", "/usr", "/var/lib", "-name", "*edgeweb*", "-not", "-path", "/usr/src/*"
    ).stdout
    # dpkg's own log of the user that it made is systemd's: the user stays, as files may belong to it.
    assert left.split() == []


def test_an_upgrade_of_jinja_builds_the_templates_anew(machine: Container, package: Path) -> None:
    port = free_port()
    options(machine, port)
    dpkg(machine, "-i", f"/usr/src/{package.name}")
    machine.run("find", "/usr/lib/python3/dist-packages/edgeweb", "-name", "*.templates", "-delete")
    # dpkg activates a trigger for a path when a package that has files there is unpacked.
    machine.run("dpkg-trigger", "--by-package=python3-jinja2", "/usr/lib/python3/dist-packages/jinja2")
    dpkg(machine, "--triggers-only", "-a")
    found = machine.run("find", "/usr/lib/python3/dist-packages/edgeweb", "-name", "*.templates").stdout
    assert found.strip()
    assert get(port) == (200, "ok\n")
    dpkg(machine, "-P", "edgeweb")


def test_it_refuses_beside_an_installation_of_scripts_install(machine: Container, package: Path) -> None:
    machine.write("/opt/edgeweb/bin/edgeweb", "")
    refused = machine.run("dpkg", "-i", f"/usr/src/{package.name}", check=False)
    machine.run("rm", "-r", "/opt/edgeweb")
    assert refused.returncode != 0
    assert "--uninstall" in refused.stderr


def test_the_package_keeps_debians_rules(package: Path, tmp_path: Path) -> None:
    subprocess.run(["dpkg-deb", "-R", package, tmp_path / "tree"], check=True)
    tree = tmp_path / "tree"
    paths = [path for path in tree.rglob("*") if "DEBIAN" not in path.parts]
    # Nothing is placed where only the administrator or a program writes, nothing is compiled, and nothing can
    # be written by others. Without a file in /etc there are no conffiles.
    assert {path.relative_to(tree).parts[0] for path in paths} == {"usr"}
    assert not (tree / "DEBIAN/conffiles").exists()
    assert not [path for path in paths if path.suffix == ".pyc" or path.stat().st_mode & 0o022]
    documents = tree / "usr/share/doc/edgeweb"
    assert {path.name for path in documents.iterdir()} >= {"copyright", "changelog.gz"}
    assert "Leon Sorokin" in (documents / "copyright").read_text()
    # What people read is found where they look, and not between the modules.
    assert (documents / "firmware_configs/README.md").is_file()
    assert not list((tree / "usr/lib/python3").rglob("*.md"))
    with gzip.open(tree / "usr/share/man/man1/edgeweb.1.gz", "rt") as manual:
        assert r"\fBedgeweb serve\fR" in manual.read()
    unit = (tree / "usr/lib/systemd/system/edgeweb.service").read_text()
    assert "\nDocumentation=man:edgeweb(1) file:///usr/share/doc/edgeweb/README.md\n" in unit
    for script in ("preinst", "postinst", "prerm", "postrm"):
        assert os.access(tree / "DEBIAN" / script, os.X_OK)
        subprocess.run(["sh", "-n", tree / "DEBIAN" / script], check=True)
        assert "set -e" in (tree / "DEBIAN" / script).read_text()


@pytest.mark.skipif(
    shutil.which("lintian") is None,
    reason="lintian is not installed (Debian package lintian; scripts/test installs it)",
)
def test_lintian_finds_no_fault(package: Path) -> None:
    # Without an override: what it says is to be mended.
    command = ["lintian", "--allow-root", "--no-cfg", "--fail-on", "error,warning", package]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, ""), done.stdout + done.stderr


def test_the_same_commit_gives_the_same_package(package: Path) -> None:
    before = package.read_bytes()
    subprocess.run([roots.ROOT / "scripts/package_deb"], check=True, capture_output=True)
    assert package.read_bytes() == before


def test_dpkg_names_a_dependency_that_is_missing(machine: Container, package: Path) -> None:
    # Without it the service would only fail at its start, on the device.
    machine.run("dpkg", "--force-depends", "-r", "python3-waitress")
    refused = machine.run("dpkg", "-i", f"/usr/src/{package.name}", check=False)
    machine.run("dpkg", "-P", "edgeweb", check=False)
    assert refused.returncode != 0
    assert "python3-waitress" in refused.stderr


def uncompiled(machine: Container) -> list[str]:
    """The package's modules that have no compiled file: each would cost memory at every start."""
    files = machine.run("find", "/usr/lib/python3/dist-packages/edgeweb", "-name", "*.py").stdout.split()
    assert files
    return [path for path in files if not (machine.folder / cached(path).lstrip("/")).exists()]


def cached(path: str) -> str:
    """Where Debian 13's Python keeps the compiled file of a module."""
    folder, _, name = path.rpartition("/")
    return f"{folder}/__pycache__/{name.removesuffix('.py')}.cpython-313.pyc"


def exists(machine: Container, path: str) -> bool:
    return (machine.folder / path.lstrip("/")).exists()
