"""Who may sign in, and what a program shows in place of a password."""

from __future__ import annotations


class User:
    """A name with a password; never changed after it is made."""

    __slots__ = ("name", "password", "role")

    def __init__(self, name: str, role: str, password: str) -> None:
        self.name = name
        self.role = role
        self.password = password


class Token:
    """What a program shows in place of a password. `role` bounds it, and so does its user's role."""

    __slots__ = ("digest", "id", "note", "role", "user")

    def __init__(self, id: int, digest: str, user: str, role: str, note: str) -> None:
        self.id = id
        self.digest = digest
        self.user = user
        self.role = role
        self.note = note
