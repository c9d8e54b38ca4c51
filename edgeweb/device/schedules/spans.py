"""Spans: what an output is to be from one time of day to another.

The enabled spans of an output together ask for a level at each moment: that of the span which began last, of
those that cover the moment; off where none does. A moment at which the level changes is an edge. So two spans
that overlap are one longer span, and the end of the first is no edge.

An output takes the level of an edge at the edge. It takes it later where that was not possible: the server
did not run, the clock was set past it, the hardware did not answer. What is done to the output between two
edges, by a person, another schedule or its `max_on`, stays until the next edge. Three things follow:

- After a start the level holds: in a span the output goes on, whatever was done to it before. Outside it goes
  off where the last edge was not done, and is left alone where it was.
- Where the clock is set, the output takes the level of the last edge by the new time, unless that edge is the
  one which it took last. One that a correction of less than `SET_BACK` seconds puts into the future again is
  not undone.
- A definition that is changed is no edge where it asks for the level that the output had. Where it does not,
  the output goes on or off at once: a span that is removed or paused leaves nothing on.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from ..channels.actions import ACTIONS
from . import localtime
from .daytime import Calendar, Place, ends_next_day
from .schedule import Schedule

#: Seconds by which the clock may be set back behind an edge without the edge being done again.
SET_BACK = 60.0

#: Seconds between two attempts to switch an output that could not be switched.
RETRY = 60.0

#: Days before and after the present one whose spans count: a span lasts for two at most, and comes each week.
_FIRST, _LAST = -11, 9

#: Seconds since an edge up to which it is known. Before, the first of `_FIRST` would look like edges.
_KNOWN = 8 * 86_400.0


class Level(NamedTuple):
    """What an output does: an action of `ACTIONS` and its amount."""

    action: str
    amount: float | None = None


OFF = Level("off")


class Stretch(NamedTuple):
    """A time in which an output keeps a level.

    `begin` is the edge, in seconds since 1970, None for one before `_KNOWN`; `name` is the span that made it.
    """

    begin: float | None
    level: Level
    name: str


class Period(NamedTuple):
    """One day's run of a span."""

    begin: float
    end: float
    span: Schedule


class Output:
    """An output with spans: what they ask for, and what was done."""

    __slots__ = (
        "asked",
        "channel",
        "checked",
        "edge",
        "level",
        "redefined",
        "result",
        "retry_at",
        "spans",
        "until",
    )

    def __init__(self, channel: str) -> None:
        self.channel = channel
        self.spans: list[Schedule] = []
        self.asked = Stretch(None, OFF, "")
        #: `asked` holds from the first of these moments until before the second.
        self.checked = self.until = 0.0
        #: The level that was taken last, and its edge; None while that is not known.
        self.level: Level | None = None
        self.edge: float | None = None
        #: Whether the spans are others than those of `edge`.
        self.redefined = False
        #: The result of the last attempt; after a failure the moment of the next, by the monotonic clock.
        self.result = ""
        self.retry_at: float | None = None


class Spans:
    """The outputs with spans. The owner holds a lock around each call, and switches what is due."""

    def __init__(self) -> None:
        self._outputs: dict[str, Output] = {}
        self._zone: object = None

    def adopt(self, schedules: Iterable[Schedule], *, start: bool = False) -> None:
        """Take over the definitions; at a start also forget what was done to outputs that still have any."""
        found: dict[str, list[Schedule]] = {}
        for schedule in schedules:
            if schedule.kind == "span" and schedule.enabled:
                found.setdefault(schedule.channel, []).append(schedule)
        for channel in found:
            if channel not in self._outputs:
                made = self._outputs[channel] = Output(channel)
                made.level = None if start else OFF
        for channel, output in list(self._outputs.items()):
            spans = found.get(channel, [])
            if start and spans:
                output.level = None
            elif output.spans != spans:
                output.redefined = True
            if not spans and output.level in (None, OFF):
                del self._outputs[channel]
            output.spans, output.until, output.retry_at = spans, 0.0, None

    def keeps(self, channel: str) -> bool:
        """Return whether an output is at a level other than off for a span."""
        output = self._outputs.get(channel)
        return output is not None and output.level not in (None, OFF)

    def due(self, now: float, moment: float, place: Place | None) -> list[tuple[Output, Stretch]]:
        """Return the outputs that are to be switched, each with what it is to become."""
        self._compute(now, place)
        outputs = list(self._outputs.values())
        return [
            (output, output.asked)
            for output in outputs
            if _is_due(output, now) and (output.retry_at is None or output.retry_at <= moment)
        ]

    def settle(self, output: Output, asked: Stretch, result: str, moment: float) -> None:
        """Note what was done to an output, and when to try again what has failed."""
        output.result = result
        if result != "ok":
            output.retry_at = moment + RETRY
            return
        # its spans may have been removed meanwhile, or have made room for others
        present = self._outputs.setdefault(output.channel, output)
        present.redefined = present.redefined or present is not output
        present.level, present.edge, present.retry_at = asked.level, asked.begin, None
        if not present.spans and present.level == OFF:
            del self._outputs[output.channel]

    def __len__(self) -> int:
        return len(self._outputs)

    def left(self, now: float, moment: float, place: Place | None) -> float:
        """Return the seconds until something may be due. Raises `ValueError` without any span."""
        self._compute(now, place)
        return min(
            (
                (0.0 if output.retry_at is None else output.retry_at - moment)
                if _is_due(output, now)
                else output.until - now
                for output in self._outputs.values()
            ),
        )

    def _compute(self, now: float, place: Place | None) -> None:
        """Compute what is asked for, where that is not known for this moment, zone and place."""
        zone, calendar = (*localtime.zone(), place), None
        for output in self._outputs.values():
            if zone == self._zone and output.checked <= now < output.until:
                continue
            calendar = calendar or Calendar(now, _FIRST, _LAST, place)
            periods = sorted(_periods(output.spans, calendar), key=lambda one: (one.begin, one.span.name))
            asked = _stretch(periods, now)
            # an output whose last span was removed goes off in the name of that one
            output.asked = asked if asked.name else asked._replace(name=output.asked.name)
            output.checked, output.until = now, now + localtime.MAX_AGE
            for span in output.spans:
                span.next_at = None
            for period in periods:
                for edge, is_end in ((period.begin, False), (period.end, True)):
                    if edge > now:
                        output.until = min(output.until, edge)
                        span = period.span
                        if span.next_at is None or edge < span.next_at:
                            span.next_at, span.next_ends = edge, is_end
        self._zone = zone


def last_edge(span: Schedule, now: float, place: Place | None) -> float | None:
    """Return the last begin or end of a span; None for none within the last days."""
    periods = _periods([span], Calendar(now, _FIRST, _LAST, place))
    return max((edge for one in periods for edge in one[:2] if edge <= now), default=None)


def _periods(spans: list[Schedule], calendar: Calendar) -> Iterator[Period]:
    for span in spans:
        first, last = span.begin, span.end
        if first is None or last is None:
            continue
        later = ends_next_day(first, last)
        for number, (_, day) in enumerate(calendar.days[:-1]):
            if day in span.days:
                begin, end = calendar.moment(first, number), calendar.moment(last, number + later)
                # a time that a change of the zone's offset leaves out, or a sun that was earlier
                if begin is not None and end is not None and begin < end:
                    yield Period(begin, end, span)


def _stretch(periods: list[Period], now: float) -> Stretch:
    """Return the present stretch of an output from its periods in the order of their begin."""
    found, active, following = Stretch(None, OFF, ""), list[Period](), 0
    for edge in sorted({edge for period in periods for edge in period[:2] if edge <= now}):
        name = active[-1].span.name if active else ""
        active = [period for period in active if period.end > edge]
        while following < len(periods) and periods[following].begin <= edge:
            active.append(periods[following])
            following += 1
        level = OFF
        if active:
            span = active[-1].span
            name, level = span.name, Level(span.action, span.amount)
        if level != found.level:
            found = Stretch(edge, level, name)
    return found if found.begin is None or found.begin > now - _KNOWN else found._replace(begin=None)


def _is_due(output: Output, now: float) -> bool:
    asked = output.asked
    if output.level is None:
        # one edge that was done stands for all before it, be they of spans that were removed since
        done = max(
            (one.edge for one in output.spans if one.edge is not None and one.edge <= now), default=None
        )
        missed = asked.begin is not None and (done is None or done < asked.begin)
        if asked.level != OFF or missed:
            return True
        output.level, output.edge = OFF, asked.begin
    if output.redefined:
        output.redefined = False
        if asked.level == output.level:
            output.edge = asked.begin
        else:
            output.edge = None
    if output.edge is not None and 0 < output.edge - now < SET_BACK:
        return False
    return asked.level != output.level or (asked.begin is not None and asked.begin != output.edge)


def describe(level: Level) -> str:
    """Return a level in words for the audit log: `on`, `value 0.25`."""
    row = ACTIONS[level.action].amount
    return (
        level.action
        if row is None or level.amount is None
        else f"{level.action} {row.word.format(level.amount)}"
    )
