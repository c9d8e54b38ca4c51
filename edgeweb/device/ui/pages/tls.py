"""What an encrypted connection needs: the device's own authority, and how people import it.

Public, and also without TLS: a browser that does not know the authority warns before it shows any page.
"""

from __future__ import annotations

import os

from edgeweb import Response, request

from ...access.roles import public
from ...http.current import current_device
from ..blueprint import pages
from ..i18n import Words, chosen
from ..layout import page
from ..problems import PageProblem
from .login import command_of

#: Bytes of the file that are read: ours has a thousand.
MAX_BYTES = 64 * 1024

#: What people have, by the keys of the instructions (`tls.KEY`, a line each step).
_PLATFORMS = {
    "android": "Android",
    "ios": "iPhone, iPad",
    "windows": "Windows",
    "macos": "macOS",
    "firefox": "Firefox",
}


@pages.get("/tls")
@public
def tls() -> Response:
    """Explain why the browser warns, show the fingerprint to compare, and how to import the authority."""
    from ...tls.certificate import NotACertificate, read  # few ask

    try:
        (authority,) = read(_published())
    except NotACertificate:
        command = command_of(current_device(), "tls init{profile}")
        return page("tls", authority=None, command=command, platforms=_PLATFORMS)
    command = command_of(current_device(), "tls check{profile}")
    secured = request.environ.get("edgeweb.tls", "")
    return page("tls", authority=authority, command=command, platforms=_PLATFORMS, secured=secured)


@pages.get("/tls/authority.crt")
@public
def tls_authority() -> Response:
    """Return the authority's certificate, which phones and computers offer to import. Never its key."""
    content = _published()
    if not content:
        raise PageProblem("not-found", Words(chosen())("tls.none"))
    headers = {"Cache-Control": "no-store"}
    return Response(content, headers=headers, content_type="application/x-x509-ca-cert")


def _published() -> bytes:
    """Return the file that is published; empty where it is missing or cannot be read."""
    from ...storage.recovery import TLS  # with SQLite
    from ...tls.authority import Authority
    from ...tls.certificate import blocks

    folder = current_device().store.folder
    try:
        with open(Authority(os.path.join(folder, TLS)).authority, "rb") as file:
            # whatever lies there, nothing but a certificate leaves the device
            return b"".join(blocks(file.read(MAX_BYTES))[:1])
    except OSError:
        return b""
