"""The grammar of rule strings: ``/static/<converter(arguments):name>``.

Read by hand, without a regular expression: rules are parsed once, at start, and a compiled pattern would
stay in memory for ever. Only the arguments of converters use one, compiled for the first of them.
"""

from __future__ import annotations

import re
from collections import namedtuple
from typing import TYPE_CHECKING

#: Characters a URL path segment may hold unescaped, and the slash
#: (https://url.spec.whatwg.org/#url-path-segment-string).
PATH_SAFE = "!$&'()*+,/:;=@"

_CONSTANTS: dict[str, bool | None] = {"None": None, "True": True, "False": False}
_argument_pattern: re.Pattern[str] | None = None

#: What an argument of a converter stands for.
Argument = str | int | float | None


if TYPE_CHECKING:
    from typing import NamedTuple

    class Variable(NamedTuple):
        """A placeholder of a rule string: ``<converter(arguments):name>``."""

        name: str
        converter: str
        arguments: str

else:
    # What `NamedTuple` makes, without the code of `typing`, which is not run otherwise.
    Variable = namedtuple("Variable", "name converter arguments")


def tokenize(rule: str, position: int = 0) -> list[str | Variable]:
    """Cut a rule string, from a position on, into slashes, literal texts and variables, in order.

    >>> tokenize("/user/<int:id>.json")
    ['/', 'user', '/', Variable(name='id', converter='int', arguments=''), '.json']

    Raises ``ValueError`` if a ``<`` does not begin a well-formed variable.
    """
    tokens: list[str | Variable] = []
    end = len(rule)
    while position < end:
        opening = rule.find("<", position)
        if opening < 0:
            opening = end
        if opening > position:
            first, *others = rule[position:opening].split("/")
            if first:
                tokens.append(first)
            for text in others:
                tokens.append("/")
                if text:
                    tokens.append(text)
        if opening == end:
            break
        variable, position = _read_variable(rule, opening)
        tokens.append(variable)
    return tokens


def _read_variable(rule: str, opening: int) -> tuple[Variable, int]:
    """Return the variable that begins at the ``<`` at *opening*, and the position behind its ``>``."""
    closing = rule.find(">", opening)
    converter, colon, name = rule[opening + 1 : closing].rpartition(":")
    if closing > 0 and _is_name(name) and (not colon or _is_name(converter)):
        return Variable(name, converter or "default", ""), closing + 1

    # Arguments may hold any character, also ">" and ":". They end at the first "):name>" that follows.
    parenthesis = rule.find("(", opening)
    converter = rule[opening + 1 : parenthesis]
    if parenthesis > 0 and _is_name(converter):
        stop = rule.find("):", parenthesis + 1)
        while stop > 0:
            arguments = rule[parenthesis + 1 : stop]
            closing = rule.find(">", stop)
            if closing < 0 or "\n" in arguments:
                break
            name = rule[stop + 2 : closing]
            if _is_name(name):
                return Variable(name, converter, arguments), closing + 1
            stop = rule.find("):", stop + 1)
    raise ValueError(
        f"malformed url rule: {rule!r}: expected <name>, <converter:name> or <converter(arguments):name>"
    )


def _is_name(text: str) -> bool:
    return text.isascii() and text.isidentifier()


def parse_converter_args(argstr: str) -> tuple[tuple[Argument, ...], dict[str, Argument]]:
    """Return the arguments of a converter: ``((2,), {"max": 5})`` for ``2, max=5``.

    Raises ``ValueError`` for unreadable text in front of a readable argument. As in Werkzeug, unreadable
    text at the end is ignored, and two numbers with only a comma between them (``2,5``) are one argument;
    write ``2, 5``.
    """
    global _argument_pattern
    if _argument_pattern is None:
        _argument_pattern = re.compile(
            r"""\s*(?:(\w+)\s*=\s*)?(?:[urUR]?("[^"]*"|'[^']*')|(\d+.\d+|\d+.|\d+|[\w.]+))\s*,"""
        )
    argstr += ","
    args: list[Argument] = []
    kwargs: dict[str, Argument] = {}
    position = 0
    for item in _argument_pattern.finditer(argstr):
        if item.start() != position:
            raise ValueError(f"Cannot parse converter argument {argstr[position : item.start()]!r}")
        position = item.end()
        name, quoted, plain = item.groups()
        value = _python_value(plain if quoted is None else quoted)
        if name:
            kwargs[name] = value
        else:
            args.append(value)
    return tuple(args), kwargs


def _python_value(text: str) -> Argument:
    if text in _CONSTANTS:
        return _CONSTANTS[text]
    for convert in (int, float):
        try:
            return convert(text)
        except ValueError:
            pass
    if text[0] == text[-1] and text[0] in "\"'":
        return text[1:-1]
    return text


def merge_slashes(path: str) -> str:
    """Return a path with every run of slashes merged. The passes are logarithmic in the longest run."""
    while "//" in path:
        path = path.replace("//", "/")
    return path
