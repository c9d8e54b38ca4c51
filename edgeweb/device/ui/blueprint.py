"""The blueprint of all pages, which a program of your own can mount below a prefix and add cards to.

    from edgeweb import Flask
    from edgeweb.device import dashboard

    app = Flask(__name__)
    app.register_blueprint(dashboard, url_prefix="/device")

The device is that of `create_app` where the application is one; otherwise the one of the profile that
`app.config["EDGEWEB_PROFILE"]` names, and it comes to life with the first request for a page.
"""

from __future__ import annotations

from collections.abc import Callable
from threading import Lock
from typing import Any, TypeVar

from edgeweb import Blueprint, Flask, Response, current_app, g

from ..access.roles import needs
from ..config.profile import load
from ..device import Device
from ..http import gate
from ..http.current import EXTENSION, attach
from ..http.origin import add_headers
from .cards import CARD, Card, Values

View = TypeVar("View", bound=Callable[..., Any])

#: Where an application keeps the device that this blueprint has brought along.
MOUNT = "edgeweb.device.mount"


class Mount:
    """The device of somebody else's application, started once."""

    def __init__(self, device: Device) -> None:
        self._device = device
        self._lock = Lock()
        self._started = False

    def start(self) -> None:
        """Opens the state and the channels, and says on stderr how the owner gets in."""
        with self._lock:
            if not self._started:
                self._device.start()
                self._started = True


class Dashboard(Blueprint):
    """The pages, and what a program adds to them."""

    def __init__(self) -> None:
        super().__init__("dashboard", "edgeweb.device.ui", template_folder="templates")
        self.cards: list[Card] = []
        self._pages: list[tuple[int, str, str]] = []
        self.record(self._mount)
        self.before_request(self._enter)
        self.after_request(self._leave)

    def nav_page(self, name: str, order: int, role: str = "viewer", path: str = "") -> Callable[[View], View]:
        """Register the view of a page that the navigation lists, lower `order` first.

        `name` is its endpoint, icon, word in the catalogues, and its address where there is no `path`;
        `role` may see it.
        """

        def add(view: View) -> View:
            self._pages.append((order, name, role))
            self.add_url_rule(path or f"/{name}", endpoint=name, view_func=needs(role)(view))
            return view

        return add

    def pages_for(self, may: Callable[[str], bool]) -> list[str]:
        """Return the names of the pages that somebody may see, in the order of the navigation."""
        return [name for _, name, role in sorted(self._pages) if may(role)]

    def card(self, title: str, template: str = CARD, role: str = "viewer") -> Callable[[Values], Values]:
        """Adds a card to the overview: a function whose dict is the context of `template`.

        Without a template the card lists names and values. It is asked for every two seconds while somebody
        looks, so it has to be quick; where it fails, the card says so and the page stays. `role` is what
        somebody needs to see it. Raises `ValueError` for a role that there is not.

            @dashboard.card("Greenhouse")
            def greenhouse():
                return {"Temperature": "21.4 °C", "Window": "closed"}
        """

        def add(values: Values) -> Values:
            self.cards.append(Card(title, template, role, values))
            return values

        return add

    @staticmethod
    def _mount(state: Any) -> None:
        app: Flask = state.app
        if EXTENSION not in app.extensions:
            device = Device(load(app.config.get("EDGEWEB_PROFILE", "generic-linux")))
            attach(app, device)
            app.extensions[MOUNT] = Mount(device)

    @staticmethod
    def _enter() -> None:
        # in `create_app` the gate stands before the whole application
        if mount := current_app.extensions.get(MOUNT):
            mount.start()
            if "actor" not in g:
                gate.check()

    @staticmethod
    def _leave(response: Response) -> Response:
        return add_headers(response)


dashboard = Dashboard()
