"""Fields of forms that follow from tables: the attributes, the texts and the values of each kind of value."""

from __future__ import annotations

from ..config.checks import KINDS, as_written
from ..config.profile import Profile
from ..config.quantities import read_number, seconds
from ..config.schema import FAMILIES, pattern
from .format import plain
from .i18n import Words

#: Attributes of an input, by the words of JSON Schema that they follow from.
_ATTRIBUTES = {"minimum": "min", "maximum": "max", "maxLength": "maxlength"}


def setting_title(key: str, words: Words, profile: Profile) -> str:
    """Return what a setting is called, with the title of its thing: `Garden gate, Length of a pulse`.

    A key that the catalogue does not have stays as it is.
    """
    if (title_key := f"setting.{pattern(key)}") not in words:
        return key
    # behind the semicolon: what an empty field means
    title = words(title_key).partition(";")[0].strip()
    family, thing = thing_of(key)
    return f"{profile[family].get(thing, {}).get('title') or thing}, {title}" if thing else title


def thing_of(key: str) -> tuple[str, str]:
    """Return the family and the name of a setting's thing; the empty name for a setting of the device.

    >>> thing_of("channels.lamp.title"), thing_of('channels."a.b".title'), thing_of("sensors.interval")
    (('channels', 'lamp'), ('channels', 'a.b'), ('sensors', ''))
    """
    first, _, rest = key.partition(".")
    # a name with a dot is in quotes
    return first, rest.rpartition(".")[0].strip('"') if first in FAMILIES else ""


def attributes(kind: str, limits: object) -> dict[str, object]:
    """Return the attributes of an input that takes what the kind takes."""
    field, schema = KINDS[kind].field, KINDS[kind].schema(limits)
    found = {_ATTRIBUTES[word]: limit for word, limit in schema.items() if word in _ATTRIBUTES}
    if field == "number":
        found["step"] = 1 if schema["type"] == "integer" else "any"
    return {"rows": 3} if field == "lines" else found


def expected(kind: str, limits: object, words: Words) -> str:
    """Return what a value has to be, in the language of the page."""
    if not isinstance(limits, tuple):
        return words(f"expect.{kind}", most=limits)
    if kind == "choice":
        return words("expect.choice", choices=", ".join(choice_text(one, words) for one in limits))
    if kind in ("size", "duration"):
        least, most = (plain(str(as_written(kind, limit)), words) for limit in limits)
    else:
        least, most = (plain(f"{limit:.15g}", words) for limit in limits)
    return words(f"expect.{kind}", least=least, most=most)


def choice_text(choice: str, words: Words) -> str:
    """Return a choice for people; that of a driver from elsewhere has no text, and stays as it is."""
    key = f"choice.{choice}"
    return words(key) if key in words else choice


def shown(kind: str, value: object, words: Words) -> str:
    """Return a value for people."""
    if kind == "boolean":
        return words("live.yes" if value else "live.no")
    if kind == "choice":
        return choice_text(str(value), words)
    return as_text(kind, value).replace("\n", ", ") or words("settings.empty")


def as_text(kind: str, value: object) -> str:
    """Return a value as the form has it."""
    if KINDS[kind].field == "lines" and isinstance(value, (list, tuple)):
        return "\n".join(value)
    if kind in ("size", "duration") and isinstance(value, (int, float)):
        return str(as_written(kind, value))
    if isinstance(value, float):
        return f"{value:g}" if value < 1_000_000 else str(int(value))
    return str(value)


def read(kind: str, text: str) -> object:
    """Return a field of the form as JSON would have it; text that is no number stays, to be refused."""
    text = text.strip()
    if kind == "boolean":
        return text == "true"
    if KINDS[kind].field == "lines":
        return [line.strip() for line in text.splitlines() if line.strip()]
    if kind in ("integer", "number", "limit", "duration") and len(text) < 40:
        decimal = text.replace(",", ".")
        if kind == "duration" and (found := seconds(decimal)) is not None:
            return found
        if (number := read_number(decimal)) is not None:
            return int(number) if number.is_integer() else number
    return text
