"""What a phone needs to put the dashboard on its home screen.

Source: W3C, Web Application Manifest.
"""

from __future__ import annotations

from edgeweb import Response, make_response

from ...access.roles import public
from ...http.current import current_device
from ..assets import TYPES
from ..blueprint import pages
from ..layout import asset, link

#: Of the window before the page is there: `--card` and `--page` of the light sheet. The page has its own two.
_COLOURS = {"theme_color": "#ffffff", "background_color": "#f4f6f8"}


@pages.get("/manifest.webmanifest")
@public
def manifest() -> Response:
    """Return name, start and icons. Public: browsers ask for it without the cookie."""
    home = link("overview")
    square = {"src": asset("icon.png"), "sizes": "192x192", "type": TYPES["png"]}
    response = make_response(
        {
            "name": current_device().title,
            "id": home,
            "start_url": home,
            "scope": home,
            "display": "standalone",
            **_COLOURS,
            "icons": [
                {"src": asset("icon.svg"), "sizes": "any", "type": TYPES["svg"]},
                {**square, "purpose": "any"},
                {**square, "purpose": "maskable"},
            ],
        }
    )
    # a title with markup is none, also for a client that takes this for a page
    response.set_data(response.get_data().replace(b"<", b"\\u003c"))
    response.content_type = "application/manifest+json"
    return response
