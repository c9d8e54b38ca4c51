"""What strangers look for at an address of its own: where to report a weakness of the device.

Source: RFC 9116, section 3.
"""

from __future__ import annotations

from edgeweb import Response, current_app

from ..access.roles import public
from ..http.contract import contract
from ..http.current import device_of
from ..http.etag import from_content
from ..http.problems import Problem, answer


@public
@contract(answer="text/plain", problems=("not-found",))
def security_txt() -> Response:
    """Return the contact of the device's maker: `[vendor]` of the profile, as security.txt of RFC 9116.

    It is in no database, so it is answered while the state cannot be read, too.
    """
    from ..config.vendor import security_txt as text_of  # few ask

    # not `current_device`, which opens the state
    text = text_of(device_of(current_app).profile["vendor"])
    if not text:
        return answer(Problem("not-found", "The profile of this device has no vendor.contact."))
    return from_content(Response(text, content_type="text/plain; charset=utf-8"))
