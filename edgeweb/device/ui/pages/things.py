"""Add, try, change and remove channels and sensors: thin views, whose code is imported by the first use."""

from __future__ import annotations

from edgeweb import Response, request

from ...access.roles import needs
from ...config.schema import FAMILIES
from ...http.confirm import confirmed
from ...http.problems import Problem
from .. import forms
from ..blueprint import pages

_FAMILY = f"<any({', '.join(FAMILIES)}):family>"


def _show_new(problem: Problem | None = None) -> Response:
    from .. import things

    return things.show_new(**(request.view_args or {}), problem=problem)


def _show_one(problem: Problem | None = None) -> Response:
    from .. import things

    return things.show_one(**(request.view_args or {}), problem=problem)


@pages.get("/add")
@needs("admin")
def add() -> Response:
    """Show what can be added."""
    from .. import things

    return things.show_choices()


@pages.get(f"/add/{_FAMILY}/<choice>")
@needs("admin")
def new_thing(family: str, choice: str) -> Response:
    """Show the form of a new channel or sensor; the address may have keys for it."""
    return _show_new()


@pages.post(f"/add/{_FAMILY}/<choice>")
@needs("admin")
@forms.on_failure(_show_new)
@confirmed("things")
def add_thing(family: str, choice: str) -> Response:
    """Add a channel or a sensor."""
    from .. import things

    return things.add(family, choice)


@pages.post("/try/<any(channels):family>/<choice>")
@needs("admin")
@forms.on_failure(_show_new)
@confirmed("things")
def try_thing(family: str, choice: str) -> Response:
    """Try a channel before it is kept."""
    from .. import things

    return things.try_out(family, choice)


@pages.get(f"/{_FAMILY}/<name>/edit")
@needs("admin")
def thing(family: str, name: str) -> Response:
    """Show what can be changed of a channel or a sensor."""
    return _show_one()


@pages.post(f"/{_FAMILY}/<name>/edit")
@needs("admin")
@forms.on_failure(_show_one)
@confirmed("things")
def change_thing(family: str, name: str) -> Response:
    """Change a channel or a sensor."""
    from .. import things

    return things.change(family, name)


@pages.post(f"/{_FAMILY}/<name>/remove")
@needs("admin")
@forms.on_failure(_show_one)
@confirmed("things")
def remove_thing(family: str, name: str) -> Response:
    """Remove a channel or a sensor."""
    from .. import things

    return things.remove(family, name)
