"""All schedules: those that are due, by which clock, and the results of their runs.

Intervals run by the monotonic clock. Dates are those of the wall clock, which cannot be trusted: they wait
until it is right, and while it runs as it should, everything between two polls is done. Where it was set
instead, what was jumped over is not made up, and a day that has been done is not done again. What came due
less than `GRACE` seconds ago is done all the same: the server was just starting. Spans are another matter:
they ask for a state, which holds however late it is (`spans.py`).

An interval goes on over a restart: its end is written when the server ends, and for one of `KEPT_INTERVAL`
seconds or more also at each run, which a power cut does not undo. One that has ended meanwhile runs once, at
once. Where the last run is not known (a short interval after a power cut, a clock that is not right after a
new boot) the interval begins again: a pump that starves is better than one that runs at each flicker of the
mains.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from threading import RLock

from ..access.actor import SCHEDULE, Actor
from ..access.audit import Audit
from ..channels.actions import ACTIONS
from ..channels.channel import ChannelError
from ..channels.controller import ChannelController
from ..config.checks import NAME, NAME_RULE
from ..storage.store import Execute, Store
from ..system.clock import WallClock, boot_id
from ..system.timers import Timer, Timers
from .daytime import NO_PLACE, Place
from .describe import describe, describe_action
from .localtime import MAX_AGE, Date, follow_zone, next_day, zone
from .schedule import (
    Computed,
    IntervalTimer,
    Schedule,
    ScheduleError,
    SchedulesChanged,
    TooMany,
    UnknownSchedule,
)
from .spans import Output, Spans, Stretch, last_edge
from .spans import describe as describe_level
from .stored import restored, stored
from .timesync import TimeSync

#: Schedules at most.
MAX_SCHEDULES = 64

#: Seconds between two polls of the wall clock, as long as a schedule goes by it.
CLOCK_POLL = 10.0

#: Seconds until the next run at least, however late a schedule is.
_MIN_WAIT = 0.001

#: Seconds by which a run by date may be late: the server was just starting, the clock was just set.
GRACE = 60.0

#: Seconds of the shortest interval whose runs are each written: a card does not last for ever.
KEPT_INTERVAL = 3600

#: Seconds by which the clock may be set without anything being left out.
STEP = 2.0


class Scheduler:
    """The schedules of the state, by name. Nothing is read and nothing runs before `load`."""

    def __init__(
        self,
        store: Store,
        audit: Audit,
        channels: ChannelController,
        clock: WallClock,
        timers: Timers,
        sync: TimeSync,
        log: Callable[[str], object],
        boot: Callable[[], str] = boot_id,
        changed: Callable[[], object] = lambda: None,
        place: Callable[[], Place | None] = lambda: None,
    ) -> None:
        self._store = store
        self._audit = audit
        self._channels = channels
        self._clock = clock
        self._timers = timers
        self._sync = sync
        self._log = log
        self._boot = boot
        #: Called after each visible change, with the lock held.
        self._changed = changed
        #: Returns where the device is, None where that is not known.
        self._place = place
        self._lock = RLock()
        self._schedules: dict[str, Schedule] = {}
        self._spans = Spans()
        self._timer: Timer | None = None
        #: The moment of the last run, and the date up to which everything was done.
        self._checked = self._done_until = 0.0
        # the visible state of all schedules, to notice a change
        self._seen: list[tuple[int, float | None, float | None, str]] = []
        #: Grows with every visible change of a schedule, except `waiting`.
        self.revision = 0

    # -- reading ---------------------------------------------------------------------------------------

    @property
    def waiting(self) -> bool:
        """Whether schedules by date wait for the clock to be set."""
        return not self._sync.done

    @property
    def waiting_reason(self) -> str:
        """Why they wait, a key of `timesync.REASONS`; empty while they do not."""
        return self._sync.reason

    def __iter__(self) -> Iterator[Schedule]:
        return iter(sorted(self._schedules.values(), key=lambda schedule: schedule.name))

    def __len__(self) -> int:
        return len(self._schedules)

    def __getitem__(self, name: str) -> Schedule:
        """Return a schedule by its name. Raises `UnknownSchedule`."""
        try:
            return self._schedules[name]
        except KeyError:
            raise UnknownSchedule(f'There is no schedule named "{name}".') from None

    @property
    def tag(self) -> str:
        """Changes with everything that is visible of the schedules, within the life of the process."""
        return f"{self.revision}-{self.waiting_reason}"

    # -- changing --------------------------------------------------------------------------------------

    def load(self) -> None:
        """Read the schedules of the state, and start them."""
        follow_zone()
        with self._lock:
            rows = self._store.read("SELECT name, value FROM schedules ORDER BY name")
            self._schedules.clear()
            for name, text in rows[:MAX_SCHEDULES]:
                try:
                    self._schedules[name] = restored(name, text)
                except ScheduleError as error:
                    self._log(f"the schedule {name} is ignored: {error}")
            self._checked = self._clock.monotonic()
            self._done_until = self._wall(self._checked)
            for schedule in self:
                self._start_interval(schedule)
            self._spans.adopt(self, start=True)
            self._reschedule()

    def put(
        self,
        actor: Actor,
        name: str,
        fields: Mapping[str, object],
        is_expected: Callable[[], bool] = lambda: True,
    ) -> bool:
        """Define a schedule; return whether it is a new one.

        `is_expected` returns whether the schedules are still those that the change was made for. Raises
        `SchedulesChanged` where they are not, `ScheduleError` with all faults.
        """
        if not NAME.fullmatch(name):
            raise ScheduleError([("name", f"expected {NAME_RULE}")])
        schedule = Schedule(name, fields)
        self._check_channel(schedule)
        if schedule.needs_place and self._place() is None:
            raise ScheduleError([(schedule.needs_place, NO_PLACE)])
        with self._lock:
            if not is_expected():
                raise SchedulesChanged
            if schedule.kind == "once" and not self.waiting and schedule.moment <= self._wall():
                raise ScheduleError([("at", "expected a date in the future")])
            created = name not in self._schedules
            if not self.waiting:
                # defined a moment too late for today, or after a span: that is nothing that was missed
                now = self._wall()
                if schedule.kind == "daily":
                    found = self._next_day(schedule, now - GRACE)
                    schedule.date = found[1] if found is not None and found[0] <= now else None
                elif schedule.kind == "span" and not self._spans.keeps(schedule.channel):
                    schedule.edge = last_edge(schedule, now, self._place())
            self._start_interval(schedule)
            text = self._stored(schedule)
            action = "schedule.add" if created else "schedule.change"

            def change(execute: Execute) -> None:
                execute("INSERT OR REPLACE INTO schedules VALUES (?, ?)", (name, text))
                # Here, where the tables of other processes count as well: an error undoes the insertion.
                (number,) = execute("SELECT count(*) FROM schedules").fetchone()
                if created and number > MAX_SCHEDULES:
                    raise TooMany(f"there are {MAX_SCHEDULES} schedules already: remove one first")
                self._audit.insert(execute, actor, action, name, describe(schedule))

            self._audit.flush()
            self._store.write(change)
            self._schedules[name] = schedule
            self._spans.adopt(self)
            self._reschedule()
        return created

    def remove(self, actor: Actor, name: str, is_expected: Callable[[], bool] = lambda: True) -> None:
        """Remove a schedule; `is_expected` as in `put`. Raises `SchedulesChanged`, `UnknownSchedule`."""
        with self._lock:
            schedule = self[name]
            if not is_expected():
                raise SchedulesChanged

            def change(execute: Execute) -> None:
                execute("DELETE FROM schedules WHERE name = ?", (name,))
                self._audit.insert(execute, actor, "schedule.remove", name, describe(schedule))

            self._audit.flush()
            self._store.write(change)
            del self._schedules[name]
            self._spans.adopt(self)
            self._reschedule()

    def close(self) -> None:
        """Write when each interval ends, for the next process."""
        with self._lock:
            rows = [
                (self._stored(schedule, schedule.last_result), schedule.name)
                for schedule in self
                if schedule.kind == "interval" and schedule.enabled
            ]
            if rows:
                self._write(rows)

    # -- running ---------------------------------------------------------------------------------------

    def _run_due(self) -> None:
        """Run what is due; called by the timers."""
        self._sync.check()
        follow_zone()
        with self._lock:
            self._timer = None
            moment = self._clock.monotonic()
            now = self._wall(moment)
            due = list(self._due(moment, now))
            spans = [] if self.waiting else self._spans.due(now, moment, self._place())
            self._checked = moment
            self._done_until = max(self._done_until, now)
        for schedule, date in due:
            self._run(schedule, date, now)
        for output, asked in spans:
            self._switch(output, asked, now)
        with self._lock:
            self._reschedule()

    def _due(self, moment: float, now: float) -> Iterator[tuple[Schedule, Date | None]]:
        """Yield the schedules that are due, each with the date of a daily run."""
        elapsed, waiting = moment - self._checked, self.waiting
        if abs(now - self._done_until - elapsed) > STEP:
            # it was set, at some time since the last run
            self._done_until = now - elapsed
        for schedule in self:
            if not schedule.enabled:
                continue
            if schedule.kind == "interval":
                self._resume(schedule, moment)
                if schedule.due <= moment:
                    every = schedule.every or 0
                    # what a machine has slept through is not made up
                    schedule.due = moment + every if schedule.due + every <= moment else schedule.due + every
                    yield schedule, None
            elif waiting or schedule.kind == "span":
                continue
            elif schedule.kind == "once":
                # all since the last run, however long ago that was, and what is late by little
                begin = min(self._done_until, now - GRACE)
                if schedule.last_at is None and begin < schedule.moment <= now:
                    yield schedule, None
            else:
                found = self._next_daily(schedule, now)
                if found is not None and found[0] <= now:
                    yield schedule, found[1]

    def _run(self, schedule: Schedule, date: Date | None, now: float) -> None:
        by_date = schedule.kind != "interval"
        kept = by_date or (schedule.every or 0) >= KEPT_INTERVAL
        last_result = schedule.last_result
        schedule.last_at, schedule.date = now, date
        if kept:
            # before it is done: a power cut between the two must not do it twice
            self._keep(schedule, "interrupted")
        result, changed = self._act(schedule.channel, schedule.action, schedule.amount)
        if kept:
            self._keep(schedule, result)
        schedule.last_result = result
        if by_date or changed or result != last_result:
            word = describe_action(schedule)
            self._audit.note(
                SCHEDULE, "schedule.run", schedule.name, word if result == "ok" else f"{word}: {result}"
            )

    def _switch(self, output: Output, asked: Stretch, now: float) -> None:
        """Bring an output to the level that its spans ask for, and note it in the one whose edge that is."""
        last_result = output.result
        result, changed = self._act(output.channel, *asked.level)
        with self._lock:
            self._spans.settle(output, asked, result, self._clock.monotonic())
            schedule = self._schedules.get(asked.name)
            news = changed or result != (last_result or "ok")
            if schedule is not None and (news or schedule.edge != asked.begin):
                schedule.last_at, schedule.last_result = now, result
            rows = []
            for span in self._schedules.values():
                if span in output.spans or span is schedule:
                    before = span.edge
                    span.edge = asked.begin if result == "ok" else before
                    if span.edge != before or (news and span is schedule):
                        rows.append((self._stored(span, span.last_result), span.name))
            if rows:
                self._write(rows)
        if news or rows:
            word = f"{output.channel} {describe_level(asked.level)}"
            self._audit.note(
                SCHEDULE, "schedule.run", asked.name, word if result == "ok" else f"{word}: {result}"
            )

    def _act(self, name: str, action: str, amount: float | None) -> tuple[str, bool]:
        """Switch a channel; return the result, and whether its state has changed."""
        try:
            channel = self._channels[name]
            before = channel.current.changed
            row = ACTIONS[action]
            row.run(self._channels, channel.name, row.amount_for(channel, amount))
        except ChannelError as error:
            return error.key, False
        return "ok", channel.current.changed != before

    def _keep(self, schedule: Schedule, result: str) -> None:
        with self._lock:
            if self._schedules.get(schedule.name) is not schedule:
                return  # it was replaced while it ran
            self._write([(self._stored(schedule, result), schedule.name)])

    def _write(self, rows: list[tuple[str, str]]) -> None:
        def change(execute: Execute) -> None:
            for row in rows:
                execute("UPDATE schedules SET value = ? WHERE name = ?", row)

        # not worth a backup, which restores schedules without the history of their runs
        self._store.write(change, backup=False)

    def _stored(self, schedule: Schedule, result: str = "") -> str:
        timer = None
        if schedule.kind == "interval":
            moment = self._clock.monotonic()
            at = None if self.waiting else self._clock.seconds(schedule.due)
            # one that waits for the clock to go on is kept as it was
            timer = schedule.timer or IntervalTimer(self._boot(), moment, schedule.due, at)
        return stored(schedule, result, timer)

    # -- when ------------------------------------------------------------------------------------------

    def _start_interval(self, schedule: Schedule) -> None:
        if schedule.every:
            moment = self._clock.monotonic()
            schedule.due = moment + schedule.every
            self._resume(schedule, moment)

    def _resume(self, schedule: Schedule, moment: float) -> None:
        """Let an interval go on from where it stood, as soon as that is known."""
        timer = schedule.timer
        if timer is None:
            return
        if timer.boot == self._boot() and timer.written <= moment:
            schedule.due = min(schedule.due, timer.due)
        elif timer.at is not None:
            if self.waiting:
                return
            schedule.due = min(schedule.due, moment + max(timer.at - self._wall(moment), 0.0))
        schedule.timer = None

    def _reschedule(self) -> None:
        """Compute when each schedule runs next, and set the timer for the first; the lock is held."""
        moment = self._clock.monotonic()
        now = self._wall(moment)
        wait = CLOCK_POLL if self._spans else None
        if wait is not None and not self.waiting:
            wait = min(wait, self._spans.left(now, moment, self._place()))
        for schedule in self._schedules.values():
            schedule.next_at = self._next(schedule, now)
            if (
                not schedule.enabled
                or schedule.kind == "span"
                or (schedule.kind == "once" and schedule.last_at is not None)
            ):
                continue
            left = CLOCK_POLL
            if schedule.kind == "interval":
                left = schedule.due - moment
                if schedule.timer is not None:
                    left = min(left, CLOCK_POLL)
            elif schedule.next_at is not None and not self.waiting:
                left = min(schedule.next_at - now, CLOCK_POLL)
            wait = left if wait is None else min(wait, left)
        seen = [(id(one), one.next_at, one.last_at, one.last_result) for one in self._schedules.values()]
        if seen != self._seen:
            self._seen = seen
            self.revision += 1
            self._changed()
        if self._timer is not None:
            self._timer.cancel()
        self._timer = None if wait is None else self._timers.after(max(wait, _MIN_WAIT), self._run_due)

    def _next(self, schedule: Schedule, now: float) -> float | None:
        if not schedule.enabled:
            return None
        if schedule.kind == "interval":
            return self._clock.seconds(schedule.due)
        if schedule.kind == "once":
            if schedule.last_at is not None:
                return None
            missed = not self.waiting and now - schedule.moment >= GRACE
            schedule.last_result = "missed" if missed else ""
            return None if missed else schedule.moment
        if self.waiting:
            return None
        if schedule.kind == "span":
            return schedule.next_at
        found = self._next_daily(schedule, now)
        return None if found is None else found[0]

    def _next_daily(self, schedule: Schedule, now: float) -> tuple[float, Date] | None:
        """Return the first moment that is not done yet, and its date; it may be late by a little."""
        after = min(self._done_until, now - GRACE)
        # Computing it takes a slow board 10 ms, at each poll.
        under = (*zone(), self._place(), schedule.date)
        known = schedule.computed
        if known is not None and known.under == under and known.after <= after < known.until:
            return known.found
        found = self._next_day(schedule, after)
        if found is not None and found[1] == schedule.date:
            found = self._next_day(schedule, found[0])
        until = after + MAX_AGE if found is None else min(found[0], after + MAX_AGE)
        schedule.computed = Computed(under, after, until, found)
        return found

    def _next_day(self, schedule: Schedule, after: float) -> tuple[float, Date] | None:
        begin, place = schedule.begin, self._place()
        return begin and next_day(after, lambda date: begin.moment(date, place), schedule.days)

    def _wall(self, moment: float | None = None) -> float:
        self._clock.check()
        return self._clock.seconds(self._clock.monotonic() if moment is None else moment)

    def _check_channel(self, schedule: Schedule) -> None:
        try:
            channel = self._channels[schedule.channel]
        except ChannelError:
            raise ScheduleError([("channel", "expected the name of a channel of this device")]) from None
        if not channel.is_output:
            raise ScheduleError([("channel", "expected an output; this one is an input")])
        row, mode = ACTIONS[schedule.action], channel.options["mode"]
        if mode not in row.modes:
            possible = ", ".join(name for name, other in ACTIONS.items() if mode in other.modes)
            raise ScheduleError([("action", f"expected one of {possible}: the channel's mode is {mode}")])
        if row.amount is not None and schedule.amount is not None:
            least, most = row.amount.limits_of(channel)
            if not least <= schedule.amount <= most:
                raise ScheduleError(
                    [(row.amount.schedule, f"expected {row.amount.unit} from {least} to {most}")]
                )
