"""The profile's table, the device's id and the password."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from edgeweb.device.config.errors import ProfileError
from edgeweb.device.config.profile import Profile
from edgeweb.device.mqtt.identity import device_id
from edgeweb.device.mqtt.settings import Settings, SettingsFault, read_settings

MakeProfile = Callable[..., Profile]


def settings_of(make_profile: MakeProfile, lines: str = "") -> Settings:
    return read_settings(make_profile(f'[mqtt]\nhost = "broker"\n{lines}'))


def test_ports_follow_tls(make_profile: MakeProfile) -> None:
    assert settings_of(make_profile).broker == "broker:1883"
    assert settings_of(make_profile, "tls = true").port == 8883
    assert settings_of(make_profile, "tls = true\nport = 8884").port == 8884


def test_there_is_no_role_until_it_is_named(make_profile: MakeProfile) -> None:
    assert settings_of(make_profile).role == ""
    assert settings_of(make_profile, 'role = "operator"').role == "operator"


@pytest.mark.parametrize(
    "line",
    ['prefix = "a/+/b"', 'prefix = "$SYS"', 'id = "a#"', 'id = "a/b"', 'id = "a.b"', 'discovery = "/a"'],
)
def test_topics_have_no_wildcards(make_profile: MakeProfile, line: str) -> None:
    with pytest.raises(ProfileError, match="letters, digits and _ -"):
        settings_of(make_profile, line)


def test_the_id_is_the_same_and_does_not_show_the_machine_id(tmp_path: Path) -> None:
    file = tmp_path / "machine-id"
    file.write_text("0123456789abcdef0123456789abcdef\n")
    found = device_id(str(file))
    assert found == device_id(str(file)) and len(found) == 16 and found not in file.read_text()
    file.write_text("1123456789abcdef0123456789abcdef\n")
    assert device_id(str(file)) != found


@pytest.mark.parametrize("content", ["", "uninitialized\n", "zz", None])
def test_without_a_machine_id_there_is_one_of_the_host_name(tmp_path: Path, content: str | None) -> None:
    file = tmp_path / "machine-id"
    if content is not None:
        file.write_text(content)
    assert device_id(str(file)) == device_id(str(tmp_path / "nothing"))


def test_the_password_is_of_a_file_or_a_credential(make_profile: MakeProfile, tmp_path: Path) -> None:
    file, folder = tmp_path / "secret", tmp_path / "credentials"
    file.write_text("in a file\n")
    folder.mkdir()
    surroundings = {"CREDENTIALS_DIRECTORY": str(folder)}
    plain = settings_of(make_profile)
    assert plain.read_password({}) is None and plain.read_password(surroundings) is None
    (folder / "mqtt-password").write_text("a credential\n")
    assert plain.read_password(surroundings) == "a credential"
    assert settings_of(make_profile, f'password_file = "{file}"').read_password({}) == "in a file"
    (folder / "other").write_text("another one")
    assert settings_of(make_profile, 'password_file = "other"').read_password(surroundings) == "another one"


def test_a_password_that_cannot_be_read_is_named(make_profile: MakeProfile, tmp_path: Path) -> None:
    with pytest.raises(SettingsFault, match="LoadCredential=other:/etc/edgeweb/other"):
        settings_of(make_profile, 'password_file = "other"').read_password({})
    with pytest.raises(SettingsFault, match="No such file or directory"):
        settings_of(make_profile, f'password_file = "{tmp_path}/nothing"').read_password({})
    (tmp_path / "binary").write_bytes(b"\xff\xfe")
    with pytest.raises(SettingsFault, match="it is no text"):
        settings_of(make_profile, f'password_file = "{tmp_path}/binary"').read_password({})
