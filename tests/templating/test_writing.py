"""Writing: whoever reads finds the old file or the new one, whoever else writes or is killed."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
import textwrap
import threading
from pathlib import Path

import pytest

from edgeweb.templating import writing
from edgeweb.templating.cachefile import CacheFile
from edgeweb.templating.trust import Untrusted
from edgeweb.templating.writing import NEW, update, write

from .program import Program
from .test_cachefile import STAMP, entry, keys
from .test_trust import NOBODY, as_root

ROOT = Path(__file__).parent.parent.parent


def test_the_folder_is_made_and_nothing_else_is_left(place: Path) -> None:
    path = place / "new" / "folder" / "cache"
    write(str(path), STAMP, [], keys(3))
    assert os.listdir(path.parent) == ["cache"]
    assert CacheFile(str(path)).entries == 3


@pytest.mark.parametrize("mask", [0o000, 0o002, 0o027, 0o077])
def test_only_we_can_write_it_whatever_the_umask(place: Path, mask: int) -> None:
    path = place / "folder" / "cache"
    before = os.umask(mask)
    try:
        write(str(path), STAMP, [], {})
    finally:
        os.umask(before)
    assert stat.S_IMODE(path.stat().st_mode) == 0o644
    CacheFile(str(path))


def test_nothing_is_written_where_it_would_not_be_read(place: Path, tmp_path: Path) -> None:
    place.chmod(0o777)
    for path in (place / "cache", place / "new" / "cache"):
        with pytest.raises(Untrusted):
            write(str(path), STAMP, [], {})
    assert os.listdir(place) == []
    if any(folder.stat().st_mode & 0o002 for folder in tmp_path.parents):
        with pytest.raises(Untrusted):
            write(str(tmp_path / "cache"), STAMP, [], {})
        assert os.listdir(tmp_path) == []


def test_a_write_that_fails_leaves_the_old_file(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = str(place / "cache")
    write(path, STAMP, [], keys(3))

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        write(path, STAMP, [], keys(5))
    assert os.listdir(place) == ["cache"]
    assert CacheFile(path).entries == 3


def test_what_is_written_is_on_the_disk_before_it_has_the_name(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = str(place / "cache")
    order = []

    def fsync(descriptor: int) -> None:
        order.append("sync " + os.path.basename(os.readlink(f"/proc/self/fd/{descriptor}")))

    def replace(old: str, new: str) -> None:
        order.append("rename")
        os.rename(old, new)

    monkeypatch.setattr(os, "fsync", fsync)
    monkeypatch.setattr(os, "replace", replace)
    write(path, STAMP, [], keys(3))
    assert order == ["sync cache.new", "rename", f"sync {place.name}"]


@as_root
def test_a_read_only_folder_is_an_error(place: Path) -> None:
    if not all(folder.stat().st_mode & 0o001 for folder in place.parents):
        pytest.skip("another user cannot enter the folder of this checkout")
    os.seteuid(NOBODY)
    try:
        with pytest.raises(PermissionError):
            write(str(place / "cache"), STAMP, [], {})
    finally:
        os.seteuid(0)


def test_what_a_killed_process_left_is_taken_over(place: Path) -> None:
    path = place / "cache"
    Path(f"{path}{NEW}").write_bytes(b"x" * 1_000_000)
    write(str(path), STAMP, [], keys(2))
    assert os.listdir(place) == ["cache"]
    assert CacheFile(str(path)).entries == 2


def test_a_link_in_place_of_the_new_file_is_not_followed(place: Path) -> None:
    other = place / "other"
    other.write_text("precious")
    Path(f"{place / 'cache'}{NEW}").symlink_to(other)
    with pytest.raises(OSError):
        write(str(place / "cache"), STAMP, [], {})
    assert other.read_text() == "precious"


def test_update_adds_and_keeps(place: Path) -> None:
    path = str(place / "cache")
    write(path, STAMP, ["one"], keys(3), strict=True)
    assert update(path, STAMP, {"new": entry(9)}) == 4
    file = CacheFile(path)
    assert (file.origins, file.strict, dict(file.all()).keys()) == ({"one"}, True, {*keys(3), "new"})


@pytest.mark.parametrize("content", ["another stamp", "damage", "nothing", "bad mode"])
def test_update_replaces_what_is_of_no_use(place: Path, content: str) -> None:
    path = str(place / "cache")
    if content == "another stamp":
        write(path, "jinja2: 4", ["one"], keys(3))
    elif content == "damage":
        Path(path).write_bytes(b"edgewebT and so on")
    elif content == "bad mode":
        write(path, STAMP, ["one"], keys(3))
        os.chmod(path, 0o666)
    assert update(path, STAMP, {"new": entry(9)}) == 1
    file = CacheFile(path)
    assert (file.origins, dict(file.all()).keys()) == (frozenset(), {"new"})


def test_update_does_not_wait_and_write_does(place: Path) -> None:
    path = str(place / "cache")
    written = threading.Event()

    def second() -> None:
        write(path, STAMP, [], keys(2))
        written.set()

    with writing._replacing(path, wait=True) as file:
        with pytest.raises(BlockingIOError):
            update(path, STAMP, {})
        thread = threading.Thread(target=second)
        thread.start()
        assert not written.wait(0.2)
        writing._write_parts(file, "first", [], {}, False)
    thread.join(20)
    assert CacheFile(path).stamp == STAMP
    assert os.listdir(place) == ["cache"]


def start(code: str, *arguments: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", textwrap.dedent(code), *arguments]
    environment = {key: value for key, value in os.environ.items() if key != "TMPDIR"}
    return subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True)


@pytest.mark.slow
def test_two_processes_build_at_once_while_a_third_reads(program: Program) -> None:
    """Each builds another set of templates, again and again; the reader never sees a mixture or nothing."""
    for number in range(5):
        program.write(f"{number}.html", f"{{{{ {number} }}}}" * 50)
    writer = """
        import sys
        from edgeweb.templating.build import Builder
        from edgeweb.templating.cache import cache_path
        from tests.templating.program import Program
        from pathlib import Path
        app = Program(Path(sys.argv[1])).app()
        for _ in range(30):
            builder = Builder(app, cache_path(app), [sys.argv[2]])
            assert not any(result.fault for result in builder.compile())
            builder.write(False)
    """
    odd, even = (start(writer, str(program.folder), pattern) for pattern in ("[13].html", "[024].html"))
    path = program.folder / "__pycache__" / f"program.{sys.implementation.cache_tag}.templates"
    seen = set()
    while odd.poll() is None or even.poll() is None:
        try:
            file = CacheFile(str(path))
        except FileNotFoundError:
            assert not seen
            continue
        names = {key.rpartition("\0")[2] for key, _ in file.all()}
        seen.add("".join(sorted(name[0] for name in names)))
    for process in (odd, even):
        process.communicate(timeout=60)
        assert process.returncode == 0
    assert seen <= {"024", "13"}
    assert os.listdir(path.parent) == [path.name]


@pytest.mark.slow
def test_killed_200_times_during_a_build(program: Program) -> None:
    """A process forks 200 builders and kills each at another moment; then it reads the cache like any other.

    It imports everything first; its children do all of what the command does from then on. Half of the
    moments are anywhere in a build, half in the few milliseconds in which it writes.
    """
    for number in range(4):
        program.write(
            f"{number}.html", f"{{% for x in range({number}) %}}{{{{ x|upper }}}}{{% endfor %}}" * 20
        )
    killer = """
        import json, os, random, signal, sys, time
        from pathlib import Path
        from edgeweb.commands import build as command
        from edgeweb.templating.cache import cache_path
        from edgeweb.templating.cachefile import CacheFile
        from tests.templating.program import Program

        folder = Path(sys.argv[1])
        app = Program(folder).app()
        command._app = lambda options: app
        path = cache_path(app)
        writes, write = command.Builder.write, os.write

        def build():
            reader, writer = os.pipe()
            child = os.fork()
            if child:
                os.close(writer)
                return child, reader

            def say_when(self, strict):
                write(writer, b"now")
                return writes(self, strict)

            command.Builder.write = say_when
            sys.stdout = open(os.devnull, "w")
            (folder / "templates" / "0.html").write_text(f"{os.getpid()}")
            os._exit(command.main([]))

        times = []
        for _ in range(5):
            before = time.perf_counter()
            child, reader = build()
            os.read(reader, 3)
            writing = time.perf_counter()
            assert os.waitpid(child, 0)[1] == 0
            times.append((time.perf_counter() - before, time.perf_counter() - writing))
        whole, last = (sorted(column)[2] for column in zip(*times))
        moments = random.Random(5)
        report = {"unreadable": 0, "killed": 0, "killed while writing": 0, "new": 0, "left": 0}
        previous = None
        for number in range(200):
            child, reader = build()
            if number % 2:
                os.read(reader, 3)
                time.sleep(moments.uniform(0, 1.2 * last))
            else:
                time.sleep(moments.uniform(0, 1.2 * whole))
            os.kill(child, signal.SIGKILL)
            killed = os.WIFSIGNALED(os.waitpid(child, 0)[1])
            os.close(reader)
            report["killed"] += killed
            report["killed while writing"] += killed and number % 2
            found = {key: bytes(entry.code) for key, entry in CacheFile(path).all()}
            report["unreadable"] += len(found) != 4
            report["new"] += found != previous
            previous = found
            report["left"] = max(report["left"], len(os.listdir(os.path.dirname(path))))
        assert os.waitpid(build()[0], 0)[1] == 0
        report["at the end"] = os.listdir(os.path.dirname(path))
        print(json.dumps(report))
    """
    process = start(killer, str(program.folder))
    output, _ = process.communicate(timeout=900)
    assert process.returncode == 0
    report = json.loads(output)
    assert report["unreadable"] == 0
    # Enough of them before the end, and enough after it, for all moments between to be among them.
    assert report["killed"] > 20
    assert report["killed while writing"] > 5
    assert report["new"] > 5
    assert report["left"] == 2
    assert len(report["at the end"]) == 1
