"""Cards that a program adds to the overview."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Mapping

from edgeweb import render_template

from ..access.roles import ROLES
from ..http.current import may

Values = Callable[[], Mapping[str, object]]

#: The template of a card that brings none: names and values.
CARD = "dashboard/_card.html"


class Card:
    """A title, a function and the template that shows what it returns."""

    __slots__ = ("role", "template", "title", "values")

    def __init__(self, title: str, template: str, role: str, values: Values) -> None:
        if role not in ROLES:
            raise ValueError(f"no role is named {role!r}: there are {', '.join(ROLES)}")
        self.title = title
        self.template = template
        self.role = role
        self.values = values

    def html(self) -> str | None:
        """Return the card's content now; None where its function or template fails, which is logged."""
        try:
            values = self.values()
            context = {"values": values} if self.template == CARD else values
            return render_template(self.template, **context)
        except Exception:
            # a program's card that fails must not take the machine's figures with it
            sys.excepthook(*sys.exc_info())
            return None


def shown(cards: Iterable[Card]) -> list[tuple[str, str | None]]:
    """Return title and content of the cards that the person may see."""
    return [(card.title, card.html()) for card in cards if may(card.role)]
