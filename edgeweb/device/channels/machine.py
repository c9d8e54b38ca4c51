"""The state machine of all channels: states, their timers, and the jobs that lead from one to the next.

`states.py` has the model. `ChannelController` gives commands; here is what follows from them, from a driver's
answer, and from the passing of time. What outlasts a state has a module of its own: `limits.py` has the
longest time on, `rests.py` the rests of groups, `levels.py` polls and inputs. `driver_calls.py` has the
drivers' threads.

One lock guards everything. It is never held while a driver is at work, so a timer waits for no hardware: it
begins a call on the driver's own thread and returns.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from functools import partial
from threading import Condition
from typing import TYPE_CHECKING, Any

from ..system.executor import Executor, Inline
from ..system.timers import Timers
from .channel import (
    Channel,
    ChannelOffline,
    ChannelState,
    Group,
    Job,
    may_be_on,
    others_are_off,
    others_may_be_off,
    phase_of,
)
from .driver_calls import DriverCalls, reason_of
from .levels import Levels
from .limits import Limits
from .rests import Rests
from .states import BUSY_STATES, IDLE, OFFLINE, PULSING, RAMPING, RESTING, SWITCHING, UNKNOWN

if TYPE_CHECKING:
    from .memory import Memory

#: Seconds between two attempts to reach hardware that is gone.
RETRY = 5.0
#: Seconds between two steps of a ramp.
RAMP_STEP = 0.05

OVER = "was on for its longest time: it goes off first, and on if you ask again"
_BESIDE = "stays off: another output of its group may be on"
_RESTS = "is busy: it rests after a switch"


class ChannelMachine:
    """What moves channels from state to state. Methods are called with `lock` held, unless they say
    otherwise.

    `happened(channel, action, result)` is called with what a timer has done, `changed()` after each visible
    change, `switched(channel, was, state, moment, value)` after one of state or value; none may block.
    """

    def __init__(
        self,
        channels: Mapping[str, Channel],
        clock: Callable[[], float],
        timers: Timers,
        memory: Memory,
        happened: Callable[[str, str, str], object],
        executor: Executor | Inline,
        changed: Callable[[], object],
        switched: Callable[[str, bool | None, bool | None, float, float | None], object],
    ) -> None:
        self._channels = channels
        self._clock = clock
        self._timers = timers
        self._memory = memory
        self._happened = happened
        self._changed = changed
        self._switched = switched
        #: Reentrant: a driver that is called inline answers while it is held.
        self.lock = Condition()
        #: False while there is no hardware to work with: before the start and after the end.
        self.running = False
        #: Grows with every visible change.
        self.revision = 0
        self.calls = DriverCalls(executor)
        self.limits = Limits(self.lock, clock, timers, self._end_max_on)
        self.rests = Rests(self.lock, clock, timers, self._begin_rest, self._end_rest)
        self._levels = Levels(
            channels, self.lock, clock, timers, self.calls, self._note_level, self.go_offline
        )

    # -- calls of drivers ------------------------------------------------------------------------------

    def begin(self, channel: Channel, job: Job, *, awaited: bool = True) -> None:
        """Have the driver write, or take hold of its hardware, soon.

        Where no thread waits for the answer (`awaited`), a timer watches over the deadline.
        """
        if channel.is_instant and not job.attaches:
            # The call is over before any other thread could see that it has begun.
            channel.job = job
            self._call(channel, job)
            return
        job.wait_for_answer()
        if job.then != RAMPING:
            self.enter(channel, OFFLINE if job.again else SWITCHING)
        if not awaited:
            self._set_timer(channel, self.calls.deadline(channel), self._give_up_now)
        channel.job = job
        if job.wanted:
            # It may be on from now on, which a process that is killed meanwhile leaves to the next one.
            self._memory.remember(channel)
        self._submit(channel, job)

    def _submit(self, channel: Channel, job: Job) -> None:
        if not self.calls.submit(channel, partial(self._call, channel, job)):
            self.go_offline(channel, self.calls.stuck(channel))

    def give_up(self, channel: Channel, job: Job) -> None:
        """Stop waiting for a driver whose deadline has passed."""
        if channel.job is job:
            self._give_up_now(channel)

    def leave(self, channel: Channel, job: Job, seconds: float) -> None:
        """Have a timer wait for a driver, for the rest of its deadline, in place of the client's thread."""
        if seconds <= 0:
            self.give_up(channel, job)
        elif channel.job is job:
            job.is_left = True
            self._set_timer(channel, seconds, self._give_up_now)

    def _give_up_now(self, channel: Channel) -> None:
        self.go_offline(channel, self.calls.silence(channel))

    def _call(self, channel: Channel, job: Job) -> None:
        """Make the call of a job. Called on the driver's thread without the lock, or at once with it."""
        if job.attaches and self.calls.change_lane(channel):
            with self.lock:
                if channel.job is job:
                    self._submit(channel, job)
            return
        with self.lock:
            if not self._take_turn(channel, job):
                return
            job.began = self._clock()
        found: bool | float | None = None
        error = ""
        try:
            if job.attaches:
                found = self.calls.attach(channel, job.wanted, self._levels.report)
            elif job.wanted is not None:
                found = self.calls.drivers[channel.driver].write(channel.name, channel.level(job.wanted))
        except Exception as fault:  # a driver's surprise costs its own channels, and no other
            error = reason_of(fault)
        with self.lock:
            if channel.job is job:
                if error:
                    self.go_offline(channel, error)
                else:
                    self._succeed(channel, job, found)
            elif self.running:
                # Too late, and perhaps with effect: the hardware gets what was acknowledged, and now.
                self._may_have_switched(channel, job)
                if channel.phase == OFFLINE and channel.job is None and channel in channel.group.members:
                    self.try_again(channel)

    def _take_turn(self, channel: Channel, job: Job) -> bool:
        """Return whether a call is still to be made; turn on into off where nothing may go on any more.

        What held when the command was checked may have changed while the call waited for its turn.
        """
        if channel.job is not job:
            return False  # given up, or replaced
        if not job.wanted:
            return True
        refusal, leads_to_off = "", _leads_to_off(channel, job)
        if channel.must_go_off:
            # Off has been asked for since: the output does not go on first.
            job.action, channel.must_go_off = channel.must_go_off, ""
            if channel.is_pwm and job.then != PULSING:
                # Asked for before off, so it is what "on" brings back.
                channel.last_value = float(job.wanted)
        elif self.limits.is_over(channel):
            job.action, refusal = "channel.max_on", OVER
        elif job.attaches and not job.starts and channel.group.rest is not None:
            # An earlier call has just had its effect.
            channel.job, job.refusal = None, _RESTS
            job.end()
            self.try_again(channel)
            return False
        elif channel.interlock and not channel.current.state and not others_are_off(channel):
            refusal = _BESIDE
        else:
            return True
        # A ramp to off is at its goal sooner; that refuses nothing.
        job.wanted, job.then, job.refusal = channel.off, IDLE, "" if leads_to_off else refusal
        return True

    def _succeed(self, channel: Channel, job: Job, level: bool | float | None) -> None:
        """Go on after a driver's answer."""
        was_on = channel.current.state
        channel.job = None
        # What a driver reads back counts; one that reads nothing back has done as it was asked.
        state = job.wanted if level is None and not job.attaches else channel.state_of(level)
        if channel.is_output:
            self._commit(channel, job, state, was_on)
        else:
            self.enter(channel, IDLE)
            self.update(channel, online=True, state=None if state is None else bool(state), reason="")
        if job.attaches:
            self._levels.poll_later(channel)
        action, channel.must_go_off = channel.must_go_off, ""
        if job.again and job.wanted is None and channel.is_output and not others_may_be_off(channel):
            action = "channel.start"  # left as it was, and another one of its group is on
        if action and channel.current.state is not False:
            self.begin(channel, Job(channel.off, IDLE, action=action), awaited=False)
        job.end()
        self.lock.notify_all()

    def _commit(self, channel: Channel, job: Job, state: bool | float | None, was_on: bool | None) -> None:
        """Note what an output is now, and enter the state that follows."""
        on = None if state is None else bool(state)
        value = float(state) if channel.is_pwm and state is not None else None
        if job.then == PULSING:
            wanted: bool | float | None = channel.off  # a driver that comes back in the middle finds it over
        elif job.then == RAMPING:
            wanted = channel.goal  # what was acknowledged, also for one that comes back before the end
        elif on is False:
            wanted = channel.off  # also of a value that is too little for the hardware to be on
        else:
            wanted = state if job.wanted is None else job.wanted
        lasting = channel.goal if job.then == RAMPING else job.wanted if value is None else value
        if lasting and job.then != PULSING:
            channel.last_value = float(lasting)
        channel.wanted = wanted
        # What was written counts where nothing can be read back.
        written = None if job.wanted is None else bool(job.wanted)
        self.limits.set(channel, written if on is None else on, job.began)
        self.update(channel, online=True, state=on, value=value, reason="")
        # What it was before it was reached is not known. At the start an output of its own has a memory.
        if not (job.starts and not channel.interlock) if job.attaches else on is not was_on:
            self.rests.begin(channel.group, channel.options["busy_delay"])
        if job.then == RAMPING and job.wanted != channel.goal:
            self.enter(channel, RAMPING, self._rest_of(channel) + RAMP_STEP, self._next_step)
        elif job.then == PULSING:
            self.enter(channel, PULSING, job.seconds, self._end_pulse)
        else:
            self.enter(channel, phase_of(channel))
        if job.action:
            self._happened(channel.name, job.action, "off")
        self._memory.remember(channel)

    def go_offline(self, channel: Channel, reason: str) -> None:
        """Note that the hardware is gone, end the call that was under way, and try again later."""
        job, channel.job = channel.job, None
        # A refused "on" is not done later, when it is not expected any more: `wanted` stays. But what had to
        # go off, or was asked to, is off when the hardware comes back.
        was_to_go_off = job is not None and _leads_to_off(channel, job)
        if was_to_go_off or channel.must_go_off:
            channel.wanted = channel.off
            self._memory.remember(channel)
        if job is not None and job.action:
            self._happened(channel.name, job.action, f"off: {ChannelOffline.key}")
        elif job is not None and job.is_left:
            # Its client has an answer, and the audit log has the command as if it were done.
            self._happened(channel.name, "channel.set", ChannelOffline.key)
        elif channel.phase == RAMPING:
            self._happened(channel.name, "channel.ramp", ChannelOffline.key)
        if job is not None and job.wanted is not None:
            self._may_have_switched(channel, job)
            self._memory.remember(channel)
        channel.must_go_off = ""
        channel.wanted, channel.resume = channel.resume or channel.wanted, None
        self.update(channel, online=False, state=None, value=None, reason=reason)
        self.enter(channel, OFFLINE, RETRY, self.try_again)
        if job is not None:
            job.error = reason
            job.end()
        self.lock.notify_all()

    def _may_have_switched(self, channel: Channel, job: Job) -> None:
        """Take a call that failed, or came too late, for a switch: the output may be on since, or rests."""
        if not job.began:
            return  # it waited for its turn, and is dropped then
        self.rests.begin(channel.group, channel.options["busy_delay"])
        if job.wanted:
            self.limits.set(channel, None, job.began)

    def try_again(self, channel: Channel) -> None:
        """Begin to take hold of hardware that was gone. The channel is offline until the driver answers."""
        wanted = channel.off if self.limits.is_over(channel) else channel.wanted
        if wanted and not others_are_off(channel):
            wanted = channel.off
        elif wanted and channel.group.rest is not None:
            self.enter(channel, OFFLINE, self.rests.left(channel.group) + RAMP_STEP, self.try_again)
            return
        self.begin(channel, Job(wanted, IDLE, attaches=True, again=True), awaited=False)

    # -- states and their timers -----------------------------------------------------------------------

    def enter(
        self,
        channel: Channel,
        phase: str,
        seconds: float = 0.0,
        then: Callable[[Channel], object] | None = None,
    ) -> None:
        """Leave the present state, which cancels its timer, and enter another one."""
        channel.era += 1
        if channel.timer is not None:
            channel.timer.cancel()
            channel.timer = None
        channel.phase = phase
        if channel.current.busy is not (phase in BUSY_STATES):
            self.update(channel, busy=phase in BUSY_STATES)
        if then is not None:
            self._set_timer(channel, seconds, then)

    def _set_timer(self, channel: Channel, seconds: float, then: Callable[[Channel], object]) -> None:
        if channel.timer is not None:
            channel.timer.cancel()
        channel.timer = self._timers.after(seconds, partial(self._due, channel, channel.era, then))

    def _due(self, channel: Channel, era: int, then: Callable[[Channel], object]) -> None:
        """Do what a state's timer is for, unless the state was left while the lock was waited for."""
        with self.lock:
            if channel.era == era and self.running:
                channel.timer = None
                then(channel)

    def _end_pulse(self, channel: Channel) -> None:
        self.begin(channel, Job(channel.off, IDLE, action="channel.pulse"), awaited=False)

    def step(self, channel: Channel, *, awaited: bool = True) -> Job:
        """Begin one step of a ramp."""
        # Not from what was read back: hardware with few levels would stay where it is for ever.
        now = channel.ramp_at
        most = RAMP_STEP / max(channel.options["ramp"], RAMP_STEP)
        left = channel.goal - now
        # The last step ends at the goal, and not a rounding error beside it.
        channel.ramp_at = channel.goal if abs(left) < most + 1e-6 else now + math.copysign(most, left)
        job = Job(channel.ramp_at, RAMPING)
        self.begin(channel, job, awaited=awaited)
        return job

    def _next_step(self, channel: Channel) -> None:
        if seconds := self._rest_of(channel):
            self.enter(channel, RAMPING, seconds + RAMP_STEP, self._next_step)
        else:
            self.step(channel, awaited=False)

    def _rest_of(self, channel: Channel) -> float:
        """Return the seconds for which a ramp that turned at off has to rest."""
        turns_at_off = not channel.current.state and channel.goal
        return self.rests.left(channel.group) if turns_at_off else 0.0

    def _end_max_on(self, channel: Channel) -> None:
        if channel.phase == OFFLINE:
            channel.wanted = channel.off
            self.try_again(channel)
        elif channel.job is None:  # else the limit is checked when the driver has its turn, or has answered
            self.begin(channel, Job(channel.off, IDLE, action="channel.max_on"), awaited=False)

    def _begin_rest(self, group: Group) -> None:
        for channel in group.members:
            if channel.phase in (IDLE, UNKNOWN, RESTING):
                self.enter(channel, RESTING)

    def _end_rest(self, group: Group) -> None:
        for channel in group.members:
            if channel.phase == RESTING:
                self.enter(channel, phase_of(channel))
        for channel in group.members:
            wanted, channel.resume = channel.resume, None
            if wanted and channel.phase == IDLE:
                channel.wanted = wanted  # also of hardware that does not answer now, and comes back
                self.begin(channel, Job(wanted, IDLE), awaited=False)
            elif wanted:
                channel.known_off_at = None  # of an earlier time on
                self._memory.remember(channel)  # as off: there it is on, to be resumed

    def forget(self, channel: Channel) -> None:
        """Have nothing more happen to a channel: it is removed. Its group rests where it may have been on."""
        self._levels.forget(channel)
        if channel.is_output and may_be_on(channel):
            self.rests.begin(channel.group, channel.options["busy_delay"])
        self._drop(channel, "it was removed")
        self.enter(channel, OFFLINE)
        channel.group.members.remove(channel)
        if not channel.group.members:
            self.rests.stop(channel.group)
        self.lock.notify_all()

    def stop(self) -> None:
        """Cancel all timers and forget all calls: the end of the machine."""
        self.running = False
        self._levels.stop()
        for channel in tuple(self._channels.values()):
            channel.known_off_at = channel.off_at  # for the memory
            self._drop(channel, "the server ends")
            self.rests.stop(channel.group)
        self.lock.notify_all()

    def _drop(self, channel: Channel, reason: str) -> None:
        """Cancel the timers of a channel, and end the call that is under way without its answer."""
        for timer in channel.take_timers():
            timer.cancel()
        job, channel.job = channel.job, None
        if job is not None:
            job.error = reason
            job.end()
        channel.must_go_off = ""

    # -- what is seen ----------------------------------------------------------------------------------

    def _note_level(self, channel: Channel, found: bool | float | None) -> None:
        """Take the state or value of a level that was read, or that a driver reported."""
        if channel.job is not None or channel.phase == OFFLINE:
            return  # the driver's answer will say
        was_on, state = channel.current.state, None if found is None else bool(found)
        if not channel.is_output:
            went_on = state is True and was_on is False
            self.update(channel, state=state, on_count=channel.current.on_count + went_on)
            self._memory.remember(channel)
            return
        if state is not None:  # a level that cannot be read is no switch: no limit begins with it
            self.limits.set(channel, state)
        self.update(
            channel, state=state, value=float(found) if channel.is_pwm and found is not None else None
        )
        if None not in (was_on, state) and state is not was_on:
            # By a hand or another program: that is a switch, too.
            self.rests.begin(channel.group, channel.options["busy_delay"])
            self._memory.remember(channel)
        if channel.phase in (IDLE, UNKNOWN):
            self.enter(channel, phase_of(channel))

    def note_change(self) -> None:
        """Count a visible change, and report it."""
        self.revision += 1
        self._changed()

    def update(self, channel: Channel, **changes: Any) -> None:
        """Replace the visible state by one with these changes."""
        last = channel.current
        new = last._replace(**changes)
        if new == last:
            return
        if (new.online, new.state, new.value) != (last.online, last.state, last.value):
            # By its constructor: `_replace` costs more than all the rest here.
            new = ChannelState(
                new.online, new.state, new.busy, self._clock(), new.reason, new.value, new.on_count
            )
        channel.current = new
        if new.state is not last.state or new.value != last.value:
            self._switched(channel.name, last.state, new.state, new.changed, new.value)
        self.note_change()
        if last.busy and not new.busy:
            self.lock.notify_all()


def _leads_to_off(channel: Channel, job: Job) -> bool:
    """Whether a call is to switch an output off, or begins a ramp that does."""
    if job.attaches:
        return bool(job.action)  # off was asked for meanwhile; else what was acknowledged counts
    return not (channel.goal if job.then == RAMPING else job.wanted)
