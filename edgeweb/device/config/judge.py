"""The options of drivers and kinds of other packages, judged by the rules that hold for edgeweb's own."""

from __future__ import annotations

from collections.abc import Iterable

from ..option import Option
from ..plugins.guard import Call, Faulty, described
from ..plugins.plugin import CHECK, UPDATE, Plugin
from .checks import KINDS, expectation

#: Options that every channel may have, and what the controller takes them for: `driver_calls.py`.
_OF_CALLS = {"timeout": "duration", "chip": "string"}


def judge(plugin: Plugin, common: Iterable[str]) -> None:
    """Find out whether the options of a plug-in can be used, once; it is faulty where they cannot.

    `common` are the keys of every channel or sensor, which no option may have.
    """
    if plugin.is_judged or plugin.fault:
        return
    taken = frozenset(common)
    try:
        # limits of the wrong type raise anything, and their texts may be endless
        Call(lambda: _judge_options(plugin.OPTIONS, taken)).result(CHECK)
    except Faulty as fault:
        plugin.fail(f"{fault}: {UPDATE}")
    plugin.is_judged = True


def _judge_options(options: Iterable[Option], taken: frozenset[str]) -> None:
    """Raise `Faulty` for the first option that cannot be used."""
    for option in options:
        try:
            fault = _fault_of(option, taken)
        except Exception as error:
            fault = f"its limits or its default cannot be used ({described(error)})"
        if fault:
            raise Faulty(f"the option {option.key}: {fault}")


def _fault_of(option: Option, taken: frozenset[str]) -> str:
    """Return what is wrong with an option, empty for nothing. Raises anything, for limits of a wrong type."""
    if option.key in taken:
        return "edgeweb has a key of this name itself"
    if option.kind not in KINDS:
        return f"its kind has to be one of {', '.join(sorted(KINDS))}"
    if option.kind != _OF_CALLS.get(option.key, option.kind):
        return f"its kind has to be {_OF_CALLS[option.key]}"
    KINDS[option.kind].schema(option.limits)
    words = expectation(option.kind, option.limits)
    if option.needed and option.default:
        return "it is needed, so it has no default"
    found = KINDS[option.kind].accept(option.limits, option.default)
    if found is None or found != option.default or type(found) is not type(option.default):
        return f"its default has to be {words}"
    return ""
