"""What `importlib.metadata` answers about the distribution "flask" where none is installed."""

from __future__ import annotations

import os
import typing as t


class FlaskMetadataFinder:
    """A meta path finder that has no modules, only one distribution. Stands last: an installed Flask goes first."""

    def __init__(self, version: str) -> None:
        self.version = version

    def find_spec(self, *args: t.Any) -> None:
        """No module is found here."""
        return None

    def find_distributions(self, context: t.Any = None) -> t.Iterable[t.Any]:
        """The distribution, when all are asked for or this one by name."""
        name = getattr(context, "name", None)
        if name is not None and name.lower() != "flask":
            return []
        from importlib.metadata import Distribution

        text = f"Metadata-Version: 2.1\nName: Flask\nVersion: {self.version}\nProvides-Extra: async\nProvides-Extra: dotenv\n"

        class FlaskDistribution(Distribution):
            def read_text(self, filename: str) -> str | None:
                return text if filename == "METADATA" else None

            def locate_file(self, path: str | os.PathLike[str]) -> t.Any:
                from pathlib import Path

                return Path(__file__).parent / path

        return [FlaskDistribution()]
