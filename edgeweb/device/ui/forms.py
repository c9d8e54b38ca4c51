"""Forms: what browsers send, checked, and the page again with the reason where it does not fit."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps

from edgeweb import Response, request

from ..access import passwords
from ..channels.actions import Amount, Limits
from ..config.checks import NAME
from ..config.quantities import read_number
from ..errors import DeviceError
from ..http import login
from ..http.current import actor, current_device
from ..http.problems import Problem, error_row, problem_of
from .format import plain
from .i18n import Words, chosen
from .problems import PageProblem

View = Callable[..., Response]

#: Characters of an address that a form leads back to.
MAX_PATH = 1024


def on_failure(show: View) -> Callable[[View], View]:
    """Mark the view of a form: where it raises `Problem` or `DeviceError`, answer `show(problem=...)`.

    A script that has sent the form gets the error as JSON; a person who is not signed in gets that page.
    """

    def mark(view: View) -> View:
        @wraps(view)
        def call(**values: object) -> Response:
            try:
                return view(**values)
            except (Problem, DeviceError) as error:
                if wants_json():
                    raise
                return show(problem=error if isinstance(error, Problem) else problem_of(error))

        return call

    return mark


def wants_json() -> bool:
    """Return whether the script has sent the request, and not the browser for a person."""
    return bool(request.accept_mimetypes.best == "application/json")


def text(field: str, longest: int = passwords.MAX_LENGTH) -> str:
    """Return a field of the form. Raises `Problem` for what no keyboard types."""
    found: str = request.form.get(field, "")
    if len(found) > longest or not found.isprintable():
        raise faulty(field, "expect.string", most=longest)
    return found


def own_path(field: str) -> str:
    """Return a field with the address of a page of this server; empty for any other."""
    found: str = request.form.get(field, "")
    # browsers take "//" and "/\" for another host
    is_own = found.startswith("/") and found[1:2] not in ("/", "\\") and found.isprintable()
    return found if is_own and len(found) <= MAX_PATH else ""


def name(field: str) -> str:
    """Return a field with the name of a user, channel or schedule. Raises `Problem`."""
    found = text(field)
    if not NAME.fullmatch(found):
        raise faulty(field, "expect.name")
    return found


def number(field: str, least: float, most: float) -> float:
    """Return a field with a number, with a comma or a point. Raises `Problem`."""
    found = read_number(text(field, 40).strip().replace(",", "."))
    if found is None or not least <= found <= most:
        words = Words(chosen())
        limits = {"least": plain(f"{least:g}", words), "most": plain(f"{most:g}", words)}
        raise faulty(field, "expect.number", **limits)
    return found


def amount(of: Amount, limits: Limits) -> float:
    """Return the amount of an action, from its field in the units of people. Raises `Problem`."""
    least, most = (limit / of.scale for limit in limits)
    found = number(of.form, least, most) * of.scale
    # a float of the form, such as 0.35 percent, has no exact share
    return round(found) if of.kind == "integer" else round(found, 6)


def choice(field: str, choices: tuple[str, ...]) -> str:
    """Return a field with one of these choices. Raises `Problem`."""
    found = text(field)
    if found not in choices:
        raise faulty(field, "expect.choice", choices=", ".join(choices))
    return found


def new_password(field: str, user: str) -> str:
    """Return a field with a new password. Raises `Problem` where it is too easy."""
    found = text(field)
    device = current_device()
    if passwords.fault_of(found, user, device.name, device.title):
        too_short = len(found) < passwords.MIN_LENGTH
        raise faulty(field, "expect.longer" if too_short else "expect.harder", least=passwords.MIN_LENGTH)
    return found


def own_password(field: str = "password") -> None:
    """Check the password of the person who is signed in, which has to be in the form.

    Raises `Problem`, 401 where it is wrong and 429 after repeated failures.
    """
    found = actor()
    login.check_password(found.name, text(field))


def faulty(field: str, key: str, **values: object) -> Problem:
    """Return the `Problem` of a field that does not fit; `key` is that of the text with what would."""
    words = Words(chosen())
    text = words("expect", what=words(key, **values))
    return PageProblem("invalid-fields", text, [error_row((field,), text)])
