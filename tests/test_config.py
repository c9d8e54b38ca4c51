"""edgeweb.config: what each way of loading takes over, and what it says when it cannot."""

from __future__ import annotations

import errno
import json
import os
from pathlib import Path
from typing import Any

import pytest

from edgeweb.config import Config, ConfigAttribute


class Application:
    plain = ConfigAttribute[Any]("PLAIN")
    doubled = ConfigAttribute[int]("NUMBER", get_converter=lambda value: value * 2)

    def __init__(self) -> None:
        self.config: dict[str, Any] = {"PLAIN": None, "NUMBER": 4}


def test_attribute_reads_and_writes_the_config() -> None:
    application = Application()
    application.plain = "x"
    assert application.config["PLAIN"] == "x"
    assert application.plain == "x"


def test_attribute_converts_on_reading_only() -> None:
    application = Application()
    assert application.doubled == 8
    application.doubled = 5
    assert application.config["NUMBER"] == 5


def test_attribute_on_the_class_is_itself() -> None:
    assert isinstance(Application.plain, ConfigAttribute)


@pytest.fixture
def config(tmp_path: Path) -> Config:
    return Config(tmp_path, {"DEBUG": False})


def test_defaults_are_copied() -> None:
    defaults = {"DEBUG": False}
    Config("/", defaults)["DEBUG"] = True
    assert defaults == {"DEBUG": False}


def test_from_mapping_takes_upper_case_only(config: Config) -> None:
    assert config.from_mapping({"A": 1, "b": 2, "C_1": 3}, D=4, e=5)
    assert config == {"DEBUG": False, "A": 1, "C_1": 3, "D": 4}


def test_from_mapping_takes_pairs_and_nothing(config: Config) -> None:
    assert config.from_mapping([("A", 1)])  # type: ignore[arg-type]
    assert config.from_mapping(None)
    assert config["A"] == 1


def test_from_object_takes_inherited_attributes_and_no_methods(config: Config) -> None:
    class Base:
        A = 1

    class Derived(Base):
        B = 2
        c = 3

        def METHOD(self) -> None: ...

    config.from_object(Derived)
    assert (config["A"], config["B"]) == (1, 2)
    assert "c" not in config
    # Upper case is all that counts, so a method with such a name is taken too.
    assert config["METHOD"] is Derived.METHOD


def test_from_object_by_import_name(config: Config) -> None:
    config.from_object("errno")
    assert config["ENOENT"] == errno.ENOENT


@pytest.mark.parametrize("name", ["no.such.module", "json.NO_SUCH_NAME"])
def test_from_object_names_what_cannot_be_imported(config: Config, name: str) -> None:
    with pytest.raises(ImportError, match=name):
        config.from_object(name)


def test_from_pyfile_runs_the_file_with_its_name(config: Config, tmp_path: Path) -> None:
    (tmp_path / "settings.cfg").write_text("WHERE = __file__\nlower = 1\n")
    assert config.from_pyfile("settings.cfg")
    assert config["WHERE"] == str(tmp_path / "settings.cfg")
    assert "lower" not in config


@pytest.mark.parametrize("encoding", ["utf-8", "iso-8859-15"])
def test_from_pyfile_honours_the_coding_line(config: Config, tmp_path: Path, encoding: str) -> None:
    (tmp_path / "s.py").write_bytes(f'# -*- coding: {encoding} -*-\nNAME = "é€"\n'.encode(encoding))
    config.from_pyfile("s.py")
    assert config["NAME"] == "é€"


def test_from_pyfile_shows_the_files_own_error(config: Config, tmp_path: Path) -> None:
    (tmp_path / "s.py").write_text("1/0\n")
    with pytest.raises(ZeroDivisionError) as caught:
        config.from_pyfile("s.py", silent=True)
    assert caught.traceback[-1].path == tmp_path / "s.py"


@pytest.mark.parametrize(
    ("name", "number", "reason"),
    [
        ("missing", errno.ENOENT, "No such file or directory"),
        (".", errno.EISDIR, "Is a directory"),
        ("file/below", errno.ENOTDIR, "Not a directory"),
    ],
)
def test_from_pyfile_says_why_it_cannot_read(
    config: Config, tmp_path: Path, name: str, number: int, reason: str
) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(OSError) as caught:
        config.from_pyfile(name)
    assert caught.value.errno == number
    assert f"Unable to load configuration file ({reason})" in str(caught.value)
    assert str(tmp_path) in str(caught.value)
    assert config.from_pyfile(name, silent=True) is False


def test_silent_is_for_missing_files_only(config: Config, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    # Flask makes this difference between the two, so we do.
    with pytest.raises(NotADirectoryError):
        config.from_file("file/below", json.load, silent=True)
    assert config.from_file("missing", json.load, silent=True) is False


def test_from_file_as_text_and_as_bytes(config: Config, tmp_path: Path) -> None:
    (tmp_path / "s.json").write_text('{"A": 1, "b": 2}')
    seen = []

    def load(file: Any) -> Any:
        seen.append(file.mode)
        return json.load(file)

    assert config.from_file("s.json", load)
    assert config.from_file("s.json", load, text=False)
    assert seen == ["r", "rb"]
    assert config["A"] == 1
    assert "b" not in config


def test_from_file_of_an_empty_document(config: Config, tmp_path: Path) -> None:
    (tmp_path / "empty.json").write_text("null")
    assert config.from_file("empty.json", json.load) is True
    assert config == {"DEBUG": False}


def test_from_envvar(config: Config, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "s.py").write_text("A = 1\n")
    monkeypatch.delenv("SETTINGS", raising=False)
    with pytest.raises(RuntimeError, match=r"'SETTINGS' is not set. Set it to the path"):
        config.from_envvar("SETTINGS")
    assert config.from_envvar("SETTINGS", silent=True) is False
    monkeypatch.setenv("SETTINGS", "s.py")
    assert config.from_envvar("SETTINGS") is True
    assert config["A"] == 1


def test_from_prefixed_env_parses_json_and_keeps_the_rest(
    config: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        os,
        "environ",
        {
            "FLASK_NUMBER": "1",
            "FLASK_LIST": '["a"]',
            "FLASK_TEXT": "a text",
            "FLASK_BROKEN": "[1",
            "FLASK_lower": "x",
            "FLASKX": "no",
            "OTHER_A": "no",
        },
    )
    assert config.from_prefixed_env()
    assert config == {
        "DEBUG": False,
        "NUMBER": 1,
        "LIST": ["a"],
        "TEXT": "a text",
        "BROKEN": "[1",
        "lower": "x",
    }


def test_from_prefixed_env_goes_down_into_dicts(config: Config, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "environ", {"X_MAIL__HOST": "h", "X_MAIL__TLS__ON": "true", "X_NEW__A": "1"})
    config["MAIL"] = {"PORT": 25}
    config.from_prefixed_env("X")
    assert config["MAIL"] == {"PORT": 25, "HOST": "h", "TLS": {"ON": True}}
    assert config["NEW"] == {"A": 1}


@pytest.mark.parametrize("name", ["X_MAIL__HOST", "X_MAIL__HOST__DEEPER"])
def test_from_prefixed_env_into_a_value_that_is_no_dict(
    config: Config, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setattr(os, "environ", {name: "h"})
    config["MAIL"] = 25
    with pytest.raises(TypeError):
        config.from_prefixed_env("X")


def test_from_prefixed_env_with_another_parser(config: Config, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "environ", {"FLASK_A": "1"})
    config.from_prefixed_env(loads=lambda text: text + "!")
    assert config["A"] == "1!"


def test_get_namespace(config: Config) -> None:
    config.update(MAIL_HOST="h", MAIL_PORT=25, MAILBOX="no")
    assert config.get_namespace("MAIL_") == {"host": "h", "port": 25}
    assert config.get_namespace("MAIL_", lowercase=False) == {"HOST": "h", "PORT": 25}
    assert config.get_namespace("MAIL_", trim_namespace=False) == {"mail_host": "h", "mail_port": 25}


def test_repr_names_the_class() -> None:
    class Own(Config): ...

    assert repr(Own("/", {"A": 1})) == "<Own {'A': 1}>"
