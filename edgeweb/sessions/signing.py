"""Signed cookies in the format of itsdangerous, without mapping OpenSSL into the process.

`import itsdangerous` loads hashlib and hmac, and with them 3.6 MB of libcrypto, for an HMAC of some hundred
bytes. The interpreter has SHA-1 built in (`_sha1`), and that is all a session cookie needs. The format, what
`itsdangerous.URLSafeTimedSerializer` writes with `key_derivation="hmac"`:

    cookie     = payload "." timestamp "." signature
    payload    = ["."] base64url(text)          with the leading dot where the text is compressed by zlib
    timestamp  = base64url(seconds since 1970, big endian)
    signature  = base64url(HMAC-SHA1(key, payload "." timestamp))
    key        = HMAC-SHA1(secret key, salt)

base64url is that of RFC 4648, 5, without padding; HMAC is RFC 2104. SHA-1 in an HMAC is not affected by its
collisions (RFC 6194, 3.3), and what real Flask reads and writes decides here.

    >>> cookie = sign(b'{"user":1}', "secret", "salt")
    >>> unsign(cookie, ["secret"], "salt", max_age=60)
    b'{"user":1}'
    >>> unsign(cookie, ["another"], "salt", max_age=60) is None
    True
"""

from __future__ import annotations

import typing as t
from _operator import _compare_digest
from binascii import Error as Base64Error
from binascii import a2b_base64, b2a_base64
from functools import lru_cache
from time import time

try:
    from _sha1 import sha1  # type: ignore[import-not-found, unused-ignore]
except ImportError:  # an interpreter that was built without its own hashes
    from hashlib import sha1

_BLOCK_SIZE = 64  # bytes; of SHA-1, for the padding of HMAC
_INNER_PAD = bytes(byte ^ 0x36 for byte in range(256))
_OUTER_PAD = bytes(byte ^ 0x5C for byte in range(256))

_TO_URL_SAFE = bytes.maketrans(b"+/", b"-_")
_FROM_URL_SAFE = bytes.maketrans(b"-_", b"+/")

# Compressing a shorter text hardly ever makes it shorter, and costs more than all the rest.
_COMPRESS_FROM = 64
# For a text of at most 4 KB, zlib's defaults take 268 KB of memory. With these it takes 32, and any zlib
# reads the result.
_ZLIB_WINDOW_BITS = 12
_ZLIB_MEMORY_LEVEL = 5


class _Hash(t.Protocol):
    def copy(self) -> _Hash: ...
    def digest(self) -> bytes: ...
    def update(self, data: bytes, /) -> None: ...


def _keyed(key: bytes) -> tuple[_Hash, _Hash]:
    """Return the inner and outer hash of an HMAC after the padded key, to be copied for every message."""
    if len(key) > _BLOCK_SIZE:
        key = sha1(key).digest()
    key = key.ljust(_BLOCK_SIZE, b"\0")
    return sha1(key.translate(_INNER_PAD)), sha1(key.translate(_OUTER_PAD))


def _hmac(keyed: tuple[_Hash, _Hash], message: bytes) -> bytes:
    inner = keyed[0].copy()
    inner.update(message)
    outer = keyed[1].copy()
    outer.update(inner.digest())
    return outer.digest()


# A few applications with a few keys each; a bound, because keys are rotated while a process lives.
@lru_cache(maxsize=16)
def _derived(secret_key: str | bytes, salt: str | bytes) -> tuple[_Hash, _Hash]:
    """Return the hashes of an HMAC whose key is derived from a secret key and a salt."""
    return _keyed(_hmac(_keyed(_as_bytes(secret_key)), _as_bytes(salt)))


def _as_bytes(text: str | bytes) -> bytes:
    return text.encode() if isinstance(text, str) else text


def _encode(data: bytes) -> bytes:
    return b2a_base64(data, newline=False).rstrip(b"=").translate(_TO_URL_SAFE)


def _decode(text: bytes) -> bytes:
    """Return the bytes of base64url. Raises `binascii.Error` for other text."""
    return a2b_base64(text.translate(_FROM_URL_SAFE) + b"=" * (-len(text) % 4))


def _signature(signed: bytes, secret_key: str | bytes, salt: str | bytes) -> bytes:
    return _encode(_hmac(_derived(secret_key, salt), signed))


def sign(text: bytes, secret_key: str | bytes, salt: str | bytes) -> str:
    """Return the cookie value for a text, signed now. `salt` separates uses of the same key."""
    payload = b""
    if len(text) >= _COMPRESS_FROM:
        import zlib

        packer = zlib.compressobj(wbits=_ZLIB_WINDOW_BITS, memLevel=_ZLIB_MEMORY_LEVEL)
        packed = packer.compress(text) + packer.flush()
        if len(packed) < len(text) - 1:
            text = packed
            payload = b"."
    seconds = int(time())
    timestamp = seconds.to_bytes((seconds.bit_length() + 7) // 8, "big")
    signed = b"%b%b.%b" % (payload, _encode(text), _encode(timestamp))
    return (b"%b.%b" % (signed, _signature(signed, secret_key, salt))).decode("ascii")


def unsign(value: str, secret_keys: t.Iterable[str | bytes], salt: str | bytes, max_age: int) -> bytes | None:
    """Return the text of a cookie that one of the keys signed within the last `max_age` seconds, else None.

    Raises `ValueError` or `zlib.error` if the signature is right and the payload is not: only a holder of the
    key can make such a cookie.
    """
    signed, dot, signature = value.encode().rpartition(b".")
    # Compare as text, in constant time. Decoded, several texts would be the same signature.
    if not dot:
        return None
    for key in secret_keys:
        if _compare_digest(_signature(signed, key, salt), signature):
            break
    else:
        return None
    payload, dot, timestamp = signed.rpartition(b".")
    if not dot:
        return None
    try:
        age = int(time()) - int.from_bytes(_decode(timestamp), "big")
    except Base64Error:
        return None
    if not 0 <= age <= max_age:
        return None
    if payload.startswith(b"."):
        import zlib

        return zlib.decompress(_decode(payload[1:]))
    return _decode(payload)
