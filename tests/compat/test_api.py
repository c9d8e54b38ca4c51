"""Flask's names and signatures, module by module, compared with the installed Flask."""

from __future__ import annotations

import typing as t
from pathlib import Path

import pytest

from .program import answers

Api = dict[str, dict[str, t.Any]]

# These modules gather what others define; in all others a name counts where it is defined.
_GATHERING = {"flask", "flask.globals", "flask.signals", "flask.typing"}
# On instances only in Flask, where the constructors set them; here they are computed when somebody asks.
_COMPUTED = {
    *(
        "cli",
        "flashes",
        "g",
        "headers",
        "method",
        "path",
        "query_string",
        "remote_addr",
        "root_path",
        "scheme",
    ),
    *("cookies", "environ", "host", "server", "stream", "url_adapter", "want_form_data_parsed"),
}
_ADDED = {
    *(
        "after_this",
        "cookies_are_fixed",
        "encoder",
        "environ_was_read",
        "looks_tagged",
        "matched_directly",
        "replaced",
        "response_text",
        "save_session",
        "session_is_unchanged",
        "shallow",
    ),
    *("session_waits", "session_was_read"),
    *("has_ended", "is_elsewhere", "is_here", "left_behind", "move_here", "moved_to_thread", "push_as_app"),
}
# Its argument is for edgeweb.__main__, which has taken its own options off.
_OTHER_PARAMETERS = {("flask.cli", "main")}


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> tuple[Api, Api]:
    """What Flask has and what edgeweb has."""
    folder: Path = tmp_path_factory.mktemp("api")
    (flask,), (edgeweb,) = answers("flask", "api", folder), answers("edgeweb", "api", folder)
    return flask, edgeweb


def _own(api: Api) -> t.Iterator[tuple[str, str, t.Any]]:
    for module, names in api.items():
        for name, found in names.items():
            if found["home"] == module or module in _GATHERING:
                yield module, name, found["described"]


def test_nothing_is_missing(both: tuple[Api, Api]) -> None:
    flask, edgeweb = both
    missing = []
    for module, name, described in _own(flask):
        if name not in edgeweb[module]:
            missing.append(f"{module}.{name}")
        elif isinstance(described, dict):
            ours = edgeweb[module][name]["described"]
            missing += [f"{module}.{name}.{member}" for member in described if member not in ours]
    assert missing == ["flask.annotations"]  # an import of Flask's that shows
    assert len(list(_own(flask))) > 150


def test_parameters_are_the_same(both: tuple[Api, Api]) -> None:
    flask, edgeweb = both
    compared = 0
    for module, name, described in _own(flask):
        ours = edgeweb[module].get(name, {}).get("described")
        if isinstance(described, dict):
            for member, parameters in described.items():
                assert ours[member] == parameters, f"{module}.{name}.{member}"
                compared += isinstance(parameters, list)
        elif ours is not None and (module, name) not in _OTHER_PARAMETERS:
            assert ours == described, f"{module}.{name}"
            compared += isinstance(described, list)
    assert compared > 700


def test_nothing_is_added_that_a_probe_could_mistake(both: tuple[Api, Api]) -> None:
    flask, edgeweb = both
    assert edgeweb["flask"].keys() - flask["flask"].keys() == set()
    for module, name, described in _own(flask):
        # sansio has one class where Flask has two: a base without I/O, and the rest.
        if isinstance(described, dict) and not module.startswith("flask.sansio"):
            added = edgeweb[module][name]["described"].keys() - described.keys()
            assert added <= _COMPUTED | _ADDED, f"{module}.{name}"
