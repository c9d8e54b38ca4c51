"""Keys, codes and digests."""

from __future__ import annotations

from edgeweb.device.access import secrets


def test_keys_and_codes() -> None:
    keys = {secrets.new_key() for _ in range(100)}
    assert len(keys) == 100 and {len(key) for key in keys} == {43}
    assert all(key.replace("-", "a").replace("_", "a").isalnum() for key in keys)
    codes = {secrets.new_code() for _ in range(100)}
    assert len(codes) == 100 and all(
        secrets.same_code(code.lower().replace("-", " "), code) for code in codes
    )
    assert not secrets.same_code("", "0000-0000-0000")
    assert secrets.same_code("oil0", "0110"), "what people read for each other"


def test_the_digest_is_sha256() -> None:
    import hashlib

    assert secrets.digest("\u00e9") == hashlib.sha256("\u00e9".encode()).hexdigest()
