"""Making root file systems: a broken download is tried again, a package that the mirror has not is named."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from . import roots

FETCH = "E: Failed to fetch http://m/pool/npm_9.2_all.deb"


def fails(folder: Path, error: str, times: int) -> list[str]:
    """A command that fails so many times with an error, and then makes the file `made`."""
    script = f"""
        echo x >>tries
        if [ $(wc -l <tries) -le {times} ]; then echo "{error}" >&2; exit 25; fi
        touch made
        """
    return ["sh", "-c", f"cd {folder} && {script}"]


def test_a_broken_download_is_tried_once_more(tmp_path: Path) -> None:
    roots.run_twice(fails(tmp_path, f"{FETCH}  Connection failed", 1), tmp_path / "part", "Debian trixie")
    assert (tmp_path / "made").exists()


@pytest.mark.parametrize(
    ("error", "line", "tries"),
    [
        (f"{FETCH}  404  Not Found", "mirror does not hold 1 package that its index lists: npm 9.2", 2),
        ("E: Unable to locate package nmp", "E: Unable to locate package nmp", 1),
        ("E: Some other fault", "E: Some other fault", 1),
    ],
)
def test_what_fails_for_good_is_one_line(tmp_path: Path, error: str, line: str, tries: int) -> None:
    with pytest.raises(roots.NoRoot) as raised:
        roots.run_twice(fails(tmp_path, error, 9), tmp_path / "part", "Debian trixie")
    assert str(raised.value).startswith("Debian trixie: ") and line in str(raised.value)
    assert len(str(raised.value).splitlines()) == 1
    assert len((tmp_path / "tries").read_text().split()) == tries


@pytest.fixture
def forgotten() -> Iterator[None]:
    """Pip's settings are read in the test, and again after it."""
    roots.pip_variables.cache_clear()
    yield
    roots.pip_variables.cache_clear()


@pytest.mark.usefixtures("forgotten")
def test_pips_settings_reach_a_container(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    certificates, index = tmp_path / "own.pem", tmp_path / "index/simple"
    certificates.touch()
    index.mkdir(parents=True)
    for name in ("PIP_CONFIG_FILE", "PIP_FIND_LINKS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PIP_CERT", str(certificates))
    monkeypatch.setenv("PIP_EXTRA_INDEX_URL", f"file://{index} file:///nowhere/simple")
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy:3128")
    variables = roots.network_variables()
    assert variables["PIP_CERT"] == str(certificates)
    assert variables["PIP_EXTRA_INDEX_URL"] == f"file://{index} file:///nowhere/simple"
    assert variables["HTTPS_PROXY"] == "http://proxy:3128"
    options = roots.network_options()
    # With what its pages name, which lies beside them.
    assert f"--bind-ro={certificates}" in options and f"--bind-ro={index.parent}" in options
    assert not [option for option in options if "nowhere" in option]
