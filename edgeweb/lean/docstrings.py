"""The code of a module without its docstrings, as ``python -OO`` makes it, but with ``assert``.

The docstrings of what serves a request take a third of a megabyte that a server never reads. What shows
docstrings to people, such as ``help``, pdb, IPython, doctest and click, imports `inspect` first, or runs in
an interactive interpreter: there they stay. A program's own modules always keep theirs.
"""

from __future__ import annotations

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import CodeType, ModuleType
    from typing import Any

# The standard library works without docstrings: `python -OO` is supported.
_PACKAGES = sys.stdlib_module_names | {
    *("edgeweb", "itsdangerous", "jinja2", "markupsafe", "psutil", "waitress", "werkzeug")
}
# Their docstrings are the texts of commands, of OpenAPI, and of the menu of drivers and kinds of sensors.
_SPOKEN = tuple(
    f"edgeweb.{name}."
    for name in ("cli", "commands", "device.api", "device.channels.drivers", "device.sensors.kinds")
)

# Since Python 3.14 inspect.CO_HAS_DOCSTRING marks code whose first constant is the docstring.
_HAS_DOCSTRING = 0x4000000 if sys.version_info >= (3, 14) else 0
_IS_FUNCTION = 1  # inspect.CO_OPTIMIZED
_IS_IMMUTABLE = 1 << 8  # Py_TPFLAGS_IMMUTABLETYPE: a class written in C

# Characters. A function that uses a text as short as this one may share the constant with its docstring.
SHORTEST = 16


def unused(name: str) -> bool:
    """Whether the docstrings of this module are read by nobody in this process."""
    return (
        name.partition(".")[0] in _PACKAGES
        and name != "datetime"  # whose docstrings are those of C
        and "inspect" not in sys.modules
        and not hasattr(sys, "ps1")
        and not (sys.flags.inspect or sys.flags.interactive)
        and not f"{name}.".startswith(_SPOKEN)
    )


def remove(code: CodeType) -> CodeType:
    """Return the code with None for the docstrings of functions. Those of classes: see :func:`clear`."""
    constants, flags, kind = code.co_consts, code.co_flags, type(code)
    changed: list[Any] | None = None
    # Most functions have no other one within: found out without a loop in Python, which would cost a start
    # more than the rest of this module.
    if kind in map(type, constants):
        for place in [place for place, constant in enumerate(constants) if type(constant) is kind]:
            if (silent := remove(constants[place])) is not constants[place]:
                changed = changed or [*constants]
                changed[place] = silent
    # Names such as "<genexpr>": code that has no place for a docstring before its other constants.
    has_place = flags & _IS_FUNCTION and flags & _HAS_DOCSTRING == _HAS_DOCSTRING and code.co_name[0] != "<"
    if has_place and constants and type(constants[0]) is str and len(constants[0]) >= SHORTEST:
        changed = changed or [*constants]
        changed[0] = None
        flags &= ~_HAS_DOCSTRING
    # A copy costs as much as the rest, too: most code is as it was.
    return code if changed is None else code.replace(co_consts=tuple(changed), co_flags=flags)


def clear(module: ModuleType) -> None:
    """Remove the docstrings of a module that has run, and of its classes."""
    module.__doc__ = None
    for found in list(vars(module).values()):
        if (
            isinstance(found, type)
            and found.__module__ == module.__name__
            and type(vars(found).get("__doc__")) is str
            and not found.__flags__ & _IS_IMMUTABLE
        ):
            found.__doc__ = None
