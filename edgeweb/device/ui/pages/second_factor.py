"""The second factor: the second step of a sign-in, and the pages to set one up."""

from __future__ import annotations

from edgeweb import Response

from ...access.roles import needs, public
from ...errors import DeviceError
from ...http import login
from ...http.confirm import confirmed
from ...http.current import actor, current_device
from ...http.problems import Problem, problem_of
from .. import forms
from ..blueprint import pages
from ..layout import page, see
from . import login as ways_in
from . import people


@pages.post("/sign-in/code")
@public
def enter_code() -> Response:
    """Sign in by the code, after the password was right."""
    ticket = forms.text("ticket")
    try:
        user = login.enter_code(ticket, forms.text("code", 64))
    except DeviceError as error:
        problem = problem_of(error)
        if error.key in ("wrong-second-factor", "too-many-attempts"):
            return page("second_factor", problem=problem, ticket=ticket)
        return ways_in.way_in(problem)
    return login.begin_session(ways_in.see_next(), user)


@pages.post("/people/second-factor")
@needs("viewer")
@forms.on_failure(people.show)
@confirmed("accounts")
def set_up_factor() -> Response:
    """Show a new secret as a QR code for one's own app. Only this answer has it."""
    return _secret(current_device().people.begin_second_factor(actor(), actor().name))


@pages.post("/people/second-factor/code")
@needs("viewer")
@forms.on_failure(people.show)
@confirmed("accounts")
def switch_on_factor() -> Response:
    """Put the new secret in force by a code of the app. Only this answer shows the recovery codes."""
    device, found = current_device(), actor()
    try:
        codes = device.people.finish_second_factor(found, found.name, forms.text("code", 64))
    except DeviceError as error:
        secret = device.second_factors.begun(found.name)
        if not secret:
            raise
        return _secret(secret, problem_of(error))
    return page("recovery_codes", codes=codes)


@pages.post("/people/<name>/second-factor/remove")
@needs("viewer")
@forms.on_failure(people.show)
@confirmed("accounts")
def switch_off_factor(name: str) -> Response:
    """Take away one's own second factor, or as an admin that of a user whose phone is lost."""
    current_device().people.remove_second_factor(actor(), name)
    return see("people", done="second-factor-remove")


def _secret(secret: str, problem: Problem | None = None) -> Response:
    from ...access.second_factor import uri
    from ..qr import svg

    code = svg(uri(secret, actor().name, current_device().name))
    groups = " ".join(secret[at : at + 4] for at in range(0, len(secret), 4))
    return page("second_factor_set_up", problem=problem, code=code, secret=groups)
