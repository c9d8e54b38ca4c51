"""The device's own authority, and the certificate that it gives the device.

Two files hold all of it, each a key with the certificate that belongs to it, so that one rename puts both
into force: after a power cut at any moment a key and its certificate fit. Who has `authority.pem` can
speak for the names and addresses in its constraints, so it never leaves the device: it is in no backup and
no answer.

    tls/                 0700
        authority.pem    0600   key and certificate of the authority, for ten years
        host.pem         0600   key and certificate of the device, for 397 days, made again in time
        authority.crt           certificate of the authority, to be published
        names            0600   names that a person has given, a line each
        work/                   while openssl runs, or after a power cut

People import the authority once, on each of their phones and computers. So it is never replaced by itself:
not when the device is renamed, not when it has expired, and not by a clock that is wrong.
"""

from __future__ import annotations

import fcntl
import os
import socket
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import NamedTuple

from ..errors import DeviceError
from ..storage import recovery
from ..system import clock, command
from ..system.addresses import private_addresses
from . import names as rules
from . import openssl
from .certificate import Certificate, NotACertificate, blocks, read

AUTHORITY, HOST, PUBLISHED, NAMES, WORK = "authority.pem", "host.pem", "authority.crt", "names", "work"

#: Behind the name of a file that is not in force yet.
_FRESH = ".new"

#: Bytes of a file that are read: ours have two thousand.
_MAX_FILE = 64 * 1024

_DAY = 86400

#: Seconds of the authority's life, counted from when it is made.
AUTHORITY_LIFE = 3653 * _DAY

#: Seconds of the host certificate's life. Browsers refuse more than 398 days from authorities that they bring
#: along, and more than 825 from any on Apple's devices; the smaller limit may count for all one day.
HOST_LIFE = 397 * _DAY

#: Seconds before now from which a certificate is valid, for clients whose clock is behind; the second where
#: no time service has set our own clock, which may be ahead then.
BACKDATED, BACKDATED_UNSURE = _DAY, 30 * _DAY

#: 2026-01-01. No edgeweb is older, so a clock that is before this is wrong.
EPOCH = 1767225600


#: What a new authority costs.
_IMPORT_AGAIN = "which has to be imported on all phones and computers again"


class AuthorityError(DeviceError):
    """There is no usable authority; the text has the next step."""

    key = "system-refused"


class Description(NamedTuple):
    """What there is, for people."""

    authority: Certificate
    #: None until `init` has made it, or where it is damaged.
    host: Certificate | None
    #: Names of the device that the authority may not certify: it was made for others.
    left_out: tuple[str, ...]


class Authority:
    """The authority in a folder, which need not be there.

    `run`, `is_clock_set`, `hostname` and `addresses` are those of the system; tests give others.

    >>> authority = Authority("/var/lib/edgeweb/tls")
    >>> authority.certificate
    '/var/lib/edgeweb/tls/host.pem'
    """

    def __init__(
        self,
        folder: str,
        run: openssl.Run = command.run,
        is_clock_set: Callable[[], bool] = lambda: clock.is_set(command.run),
        hostname: Callable[[], str] = socket.gethostname,
        addresses: Callable[[], list[str]] = private_addresses,
    ) -> None:
        self.folder = folder
        self._run = run
        self._is_clock_set = is_clock_set
        self._hostname = hostname
        self._addresses = addresses

    @property
    def exists(self) -> bool:
        """Return whether an authority was made."""
        return os.path.exists(self._path(AUTHORITY))

    @property
    def certificate(self) -> str:
        """Return the path of the host's certificate. Its key is in the same file: they change as one."""
        return self._path(HOST)

    @property
    def key(self) -> str:
        """Return the path of the host's key."""
        return self._path(HOST)

    @property
    def authority(self) -> str:
        """Return the path of the authority's certificate, without its key: all that is published."""
        return self._path(PUBLISHED)

    def init(self, names: Sequence[str] = (), *, now: float | None = None, replace: bool = False) -> bool:
        """Make what is missing, and what no longer fits; return whether the host has another certificate.

        `names` are names besides the device's own, in place of those given before; none: as before. With
        `replace` the authority is made again, and people have to import it again. Raises `BadName`,
        `AuthorityError`, `OpenSSLError` or `OSError`; then what there was is still there, and fits.
        """
        given = [rules.checked(name) for name in names]
        if len(given) > rules.MAX_NAMES:
            raise rules.BadName(f"at most {rules.MAX_NAMES} names fit a certificate")
        moment = time.time() if now is None else now
        for folder in (os.path.dirname(self.folder), self.folder):
            os.makedirs(folder, mode=0o700, exist_ok=True)
        with self._locked():
            authority = None if replace else self._read(AUTHORITY)
            if authority is None and not replace and self.exists:
                raise AuthorityError(
                    f"{self._path(AUTHORITY)} is damaged: edgeweb tls init --new-authority makes another one,"
                    f" {_IMPORT_AGAIN}"
                )
            outside = [
                name for name in given if authority and not rules.is_permitted(name, authority.permitted)
            ]
            if outside:
                raise AuthorityError(
                    f"{outside[0]}: the authority of this device was made without this name: edgeweb tls init"
                    f" --new-authority --name {outside[0]} makes another one, {_IMPORT_AGAIN}"
                )
            if names:
                self._put(NAMES, "".join(f"{name}\n" for name in given).encode(), 0o600)
            if authority is None:
                authority = self._make_authority(moment)
            host = self._read(HOST)
            has_others = host is not None and set(host.names) != set(self._wanted(authority))
            is_due = has_others or self._is_due(authority, host, moment)
            if is_due:
                self._make_host(authority, host, moment)
            self._publish()
            return is_due

    def renew_if_due(self, now: float) -> bool:
        """Make the host's certificate again where that is due; return whether it was.

        It is due with a third of its life left, and where the device has got another name or address. Cheap
        while it is not: four small files are read. Without an authority nothing is due. Raises
        `AuthorityError`, `OpenSSLError` or `OSError`; then the old pair is still there.
        """
        if not self._is_anything_due(now):
            return False
        with self._locked():
            # another process may have done it meanwhile
            if (authority := self._read(AUTHORITY)) is None:
                raise AuthorityError(
                    f"{self._path(AUTHORITY)} is damaged: edgeweb tls init has the next step"
                )
            host = self._read(HOST)
            is_due = self._is_due(authority, host, now)
            if is_due:
                self._make_host(authority, host, now)
            self._publish()
            return is_due

    def names(self) -> list[str]:
        """Return the names that the device's certificate is for, or would be; the one to show first."""
        return self._wanted(self._read(AUTHORITY))

    def describe(self) -> Description | None:
        """Return what there is; None without an authority. Raises `AuthorityError` where it is damaged."""
        authority = self._read(AUTHORITY)
        if authority is None:
            if self.exists:
                raise AuthorityError(
                    f"{self._path(AUTHORITY)} is damaged: edgeweb tls init has the next step"
                )
            return None
        left_out = [name for name in self._wanted(None) if not rules.is_permitted(name, authority.permitted)]
        return Description(authority, self._read(HOST), tuple(left_out))

    def _wanted(self, authority: Certificate | None) -> list[str]:
        """Return the device's own names and the given ones, as far as the authority may certify them."""
        try:
            with open(self._path(NAMES), encoding="ascii", errors="replace") as file:
                given = file.read().split()
        except OSError:
            given = []
        found = list(dict.fromkeys([*rules.of_host(self._hostname()), *filter(rules.is_name, given)]))
        if authority is not None:
            found = [name for name in found if rules.is_permitted(name, authority.permitted)]
        return found[: 2 * rules.MAX_NAMES]

    def _wanted_addresses(self) -> list[str]:
        return [*rules.LOOPBACK, *self._addresses()[: rules.MAX_ADDRESSES]]

    def _is_anything_due(self, now: float) -> bool:
        if not self.exists:
            return False
        authority = self._read(AUTHORITY)
        return (
            authority is None
            or self._is_due(authority, self._read(HOST), now)
            or self._content(PUBLISHED) != self._published()
        )

    def _is_due(self, authority: Certificate, host: Certificate | None, now: float) -> bool:
        if host is None or host.issuer != authority.subject:
            return True
        if set(self._wanted(authority)) - set(host.names):
            return True
        if set(self._wanted_addresses()) - set(host.addresses):
            return True
        moment = self._moment(now, host)
        if moment < host.not_before:
            return True
        # what ends with the authority cannot be renewed beyond it
        return moment > host.not_after - host.life / 3 and host.not_after < authority.not_after

    def _moment(self, now: float, host: Certificate | None) -> float:
        """Return the most probable date.

        A board without a battery for its clock starts in 1970, or when it was last on. A certificate of then
        would have expired today. So a clock that no time service has set is not believed where it is before
        what is known to be past: the release of edgeweb, and the making of the present certificate. One that
        is behind by less cannot be noticed; the certificate is made again once the clock is set.
        """
        past = max(EPOCH, host.not_before + BACKDATED if host else 0)
        if now >= past:
            return now
        if self._is_clock_set():
            return max(now, EPOCH)
        # The file is as old as the package that it came with.
        return max(past, os.stat(__file__).st_mtime)

    def _make_authority(self, now: float) -> Certificate:
        label = rules.of_host(self._hostname())[0].partition(".")[0]
        # Two authorities of one name would be one to a browser, which then finds the wrong key.
        title = f"{label[:40]} edgeweb {os.urandom(3).hex()}"
        permitted = list(dict.fromkeys([*rules.LOCAL, *self._wanted(None)]))
        # `local` permits all names that end in it; they stand in `names` only
        permitted = [
            name for name in permitted if name in rules.LOCAL or not rules.is_permitted(name, rules.LOCAL)
        ]
        # From the epoch on: a clock that is ahead must not make an authority that is not valid yet. Its
        # life has no greatest length, unlike that of a host's certificate.
        moments = EPOCH, int(self._moment(now, None)) + AUTHORITY_LIFE
        with self._work() as work:
            pem = openssl.make_authority(self._run, work, title, permitted, moments)
            (made,) = read(pem)
        self._put(AUTHORITY, pem, 0o600)
        return made

    def _make_host(self, authority: Certificate, host: Certificate | None, now: float) -> None:
        moment = int(self._moment(now, host))
        first = max(moment - (BACKDATED if self._is_clock_set() else BACKDATED_UNSURE), EPOCH)
        last = min(first + HOST_LIFE - 1, authority.not_after)
        if last <= moment:
            raise AuthorityError(
                "the authority of this device has expired, or its clock is wrong: set the clock"
                f" (timedatectl), or else edgeweb tls init --new-authority makes another one, {_IMPORT_AGAIN}"
            )
        sans = self._wanted(authority), self._wanted_addresses()
        with self._work() as work:
            pem = openssl.make_host(self._run, work, self._path(AUTHORITY), sans, (first, last))
        self._put(HOST, pem, 0o600)

    def _publish(self) -> None:
        """Write the authority's certificate where another one is published: last, to fit the host's."""
        content = self._published()
        if self._content(PUBLISHED) != content:
            self._put(PUBLISHED, content, 0o644)

    def _published(self) -> bytes:
        return b"".join(blocks(self._content(AUTHORITY)))

    # -- files ---------------------------------------------------------------------------------------------

    def _path(self, name: str) -> str:
        return os.path.join(self.folder, name)

    def _content(self, name: str) -> bytes:
        try:
            with open(self._path(name), "rb") as file:
                return file.read(_MAX_FILE)
        except FileNotFoundError:
            return b""

    def _read(self, name: str) -> Certificate | None:
        """Return the certificate of a file with its key; None where one of the two is missing or damaged."""
        content = self._content(name)
        if b"PRIVATE KEY-----" not in content:
            return None
        try:
            return read(content)[0]
        except NotACertificate:
            return None

    def _put(self, name: str, content: bytes, mode: int) -> None:
        """Write a file so that a power cut leaves the old one or the new one. Raises `OSError`."""
        path = self._path(name)
        fresh = path + _FRESH
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, mode)
        with os.fdopen(descriptor, "wb") as file:
            os.fchmod(descriptor, mode)
            file.write(content)
            file.flush()
            os.fsync(descriptor)
        os.replace(fresh, path)
        recovery.sync_folder(self.folder)

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """Keep other processes out: a server may renew while a person calls `edgeweb tls init`."""
        descriptor = os.open(self.folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            # made by hand or unpacked, it may be open to others
            os.fchmod(descriptor, 0o700)
            # what a power cut has left: keys that were never in force
            self._remove_work()
            for name in (AUTHORITY, HOST, PUBLISHED, NAMES):
                recovery.remove(self._path(name) + _FRESH)
            yield
        finally:
            os.close(descriptor)

    @contextmanager
    def _work(self) -> Iterator[str]:
        """Make the folder in which openssl works, and remove it."""
        path = self._path(WORK)
        os.mkdir(path, 0o700)
        try:
            yield path
        finally:
            self._remove_work()

    def _remove_work(self) -> None:
        path = self._path(WORK)
        with suppress(FileNotFoundError):
            for name in os.listdir(path):
                recovery.remove(os.path.join(path, name))
            os.rmdir(path)
