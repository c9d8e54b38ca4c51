"""The blueprint of all pages, which a program of your own can mount below a prefix and add cards to.

    from edgeweb import Flask
    from edgeweb.device import dashboard

    app = Flask(__name__)
    app.register_blueprint(dashboard, url_prefix="/device")

The device is that of `create_app` where the application is one; otherwise the one of the profile that
`app.config["EDGEWEB_PROFILE"]` names, which starts with the first request for a page. A second application in
the same process mounts a `Dashboard()` of its own, with its own cards; `create_app` does that as well.
"""

from __future__ import annotations

from collections.abc import Callable
from threading import Lock
from typing import TYPE_CHECKING, Protocol, TypeVar

from edgeweb import Blueprint, Flask, Response, current_app, g, request

from ..access.roles import needs
from ..config.profile import load
from ..device import Device
from ..http import gate
from ..http.compress import compress
from ..http.current import EXTENSION, attach, device_of, own
from ..http.origin import add_headers
from .cards import CARD, Card, CardWatch, Values

if TYPE_CHECKING:

    class Registration(Protocol):
        """The argument of `Blueprint.record`'s functions."""

        app: Flask


View = TypeVar("View", bound=Callable[..., Response])

#: Where an application keeps the device that this blueprint has brought along.
MOUNT = "edgeweb.device.mount"


class Mount:
    """The device of an application that is not `create_app`'s, started once."""

    def __init__(self, device: Device) -> None:
        self._device = device
        self._lock = Lock()
        self._started = False

    def start(self) -> None:
        """Open the state and the channels; without an owner yet, the set-up code goes to stderr.

        Raises `Problem` "state-in-use" where another process has the device.
        """
        with self._lock:
            if not self._started:
                own(self._device)
                self._device.start()
                self._started = True


class NavPage:
    """A page in the navigation."""

    __slots__ = ("icon", "name", "order", "role")

    def __init__(self, name: str, order: int, role: str, icon: str) -> None:
        self.name = name
        self.order = order
        self.role = role
        self.icon = icon


class Pages(Blueprint):
    """Views and forms, with the navigation to them."""

    def __init__(self) -> None:
        super().__init__("dashboard", "edgeweb.device.ui", template_folder="templates")
        self.navigation: list[NavPage] = []

    def nav_page(
        self, name: str, order: int, role: str = "viewer", *, path: str = "", icon: str = ""
    ) -> Callable[[View], View]:
        """Register the view of a page that the navigation lists, lower `order` first.

        `name` is its endpoint, its title in the catalogues (`page.NAME`), its address unless there is a
        `path`, and its symbol in `static/icons.svg` unless there is an `icon`. `role` may see it.
        """

        def add(view: View) -> View:
            self.navigation.append(NavPage(name, order, role, icon or name))
            self.navigation.sort(key=lambda page: page.order)
            self.add_url_rule(path or f"/{name}", endpoint=name, view_func=needs(role)(view))
            return view

        return add


#: Where the modules of `pages/` register; each `Dashboard` has all of it.
pages = Pages()


class Dashboard(Pages):
    """The pages, and the cards that a program adds to their overview."""

    def __init__(self) -> None:
        super().__init__()
        self.navigation = list(pages.navigation)
        self.deferred_functions = list(pages.deferred_functions)
        self.error_handler_spec = pages.error_handler_spec
        self.cards: list[Card] = []
        self.record(self._mount)
        self.before_request(self._enter)
        self.after_request(self._leave)

    def card(self, title: str, template: str = CARD, role: str = "viewer") -> Callable[[Values], Values]:
        """Add a card to the overview: a function whose dict is the context of `template`.

        Without a template the card lists names and values. The function is called every two seconds while a
        person looks at the page, so it has to be quick; where it fails, the card shows that and the page
        stays. `role` may see it. Raises `ValueError` for an unknown role.

            @dashboard.card("Greenhouse")
            def greenhouse():
                return {"Temperature": "21.4 °C", "Window": "closed"}
        """

        def add(values: Values) -> Values:
            self.cards.append(Card(title, template, role, values))
            return values

        return add

    def _mount(self, state: Registration) -> None:
        app = state.app
        if EXTENSION not in app.extensions:
            device = Device(load(app.config.get("EDGEWEB_PROFILE", "generic-linux")))
            attach(app, device)
            app.extensions[MOUNT] = Mount(device)
        device = device_of(app)
        device.cards.append(CardWatch(app, device, self.cards))

    @staticmethod
    def _enter() -> None:
        # in `create_app` the gate stands before the whole application
        if mount := current_app.extensions.get(MOUNT):
            mount.start()
            if "actor" not in g:
                gate.check()

    @staticmethod
    def _leave(response: Response) -> Response:
        return compress(add_headers(response))


def mounted() -> tuple[str, Dashboard]:
    """Return the dashboard that answers the current request, and the name that it is registered under.

    For a request outside of all dashboards, such as one for an unknown address, it is the application's
    first. Raises `RuntimeError` where the application has none.
    """
    blueprints = current_app.blueprints
    for name in (request.blueprint or "", *blueprints):
        found = blueprints.get(name)
        if isinstance(found, Dashboard):
            return name, found
    raise RuntimeError("This application has no dashboard.")
