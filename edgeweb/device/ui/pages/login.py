"""Set-up of a device without an owner, sign-in, sign-out, and the choice of a language.

A person who is not signed in gets the form to sign in, in place of the page asked for.
"""

from __future__ import annotations

import os
import sys

from werkzeug.exceptions import HTTPException

from edgeweb import Response, make_response, request

from ...access.roles import needs, public
from ...access.setup import LIFETIME, MAX_TRIES
from ...config.profile import shipped_profiles
from ...device import Device
from ...errors import DeviceError
from ...http import gate, login
from ...http.cookies import set_cookie
from ...http.current import current_device
from ...http.gate import find_session
from ...http.problems import KEY_OF_STATUS, Problem, problem_of
from .. import forms
from ..blueprint import pages
from ..i18n import COOKIE, LANGUAGES, Words, chosen
from ..layout import page, see
from ..problems import explained

_WAYS_IN = frozenset({"sign_in", "set_up"})

#: Seconds for which a browser remembers the language: a year.
_YEAR = 365 * 86400


@pages.get("/sign-in")
@public
def sign_in_page() -> Response:
    """Show the form for name and password, or for the set-up code of a device without an owner."""
    if find_session(current_device()):
        return see("overview")
    return way_in()


@pages.post("/sign-in")
@public
def sign_in() -> Response:
    """Sign in by the form."""
    login.check_cookies()
    name, password = forms.text("name"), forms.text("password")
    try:
        user = login.sign_in(name, password)
    except DeviceError as error:
        if error.key != "second-factor":
            raise
        return page("second_factor", ticket=getattr(error, "ticket", ""))
    return login.begin_session(see_next(), user)


@pages.post("/set-up")
@public
def set_up() -> Response:
    """Make the first owner by the form, and sign in."""
    login.check_cookies()
    name = forms.name("name")
    password = forms.new_password("password", name)
    return login.begin_session(see_next(), login.claim(forms.text("code"), name, password))


@pages.post("/sign-out")
@needs("viewer")
def sign_out() -> Response:
    """End this browser's session."""
    return login.end_session(see("overview"))


@pages.post("/language")
@public
def choose_language() -> Response:
    """Keep the language in a cookie, and show the page again from which the form came."""
    language = forms.choice("language", tuple(LANGUAGES))
    response = see_next("back")
    set_cookie(response, COOKIE, language, _YEAR, request.script_root + "/")
    return response


@pages.errorhandler(DeviceError)
def refusal_page(error: DeviceError) -> Response:
    """Answer what the device refuses like every other error."""
    return error_page(problem_of(error))


@pages.errorhandler(HTTPException)
def error_page(error: HTTPException) -> Response:
    """Return an error as a page, or the form to sign in where that is what is missing."""
    problem = error if isinstance(error, Problem) else _as_problem(error)
    if forms.wants_json():
        return _document(problem)
    at_the_door = (request.endpoint or "").rpartition(".")[2] in _WAYS_IN
    # the form depends on whether there is an owner, which a state that cannot be read does not show
    if at_the_door and problem.key not in ("system-refused", "state-in-use"):
        return way_in(problem)
    if problem.key in ("no-owner", "unauthenticated"):
        try:
            response = way_in()
        except DeviceError as reason:  # a state that can no longer be read
            problem = problem_of(reason)
        else:
            response.status_code = problem.code or 401
            response.headers["WWW-Authenticate"] = dict(problem.get_headers())["WWW-Authenticate"]
            return response
    gate.recognise()  # a person who is signed in keeps the navigation
    return page("error", problem=problem, status=problem.code)


def see_next(field: str = "next") -> Response:
    """Redirect to the page of this server that a field of the form names; without one, to the overview."""
    response = see("overview")
    if path := forms.own_path(field):
        response.headers["Location"] = path
    return response


def way_in(problem: Problem | None = None) -> Response:
    """Return the page to sign in, or to become the owner."""
    name = "set_up" if current_device().setup.is_open else "sign_in"
    # a body that was too large to be read is not read for the name in it
    is_read = problem is None or problem.key != "too-large"
    response = page(
        name,
        problem=problem,
        in_clear=login.is_in_clear(),
        expired=current_device().setup.is_expired,
        ends=(LIFETIME // 3600, MAX_TRIES),
        name=request.form.get("name", "")[:64] if is_read else "",
        command=command_of(current_device(), "users{profile} password NAME"),
    )
    if request.method == "GET" or (problem and problem.key == "no-cookies"):
        login.ask_for_cookies(response)
    return response


def command_of(device: Device, command: str) -> str:
    """Return a command to enter on the device itself; empty where its state is in memory.

    `{profile}` stands for the option of that name, where the command needs it. Anyone can read the result, so
    it has the paths of an installed service only, which are known:
    "sudo -u edgeweb env STATE_DIRECTORY=/var/lib/edgeweb /opt/edgeweb/bin/edgeweb users password NAME".
    """
    if not device.store.folder:
        return ""
    profile = device.profile
    option = ""
    if profile["storage.state"]:
        option = f" --profile {profile.name if profile.name in shipped_profiles() else 'PROFILE'}"
    command = f"edgeweb {command.replace('{profile}', option)}"
    state = os.environ.get("STATE_DIRECTORY", "")
    if not state:
        return command
    import pwd  # for a service's page to sign in

    program = os.path.join(os.path.dirname(sys.executable), command)
    return f"sudo -u {pwd.getpwuid(os.geteuid()).pw_name} env STATE_DIRECTORY={state} {program}"


def _as_problem(error: HTTPException) -> Problem:
    """Return the same error as one that the catalogues know."""
    key = KEY_OF_STATUS.get(
        error.code or 500, "bad-request" if (error.code or 500) < 500 else "internal-error"
    )
    own = [(name, value) for name, value in error.get_headers() if name.lower() != "content-type"]
    problem = Problem(key, headers=dict(own))
    problem.code = error.code
    return problem


def _document(problem: Problem) -> Response:
    """Return the error for the script, which shows `detail` to the person."""
    response = make_response({"key": problem.key, "detail": explained(problem, Words(chosen()))})
    response.status_code = problem.code or 500
    response.headers["Cache-Control"] = "no-store"
    for name, value in problem.get_headers():
        if name.lower() != "content-type":
            response.headers[name] = value
    return response
