"""The channel bank: every named output and input of the board, with its last known state, for any thread.

Reading never touches the hardware: drivers report what changes, and the bank remembers it. An output is
switched by one thread at a time; two channels can be switched at the same time.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from threading import Lock
from typing import Any

from .drivers import BaseDriver, DriverError, make_driver


class ChannelError(Exception):
    """A channel could not do what was asked. `key` is the kind of failure, the text says it to people."""

    key = "channel-error"


class UnknownChannel(ChannelError, LookupError):
    """No channel has this name."""

    key = "unknown-channel"


class NotAnOutput(ChannelError):
    """An input cannot be set."""

    key = "not-an-output"


class ChannelOffline(ChannelError):
    """The driver does not reach the hardware; the text gives its reason."""

    key = "channel-offline"


class ChannelState:
    """What is known of a channel at one moment; never changed after it is made.

    `state` is None until the level is known, which is not the same as off. `changed` is the moment of the
    monotonic clock at which `state` or `online` last changed. `reason` is empty unless the channel is
    offline.
    """

    __slots__ = ("busy", "changed", "online", "reason", "state")

    def __init__(
        self, *, online: bool, state: bool | None, busy: bool, changed: float, reason: str = ""
    ) -> None:
        self.online = online
        self.state = state
        self.busy = busy
        self.changed = changed
        self.reason = reason


class Channel:
    """One row of the profile's `[channels]`, and its present state."""

    __slots__ = (
        "current",
        "driver",
        "initial",
        "inverted",
        "is_output",
        "name",
        "options",
        "switching",
        "title",
    )

    def __init__(self, name: str, options: Mapping[str, Any], now: float) -> None:
        self.name = name
        self.options = options
        self.title: str = options["title"] or name
        self.driver: str = options["driver"]
        self.is_output: bool = options["mode"] == "output"
        self.inverted: bool = options["inverted"]
        self.initial: str = options["initial"]
        self.switching = Lock()
        self.current = ChannelState(
            online=False, state=None, busy=False, changed=now, reason="not opened yet"
        )


class ChannelBank:
    """All channels of a profile, in its order.

    Making a bank touches no hardware; `open` does, once, and every other method calls it first. So an
    application can be built (for its routes, for its templates) on a machine that has none of the pins.

    >>> row = {"driver": "memory", "mode": "output", "title": "", "inverted": False, "initial": "off"}
    >>> bank = ChannelBank({"lamp": row})
    >>> bank.set("lamp", True).state
    True
    """

    def __init__(
        self, table: Mapping[str, Mapping[str, Any]], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._clock = clock
        now = clock()
        self._channels = {name: Channel(name, options, now) for name, options in table.items()}
        self._drivers: dict[str, BaseDriver] = {}
        self._noting = Lock()
        self._opening = Lock()
        self._opened = False
        #: Grows with every visible change. Read it before the states, never after: then it is never too new.
        self.revision = 0

    def open(self) -> None:
        """Opens the drivers and brings outputs to their initial state. Does nothing the second time.

        A driver that fails takes only its own channels offline.
        """
        if self._opened:
            return
        with self._opening:
            if self._opened:
                return
            for name in dict.fromkeys(channel.driver for channel in self._channels.values()):
                self._open_driver(name)
            self._opened = True

    def close(self) -> None:
        """Lets all drivers go; the next use opens them again."""
        with self._opening:
            for driver in self._drivers.values():
                driver.close()
            self._drivers.clear()
            self._opened = False

    def __iter__(self) -> Iterator[Channel]:
        self.open()
        return iter(self._channels.values())

    def __len__(self) -> int:
        return len(self._channels)

    def __getitem__(self, name: str) -> Channel:
        """A channel by its name. Raises `UnknownChannel`."""
        self.open()
        try:
            return self._channels[name]
        except KeyError:
            raise UnknownChannel(f'There is no channel named "{name}".') from None

    def set(self, name: str, on: bool) -> ChannelState:
        """Switches an output and returns its new state; waits while another thread switches the same channel.

        Raises `UnknownChannel`, `NotAnOutput`, or `ChannelOffline` where the driver fails.
        """
        channel = self[name]
        if not channel.is_output:
            raise NotAnOutput(f'Channel "{name}" is an input: it can be read, not set.')
        with channel.switching:
            driver = self._drivers.get(channel.driver)
            if driver is None:
                raise ChannelOffline(f'Channel "{name}" is offline: {channel.current.reason}.')
            self._note(channel, busy=True)
            try:
                driver.write(name, on != channel.inverted)
            except DriverError as error:
                self._note(channel, online=False, state=None, busy=False, reason=str(error))
                raise ChannelOffline(f'Channel "{name}" is offline: {error}.') from error
            return self._note(channel, online=True, state=on, busy=False)

    def driver(self, name: str) -> BaseDriver:
        """The open driver of this name. Raises `KeyError` where no channel uses it or it did not open."""
        self.open()
        return self._drivers[name]

    def _open_driver(self, name: str) -> None:
        mine = {channel.name: channel for channel in self._channels.values() if channel.driver == name}
        try:
            driver = make_driver(name)
            levels = driver.open({key: channel.options for key, channel in mine.items()}, self._report)
            for channel in mine.values():
                level = levels[channel.name]
                if channel.is_output and channel.initial != "leave":
                    level = (channel.initial == "on") != channel.inverted
                    driver.write(channel.name, level)
                self._note(channel, online=True, state=level != channel.inverted)
        except (DriverError, ImportError) as error:
            # ImportError: the optional package of a driver is not installed, which is no reason not to serve
            for channel in mine.values():
                self._note(channel, online=False, state=None, reason=str(error))
        else:
            self._drivers[name] = driver

    def _report(self, name: str, level: bool) -> None:
        channel = self._channels[name]
        self._note(channel, online=True, state=level != channel.inverted)

    def _note(
        self,
        channel: Channel,
        *,
        online: bool | None = None,
        state: bool | None = None,
        busy: bool | None = None,
        reason: str = "",
    ) -> ChannelState:
        """Replaces the state; what is not given stays, except that `online` always says its `state` too."""
        with self._noting:
            last = channel.current
            if online is None:
                online, state, reason = last.online, last.state, last.reason
            if busy is None:
                busy = last.busy
            same = online == last.online and state == last.state
            if same and busy == last.busy and reason == last.reason:
                return last
            changed = last.changed if same else self._clock()
            channel.current = ChannelState(
                online=online, state=state, busy=busy, changed=changed, reason=reason
            )
            self.revision += 1
            return channel.current
