"""Forms with which people add, change, try and remove channels and sensors.

The fields follow from the tables: the rows of every channel or sensor, and the options of its driver or kind.
What a catalogue has no text for, as of a driver from elsewhere, is shown as its module describes it. Imported
when an admin asks for such a form, as are the modules of all drivers and kinds.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any, NamedTuple, cast

from edgeweb import Response, request

from ..config.checks import KINDS, NAME, REQUIRED, accept
from ..config.key import Key, Table
from ..config.outside import usable
from ..config.rules import foreign_keys
from ..config.schema import FAMILIES
from ..config.things import NameTaken, ThingError, module_of, runs_programs
from ..errors import NotFound
from ..http.current import actor, current_device
from ..http.problems import Problem, error_row
from ..system.source import SourceError
from ..system.text import to_ascii
from . import forms
from .fields import as_text, attributes, choice_text, expected, read, shown
from .format import measured, plain
from .i18n import Words, chosen
from .layout import link, page, see
from .problems import PageProblem

#: The texts that were typed, by key; a pair of inputs has two.
Texts = Mapping[str, list[str]]

#: The keys of the dashboard: how a channel or a sensor is shown.
LOOK = ("title", "group", "icon", "order", "unit", "words", "ask")

#: The keys that the form of a new one begins with, before those of its driver or kind.
FIRST = ("title", "mode")

#: The choices of kinds that are no choice elsewhere.
_CHOICES = {"override": ("", "true", "false")}

#: The prefix of a choice's text in the catalogues, by key or kind; `choice.` for all others.
_CHOICE_TEXTS = {"mode": "mode.", "override": "things.override-"}

#: Kinds whose texts people do not guess.
_WITH_HINT = frozenset({"strings", "size"})

#: Kinds whose texts have a decimal point.
_NUMBERS = frozenset({"number", "limit", "range", "duration"})

_MAX_NAME = 48


class Field(NamedTuple):
    """An input of a form, as the template shows it.

    Attributes:
        key: The key of the profile, and the name of the input.
        field: The kind of input, as of `checks.KINDS`.
        texts: What is in it; two texts where it is a pair of inputs.
        labels: Its label, then those of the inputs of a pair.
        choices: Value and text of each choice.
        modes: The modes of a channel in which it counts; empty: all.
    """

    key: str
    field: str
    texts: list[str]
    labels: list[str]
    hint: str
    attributes: dict[str, object]
    choices: list[tuple[str, str]]
    modes: str


class Form:
    """The keys of a channel or a sensor with a driver or a kind, their values, and what was typed."""

    def __init__(self, family: str, choice: str, values: Mapping[str, Any], typed: Texts) -> None:
        self.family = family
        self.choice = choice
        self.selector = FAMILIES[family].selector
        self._values = values
        self._typed = typed
        self._words = Words(chosen())
        module = module_of(family, choice)
        self._options = {one.key: one for one in module.OPTIONS}
        self._modes: tuple[str, ...] = getattr(module, "MODES", ())
        # what runs programs is for files to name
        hidden = {self.selector, *(self._options if runs_programs(family, choice) else ())}
        rows = FAMILIES[family].rows_of(choice)
        self.rows = {key: row for row in rows if (key := _key_of(row)) not in hidden}

    def parts(self, is_new: bool) -> tuple[list[Field], list[Field]]:
        """Return the fields that come first, then all others, which are folded."""
        first = [key for key in ((*FIRST, *self._options) if is_new else LOOK) if key in self.rows]
        others = dict.fromkeys(key for key in (*LOOK, *self.rows) if key in self.rows and key not in first)
        return [self._field(key) for key in first], [self._field(key) for key in others]

    def changes(self) -> Table:
        """Return the keys that were typed and are no longer as they were; None where one has its default."""
        found: Table = {}
        for key, row in self.rows.items():
            value = self._read(row, key)
            if value is None or as_texts(row.kind, value) == self._shown(key):
                continue
            has_default = row.default is not REQUIRED and as_texts(row.kind, value) == as_texts(
                row.kind, row.default
            )
            found[key] = None if has_default else value
        if "mode" in self.rows:
            # hidden by the script; a browser without one sends them for every mode
            mode = found.get("mode") or self._values.get("mode")
            for key in foreign_keys({"mode": mode}):
                found.pop(key, None)
                if key in self._values:
                    found[key] = None
        return found

    def facts(self) -> list[tuple[str, str]]:
        """Return label and value of each key that is set, without those of how it is shown."""
        words, found = self._words, []
        for key, row in self.rows.items():
            if key in self._values and key not in LOOK:
                # behind these: an example, and what an empty field means
                label = next(self._labels(key, row)).partition(words("thing.example"))[0]
                label = label.partition(";")[0].strip()
                value = ", ".join(filter(None, self._shown(key)))
                if key == "mode" or row.kind == "override":
                    value = self._choice(key, row.kind, value)
                elif KINDS[row.kind].field != "two":
                    value = shown(row.kind, self._values[key], words)
                found.append((label, plain(value, words) if row.kind in _NUMBERS else value))
        return found

    def table(self) -> Table:
        """Return the table of a new one."""
        changes = {key: value for key, value in self.changes().items() if value is not None}
        return {self.selector: self.choice, **changes}

    def problem(self, error: ThingError) -> Problem:
        """Return the faults of a table in the language of the page, each with its field."""
        words, rows, others = self._words, [], []
        for path, detail in error.errors:
            key = path[-1] if path else ""
            if key in self.rows:
                rows.append(error_row((key,), self._fault(key, detail)))
            else:
                others.append(detail)
        return PageProblem("invalid-fields", " ".join((words("settings.refused"), *others)), rows)

    def _fault(self, key: str, detail: str) -> str:
        row, words = self.rows[key], self._words
        value = self._read(row, key)
        try:
            if value is not None:
                accept(row.kind, row.limits, value)
        except ValueError:
            return words("expect", what=expected(row.kind, row.limits, words))
        if key in self._options and self._options[key].needed and not value:
            return words("expect", what=words("expect.needed"))
        for text in (f"expect.{self.choice}.{key}", f"expect.{self.family}.{key}"):
            if text in words:
                return words("expect", what=words(text))
        return f"{detail[:1].upper()}{detail[1:]}."

    def _read(self, row: Key, key: str) -> object:
        """Return what was typed, None where the form did not have the field."""
        texts = self._typed.get(key, [])
        return read_texts(row.kind, texts) if texts else None

    def _shown(self, key: str) -> list[str]:
        row = self.rows[key]
        value = self._values.get(key, "" if row.default is REQUIRED else row.default)
        return as_texts(row.kind, value)

    def _field(self, key: str) -> Field:
        row, words = self.rows[key], self._words
        field = KINDS[row.kind].field
        choices: Iterable[str] = self._modes if key == "mode" else _CHOICES.get(row.kind, ())
        if row.kind == "choice" and key != "mode":
            choices = cast(tuple[str, ...], row.limits)
        modes = [mode for mode in self._modes if key not in foreign_keys({"mode": mode})]
        texts = self._typed.get(key, [])
        return Field(
            key,
            "choice" if choices else field,
            (texts if field == "two" else texts[-1:]) or self._shown(key),
            list(self._labels(key, row)),
            expected(row.kind, row.limits, words) if row.kind in _WITH_HINT else "",
            {**attributes(row.kind, row.limits), **({"required": True} if self._is_needed(key) else {})},
            [(one, self._choice(key, row.kind, one)) for one in choices],
            "" if len(modes) == len(self._modes) else " ".join(modes),
        )

    def _is_needed(self, key: str) -> bool:
        """Return whether a value is needed in every mode."""
        needed = self._options[key].needed if key in self._options else ()
        return needed is True or bool(needed and set(self._modes) <= set(needed))

    def _labels(self, key: str, row: Key) -> Iterator[str]:
        words = self._words
        own, common = f"option.{self.choice}.{key}", f"setting.{self.family}.*.{key}"
        yield next((words(one) for one in (own, common) if one in words), row.meaning)
        if KINDS[row.kind].field == "two":
            yield from (words(f"things.{row.kind}-{at}") for at in (0, 1))

    def _choice(self, key: str, kind: str, one: str) -> str:
        prefix = _CHOICE_TEXTS.get(key) or _CHOICE_TEXTS.get(kind)
        return self._words(prefix + one) if prefix else choice_text(one, self._words)


# -- adding ----------------------------------------------------------------------------------------------


def show_choices() -> Response:
    """Show what can be added."""
    words = Words(chosen())
    found = {
        family: [
            (choice, title_of(family, choice, words))
            for choice in usable(family)
            if not runs_programs(family, choice)
        ]
        for family in FAMILIES
    }
    return page("add", choices=found)


def show_new(family: str, choice: str, problem: Problem | None = None, tried: str = "") -> Response:
    """Show the form of a new one, with what was typed or what the address has."""
    first, more = _new(family, choice).parts(is_new=True)
    return page(
        "add_thing",
        problem=problem,
        family=family,
        choice=choice,
        heading=title_of(family, choice, Words(chosen())),
        first=first,
        more_fields=more,
        id=request.values.get("id", ""),
        tried=tried,
    )


def add(family: str, choice: str) -> Response:
    """Add what the form has."""
    form = _new(family, choice)
    try:
        current_device().things.add(actor(), family, _name(form), form.table())
    except ThingError as error:
        raise form.problem(error) from error
    except NameTaken as error:
        words = Words(chosen())
        fault = words("expect", what=words("expect.free"))
        raise PageProblem(error.key, fault, [error_row(("id",), fault)]) from error
    return see("overview", done="thing-add")


def try_out(family: str, choice: str) -> Response:
    """Pulse the channel of the form once, or read it, and show the form again."""
    form, device, words = _new(family, choice), current_device(), Words(chosen())
    try:
        if family == "sensors":
            value, unit = device.try_sensor(_name(form), form.table())
            shown_value = words("things.read", state=measured(value, unit, words))
            return show_new(family, choice, tried=shown_value)
        state = device.try_channel(actor(), _name(form), form.table(), device.channel)
    except ThingError as error:
        raise form.problem(error) from error
    except SourceError as error:
        reason = words(f"warning.{error.kind}", detail=words.reason(error.detail))
        raise PageProblem(error.key, words("things.not-read", reason=reason)) from error
    word = "unknown" if state["state"] is None else "on" if state["state"] else "off"
    tried = (
        words("things.read", state=words(f"live.{word}"))
        if state["mode"] == "input"
        else words("things.tried")
    )
    return show_new(family, choice, tried=tried)


def title_of(family: str, choice: str, words: Words) -> str:
    """Return the name of a driver or a kind for people."""
    key = f"things.{family}.{choice}"
    if key in words:
        return words(key)
    module = module_of(family, choice)
    if package := getattr(module, "package", ""):
        return f"{choice} ({package})"
    return (module.__doc__ or choice).partition("\n")[0]


def name_of(title: str, otherwise: str, taken: Collection[str]) -> str:
    """Return a name that is free, made of the letters of a title; of `otherwise` where it has none.

    >>> name_of("Lampe d'été 2", "gpio", ()), name_of("灯", "gpio", ["gpio"]), name_of("2nd", "gpio", ())
    ('lampe_d_ete_2', 'gpio_2', '_2nd')
    """
    plain = to_ascii(title).lower().replace("'", "_")
    found = re.sub(r"[^a-z0-9]+", "_", plain).strip("_")[:_MAX_NAME] or otherwise
    found = found if NAME.fullmatch(found) else f"_{found}"
    name, number = found, 1
    while name in taken:
        number += 1
        name = f"{found}_{number}"
    return name


def _new(family: str, choice: str) -> Form:
    is_known = choice in FAMILIES[family].choices or choice in usable(family)
    if not is_known or runs_programs(family, choice):
        raise NotFound("There is no such driver or kind.")
    return Form(family, choice, {}, typed())


def _name(form: Form) -> str:
    """Return the name that was typed, or one made of the title. Raises `Problem`."""
    if request.form.get("id", "").strip():
        return forms.name("id")
    device = current_device()
    of_programs = {sensor.name for sensor in device.sensors or ()} if form.family == "sensors" else set()
    title = typed().get("title", [""])[0][:100]
    return name_of(title, form.choice, {*device.profile[form.family], *of_programs})


# -- changing and removing ---------------------------------------------------------------------------------


def show_form(family: str, name: str) -> Response:
    """Lead to the form, which is on the page of the thing."""
    return Response(status=303, headers={"Location": f"{link('thing', family=family, name=name)}#change"})


def edit_form(family: str, name: str, problem: Problem | None) -> Form:
    """Return the form of what can be changed, with what was typed."""
    # what another person has changed meanwhile has to be seen
    is_stale = problem is not None and problem.key == "precondition-failed"
    return _form_of(family, name, {} if is_stale else typed())


def change(family: str, name: str) -> Response:
    """Change what differs, all or nothing."""
    form = _form_of(family, name, typed())
    changes, seen = form.changes(), request.form.get("tag", "")
    try:
        current_device().things.change(actor(), family, name, changes, lambda tag: tag == seen)
    except ThingError as error:
        raise form.problem(error) from error
    return see("thing", family=family, name=name, done="thing-change" if changes else "settings-same")


def remove(family: str, name: str) -> Response:
    """Remove a channel or a sensor."""
    seen = request.form.get("tag", "")
    current_device().things.remove(actor(), family, name, lambda tag: tag == seen)
    return see("overview", done="thing-remove")


def _form_of(family: str, name: str, texts: Texts) -> Form:
    definition = current_device().things.definition(family, name)
    return Form(family, definition[FAMILIES[family].selector], definition, texts)


def typed() -> Texts:
    """Return what was typed, or what the address has, by keys of the profile.

    A form has its keys behind a point: a driver from elsewhere may have a key `password`.
    """
    if request.method != "POST":
        return dict(request.args.lists())
    return {name[1:]: texts for name, texts in request.form.lists() if name.startswith(".")}


def _key_of(row: Key) -> str:
    return row.path.rpartition(".")[2]


def as_texts(kind: str, value: object) -> list[str]:
    """Return the texts of the inputs that show a value: two for a list of two, else one.

    >>> as_texts("pair", ("closed", "open")), as_texts("range", ()), as_texts("override", True)
    (['closed', 'open'], ['', ''], ['true'])
    """
    if KINDS[kind].field == "two" and isinstance(value, (list, tuple)):
        return [as_text("limit", one) for one in value] or ["", ""]
    return [str(value).lower() if isinstance(value, bool) else as_text(kind, value)]


def read_texts(kind: str, texts: list[str]) -> object:
    """Return what `as_texts` has shown, as JSON would have it.

    >>> read_texts("range", ["-40", "85,5"]), read_texts("pair", ["", " "]), read_texts("override", ["false"])
    ([-40, 85.5], [], False)
    """
    if KINDS[kind].field == "two":
        found = [read("number" if kind == "range" else "string", text) for text in texts]
        return found if any(text != "" for text in found) else []
    if kind == "override":
        return {"true": True, "false": False}.get(texts[-1], texts[-1])
    return read(kind, texts[-1])
