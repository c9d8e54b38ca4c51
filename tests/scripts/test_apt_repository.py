"""scripts/apt_repository: apt takes what it has signed, and nothing with a byte changed or of another key."""

from __future__ import annotations

import functools
import http.server
import io
import os
import re
import shutil
import subprocess
import tempfile
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO

import pytest

SCRIPT = Path(__file__).resolve().parents[2] / "scripts/apt_repository"
#: Programs, and the Debian packages that have them; scripts/test installs what is missing.
PROGRAMS = {"apt-get": "apt", "apt-ftparchive": "apt-utils", "gpg": "gnupg", "dpkg-deb": "dpkg"}
MISSING = [f"{program} ({package})" for program, package in PROGRAMS.items() if shutil.which(program) is None]

pytestmark = pytest.mark.skipif(
    bool(MISSING), reason=f"missing, with its Debian package: {', '.join(MISSING)}; scripts/test installs it"
)

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="module")
def keys() -> Iterator[dict[str, str]]:
    """Variables for gpg, whose ring has two secret keys: maker@example.org, and stranger@example.org."""
    # The path of the agent's socket has at most 108 characters.
    with tempfile.TemporaryDirectory(prefix="gpg-", dir="/tmp") as home:
        variables = {"PATH": os.environ["PATH"], "GNUPGHOME": home, "LC_ALL": "C.UTF-8"}
        for name in ("maker", "stranger"):
            command = ["gpg", "--batch", "--quiet", "--passphrase", "", "--quick-generate-key"]
            command += [f"{name} <{name}@example.org>", "ed25519", "sign", "never"]
            subprocess.run(command, env=variables, check=True, capture_output=True)
        yield variables
        subprocess.run(["gpgconf", "--kill", "all"], env=variables, check=True)


def make_deb(folder: Path, version: str, text: str = "") -> Path:
    (folder / "DEBIAN").mkdir(parents=True)
    (folder / "content").write_text(text)
    (folder / "DEBIAN/control").write_text(
        f"Package: edgeweb\nVersion: {version}\nArchitecture: all\nMaintainer: Ada <ada@example.org>\n"
        "Description: a server\n"
    )
    path = folder.parent / f"{folder.name}.deb"
    subprocess.run(["dpkg-deb", "--build", folder, path], check=True, capture_output=True)
    return path


@pytest.fixture
def add(keys: dict[str, str], tmp_path: Path) -> Run:
    """Call the script on the repository of this test."""

    def call(*arguments: str | Path, key: str = "maker@example.org") -> subprocess.CompletedProcess[str]:
        command = [SCRIPT, "--key", key, *arguments]
        return subprocess.run(command, env=keys, capture_output=True, text=True, check=False)

    return call


@pytest.fixture
def repository(add: Run, tmp_path: Path) -> Path:
    """A repository with edgeweb 1.0."""
    folder = tmp_path / "repository"
    done = add(folder, make_deb(tmp_path / "one", "1.0"))
    assert done.returncode == 0, done.stderr
    assert re.search(r"1 package in \S+/repository, signed by [0-9A-F]{40}$", done.stderr)
    return folder


class Apt:
    """apt of a device: a root folder of its own, which trusts the maker's key as it was at first."""

    def __init__(self, root: Path, repository: Path, port: int) -> None:
        self.root = root
        settings = (f"etc/apt/{name}.d" for name in ("apt.conf", "auth.conf", "preferences", "sources.list"))
        for name in (*settings, "var/lib/apt/lists/partial", "var/cache/apt/archives/partial"):
            (root / name).mkdir(parents=True)
        (root / "status").write_text("")
        shutil.copy(repository / "edgeweb.asc", root / "etc/edgeweb.asc")
        (root / "etc/apt/sources.list").write_text(
            f"deb [signed-by={root}/etc/edgeweb.asc] http://127.0.0.1:{port}/ stable main\n"
        )
        (root / "apt.conf").write_text(
            f'Dir "{root}";\nDir::State::status "{root}/status";\nAPT::Sandbox::User "root";\n'
            'APT::Update::Error-Mode "any";\n'
        )

    def run(self, *command: str) -> subprocess.CompletedProcess[str]:
        # The file comes before all of this machine's settings, and names another place for them.
        variables = {"PATH": os.environ["PATH"], "LC_ALL": "C", "APT_CONFIG": str(self.root / "apt.conf")}
        return subprocess.run(
            command, env=variables, cwd=self.root, capture_output=True, text=True, check=False
        )

    def update(self) -> str:
        """What `apt-get update` has to complain about; an empty text where it has nothing."""
        done = self.run("apt-get", "update")
        complaints = "\n".join(line for line in done.stderr.splitlines() if line.strip())
        assert bool(done.returncode) == bool(complaints), done.stderr
        return complaints

    def candidate(self) -> str:
        found = re.search(r"Candidate: (\S+)", self.run("apt-cache", "policy", "edgeweb").stdout)
        return found[1] if found else ""


class Quiet(http.server.SimpleHTTPRequestHandler):
    def send_head(self) -> io.BytesIO | BinaryIO | None:
        # Dates of files are in seconds, and two indexes of a test may be of the same one.
        del self.headers["If-Modified-Since"]
        return super().send_head()

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def apt(repository: Path, tmp_path: Path) -> Iterator[Apt]:
    """A device, and a web server that publishes the repository of this test."""
    handler = functools.partial(Quiet, directory=str(repository))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield Apt(tmp_path / "device", repository, server.server_port)
        server.shutdown()
        thread.join()


def test_a_device_gets_what_was_published(apt: Apt, repository: Path, tmp_path: Path) -> None:
    assert apt.update() == ""
    assert apt.candidate() == "1.0"
    fetched = apt.run("apt-get", "download", "edgeweb")
    assert fetched.returncode == 0, fetched.stderr
    assert (apt.root / "edgeweb_1.0_all.deb").read_bytes() == (tmp_path / "one.deb").read_bytes()
    assert {path.name for path in repository.iterdir()} == {"dists", "edgeweb.asc", "pool"}


def test_a_newer_version_comes_beside_the_older_one(
    apt: Apt, repository: Path, add: Run, tmp_path: Path
) -> None:
    assert apt.update() == ""
    assert add(repository, make_deb(tmp_path / "two", "1.1")).returncode == 0
    assert apt.update() == ""
    assert apt.candidate() == "1.1"
    # The way back is there, too.
    assert apt.run("apt-get", "download", "edgeweb=1.0").returncode == 0
    # Without a package the same ones are signed again.
    assert add("--valid-days", "30", repository).returncode == 0
    assert "Valid-Until: " in (repository / "dists/stable/InRelease").read_text()
    assert apt.update() == ""
    assert apt.candidate() == "1.1"


def packages_of_this_machine(repository: Path) -> list[Path]:
    architecture = subprocess.check_output(["dpkg", "--print-architecture"], text=True).strip()
    folder = repository / f"dists/stable/main/binary-{architecture}"
    return [folder / "Packages", folder / "Packages.gz"]


def change_byte(path: Path, at: int) -> None:
    content = bytearray(path.read_bytes())
    content[at] ^= 1
    path.write_bytes(content)


def test_a_byte_of_the_list_of_packages(apt: Apt, repository: Path) -> None:
    for path in packages_of_this_machine(repository):
        change_byte(path, path.stat().st_size // 2)
    complaints = apt.update()
    assert "Hash Sum mismatch" in complaints or "unexpected size" in complaints
    assert apt.candidate() == ""


@pytest.mark.parametrize("word", ["Origin: ", "Date: ", "SHA256:\n ", "BEGIN PGP SIGNATURE-----\n\n"])
def test_a_byte_of_the_signed_index(apt: Apt, repository: Path, word: str) -> None:
    path = repository / "dists/stable/InRelease"
    # A letter in the middle of the value.
    change_byte(path, path.read_text().index(word) + len(word) + 5)
    assert apt.update() != ""
    assert apt.candidate() == ""


def test_without_the_signed_index_the_other_signature_counts(apt: Apt, repository: Path) -> None:
    (repository / "dists/stable/InRelease").unlink()
    assert apt.update() == ""
    path = repository / "dists/stable/Release"
    change_byte(path, path.read_text().index("Origin: ") + 9)
    shutil.rmtree(apt.root / "var/lib/apt/lists")
    assert "signature" in apt.update()
    assert apt.candidate() == ""


def test_without_any_signature(apt: Apt, repository: Path) -> None:
    for name in ("InRelease", "Release.gpg"):
        (repository / "dists/stable" / name).unlink()
    assert "is not signed" in apt.update()
    assert apt.candidate() == ""


def test_a_byte_of_a_package(apt: Apt, repository: Path) -> None:
    assert apt.update() == ""
    (deb,) = (repository / "pool").rglob("*.deb")
    change_byte(deb, deb.stat().st_size // 2)
    refused = apt.run("apt-get", "download", "edgeweb")
    assert refused.returncode and "Hash Sum mismatch" in refused.stderr
    assert not list(apt.root.glob("*.deb"))


def test_another_key(apt: Apt, repository: Path, add: Run) -> None:
    # A stranger who can write to the server publishes the own key beside it.
    assert add(repository, key="stranger@example.org").returncode == 0
    assert re.search("NO_PUBKEY|not available|not signed", apt.update())
    assert apt.candidate() == ""
    # Signed by the maker again it is taken, so that it was the key.
    assert add(repository).returncode == 0
    assert apt.update() == ""
    assert apt.candidate() == "1.0"


def test_one_version_is_one_content(repository: Path, add: Run, tmp_path: Path) -> None:
    before = {path: path.read_bytes() for path in repository.rglob("*") if path.is_file()}
    refused = add(repository, make_deb(tmp_path / "other", "1.0", "another"))
    assert refused.returncode == 1
    assert "edgeweb 1.0 is published with another content: raise the version." in refused.stderr
    assert {path: path.read_bytes() for path in repository.rglob("*") if path.is_file()} == before
    assert add(repository, tmp_path / "one.deb").returncode == 0, "the same once more does no harm"


@pytest.mark.parametrize(
    ("arguments", "key", "code", "message"),
    [
        (("repository", "one.deb"), "nobody@example.org", 1, "gpg has 0 secret keys for nobody@example.org"),
        (("repository", "one.deb"), "example.org", 1, "gpg has 2 secret keys for example.org"),
        (("repository", "text"), "maker@example.org", 1, "text is no Debian package"),
        (("repository",), "maker@example.org", 1, "There is no package"),
        ((), "maker@example.org", 2, "see scripts/apt_repository --help"),
        (("--suite", "a b", "repository"), "maker@example.org", 2, "--origin and --suite are words"),
        (("--valid-days", "0", "repository"), "maker@example.org", 2, "--valid-days is a number"),
        (("--upload", "repository"), "maker@example.org", 2, "unknown option --upload"),
    ],
)
def test_what_is_refused_makes_no_index(
    add: Run, tmp_path: Path, arguments: tuple[str, ...], key: str, code: int, message: str
) -> None:
    make_deb(tmp_path / "one", "1.0")
    (tmp_path / "text").write_text("")
    files = ("repository", "one.deb", "text")
    places = [str(tmp_path / word) if word in files else word for word in arguments]
    refused = add(*places, key=key)
    assert refused.returncode == code, refused.stderr
    assert message in refused.stderr
    assert not (tmp_path / "repository/dists").exists()
