"""What edgeweb.server relies on in waitress, name by name. It is undocumented, so a release may rename it.

An override of a method that waitress no longer has would not fail: it would not be called any more. These
tests fail instead.
"""

from __future__ import annotations

import ast
import inspect
import textwrap
from functools import cache
from typing import NamedTuple

import pytest
from waitress.channel import HTTPChannel
from waitress.parser import HTTPRequestParser
from waitress.server import TcpWSGIServer, UnixWSGIServer

from edgeweb.server import buffers, channel, listener, parser, refusals


class Reliance(NamedTuple):
    #: Methods and class attributes of waitress's class that ours replaces.
    overrides: str
    #: Attributes that ours reads, sets or calls on itself.
    uses: str


_LISTENER = Reliance(
    overrides="add_task channel_class handle_accept logger pull_trigger readable",
    uses="_map accept accepting active_channels adj fix_addr set_socket_options socket task_dispatcher",
)

#: Our class to what it relies on in waitress's classes above it.
RELIES_ON: dict[type, Reliance] = {
    buffers._SpoolingBuffer: Reliance("__init__ _set_large_buffer", "buf overflowed"),
    buffers._FileBuffer: Reliance("__init__ newfile", ""),
    buffers.WholeBytes: Reliance("__init__ close get skip", "remain"),
    channel.Channel: Reliance(
        overrides="__init__ _flush_outbufs_below_high_watermark check_client_disconnected handle_close"
        " handle_read handle_read_event handle_write logger parser_class received send service write_soon",
        uses="_fileno _flush_exception _flush_some addr adj close_when_flushed connected"
        " current_outbuf_count outbuf_lock recv request requests"
        " requests_lock send_continue sent_continue server socket total_outbufs_len will_close",
    ),
    listener.Settings: Reliance("__init__ ident listen outbuf_overflow", ""),
    listener.TcpListener: Reliance(
        _LISTENER.overrides + " fix_addr", _LISTENER.uses.replace(" fix_addr", "")
    ),
    listener.UnixListener: Reliance(_LISTENER.overrides + " getsockname", _LISTENER.uses),
    parser.RequestParser: Reliance(
        overrides="__init__ close completed expect_continue header_plus parse_header path received",
        uses="adj body_bytes_received body_rcv chunked command content_length error fragment headers"
        " headers_finished proxy_netloc proxy_scheme query request_uri url_scheme version",
    ),
    refusals.Refusal: Reliance("__init__ to_response", "body code reason"),
}

#: Read from outside, on objects of these classes: by channel and answers, by loop and runner.
READ_FROM_OUTSIDE: dict[type, str] = {
    HTTPRequestParser: "body_bytes_received body_rcv close command error get_body_stream headers"
    " headers_finished path query request_uri",
    TcpWSGIServer: "active_channels adj application effective_host effective_port family pull_trigger"
    " readable server_name socket writable",
    UnixWSGIServer: "active_channels adj application effective_host effective_port family pull_trigger"
    " readable server_name socket writable",
}

pairs = pytest.mark.parametrize("ours", RELIES_ON, ids=lambda cls: cls.__name__)


def _bases(cls: type, package: str) -> list[type]:
    return [base for base in cls.__mro__ if base.__module__.partition(".")[0] == package]


@cache
def _names_of_waitress(cls: type) -> set[str]:
    """What waitress's classes above a class define, or set on `self`."""
    found: set[str] = set()
    for base in _bases(cls, "waitress"):
        found |= set(vars(base))
        for node in ast.walk(ast.parse(textwrap.dedent(inspect.getsource(base)))):
            if _is_own_attribute(node) and isinstance(node.ctx, ast.Store):
                found.add(node.attr)
    return found


def _is_own_attribute(node: ast.AST) -> bool:
    """`self.name`, `super().name`, and `me.name` of a mix-in that types its `self`."""
    if not isinstance(node, ast.Attribute):
        return False
    value = node.value
    return (isinstance(value, ast.Name) and value.id in ("self", "me")) or (
        isinstance(value, ast.Call) and isinstance(value.func, ast.Name) and value.func.id == "super"
    )


def _found_in_source(ours: type) -> tuple[set[str], set[str]]:
    """What our class overrides and uses, from its source: for a check that the table has all of it."""
    theirs = _names_of_waitress(ours)
    overrides: set[str] = set()
    uses: set[str] = set()
    for base in _bases(ours, "edgeweb"):
        for node in ast.parse(textwrap.dedent(inspect.getsource(base))).body[0].body:  # type: ignore[attr-defined]
            if isinstance(node, ast.FunctionDef):
                overrides.add(node.name)
            elif isinstance(node, ast.Assign):
                overrides |= {target.id for target in node.targets if isinstance(target, ast.Name)}
            elif isinstance(node, ast.AnnAssign) and node.value is not None:
                overrides.add(node.target.id)  # type: ignore[union-attr]
            uses |= {found.attr for found in ast.walk(node) if _is_own_attribute(found)}  # type: ignore[attr-defined]
    return overrides & theirs, (uses & theirs) - overrides


@pairs
def test_waitress_has_every_name(ours: type) -> None:
    reliance = RELIES_ON[ours]
    wanted = set(f"{reliance.overrides} {reliance.uses}".split())
    assert wanted - _names_of_waitress(ours) == set()


@pairs
def test_the_table_has_every_name(ours: type) -> None:
    overrides, uses = _found_in_source(ours)
    assert (overrides, uses) == (set(RELIES_ON[ours].overrides.split()), set(RELIES_ON[ours].uses.split()))


@pytest.mark.parametrize("theirs", READ_FROM_OUTSIDE, ids=lambda cls: cls.__name__)
def test_waitress_has_what_is_read_from_outside(theirs: type) -> None:
    assert set(READ_FROM_OUTSIDE[theirs].split()) - _names_of_waitress(theirs) == set()


def test_the_table_has_every_class_of_ours() -> None:
    found = {
        cls
        for module in (buffers, channel, listener, parser, refusals)
        for cls in vars(module).values()
        if isinstance(cls, type) and cls.__module__ == module.__name__ and _bases(cls, "waitress")
    }
    assert found == set(RELIES_ON)


def test_a_renamed_method_would_be_noticed() -> None:
    class Renamed(HTTPChannel):  # type: ignore[misc, name-defined]
        """A release that calls a method by another name."""

    names = _names_of_waitress(channel.Channel)
    assert "_flush_outbufs_below_high_watermark" in names
    assert "_flush_outbufs_below_the_mark" not in names
    # A name that only our class sets is not taken for waitress's.
    assert "_lingers" not in names
    assert _names_of_waitress(Renamed) == names
