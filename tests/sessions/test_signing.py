"""edgeweb.sessions.signing: itsdangerous and it read each other's text, and nothing else is read."""

from __future__ import annotations

import hashlib
import hmac
import json
import subprocess
import sys

import itsdangerous
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgeweb.sessions import signing

DAY = 86_400
KEYS = st.binary(min_size=1, max_size=100) | st.text(min_size=1, max_size=40)
SALTS = st.binary(max_size=80) | st.text(max_size=40)


class Unchanged:
    """A serializer for itsdangerous that leaves bytes as they are."""

    @staticmethod
    def dumps(value: bytes) -> bytes:
        return value

    @staticmethod
    def loads(value: bytes) -> bytes:
        return value


def theirs(key: str | bytes, salt: str | bytes) -> itsdangerous.URLSafeTimedSerializer:
    return itsdangerous.URLSafeTimedSerializer(
        key, salt=salt, serializer=Unchanged, signer_kwargs={"key_derivation": "hmac"}
    )


@pytest.mark.slow
@given(st.binary(max_size=3000) | st.text(max_size=1000).map(str.encode), KEYS, SALTS)
def test_itsdangerous_reads_it(text: bytes, key: str | bytes, salt: str | bytes) -> None:
    assert theirs(key, salt).loads(signing.sign(text, key, salt), max_age=DAY) == text


@given(st.binary(max_size=3000) | st.text(max_size=1000).map(str.encode), KEYS, SALTS)
def test_it_reads_itsdangerous(text: bytes, key: str | bytes, salt: str | bytes) -> None:
    value = theirs(key, salt).dumps(text)
    assert isinstance(value, bytes)
    assert signing.unsign(value.decode(), [key], salt, DAY) == text


@pytest.mark.parametrize("length", [1, 63, 64, 65, 128])
def test_keys_around_the_size_of_a_block(length: int) -> None:
    """64 bytes are used as they are, 65 are hashed first (RFC 2104, 2); `secrets.token_hex(32)` has 64."""
    key = "k" * length
    value = signing.sign(b"text", key, "salt")
    assert theirs(key, "salt").loads(value, max_age=DAY) == b"text"
    other = theirs(key, "salt").dumps(b"text")
    assert isinstance(other, bytes)
    assert signing.unsign(other.decode(), [key], "salt", DAY) == b"text"


@given(st.binary(max_size=300), st.binary(max_size=300))
def test_hmac_is_that_of_the_standard_library(key: bytes, message: bytes) -> None:
    assert signing._hmac(signing._keyed(key), message) == hmac.digest(key, message, hashlib.sha1)


@pytest.mark.parametrize("text", [b"", b'{"user":1}', b"x" * 2000, json.dumps(list(range(300))).encode()])
def test_one_changed_character_is_noticed_wherever_it_is(text: bytes) -> None:
    value = signing.sign(text, "key", "salt")
    assert signing.unsign(value, ["key"], "salt", DAY) == text
    for place, character in enumerate(value):
        for other in ("A", "B", ".", "=", "é"):
            if other != character:
                changed = value[:place] + other + value[place + 1 :]
                assert signing.unsign(changed, ["key"], "salt", DAY) is None


@pytest.mark.parametrize(
    "value", ["", ".", "..", "...", "a", "a.b", "a.b.c", ".a.b.c", "a.b.", "\x00", "é.é.é", "." * 99]
)
def test_what_is_no_signed_value(value: str) -> None:
    assert signing.unsign(value, ["key"], "salt", DAY) is None


def test_another_key_or_salt() -> None:
    value = signing.sign(b"text", "key", "salt")
    assert signing.unsign(value, ["other"], "salt", DAY) is None
    assert signing.unsign(value, ["key"], "other", DAY) is None
    assert signing.unsign(value, [], "salt", DAY) is None
    assert signing.unsign(value, ["other", "key"], "salt", DAY) == b"text"


def test_age(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 1_700_000_000.5
    monkeypatch.setattr(signing, "time", lambda: now)
    value = signing.sign(b"text", "key", "salt")
    for age, valid in [(0, True), (60, True), (61, False), (-1, False)]:
        monkeypatch.setattr(signing, "time", lambda age=age: now + age)
        assert (signing.unsign(value, ["key"], "salt", 60) == b"text") is valid


def _signed(payload: bytes) -> str:
    return (payload + b"." + signing._signature(payload, "key", "salt")).decode()


@pytest.mark.parametrize("payload", [b"bm8gdGltZQ", b"dGV4dA.!", b"dGV4dA.A"])
def test_signed_without_a_time(payload: bytes) -> None:
    # Another use of the same key and salt could sign such a value.
    assert signing.unsign(_signed(payload), ["key"], "salt", DAY) is None


def test_long_text_is_compressed_and_short_is_not() -> None:
    long = signing.sign(b"x" * 1000, "key", "salt")
    assert long.startswith(".")
    assert len(long) < 100
    assert not signing.sign(b"x" * 20, "key", "salt").startswith(".")


def test_incompressible_text_stays_as_it_is() -> None:
    text = hashlib.sha512(b"seed").digest()
    assert not signing.sign(text, "key", "salt").startswith(".")


def test_without_the_interpreters_own_hashes() -> None:
    program = """
import sys
sys.modules["_sha1"] = None
from edgeweb.sessions import signing
value = signing.sign(b"text", "key", "salt")
assert signing.unsign(value, ["key"], "salt", 60) == b"text"
import hashlib
assert type(signing.sha1()) is type(hashlib.sha1())
print(value)
"""
    output = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert signing.unsign(output.stdout.strip(), ["key"], "salt", DAY) == b"text"


def test_openssl_stays_away() -> None:
    program = """
import sys
from edgeweb.sessions import signing
signing.unsign(signing.sign(b"x" * 500, "key", "salt"), ["key"], "salt", 60)
print([name for name in ("_hashlib", "hashlib", "hmac", "secrets", "itsdangerous") if name in sys.modules])
"""
    output = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert output.stdout == "[]\n"
