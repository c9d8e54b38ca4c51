"""The page of a channel or a sensor, and the forms that add, try, change and remove them.

The views are in `ui/thing.py` and `ui/things.py`, imported on use.
"""

from __future__ import annotations

from edgeweb import Response, request

from ...access.roles import needs
from ...config.schema import FAMILIES
from ...http.confirm import confirmed
from ...http.problems import Problem
from .. import forms
from ..blueprint import pages

_FAMILY = f"<any({', '.join(FAMILIES)}):family>"
_NEW, _ONE = f"{_FAMILY}/<choice>", f"/{_FAMILY}/<name>"

#: Rule, endpoint, view.
PAGES = (
    ("/add", "add", "show_choices"),
    (f"/add/{_NEW}", "new_thing", "show_new"),
    (f"{_ONE}/edit", "edit_thing", "show_form"),
)

#: Rule, endpoint, view, and the view that shows the form again where it was refused.
FORMS = (
    (f"/add/{_NEW}", "add_thing", "add", "show_new"),
    (f"/try/{_NEW}", "try_thing", "try_out", "show_new"),
    (f"{_ONE}/edit", "change_thing", "change", "show"),
    (f"{_ONE}/remove", "remove_thing", "remove", "show"),
)


def _view(name: str) -> forms.View:
    """Return a view of `ui/things.py`; "show" is that of `ui/thing.py`."""

    def call(**values: object) -> Response:
        from .. import thing, things

        found: Response = getattr(thing if name == "show" else things, name)(**values)
        return found

    return call


def _again(name: str) -> forms.View:
    """Return what shows a page of the same address again, with what went wrong."""
    view = _view(name)

    def show(problem: Problem | None = None) -> Response:
        return view(**(request.view_args or {}), problem=problem)

    return show


pages.add_url_rule(_ONE, "thing", needs("viewer")(_view("show")))
for _rule, _endpoint, _name in PAGES:
    pages.add_url_rule(_rule, _endpoint, needs("admin")(_view(_name)))
for _rule, _endpoint, _name, _page in FORMS:
    _checked = forms.on_failure(_again(_page))(confirmed("things")(_view(_name)))
    pages.add_url_rule(_rule, _endpoint, needs("admin")(_checked), methods=["POST"])
