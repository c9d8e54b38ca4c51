"""The settings: a form made of the schema, with what differs from the profile and the way back."""

from __future__ import annotations

from edgeweb import Response, request

from ...access.roles import needs
from ...config.checks import KINDS, accept
from ...config.schema import BASIC, pattern
from ...config.settings import Setting, SettingsError
from ...http.current import actor, current_device
from ...http.problems import Problem
from .. import forms
from ..blueprint import pages
from ..fields import as_text, attributes, expected, read, setting_title, shown, thing_of
from ..i18n import Words, chosen
from ..layout import page, see
from ..problems import PageProblem


class Row:
    """A setting as the template shows it."""

    __slots__ = ("attributes", "default", "fault", "field", "is_basic", "setting", "text", "title", "value")

    def __init__(self, setting: Setting, words: Words, faults: dict[str, str]) -> None:
        field = KINDS[setting.kind].field
        typed = request.form.get(setting.key) if faults else None
        self.setting = setting
        self.field = field
        self.is_basic = pattern(setting.key) in BASIC
        self.attributes = attributes(setting.kind, setting.limits)
        self.value = as_text(setting.kind, setting.value) if typed is None else typed
        self.default = shown(setting.kind, setting.default, words)
        self.fault = faults.get(setting.key, "")
        self.title = words(f"setting.{pattern(setting.key)}")
        needs_hint = field in ("number", "lines") or setting.kind == "duration"
        self.text = expected(setting.kind, setting.limits, words) if needs_hint else ""


@pages.nav_page("settings", 70, "admin")
def show(problem: Problem | None = None, faults: dict[str, str] | None = None) -> Response:
    """Show all settings, by what they belong to."""
    device, words = current_device(), Words(chosen())
    groups: dict[tuple[str, str], list[Row]] = {}
    for setting in device.settings.rows():
        first, name = thing_of(setting.key)
        title = device.profile[first][name]["title"] or name if name else words(f"group.{first}")
        groups.setdefault((f"{first} {name}", title), []).append(Row(setting, words, faults or {}))
    session = actor().session
    return page(
        "settings",
        problem=problem,
        groups=groups,
        tag=device.settings.tag,
        ignored=device.settings.ignored,
        mqtt=None if device.broker is None else device.broker.to_json(),
        is_open=_is_open,
        has_news=_has_news,
        undo=_undo_in_words(session.undo, words) if session else [],
    )


def _undo_in_words(undo: dict[str, object], words: Words) -> list[str]:
    """Return what undoing brings back: `Heading of all pages: Shed`."""
    device = current_device()
    rows = {setting.key: setting for setting in device.settings.rows()}
    texts = []
    for key, value in sorted(undo.items()):
        title = setting_title(key, words, device.profile)
        if (row := rows.get(key)) is not None:
            title += words("live.sign.colon") + shown(
                row.kind, row.default if value is None else value, words
            )
        texts.append(title)
    return texts


def _is_open(rows: list[Row]) -> bool:
    """Return whether a group is unfolded at first: not those of experts, nor those of things."""
    return _has_news(rows) or any(row.is_basic and "*" not in pattern(row.setting.key) for row in rows)


def _has_news(rows: list[Row]) -> bool:
    """Return whether one of the settings is faulty, or differs from the profile."""
    return any(row.fault or row.setting.changed for row in rows)


@pages.post("/settings")
@needs("admin")
@forms.on_failure(show)
def change_settings() -> Response:
    """Change what differs, all or nothing.

    `back` brings one setting back to the profile's value, `undo` the last change of this browser.
    """
    session = actor().session
    back = request.form.get("back", "")
    if back:
        return _change({back: None}, "settings-back")
    if request.form.get("undo"):
        return _change(session.undo if session else {}, "settings-undo")
    return _change(_differing(), "settings")


def _differing() -> dict[str, object]:
    """Return the settings whose fields differ from their values."""
    changes: dict[str, object] = {}
    here = set(request.form.getlist("here"))
    for setting in current_device().settings.rows():
        if setting.key in here:
            value = read(setting.kind, request.form.get(setting.key, ""))
            # a value that the form rounds has not been touched
            if as_text(setting.kind, value) != as_text(setting.kind, setting.value):
                changes[setting.key] = value
    return changes


def _change(changes: dict[str, object], done: str) -> Response:
    device, found, words = current_device(), actor(), Words(chosen())
    known = {row.key: row for row in device.settings.rows()}
    before = {key: known[key].value if known[key].changed else None for key in changes if key in known}
    seen = request.form.get("tag", "")
    try:
        device.settings.change(found, changes, lambda tag: tag == seen)
    except SettingsError as reason:
        faults = {key: _fault(known, key, detail, changes, words) for (key,), detail in reason.errors}
        if forms.wants_json():
            raise Problem("invalid-fields", str(reason)) from reason
        others = [
            f"{key}{words('live.sign.colon')}{text}" for key, text in faults.items() if key not in known
        ]
        detail = words("settings.refused") + " " + " ".join(others)
        return show(PageProblem("invalid-fields", detail.strip()), faults)
    if found.session is not None and changes:
        found.session.undo = before
    return see("settings", done=done if changes else "settings-same")


def _fault(known: dict[str, Setting], key: str, detail: str, changes: dict[str, object], words: Words) -> str:
    """Return what is wrong with one field: its own limits in the language of the page, else the detail."""
    row = known.get(key)
    try:
        if row is not None and changes.get(key) is not None:
            accept(row.kind, row.limits, changes[key])
    except ValueError:
        return words("expect", what=expected(row.kind, row.limits, words)) if row else detail
    return detail
