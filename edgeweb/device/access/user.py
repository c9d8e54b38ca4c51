"""Users, and the tokens of programs."""

from __future__ import annotations


class User:
    """A name with a role and a password's hash; immutable."""

    __slots__ = ("name", "password", "role")

    def __init__(self, name: str, role: str, password: str) -> None:
        self.name = name
        self.role = role
        self.password = password


class Token:
    """A program's credential. Its rights are those of `role`, and never more than its user's."""

    __slots__ = ("digest", "id", "note", "role", "user")

    def __init__(self, id: int, digest: str, user: str, role: str, note: str) -> None:
        self.id = id
        self.digest = digest
        self.user = user
        self.role = role
        self.note = note
