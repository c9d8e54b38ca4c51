"""The part of `edgeweb footprint` that runs in its own interpreter: load step by step, weigh after each step.

Imported by its own name, so that nothing of edgeweb is loaded before the first weight, which is that of the
bare interpreter. The result is one JSON object on standard output.
"""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from importlib.machinery import ModuleSpec
    from types import ModuleType
    from typing import Any

    from _typeshed.wsgi import WSGIApplication

# -- weighing ------------------------------------------------------------------------------------------------


def weight(descriptor: int = os.open("/proc/self/smaps_rollup", os.O_RDONLY)) -> dict[str, int]:
    """Return the memory of this process in KiB: all that is resident, and what is private and changed.

    Source: proc(5). Read without a file object, whose memory would count.
    """
    os.lseek(descriptor, 0, os.SEEK_SET)
    fields = {}
    for line in os.read(descriptor, 4096).splitlines()[1:]:
        name, value = line.split()[:2]
        fields[name[:-1].decode()] = int(value)
    return {"rss": fields["Rss"], "dirty": fields["Private_Dirty"]}


class Weigher:
    """A finder that weighs each module while it loads, without the modules that it imports."""

    def __init__(self) -> None:
        #: Name, KiB of dirty memory, the module that asked for it.
        self.modules: list[tuple[str, int, str]] = []
        self._inner: list[int] = []

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
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

    def __getattr__(self, name: str) -> object:
        return getattr(self._real, name)

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        module: ModuleType | None = self._real.create_module(spec)
        return module

    def exec_module(self, module: ModuleType) -> None:
        assert module.__spec__ is not None
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
    steps: list[dict[str, object]] = [{"step": "interpreter", **weight()}]

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


def _load(target: str, profile: str) -> WSGIApplication:
    if target:
        from edgeweb.commands.application import load_app

        return load_app(target)
    from edgeweb.device import create_app

    return create_app(profile)


def _requests(app: WSGIApplication, token: str) -> Iterator[tuple[str, str]]:
    """Ask for each address without variables until one has answered with JSON and one with a page."""
    wanted = {"json": "JSON", "html": "page"}
    for path in _paths(app):
        content_type = _get(app, path, token)
        for part, kind in list(wanted.items()):
            if part in content_type:
                del wanted[part]
                yield kind, path


def _paths(app: object) -> list[str]:
    rules = getattr(app, "url_map", None)
    if rules is None:
        return ["/"]
    found = [rule.rule for rule in rules.iter_rules() if not rule.arguments and "GET" in (rule.methods or ())]
    # Figures before pages, which weigh more. A device's status first: it is the most frequent request.
    return sorted(found, key=lambda path: ("status" not in path, "api" not in path, path))


def _get(app: WSGIApplication, path: str, token: str) -> str:
    """Return the media type of the answer; none for a refusal, whose weight is not that of a success."""
    from edgeweb.commands.warm import ask

    access = {"HTTP_AUTHORIZATION": f"Bearer {token}"} if token else {}
    status, headers = ask(app, path, REMOTE_ADDR="127.0.0.1", **access)
    types = [value for name, value in headers if name.lower() == "content-type"]
    return types[0] if types and status[0] == "2" else ""


def _as_json(value: object) -> str:
    from json import dumps

    return dumps(value)
