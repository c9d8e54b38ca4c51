"""What a value may be: the kinds of the profile's keys, of fields in JSON bodies and queries, and of forms.

A kind turns a value into what programs see, or refuses it in words. `limits` depend on the kind: the minimum
and maximum of a number, the maximum of characters of a text, the choices.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ...server.origin import is_origin
from .quantities import (
    DATE,
    DURATION_UNITS,
    date_seconds,
    duration_text,
    read_number,
    seconds,
    size_bytes,
    size_text,
)

if TYPE_CHECKING:
    from ..plugins.plugin import Outside

    #: The names of edgeweb's own modules, and what returns those of other packages.
    Modules = tuple[tuple[str, ...], Callable[[], Outside[Any]]]

#: A JSON Schema (draft 2020-12) of one value.
Schema = dict[str, object]

#: In place of a default: the value has to be there.
REQUIRED = object()

#: Names that a profile may choose in place of `*`. Those with two underscores on both sides are kept for
#: edgeweb.
NAME = re.compile(r"(?!__.*__$)[a-zA-Z_][a-zA-Z0-9_.-]{0,63}", re.ASCII)
NAME_RULE = "a name of 1 to 64 letters, digits and _ . - that starts with a letter or _ (__x__ is reserved)"


#: Nearly what `str.isprintable` returns: a pattern cannot name what is not assigned in Unicode.
_PRINTABLE = "^[^\u0000-\u001f\u007f-\u00a0\u00ad]*$"


def _boolean(limits: None, value: object) -> bool | None:
    return value if isinstance(value, bool) else None


def _override(limits: None, value: object) -> bool | str | None:
    return value if isinstance(value, bool) or value == "" else None


def _integer(limits: tuple[int, int], value: object) -> int | None:
    # bool is a subclass of int, and `threads = true` is a slip
    if isinstance(value, int) and not isinstance(value, bool) and limits[0] <= value <= limits[1]:
        return value
    return None


def _number(limits: tuple[float, float], value: object) -> float | None:
    # not math.isfinite: it raises for whole numbers that no float holds, and NaN is within no limits
    if isinstance(value, (int, float)) and not isinstance(value, bool) and limits[0] <= value <= limits[1]:
        return float(value)
    return None


def _limit(limits: tuple[float, float], value: object) -> float | str | None:
    return "" if value == "" else _number(limits, value)


def _range(limits: tuple[float, float], value: object) -> tuple[float, ...] | None:
    if not isinstance(value, (list, tuple)) or len(value) not in (0, 2):
        return None
    found = tuple(number for one in value if (number := _number(limits, one)) is not None)
    return found if len(found) == len(value) and (not found or found[0] < found[1]) else None


def _pair(limits: int, value: object) -> tuple[str, ...] | None:
    found = _strings(limits, value)
    return found if found is not None and len(found) in (0, 2) else None


def _size(limits: tuple[int, int], value: object) -> int | None:
    return _integer(limits, size_bytes(value) if isinstance(value, str) else value)


def _duration(limits: tuple[float, float], value: object) -> float | None:
    return _number(limits, seconds(value) if isinstance(value, str) else value)


def _string(limits: int, value: object) -> str | None:
    return value if isinstance(value, str) and len(value) <= limits and value.isprintable() else None


def _strings(limits: int, value: object) -> tuple[str, ...] | None:
    if isinstance(value, (list, tuple)) and len(value) <= 64 and all(_string(limits, v) for v in value):
        return tuple(value)
    return None


def _hosts(limits: int, value: object) -> tuple[str, ...] | None:
    hosts = _strings(limits, [value] if isinstance(value, str) else value)
    return hosts or None


def _origins(limits: int, value: object) -> tuple[str, ...] | None:
    origins = _strings(limits, value)
    return origins if origins is not None and all(map(is_origin, origins)) else None


def _prefix(limits: None, value: object) -> str | None:
    if not value:
        return "" if value == "" else None
    from ...server.prefix import is_prefix  # few profiles have one

    return value if isinstance(value, str) and is_prefix(value) else None


def _moment(limits: tuple[float, float], value: object) -> float | None:
    if isinstance(value, str):
        number = read_number(value)
        value = date_seconds(value) if number is None else number
    return _number(limits, value)


def _name(limits: None, value: object) -> str | None:
    return value if isinstance(value, str) and NAME.fullmatch(value) else None


def _topic(limits: tuple[int, str], value: object) -> str | None:
    length, pattern = limits
    return value if isinstance(value, str) and len(value) <= length and re.fullmatch(pattern, value) else None


#: Names of systemd's units (systemd.unit(5)); the first letter keeps them apart from options.
_UNIT = re.compile(r"[a-zA-Z0-9_][a-zA-Z0-9_.@:-]{0,200}\.service", re.ASCII)

#: A host, or an IPv6 address in brackets, with a port. Compiled when it is used first.
_TARGET = r"(?:[A-Za-z0-9][A-Za-z0-9.-]{0,252}|\[[0-9A-Fa-f:.]{2,45}\]):[1-9][0-9]{0,4}"


def _units(limits: int, value: object) -> tuple[str, ...] | None:
    if isinstance(value, (list, tuple)) and len(value) <= limits:
        good = all(isinstance(unit, str) and _UNIT.fullmatch(unit) for unit in value)
        return tuple(value) if good else None
    return None


def _targets(limits: int, value: object) -> tuple[str, ...] | None:
    if isinstance(value, (list, tuple)) and len(value) <= limits:
        good = all(isinstance(target, str) and re.fullmatch(_TARGET, target) for target in value)
        return tuple(value) if good else None
    return None


def _matching(limits: tuple[int, str, str], value: object) -> tuple[str, ...] | None:
    most, pattern, _ = limits
    values = [value] if isinstance(value, str) else value
    if not isinstance(values, (list, tuple)) or len(values) > most:
        return None
    good = all(isinstance(one, str) and re.fullmatch(pattern, one) for one in values)
    return tuple(values) if good else None


def _day(limits: None, value: object) -> str | None:
    # TOML has days, which tomllib reads as `datetime.date`
    text = value if isinstance(value, str) else str(value)
    return text if not text or date_seconds(f"{text}T00:00:00Z") is not None else None


def _lines(limits: int, value: object) -> str | None:
    if not isinstance(value, str) or len(value) > limits:
        return None
    return value if all(line.isprintable() for line in value.split("\n")) else None


def _choice(limits: tuple[str, ...], value: object) -> str | None:
    return value if isinstance(value, str) and value in limits else None


def _module(limits: Modules, value: object) -> str | None:
    names, outside = limits
    if not isinstance(value, str):
        return None
    return value if value in names or outside().find(value) else None


def _unchecked(limits: None, value: object) -> object:
    from ..plugins.plugin import unchecked  # only a faulty package needs it

    return unchecked(value)


def _choices(limits: tuple[str, ...], value: object) -> tuple[str, ...] | None:
    if isinstance(value, (list, tuple)) and all(isinstance(one, str) and one in limits for one in value):
        return tuple(value) if len(set(value)) == len(value) else None
    return None


def _words(limits: tuple[str, ...], value: object) -> tuple[str, ...] | None:
    words = value.split(",") if isinstance(value, str) else ()
    return tuple(dict.fromkeys(words)) if words and all(word in limits for word in words) else None


def _in_range(limits: tuple[float, float]) -> Schema:
    return {"minimum": limits[0], "maximum": limits[1]}


def _one_of(names: tuple[str, ...]) -> str:
    return "one of " + ", ".join(f'"{name}"' for name in names)


def _list_of_texts(limits: int) -> Schema:
    return {"type": "array", "items": {"type": "string", "maxLength": limits}, "maxItems": 64}


class Kind:
    """All that a kind needs, wherever its values are read, described or asked for.

    `accept` turns a value into what programs see, or None where it does not fit; `expectation` is that in
    words, `schema` as JSON Schema, both for some limits. `field` is the input of a form: "checkbox",
    "number", "text", "lines" (a text on each line), "choice" or "two" (inputs, for a list of two). `text`
    writes a value as profiles do, where TOML would not.
    """

    __slots__ = ("accept", "expectation", "field", "schema", "text")

    def __init__(
        self,
        accept: Callable[[Any, object], object],
        expectation: Callable[[Any], str],
        schema: Callable[[Any], Schema],
        field: str,
        text: Callable[[Any], str] | None = None,
    ) -> None:
        self.accept = accept
        self.expectation = expectation
        self.schema = schema
        self.field = field
        self.text = text


KINDS: dict[str, Kind] = {
    "boolean": Kind(
        _boolean, lambda limits: "true or false", lambda limits: {"type": "boolean"}, field="checkbox"
    ),
    "override": Kind(
        _override,
        lambda limits: 'true or false, or "" for what the profile has for all',
        lambda limits: {"anyOf": [{"type": "boolean"}, {"const": ""}]},
        field="text",
    ),
    "integer": Kind(
        _integer,
        lambda limits: f"a whole number from {limits[0]} to {limits[1]}",
        lambda limits: {"type": "integer", **_in_range(limits)},
        field="number",
    ),
    "number": Kind(
        _number,
        lambda limits: f"a number from {limits[0]:g} to {limits[1]:g}",
        lambda limits: {"type": "number", **_in_range(limits)},
        field="number",
    ),
    "limit": Kind(
        _limit,
        lambda limits: f'a number from {limits[0]:g} to {limits[1]:g}, or "" for none',
        lambda limits: {"anyOf": [{"type": "number", **_in_range(limits)}, {"const": ""}]},
        field="text",
    ),
    "range": Kind(
        _range,
        lambda limits: f"[lowest, highest] of numbers from {limits[0]:g} to {limits[1]:g}, or [] for any",
        lambda limits: {
            "type": "array",
            "items": {"type": "number", **_in_range(limits)},
            "anyOf": [{"maxItems": 0}, {"minItems": 2, "maxItems": 2}],
        },
        field="two",
    ),
    "pair": Kind(
        _pair,
        lambda limits: f"two texts of 1 to {limits} printable characters, or [] for none",
        lambda limits: {
            "type": "array",
            "items": {"type": "string", "minLength": 1, "maxLength": limits, "pattern": _PRINTABLE},
            "anyOf": [{"maxItems": 0}, {"minItems": 2, "maxItems": 2}],
        },
        field="two",
    ),
    "size": Kind(
        _size,
        lambda limits: (
            f'bytes as a whole number or text like "64 KiB",'
            f" from {size_text(limits[0])} to {size_text(limits[1])}"
        ),
        lambda limits: {"type": ["integer", "string"]},
        field="text",
        text=size_text,
    ),
    "duration": Kind(
        _duration,
        lambda limits: (
            f'seconds as a number or text like "10 min" ({", ".join(DURATION_UNITS)}),'
            f" from {duration_text(limits[0])} to {duration_text(limits[1])}"
        ),
        lambda limits: {"type": ["number", "string"]},
        field="text",
        text=duration_text,
    ),
    "string": Kind(
        _string,
        lambda limits: f"text of at most {limits} printable characters",
        lambda limits: {"type": "string", "maxLength": limits, "pattern": _PRINTABLE},
        field="text",
    ),
    "strings": Kind(
        _strings,
        lambda limits: f"a list of at most 64 texts of 1 to {limits} printable characters",
        _list_of_texts,
        field="lines",
    ),
    "hosts": Kind(
        _hosts,
        lambda limits: f"an address or a list of 1 to 64, each of at most {limits} printable characters",
        _list_of_texts,
        field="lines",
    ),
    "origins": Kind(
        _origins,
        lambda limits: "a list of at most 64 origins in lower case, such as http://homeassistant.local:8123",
        _list_of_texts,
        field="lines",
    ),
    "prefix": Kind(
        _prefix,
        lambda limits: (
            "a path such as /board, without a slash at its end, of letters, digits and . _ ~ @ : + = -"
        ),
        lambda limits: {"type": "string", "maxLength": 200},
        field="text",
    ),
    "topic": Kind(
        _topic,
        lambda limits: (
            f"at most {limits[0]} letters, digits and _ -{', with / between parts' * ('/' in limits[1])}"
        ),
        lambda limits: {"type": "string", "maxLength": limits[0], "pattern": f"^(?:{limits[1]})$"},
        field="text",
    ),
    "units": Kind(
        _units,
        lambda limits: f"a list of at most {limits} names like `nginx.service`",
        _list_of_texts,
        "lines",
    ),
    "targets": Kind(
        _targets,
        lambda limits: f"a list of at most {limits} addresses with a port, such as greenhouse.local:80",
        _list_of_texts,
        "lines",
    ),
    "matching": Kind(
        _matching,
        lambda limits: f"a list of at most {limits[0]} {limits[2]}",
        lambda limits: {
            "type": "array",
            "items": {"type": "string", "pattern": f"^(?:{limits[1]})$"},
            "maxItems": limits[0],
        },
        field="lines",
    ),
    "day": Kind(
        _day,
        lambda limits: 'a day like "2027-06-30", or "" for none',
        lambda limits: {"type": "string", "pattern": r"^(?:\d{4}-\d\d-\d\d)?$"},
        field="text",
    ),
    "lines": Kind(
        _lines,
        lambda limits: f"text of at most {limits} printable characters and line breaks",
        lambda limits: {"type": "string", "maxLength": limits},
        field="text",
    ),
    "moment": Kind(
        _moment,
        lambda limits: 'a date like "2026-11-21T06:09:13Z" (RFC 3339), or seconds since 1970',
        lambda limits: {
            "anyOf": [
                {"type": "number", **_in_range(limits)},
                {"type": "string", "pattern": f"^{DATE.pattern}$", "examples": ["2026-11-21T06:09:13Z"]},
            ]
        },
        field="text",
    ),
    "name": Kind(
        _name,
        lambda limits: NAME_RULE,
        lambda limits: {"type": "string", "pattern": f"^{NAME.pattern}$"},
        field="text",
    ),
    "choices": Kind(
        _choices,
        lambda limits: f"a list of some of {', '.join(limits)}, each once",
        lambda limits: {
            "type": "array",
            "items": {"type": "string", "enum": list(limits)},
            "uniqueItems": True,
            "maxItems": len(limits),
        },
        field="lines",
    ),
    "choice": Kind(
        _choice,
        _one_of,
        lambda limits: {"type": "string", "enum": list(limits)},
        field="choice",
    ),
    "module": Kind(
        _module,
        lambda limits: f"{_one_of(limits[0])}, or one that an installed package offers",
        lambda limits: {"type": "string", "enum": [*limits[0], *limits[1]().names()]},
        field="choice",
    ),
    "unchecked": Kind(
        _unchecked,
        lambda limits: "a text, a number, true, false, or a list of them",
        lambda limits: {},
        field="text",
    ),
    "words": Kind(
        _words,
        lambda limits: f"some of {', '.join(limits)}, separated by commas",
        lambda limits: {"type": "string", "pattern": f"^({'|'.join(limits)})(,({'|'.join(limits)}))*$"},
        field="text",
    ),
}


def as_written(kind: str, value: object) -> object:
    """Return a value as profiles write it: sizes and durations as text with their unit.

    >>> as_written("size", 65536), as_written("duration", 15.0), as_written("integer", 4)
    ('64 KiB', '15 s', 4)
    """
    text = KINDS[kind].text
    return text(value) if text else value


def accept(kind: str, limits: object, value: object) -> Any:
    """Return the value as programs see it. Raises `ValueError` with the expectation where it does not fit.

    >>> accept("size", (0, 1 << 30), "64 KiB")
    65536
    """
    accepted = KINDS[kind].accept(limits, value)
    if accepted is None:
        raise ValueError(expectation(kind, limits))
    return accepted


def expectation(kind: str, limits: object) -> str:
    """Return what a value has to be, in words.

    >>> expectation("integer", (1, 64))
    'a whole number from 1 to 64'
    """
    return KINDS[kind].expectation(limits)
