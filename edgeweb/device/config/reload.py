"""A profile that was read again while the device runs: the keys that count at once, and those that wait."""

from __future__ import annotations

from .errors import dotted
from .key import NOW
from .profile import Profile
from .rules import Path

#: A channel with another driver or mode is another channel, a sensor of another kind another sensor.
_IDENTITY = {"channels": ("driver", "mode"), "sensors": ("kind",)}


def merge(running: Profile, found: Profile) -> tuple[Profile, list[str]]:
    """Return the running profile with the new values that count at once, and the keys that wait.

    >>> from .profile import load
    >>> load_with = lambda **server: load(overrides={f"server.{key}": value for key, value in server.items()})
    >>> merged, waiting = merge(load_with(), load_with(port=81, threads=2))
    >>> merged["server.threads"], merged["server.port"], waiting
    (2, 8080, ['server.port'])
    """
    values, origins = running.as_dict(), dict(running.origins)
    old, new = dict(running.items()), dict(found.items())
    waiting = []
    for path in {**old, **new}:
        if old.get(path) == new.get(path):
            continue
        if path in old and path in new and _counts_now(path, running, found):
            table = values
            for key in path[:-1]:
                table = table[key]
            table[path[-1]] = new[path]
            origins.pop(path, None)
            if path in found.origins:
                origins[path] = found.origins[path]
        else:
            waiting.append(dotted(path))
    return Profile(running.name, values, origins, found.files), waiting


def _counts_now(path: Path, running: Profile, found: Profile) -> bool:
    if len(path) > 2 and (identity := _IDENTITY.get(path[0])):
        mine, theirs = (profile[path[0]][path[1]] for profile in (running, found))
        if any(mine[key] != theirs[key] for key in identity):
            return False
    return running.row(path).change == NOW
