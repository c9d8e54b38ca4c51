"""`edgeweb remote`: look at and switch other devices over the network, one or all of them at once.

Every command here is imported when it is chosen, and nothing of it by a server.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from importlib import import_module

from .devices import Refused
from .fleet import INTERRUPTED, WRONG_HERE

_EPILOG = """\
exit codes; of several devices the highest counts:
  0    every device has done it
  1    something is wrong on this machine: the list, a token's file, a folder
  2    the command line is wrong
  3    a device has refused: no right, no such channel, interlocked, ...
  4    a device cannot be reached, or has answered with something else
  130  ended by Ctrl-C

The list is $XDG_CONFIG_HOME/edgeweb/remotes.toml, else ~/.config/edgeweb/remotes.toml. It names the files
that tokens are in. `edgeweb users token NAME --role operator` makes a token on a device.
"""


def main(argv: Sequence[str]) -> int:
    """Run `edgeweb remote ...`. Return the exit code, after a line on stderr for each fault."""
    options = make_parser().parse_args(argv)
    module, _, name = str(options.run).partition(":")
    try:
        code: int = getattr(import_module(f"{__name__}.{module}"), name)(options)
    except Refused as error:
        print(f"edgeweb remote: {error}", file=sys.stderr)
        return WRONG_HERE
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:  # `edgeweb remote watch | head`
        sys.stderr.close()
        return 0
    return code


def make_parser() -> argparse.ArgumentParser:
    """Return the parser of the command line."""
    parser = argparse.ArgumentParser(
        prog="edgeweb remote",
        description=(__doc__ or "").splitlines()[0],
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--timeout", type=_seconds, default=10.0, help="seconds to wait for a device (10)")
    parser.add_argument(
        "--patience", type=_seconds, default=0.0, help="seconds to wait where a device says Retry-After (0)"
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def command(name: str, run: str, text: str, *arguments: str) -> argparse.ArgumentParser:
        added = commands.add_parser(name, help=text, description=text)
        for argument in arguments:
            added.add_argument(argument)
        added.set_defaults(run=run)
        return added

    added = command("add", "manage:add", "add a device to the list, or change it there", "name", "url")
    added.add_argument("--token-file", default="", help="a file with a token, which nobody else can read")
    added.add_argument("--ca-file", default="", help="the certificate of the authority for https")
    added = command("list", "manage:show", "print the list")
    added.add_argument("--json", action="store_true", help="print JSON, for programs")
    command("remove", "manage:remove", "take a device off the list; the file of its token stays", "name")

    added = command("get", "get:get", "ask devices, and print a table")
    added.add_argument("what", choices=_WHAT, metavar="WHAT", help=", ".join(_WHAT))
    added.add_argument("device", nargs="*", help="without any: all devices of the list")
    added.add_argument("--json", action="store_true", help="print JSON, for programs")

    thing = command(
        "switch", "switch:switch", "switch an output: remote switch greenhouse/lamp on", "channel"
    )
    thing.add_argument("state", choices=("on", "off", "toggle"))
    thing = command("pulse", "switch:pulse", "switch an output on and, after MS, off again", "channel")
    thing.add_argument("ms", type=int, nargs="?", help="milliseconds; without: the profile's pulse")
    thing = command("level", "switch:level", "bring a PWM output to a level", "channel")
    thing.add_argument("value", type=float, help="from 0 to 1")

    added = command("all", "every:run", "do the same to all devices of the list")
    each = added.add_subparsers(required=True, metavar="COMMAND")
    one = each.add_parser("backup", help="write a backup of each into a folder; keep them like passwords")
    one.add_argument("folder")
    one.set_defaults(each="backup")
    one = each.add_parser("restart", help="restart a service that the profile of each device names")
    one.add_argument("unit")
    one.set_defaults(each="restart")

    added = command("watch", "watch:watch", "print what changes, until Ctrl-C")
    added.add_argument("device", nargs="*", help="without any: all devices of the list")
    added.add_argument(
        "--topic", action="append", choices=_TOPICS, help="can be repeated (channels, warnings)"
    )
    added.add_argument("--json", action="store_true", help="print a line of JSON for each event")
    return parser


#: What `get` takes; the module has a row for each.
_WHAT = ("status", "channels", "sensors", "schedules", "metrics", "services", "settings")
_TOPICS = ("channels", "figures", "schedules", "sensors", "warnings")


def _seconds(text: str) -> float:
    seconds = float(text)
    if not 0 <= seconds <= 3600:
        raise argparse.ArgumentTypeError("expected seconds from 0 to 3600")
    return seconds
