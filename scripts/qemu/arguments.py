"""The command line that the scripts here share: which boards."""

from __future__ import annotations

import argparse

from .boards import BOARDS, Board


def boards(description: str | None) -> list[Board]:
    """The boards that the command line names."""
    parser = argparse.ArgumentParser(
        description=description, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "boards", nargs="+", metavar="BOARD", choices=[*BOARDS, "all"], help=f"{', '.join(BOARDS)}, or all"
    )
    names = parser.parse_args().boards
    return [BOARDS[name] for name in (BOARDS if "all" in names else dict.fromkeys(names))]
