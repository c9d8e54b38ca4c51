"""edgeweb.typing: the names of flask.typing, meaning the same."""

from __future__ import annotations

from types import UnionType
from typing import Any, ForwardRef, Union, get_args, get_origin

import flask.typing
import pytest

import edgeweb.typing

NAMES = [name for name in vars(flask.typing) if name[0].isupper()]


def test_flask_has_some() -> None:
    assert "ResponseReturnValue" in NAMES


def _members(alias: Any) -> Any:
    """What an alias is made of, in an order that does not depend on how it was written."""
    if isinstance(alias, ForwardRef):
        return alias.__forward_arg__
    arguments = get_args(alias)
    if isinstance(alias, list):  # the parameters of a Callable
        arguments = tuple(alias)
    if not arguments:
        return repr(alias)
    members = [_members(argument) for argument in arguments]
    if get_origin(alias) in (Union, UnionType):
        return "union", sorted(map(repr, members))
    return repr(get_origin(alias)), members


@pytest.mark.parametrize("name", NAMES)
def test_every_alias_is_there_and_means_the_same(name: str) -> None:
    assert _members(getattr(edgeweb.typing, name)) == _members(getattr(flask.typing, name))
