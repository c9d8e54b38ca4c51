"""The command line that the scripts here share: which boards."""

from __future__ import annotations

import argparse

from .boards import BOARDS, Board, every_name, find


def boards(description: str | None) -> list[Board]:
    """Return the boards that the command line names."""

    def named(name: str) -> list[Board]:
        return list(BOARDS.values()) if name == "all" else [find(name)]

    parser = argparse.ArgumentParser(
        description=description, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("boards", nargs="+", metavar="BOARD", help=f"all, or of {', '.join(every_name())}")
    asked = parser.parse_args().boards
    try:
        return list({board.name: board for name in asked for board in named(name)}.values())
    except KeyError as error:
        parser.error(f"unknown: {error}; there are {', '.join(every_name())}")
