"""What a build of the package does first: pack the dashboard's files, which git does not keep.

Hatchling runs it for wheels and for editable installations (pyproject.toml names it).
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from scripts import pack


class PackHook(BuildHookInterface[Any]):
    """Packs before the files are collected; `artifacts` takes what git ignores into the wheel."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        pack.pack()
        build_data["artifacts"].append("/edgeweb/device/ui/static/packed/*.gz")
