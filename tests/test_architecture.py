"""The floors of the house, proved from the source: imports point down, and nowhere is there a cycle."""

from __future__ import annotations

import ast
import graphlib
import shutil
import subprocess
from pathlib import Path

import pytest
from flask import __file__ as flask_package

from .device.system.attacks import SOURCES as SYSTEM_SOURCES

PACKAGE = Path(__file__).parent.parent / "edgeweb"

# Floor by floor, from the ground up; a name stands for a module or for all modules of a package that have no
# entry of their own. Within a floor modules may import each other, as long as there is no cycle.
FLOORS: list[set[str]] = [
    # The rim around the packages below.
    {"client", "lean", "typing", "globals", "server"},
    # Services: what a request needs, whoever dispatches it.
    {
        *("config", "ctx", "debughelpers", "events", "helpers", "json", "logging"),
        *("routing", "sessions", "signals", "templating", "wrappers"),
    },
    # The way of a request.
    {"dispatch"},
    # The application: what users register, and what of flask.cli it needs.
    {
        *("app", "blueprints", "scaffold", "testing", "views"),
        *("cli.app_group", "cli.banner", "cli.development", "cli.dotenv", "cli.info"),
        *("cli.locate", "cli.runner"),
    },
    # The product.
    {"device"},
    # The entry.
    {"__main__", "cli", "commands"},
]
PRODUCT = next(number for number, names in enumerate(FLOORS) if "device" in names)
# Resolves names of edgeweb and of Flask on request; nothing below the command line may lean on them.
ANNEX = {"", "compat"}


# The top level is the table of contents of Flask's documentation, and the rooms below it.
TOP_LEVEL = {
    *(
        "__init__",
        "__main__",
        "app",
        "blueprints",
        "cli",
        "config",
        "ctx",
        "debughelpers",
        "events",
        "globals",
    ),
    *("helpers", "json", "logging", "scaffold", "sessions", "signals", "templating", "testing"),
    *("typing", "views", "wrappers"),
}
ROOMS = {"client", "commands", "compat", "device", "dispatch", "lean", "routing", "server"}


def module_name(path: Path) -> str:
    parts = path.relative_to(PACKAGE).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


SOURCES = {module_name(path): path for path in sorted(PACKAGE.rglob("*.py"))}


def imported_modules(name: str) -> set[str]:
    """The modules of edgeweb that a module imports anywhere: at its top, in functions, under
    TYPE_CHECKING."""
    path = SOURCES[name]
    package = name if path.name == "__init__.py" else name.rpartition(".")[0]
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom):
            if node.level:
                base = package.split(".") if package else []
                base = base[: len(base) - node.level + 1]
                target = ".".join([*base, *(node.module or "").split(".")]).strip(".")
            elif node.module and node.module.split(".")[0] == "edgeweb":
                target = node.module.partition(".")[2]
            else:
                continue
            for alias in node.names:
                full = f"{target}.{alias.name}".strip(".")
                found.add(full if full in SOURCES else target)
        elif isinstance(node, ast.Import):
            for alias in node.names:
                if alias.name.split(".")[0] == "edgeweb":
                    found.add(alias.name.partition(".")[2])
    found.discard(name)
    return found


def floor_of(name: str) -> int | None:
    """The floor of the longest entry of the table that the module is, or lies in."""
    entry = name
    while entry:
        for number, names in enumerate(FLOORS):
            if entry in names:
                return number
        entry = entry.rpartition(".")[0]
    return None


GRAPH = {name: imported_modules(name) for name in SOURCES}


def test_the_top_level_has_flasks_names_and_the_rooms() -> None:
    found = {
        path.stem for path in PACKAGE.iterdir() if path.suffix == ".py" or (path / "__init__.py").exists()
    }
    assert found == TOP_LEVEL | ROOMS
    # Flask has no events. Flask 3 has its scaffold in sansio; programs that were written for Flask 2 import
    # it from here.
    flask = {path.stem for path in Path(flask_package).parent.iterdir() if path.suffix in ("", ".py")}
    assert TOP_LEVEL - flask == {"events", "scaffold"}


def test_the_root_has_what_belongs_there() -> None:
    """A file that was left there by accident is one commit away from everybody's clone."""
    files = {"CHANGELOG.md", "CONTRIBUTING.md", "LICENSE", "README.md", "SECURITY.md", "pyproject.toml"}
    folders = {"edgeweb", "firmware_configs", "scripts", "systemd", "tests"}
    hidden = {".ci", ".github", ".gitignore"}
    assert {name.partition("/")[0] for name in tracked()} == files | folders | hidden


def tracked() -> list[str]:
    """Return the paths of all files that are in git."""
    if shutil.which("git") is None or not (PACKAGE.parent / ".git").exists():
        pytest.skip("not a clone, or no git to list its files")
    listed = subprocess.run(
        ["git", "-c", f"safe.directory={PACKAGE.parent}", "ls-files"],
        cwd=PACKAGE.parent,
        capture_output=True,
        text=True,
        check=True,
    )
    return listed.stdout.splitlines()


def test_every_module_has_a_floor() -> None:
    without = {name for name in SOURCES if floor_of(name) is None and name.split(".")[0] not in ANNEX}
    assert not without


@pytest.mark.parametrize("name", sorted(name for name in SOURCES if floor_of(name) is not None))
def test_imports_point_down(name: str) -> None:
    own = floor_of(name)
    assert own is not None
    for other in GRAPH[name]:
        if other.split(".")[0] in ANNEX:
            # The package's own namespace, which is the public API: for the product and the entry only.
            assert own >= PRODUCT, f"{name} imports {other or 'edgeweb'}"
            continue
        theirs = floor_of(other)
        assert theirs is not None and theirs <= own, f"{name} (floor {own}) imports {other} (floor {theirs})"


def test_no_cycle() -> None:
    # A package's __init__ may gather its own modules' names; its modules must not import it back.
    graph = {name: {other for other in others if other} for name, others in GRAPH.items() if name}
    try:
        list(graphlib.TopologicalSorter(graph).static_order())
    except graphlib.CycleError as error:
        pytest.fail(" -> ".join(error.args[1]))


#: Inside `device/`, from the ground up. A room stands for all its modules; modules of one floor may import
#: each other only within their own room.
DEVICE_FLOORS: list[set[str]] = [
    {"errors", "modules", "option", "watchers"},
    {"storage", "system"},
    {"plugins"},
    {"access", "channels", "hardware", "metrics", "sensors"},
    {"config"},
    {"schedules", "tls"},
    {"factory_reset", "measuring", "operations", "tags"},
    {"device"},
    {"backup", "mqtt"},
    {"http"},
    {"api", "ui"},
    {"app"},
    {""},
]


def device_room_of(name: str) -> str:
    return name.removeprefix("device").lstrip(".").split(".")[0]


def device_floor_of(room: str) -> int:
    return next(number for number, rooms in enumerate(DEVICE_FLOORS) if room in rooms)


@pytest.mark.parametrize("name", sorted(name for name in SOURCES if name.split(".")[0] == "device"))
def test_imports_inside_the_device_point_down(name: str) -> None:
    room = device_room_of(name)
    wrong = {
        other
        for other in GRAPH[name]
        if other.split(".")[0] == "device"
        and device_room_of(other) != room
        and device_floor_of(device_room_of(other)) >= device_floor_of(room)
    }
    assert not wrong


#: The rooms at the boundary to the system, and what shows that a module of them reads it: it imports psutil,
#: or calls one of these. A `run` is that of a device, which calls a program.
BOUNDARY = ("device.hardware", "device.metrics", "device.sensors", "device.sensors.kinds", "device.system")
READS = {
    *("open", "read_file", "run", "os.open", "os.listdir", "os.scandir", "os.stat", "os.lstat"),
    *("os.statvfs", "os.readlink", "os.getloadavg", "os.path.exists", "os.path.isdir", "os.path.isfile"),
    *("os.popen", "os.system", "os.posix_spawn", "os.posix_spawnp", "glob.glob", "time.clock_gettime"),
}
READERS = {"psutil", "subprocess", "socket", "ctypes"}


def reads_the_system(source: str) -> bool:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and ast.unparse(node.func) in READS:
            return True
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        if isinstance(node, ast.ImportFrom) and not node.level:
            names = [node.module or ""]
        if {name.split(".")[0] for name in names} & READERS:
            return True
    return False


def test_what_reads_the_system_is_found() -> None:
    assert reads_the_system("def f(run): return run(['date'])")
    assert reads_the_system("def f():\n  import psutil")
    assert not reads_the_system("import os\nSIZE = os.sysconf('SC_PAGE_SIZE')")


@pytest.mark.parametrize("name", sorted(name for name in SOURCES if name.rpartition(".")[0] in BOUNDARY))
def test_a_module_that_reads_the_system_is_attacked(name: str) -> None:
    if reads_the_system(SOURCES[name].read_text()):
        rows = {f"device.{row.module}" for row in SYSTEM_SOURCES}
        assert name in rows, "add a row to the table in tests/device/system/attacks.py"


#: What only the floors from `http` up may import: requests, answers and pages are theirs.
OF_THE_WEB = {"edgeweb", "werkzeug", "jinja2", "markupsafe"}


@pytest.mark.parametrize("name", sorted(name for name in SOURCES if name.split(".")[0] == "device"))
def test_what_lies_below_http_knows_no_requests_and_no_pages(name: str) -> None:
    if device_floor_of(device_room_of(name)) >= device_floor_of("http"):
        return
    assert "" not in GRAPH[name], "imports the public API of edgeweb"
    for node in ast.walk(ast.parse(SOURCES[name].read_text())):
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        if isinstance(node, ast.ImportFrom) and not node.level:
            names = [node.module or ""]
        assert not {one.split(".")[0] for one in names} & OF_THE_WEB


#: Rules of the server that hold for the device behind any server: one place for both.
SHARED_WITH_THE_SERVER = {"server.origin", "server.prefix"}
#: Modules that programs import by their names, besides the package's own namespace.
PUBLIC_MODULES = {"events", "json"}


def test_the_device_application_uses_the_public_api_only() -> None:
    for name in SOURCES:
        if name.split(".")[0] == "device":
            for other in GRAPH[name] - SHARED_WITH_THE_SERVER - PUBLIC_MODULES:
                assert other == "" or other.split(".")[0] == "device", f"{name} imports {other}"


def test_no_file_has_more_than_500_lines() -> None:
    """Catalogues are exempt: the texts in each language, the programs that scripts/programs runs."""
    sources = [
        PACKAGE.parent / name
        for name in tracked()
        if name.endswith((".py", ".js", ".css", ".sh")) and "/i18n/" not in name and "catalogue" not in name
    ]
    lengths = {path: len(path.read_text().splitlines()) for path in sources if path.exists()}
    assert {str(path): lines for path, lines in lengths.items() if lines > 500} == {}


#: Underscore names that other packages have documented.
#: `_find_error_handler` is Flask's, which programs override.
DOCUMENTED = {"_asdict", "_find_error_handler", "_get_current_object", "_getframe", "_replace"}


def _is_own(node: ast.expr) -> bool:
    """`self`, `cls` or `super()`: what follows is the object's own."""
    if isinstance(node, ast.Call):
        node = node.func
    return isinstance(node, ast.Name) and node.id in ("self", "cls", "super")


def private_names_read(source: str) -> set[str]:
    """The underscore attributes that a module reads, but does not define in any of its classes."""
    tree = ast.parse(source)
    defined: set[str] = set()
    read: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            defined.add(node.name)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            defined.add(node.id)
        elif isinstance(node, ast.Attribute):
            if _is_own(node.value):
                defined.add(node.attr)
            elif node.attr.startswith("_") and not node.attr.startswith("__"):
                read.add(node.attr)
    return read - defined


def test_private_names_are_found() -> None:
    assert private_names_read("def f(app): return app._state") == {"_state"}
    assert private_names_read("class A:\n  def f(self, other): return self._x == other._x") == set()


#: Of Python's own modules, and the test that fails where a release renames one.
OF_PYTHON = {"server.tls": ({"_SSLContext", "_set_alpn_protocols"}, "test_tls_private")}


@pytest.mark.parametrize("name", sorted(name for name in SOURCES if name.split(".")[0] != "device"))
def test_no_module_reads_private_names_of_another(name: str) -> None:
    permitted, test = OF_PYTHON.get(name, (set(), ""))
    assert not test or (PACKAGE.parent / "tests" / "server" / f"{test}.py").is_file()
    assert private_names_read(SOURCES[name].read_text()) - DOCUMENTED == permitted
