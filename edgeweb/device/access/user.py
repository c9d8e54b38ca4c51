"""Users, and the tokens of programs."""

from __future__ import annotations

#: Before the name of a channel or a sensor, in the scopes of a kiosk's token.
KIOSK = "kiosk:"


class User:
    """A name with a role and a password's hash; immutable.

    `stamp` is the salt of the hash: another one with every password that is set. `has_factor`: a sign-in
    needs a code besides (`second_factor.py`).
    """

    __slots__ = ("has_factor", "name", "password", "role", "stamp")

    def __init__(self, name: str, role: str, password: str, has_factor: bool = False) -> None:
        self.name = name
        self.role = role
        self.password = password
        self.has_factor = has_factor
        self.stamp = password.split("$")[1] if "$" in password else password


class Token:
    """A program's credential. Its rights are those of `role`, and never more than its user's.

    `scopes` are those of `roles.SCOPES` that it has besides, or what makes it one of a kiosk: `kiosk:lamp`
    for each channel or sensor that it shows. Such a token opens the kiosk and nothing else. Dates are in
    seconds since 1970: `created`, `used` to the day, and `expires`; each may be None. `checked` is the moment
    of the monotonic clock from which the next use is compared with `used`.
    """

    __slots__ = ("checked", "created", "digest", "expires", "id", "note", "role", "scopes", "used", "user")

    def __init__(
        self,
        id: int,
        digest: str,
        user: str,
        role: str,
        note: str,
        scopes: str = "",
        created: float | None = None,
        used: float | None = None,
        expires: float | None = None,
    ) -> None:
        self.id = id
        self.digest = digest
        self.user = user
        self.role = role
        self.note = note
        self.scopes = tuple(scopes.split())
        self.created = created
        self.used = used
        self.expires = expires
        self.checked = 0.0

    @property
    def shown(self) -> tuple[str, ...]:
        """Return the channels and sensors of a kiosk's token; none for any other.

        >>> Token(1, "", "ada", "viewer", "hall", "kiosk:lamp kiosk:fan").shown
        ('lamp', 'fan')
        """
        return tuple(one.removeprefix(KIOSK) for one in self.scopes if one.startswith(KIOSK))
