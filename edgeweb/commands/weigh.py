"""Runs in an interpreter of its own, for `edgeweb footprint`: loads step by step, and weighs after each.

Imported by its own name, so that the first weight is the bare interpreter's: nothing of edgeweb is loaded
before. Prints one JSON object.
"""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

# -- weighing ------------------------------------------------------------------------------------------------


def weight(descriptor: int = os.open("/proc/self/smaps_rollup", os.O_RDONLY)) -> dict[str, int]:
    """Memory of this process in KiB: all that is resident, and what nobody else could share.

    Source: proc(5). Read without a file object, which would weigh, too.
    """
    os.lseek(descriptor, 0, os.SEEK_SET)
    fields = {}
    for line in os.read(descriptor, 4096).splitlines()[1:]:
        name, value = line.split()[:2]
        fields[name[:-1].decode()] = int(value)
    return {"rss": fields["Rss"], "dirty": fields["Private_Dirty"]}


class Weigher:
    """A finder that has every module weighed while it is loaded, without those that it loads itself."""

    def __init__(self) -> None:
        #: Name, KiB of dirty memory, the module that asked for it.
        self.modules: list[tuple[str, int, str]] = []
        self._inner: list[int] = []

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> Any:
        for finder in sys.meta_path[sys.meta_path.index(self) + 1 :]:
            spec = finder.find_spec(name, path, target)
            if spec is not None:
                if spec.loader is not None:
                    spec.loader = _WeighingLoader(spec.loader, self)  # type: ignore[assignment]
                return spec
        return None

    def weigh(self, name: str, load: Callable[[], None]) -> None:
        before = weight()["dirty"]
        self._inner.append(0)
        try:
            load()
        finally:
            whole = weight()["dirty"] - before
            self.modules.append((name, whole - self._inner.pop(), _asking_module()))
            if self._inner:
                self._inner[-1] += whole


class _WeighingLoader:
    def __init__(self, real: Any, weigher: Weigher) -> None:
        self._real = real
        self._weigher = weigher

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)

    def create_module(self, spec: Any) -> Any:
        return self._real.create_module(spec)

    def exec_module(self, module: Any) -> None:
        module.__loader__ = module.__spec__.loader = self._real
        self._weigher.weigh(module.__name__, lambda: self._real.exec_module(module))


def _asking_module() -> str:
    frame = sys._getframe(1)
    while frame.f_back is not None:
        frame = frame.f_back
        name = frame.f_globals.get("__name__", "")
        if not name.startswith(("importlib", "_frozen_importlib", "edgeweb.lean", __name__, "__main__")):
            return str(name)
    return "this command"


# -- steps ---------------------------------------------------------------------------------------------------


def main() -> None:
    target, profile, token = sys.argv[1:]
    steps: list[dict[str, Any]] = [{"step": "interpreter", **weight()}]

    def step(name: str) -> None:
        steps.append({"step": name, **weight()})

    weigher = Weigher()
    sys.meta_path.insert(0, weigher)
    __import__("edgeweb")
    # edgeweb has put its own finder first; what that one defers has to be weighed as it is then.
    sys.meta_path.remove(weigher)
    sys.meta_path.insert(0, weigher)
    __import__("edgeweb.server.runner")
    step("server")
    __import__("edgeweb.app")
    step("framework")
    app = _load(target, profile)
    step("application")
    for kind, path in _requests(app, token):
        step(f"first {kind}: GET {path}")
    sys.stdout.write(_as_json({"steps": steps, "modules": sorted(weigher.modules, key=lambda m: -m[1])}))


def _load(target: str, profile: str) -> Any:
    if target:
        from edgeweb.commands.serve import load_app

        return load_app(target)
    from edgeweb.device import create_app

    return create_app(profile)


def _requests(app: Any, token: str) -> Any:
    """Ask for each address without variables until one has answered with JSON and one with a page."""
    wanted = {"json": "JSON", "html": "page"}
    for path in _paths(app):
        content_type = _get(app, path, token)
        for part, kind in list(wanted.items()):
            if part in content_type:
                del wanted[part]
                yield kind, path


def _paths(app: Any) -> list[str]:
    rules = getattr(app, "url_map", None)
    if rules is None:
        return ["/"]
    found = [rule.rule for rule in rules.iter_rules() if not rule.arguments and "GET" in (rule.methods or ())]
    # Figures before pages, as a program on a device has them: the page is what weighs more. A device's status
    # is what it is asked for most.
    return sorted(found, key=lambda path: ("status" not in path, "api" not in path, path))


def _get(app: Any, path: str, token: str) -> str:
    """The media type of the answer; none of a refusal, which says nothing about the weight of a success."""
    from io import BytesIO

    answered: list[str] = []

    def start_response(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
        if status[0] == "2":
            answered[:] = [value for name, value in headers if name.lower() == "content-type"]
        return lambda data: None

    environ = {
        "REQUEST_METHOD": "GET",
        "PATH_INFO": path,
        "SCRIPT_NAME": "",
        "QUERY_STRING": "",
        "HTTP_HOST": "localhost",
        "REMOTE_ADDR": "127.0.0.1",
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "wsgi.url_scheme": "http",
        "wsgi.input": BytesIO(),
        "wsgi.errors": sys.stderr,
    }
    if token:
        environ["HTTP_AUTHORIZATION"] = f"Bearer {token}"
    body = app(environ, start_response)
    try:
        for _ in body:
            pass
    finally:
        getattr(body, "close", lambda: None)()
    return answered[0] if answered else ""


def _as_json(value: Any) -> str:
    from json import dumps

    return dumps(value)
