"""Cards that a program adds to the overview."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Mapping

from edgeweb import Flask, render_template

from ..access import secrets
from ..access.roles import ROLES
from ..device import Device
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
            return self.render()
        except Exception:
            # a program's card that fails must not take the machine's figures with it
            sys.excepthook(*sys.exc_info())
            return None

    def render(self) -> str:
        """Return the card's content now. Raises what its function or template raises."""
        values = self.values()
        context = {"values": values} if self.template == CARD else values
        return render_template(self.template, **context)


class CardWatch:
    """Finds that cards of a dashboard have changed, for pages that listen to the device's events.

    The cards are rendered outside of a request, on a thread of their own: a card that hangs keeps no other
    thread. One that cannot be rendered there, since it reads the request, counts as changed each time, and
    the page asks for it.
    """

    __slots__ = ("_app", "_cards", "_device", "_is_looking", "_tags", "number")

    def __init__(self, app: Flask, device: Device, cards: list[Card]) -> None:
        self._app = app
        self._device = device
        self._cards = cards
        self._is_looking = False
        self._tags: list[str] = []
        #: How often they have changed.
        self.number = 0

    def look(self) -> None:
        """Have the cards rendered soon, unless the last rendering is under way. Waits for nothing."""
        if self._cards and not self._is_looking:
            self._is_looking = True
            self._is_looking = self._device.executor.submit("cards", self._render)

    def _render(self) -> None:
        tags = []
        with self._app.app_context():
            for card in self._cards:
                try:
                    tags.append(secrets.digest(card.render())[:16])
                except Exception:
                    # the request for the card logs the reason
                    tags.append("")
        if tags != self._tags or "" in tags:
            self._tags = tags
            self.number += 1
            if self._device.listener is not None:
                self._device.listener.changed()
        self._is_looking = False


def shown(cards: Iterable[Card]) -> list[tuple[str, str | None]]:
    """Return title and content of the cards that the person may see."""
    return [(card.title, card.html()) for card in cards if may(card.role)]
