"""The distribution "flask" for `importlib.metadata`, if none is installed."""

from __future__ import annotations

import os
import typing as t

if t.TYPE_CHECKING:
    from importlib.metadata import Distribution
    from pathlib import Path


class FlaskMetadataFinder:
    """A meta path finder of one distribution, without modules. It comes last: an installed Flask wins."""

    def __init__(self, version: str) -> None:
        self.version = version

    def find_spec(self, *args: object) -> None:
        """Find no module."""
        return None

    def find_distributions(self, context: object = None) -> t.Iterable[Distribution]:
        """Return the distribution, for a search without a name or by this one."""
        name = getattr(context, "name", None)
        if name is not None and name.lower() != "flask":
            return []
        from importlib.metadata import Distribution

        fields = {"Metadata-Version": "2.1", "Name": "Flask", "Version": self.version}
        text = "".join(f"{field}: {value}\n" for field, value in fields.items())

        class FlaskDistribution(Distribution):
            def read_text(self, filename: str) -> str | None:
                return text if filename == "METADATA" else None

            def locate_file(self, path: str | os.PathLike[str]) -> Path:
                from pathlib import Path

                return Path(__file__).parent / path

        return [FlaskDistribution()]
