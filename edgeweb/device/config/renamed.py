"""Keys of earlier versions, and the keys that replace them. A profile with an old one is refused."""

from __future__ import annotations

from .schema import pattern

#: old key: (the key that replaces it, other changes)
RENAMED: dict[str, tuple[str, str]] = {
    "server.idle_seconds": ("server.idle_timeout", ""),
    "server.drain_seconds": ("server.drain_timeout", ""),
    "server.header_seconds": ("server.header_timeout", ""),
    "server.grace_seconds": ("server.grace_time", ""),
    "channels.*.initial": ("channels.*.at_start", ""),
    "channels.*.on_start": ("channels.*.at_start", ', which also takes "restore"'),
    "channels.*.on_exit": ("channels.*.at_exit", ""),
    "access.session_hours": ("access.session_idle", ', a duration such as "168 h"'),
}


def renamed(key: str) -> str:
    """Return the new name of a key of an earlier version, in words; the empty text for any other key.

    >>> renamed("server.idle_seconds"), renamed("channels.lamp.on_exit")
    ('server.idle_seconds is now server.idle_timeout', 'channels.lamp.on_exit is now channels.lamp.at_exit')
    """
    new, change = RENAMED.get(pattern(key), ("", ""))
    if "*" in new:
        # the table's own name in place of the star, so that the new key can be copied
        new = f"{key.rpartition('.')[0]}.{new.rpartition('.')[2]}"
    return f"{key} is now {new}{change}" if new else ""
