"""People: who may sign in and with which role, the browsers that are signed in, one's own password."""

from __future__ import annotations

from edgeweb import Response, request

from ...access.roles import ROLES, SCOPES, needs
from ...http import login
from ...http.confirm import confirmed, scoped
from ...http.current import actor, current_device
from ...http.gate import find_session
from ...http.problems import Problem
from .. import forms
from ..blueprint import pages
from ..format import date as day
from ..i18n import Words, chosen
from ..layout import page, see
from . import kiosk

#: Marks in a `User-Agent`, first those of browsers that have the marks of others as well.
_BROWSERS = {
    "Edg": "Edge",
    "OPR/": "Opera",
    "Firefox/": "Firefox",
    "FxiOS/": "Firefox",
    "CriOS/": "Chrome",
    "Chrome/": "Chrome",
    "Version/": "Safari",
    "Safari/": "Safari",
}
_SYSTEMS = {
    "iPhone": "iPhone",
    "iPad": "iPad",
    "Android": "Android",
    "CrOS": "ChromeOS",
    "Windows": "Windows",
    "Mac OS X": "macOS",
    "Linux": "Linux",
}

#: The ends of a token that the form offers, in days; 0: none.
DAYS = ("0", "30", "90", "365")


@pages.nav_page("people", 80)
def show(problem: Problem | None = None, secret: str = "", kiosk_link: str = "") -> Response:
    """Show everybody to an admin, oneself to everybody else.

    `secret` is the text of a token just made, `kiosk_link` the address that it opens.
    """
    device, found = current_device(), actor()
    return page(
        "people",
        problem=problem,
        secret=secret,
        kiosk_link=kiosk_link,
        users=list(device.accounts.users().values()) if found.may("admin") else [],
        sessions=device.people.sessions_for(found)[::-1],
        mine=find_session(device),
        tokens=device.people.tokens_for(found),
        roles=ROLES,
        own_roles=ROLES[: ROLES.index(found.role) + 1],
        scopes=SCOPES,
        things=(things := _things()),
        shown_titles=lambda token: ", ".join(things.get(name, name) for name in token.shown),
        days=DAYS,
        recovery_left=device.people.second_factor_of(found, found.name),
        news=_news(),
        iso=device.clock.iso,
        date=device.clock.date,
        day_of=lambda moment: day(device.clock.date(moment), Words(chosen())),
        browser=browser,
    )


def _things() -> dict[str, str]:
    """Return the titles of all channels and sensors by their names."""
    device = current_device()
    sensors = {sensor.name: sensor.title for sensor in device.sensors or ()}
    return sensors | {channel.name: channel.title for channel in device.channels}


def _news() -> list[dict[str, object]]:
    """Return the newest changes to access in the words of the audit page."""
    device = current_device()
    if not (rows := device.people.news_for(actor())):
        return []
    from ..audit_words import AuditWords

    told = AuditWords(device, Words(chosen()))
    return [{**row, **told.shown(row)} for row in rows]


@pages.post("/people")
@needs("admin")
@forms.on_failure(show)
@confirmed("accounts")
def add_user() -> Response:
    """Add a user."""
    name = forms.name("name")
    password = forms.new_password("new", name)
    role = forms.choice("role", ROLES)
    current_device().accounts.add(actor(), name, password, role)
    return see("people", done="user-add")


@pages.post("/people/<name>/role")
@needs("admin")
@forms.on_failure(show)
@confirmed("accounts")
def set_user_role(name: str) -> Response:
    """Give a user another role, in force at once."""
    current_device().accounts.set_role(actor(), name, forms.choice("role", ROLES))
    return see("people", done="user-role")


@pages.post("/people/<name>/password")
@needs("viewer")
@forms.on_failure(show)
def set_user_password(name: str) -> Response:
    """Set a password: one's own, or as an admin anybody's, with the password of the one who asks.

    The browser that sends the form stays signed in; all others of that user end.
    """
    device, found = current_device(), actor()
    device.people.check_may_set_password(found, name)
    new = forms.new_password("new", name)
    forms.own_password()
    device.people.set_password(found, name, new, end_tokens="end_tokens" in request.form)
    response = see("people", done="user-password")
    if found.session is not None and name == found.name:
        login.begin_session(response, device.accounts.users()[name])
    return response


@pages.post("/people/<name>/remove")
@needs("admin")
@forms.on_failure(show)
@confirmed("accounts")
def remove_user(name: str) -> Response:
    """Remove a user with all sessions and tokens, once the password of the admin was shown again."""
    current_device().people.remove(actor(), name)
    return see("people", done="user-remove")


@pages.post("/sessions/<key>/end")
@needs("viewer")
@forms.on_failure(show)
@scoped("accounts")
def end_session(key: str) -> Response:
    """Sign a browser out, wherever it is."""
    current_device().people.end_session(actor(), key)
    return see("people", done="session-end")


@pages.post("/tokens")
@needs("viewer")
@forms.on_failure(show)
@confirmed("accounts")
def add_token() -> Response:
    """Make a token. Only this answer has its text: no address shows it again."""
    found = actor()
    note = forms.text("note", 100)
    role = forms.choice("role", ROLES[: ROLES.index(found.role) + 1])
    scopes = tuple(scope for scope in SCOPES if f"scope-{scope}" in request.form)
    days = int(forms.choice("days", tuple(DAYS))) if "days" in request.form else 0
    device, names = current_device(), request.form.getlist("shown")
    if names:
        _, text = device.add_kiosk_token(found, role, note, names, days or None)
    else:
        _, text = device.people.add_token(found, role, note, scopes, days or None)
    return show(secret=text, kiosk_link=kiosk.address_of(text) if names or role == "viewer" else "")


@pages.post("/tokens/<int:number>/revoke")
@needs("viewer")
@forms.on_failure(show)
@scoped("accounts")
def revoke_token(number: int) -> Response:
    """Revoke a token."""
    current_device().people.revoke(actor(), number)
    return see("people", done="token-revoke")


def browser(agent: str) -> str:
    """Return a browser by the name that people know; its `User-Agent` where that is none of them.

    >>> browser("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0")
    'Firefox, Linux'
    """
    found = [
        next((name for mark, name in names.items() if mark in agent), "") for names in (_BROWSERS, _SYSTEMS)
    ]
    return ", ".join(found) if all(found) else agent
