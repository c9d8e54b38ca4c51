"""The kiosk: large tiles for a screen on the wall, which nobody has signed in at.

A link opens it once: `/kiosk#TOKEN`. The part behind `#` goes to no server, log or Referer. A script posts
the token, and the answer keeps it in a cookie that no view but this one reads. So that browser opens nothing
else, whatever the token may do elsewhere, and revoking the token closes it.

A token that was made for a kiosk names its channels and sensors, and opens nothing but this page anywhere. A
viewer's shows them, an operator's switches them as well. Any other token shows all, and changes nothing.
"""

from __future__ import annotations

from edgeweb import Response, request

from ...access.actor import Actor
from ...access.roles import allows, lesser, public
from ...access.user import Token, User
from ...errors import DeviceError
from ...http import login
from ...http.cookies import set_cookie
from ...http.current import current_device
from ...http.problems import Problem, problem_of
from .. import forms
from ..blueprint import pages
from ..layout import link, page, see
from . import channels, sensors

#: Seconds for which a browser keeps the token: what browsers allow, 400 days. The token may end before.
_AGE = 400 * 86400


@pages.get("/kiosk")
@public
def kiosk() -> Response:
    """Show what the token is for, or all channels and sensors; without the token, how to get one."""
    text = request.cookies.get(_cookie(), "")
    if (found := _token(text)) is None:
        response = page("kiosk_closed")
        if text:
            response.delete_cookie(_cookie(), path=link("kiosk"))
        return response
    return _tiles(*found)


@pages.post("/kiosk/<name>")
@public
def switch_at_kiosk(name: str) -> Response:
    """Switch a channel that the token names, where it is an operator's. A button is pressed."""
    found = _token(request.cookies.get(_cookie(), ""))
    if found is None:
        raise Problem("unauthenticated")
    user, token = found
    device, role = current_device(), lesser(user.role, token.role)
    if name not in token.shown or not allows(role, "operator"):
        raise Problem("forbidden")
    channel = device.channels[name]
    command = "pulse" if channel.is_button else forms.choice("command", ("on", "off"))
    if channel.options["ask"] and not forms.text("sure"):
        return page("kiosk_ask", channel=channel, command=command)
    actor = Actor(user.name, role, login.source(), token=token.id)
    try:
        device.act(actor, name, command)
    except DeviceError as error:
        return _tiles(user, token, problem_of(error), name)
    return see("kiosk")


def _tiles(user: User, token: Token, problem: Problem | None = None, refused: str = "") -> Response:
    device, only = current_device(), token.shown
    return page(
        "kiosk",
        problem=problem,
        refused=refused,
        channels=[row for row in channels.rows(device) if not only or row.channel.name in only],
        sensors=[row for row in sensors.rows(device) if not only or row["id"] in only],
        switches=bool(only) and allows(lesser(user.role, token.role), "operator"),
    )


@pages.post("/kiosk")
@public
def open_kiosk() -> Response:
    """Keep the token of a link in this browser."""
    text = forms.text("token")
    if _token(text) is None:
        raise Problem("unauthenticated")
    response = see("kiosk")
    set_cookie(response, _cookie(), text, _AGE, link("kiosk"), request.is_secure)
    return response


def address_of(text: str) -> str:
    """Return the link that opens the kiosk with a token's text."""
    return f"{request.host_url.rstrip('/')}{link('kiosk')}#{text}"


def _cookie() -> str:
    return f"{current_device().cookie_name}_kiosk"


def _token(text: str) -> tuple[User, Token] | None:
    return current_device().people.check_token(login.source(), text, "kiosk") if text else None
