"""Entity tags of what a device shows: a page or a program that has the newest is not sent it again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .channels.controller import ChannelController
from .metrics.sample import Sample
from .storage.store import Store
from .system.clock import WallClock

if TYPE_CHECKING:
    from .schedules.scheduler import Scheduler
    from .sensors.reader import Sensors


class Tags:
    """The entity tags of a `Device`, which has the parts that they are made of."""

    channels: ChannelController
    clock: WallClock
    life: str
    store: Store

    @property
    def schedules(self) -> Scheduler:
        """Return all schedules."""
        raise NotImplementedError

    @property
    def sensors(self) -> Sensors | None:
        """Return the sensors; None where there are none."""
        raise NotImplementedError

    def tag(self, sample: Sample | None = None) -> str:
        """Return an entity tag of channels and clock; with a sample, of figures and sensors as well."""
        # Open first: opening bumps the revision, which must not invalidate the first tag.
        self.channels.open()
        number: int | str = sample.number if sample else 0
        if sample and (sensors := self.sensors) is not None:
            number = f"{number}.{sensors.revision}"
        storage = self.store.generation
        return f"{self.life}-{self.clock.check()}-{number}-{self.channels.revision}-{storage}"

    def sensors_tag(self) -> str:
        """Return an entity tag that changes with the sensors and the clock."""
        revision = 0 if self.sensors is None else self.sensors.revision
        return f"{self.life}-{self.clock.check()}-s{revision}"

    def schedules_tag(self) -> str:
        """Return an entity tag that changes with the schedules, and when the clock is set."""
        return f"{self.life}-{self.clock.check()}-{self.schedules.tag}"
