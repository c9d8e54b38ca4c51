"""The versions of the packages that the code of a template depends on."""

from __future__ import annotations

import importlib.metadata
from pathlib import Path

import pytest

from edgeweb.templating import fingerprint


@pytest.mark.parametrize("package", ["jinja2", "markupsafe"])
def test_versions_without_asking_the_packages(package: str) -> None:
    assert fingerprint._version(package) == importlib.metadata.version(package)


@pytest.mark.parametrize(
    ("names", "version"),
    [
        (["jinja2-3.1.6.dist-info", "jinja2", "jinja2_time-0.2.dist-info"], "3.1.6"),
        (["Jinja2-3.1.6.dist-info"], "3.1.6"),
        (["Jinja2-3.1.6.egg-info"], "3.1.6"),
        (["jinja2-3.1.5.dist-info", "jinja2-3.1.6.dist-info"], "3.1.5 3.1.6"),
        (["jinja2"], ""),
    ],
)
def test_the_version_by_what_lies_beside(tmp_path: Path, names: list[str], version: str) -> None:
    for name in names:
        (tmp_path / name).mkdir()
    assert fingerprint._installed_beside(str(tmp_path), "jinja2") == version
    assert fingerprint._installed_beside(str(tmp_path / "none"), "jinja2") == ""
