"""The kiosk: large tiles for a screen on the wall, which nobody has signed in at.

A link opens it once: `/kiosk#TOKEN`. The part behind `#` goes to no server, log or Referer. A script posts
the token, and the answer keeps it in a cookie that no view but this one reads. So that browser opens nothing
else, whatever the token may do elsewhere, and revoking the token closes it.
"""

from __future__ import annotations

from edgeweb import Response, request

from ...access.roles import public
from ...access.user import Token
from ...http import login
from ...http.current import current_device
from ...http.problems import Problem
from .. import forms
from ..blueprint import pages
from ..layout import link, page, see
from . import channels, sensors

#: Seconds for which a browser keeps the token: what browsers allow, 400 days. The token may end before.
_AGE = 400 * 86400


@pages.get("/kiosk")
@public
def kiosk() -> Response:
    """Show all channels and sensors; without the token of a link, how to get one. Nothing can be changed."""
    device, text = current_device(), request.cookies.get(_cookie(), "")
    if _token(text) is None:
        response = page("kiosk_closed")
        if text:
            response.delete_cookie(_cookie(), path=link("kiosk"))
        return response
    return page("kiosk", channels=channels.rows(device), sensors=sensors.rows(device))


@pages.post("/kiosk")
@public
def open_kiosk() -> Response:
    """Keep the token of a link in this browser."""
    text = forms.text("token")
    if _token(text) is None:
        raise Problem("unauthenticated")
    response = see("kiosk")
    response.set_cookie(
        _cookie(),
        text,
        max_age=_AGE,
        path=link("kiosk"),
        secure=request.is_secure,
        httponly=True,
        samesite="Strict",
    )
    return response


def address_of(text: str) -> str:
    """Return the link that opens the kiosk with a token's text."""
    return f"{request.host_url.rstrip('/')}{link('kiosk')}#{text}"


def _cookie() -> str:
    return f"{current_device().cookie_name}_kiosk"


def _token(text: str) -> Token | None:
    known = current_device().people.check_token(login.source(), text, "kiosk") if text else None
    return known[1] if known else None
