"""What outputs may do, judged by the history of the hardware alone.

The reference knows the profile, the commands with their answers, the faults, and each change of a level with
its moment. It knows no states, jobs or timers. What it finds wrong is collected in `faults`, because an
exception inside a driver would count as one of the driver.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from edgeweb.device.channels.channel import ChannelState
from edgeweb.device.channels.drivers import Level
from edgeweb.device.channels.machine import RETRY

#: Seconds by which a switch may be late.
LATE = 0.1
#: Seconds that sums of floating point numbers may differ by.
EXACT = 1e-6


class Output:
    """What is known of one output."""

    def __init__(self, name: str, options: Mapping[str, Any]) -> None:
        self.name = name
        self.options = options
        self.is_pwm: bool = options["mode"] == "pwm"
        self.inverted: bool = options["inverted"]
        self.interlock: str = options["interlock"]
        #: What the hardware has, the moment it last went on or off, and the rest that this asks for.
        self.value = 0.0
        self.switched = -math.inf
        self.rest = 0.0
        #: Whether it was asked to be on, and with which value. Before `firm_from` it may go on, and need not.
        self.asked = False
        self.firm_from = -math.inf
        self.goal = 0.0
        self.last_value = 1.0
        #: The moments at which it has to be off: of a pulse, and of the longest time on.
        self.pulse_end = self.pulse_seconds = math.inf
        self.off_at = math.inf
        #: The moment from which it may go off: the longest time on counts from when its driver was asked, and
        #: from when its level was not known any more.
        self.off_from = math.inf
        #: Whether the start is still to bring it on: the last process's limit counts for that, too.
        self.resumes = False
        #: The moment from which it was to be off, while it is not asked to be on.
        self.unasked_since = -math.inf
        #: Commands that are on their way, by what they may lead to.
        self.going_on = 0
        self.going_off = 0
        #: Whether it was right to ask the driver for on, which may take its time.
        self.may_go_on = False
        #: Whether a ramp was turned while the driver was at work, perhaps at its last step to off, or at its
        #: first one from there.
        self.was_turned = False
        #: Whether it was killed before its last switch was remembered.
        self.is_forgotten = False
        #: Whether it may go on, and off, because the process starts or ends.
        self.may_start = False
        self.may_stop = False
        self.online = False
        self.came_back = self.was_lost = False
        #: Whether its driver can read its level.
        self.readable = True
        #: The last moment at which the driver could not do what it should.
        self.blocked = -math.inf
        #: The last moment at which a group may have begun a rest without a change of a level.
        self.attached = -math.inf

    @property
    def on(self) -> bool:
        return self.value > 0

    def value_of(self, level: Level) -> float:
        return 1.0 - float(level) if self.inverted else float(level)

    def is_firm(self, now: float) -> bool:
        """Whether it has to be on if it is asked to be on."""
        return now > self.firm_from + 2 * EXACT

    def is_asked(self, now: float) -> bool:
        """Whether it is to be on now."""
        return self.asked and now < min(self.pulse_end, self.off_at) - EXACT

    def is_limit(self, moment: float) -> bool:
        """Whether the longest time on may end at that moment; infinity where it has no end."""
        return min(self.off_from, self.off_at) - EXACT <= moment <= self.off_at + EXACT

    def expire(self, now: float) -> None:
        """Note the end of a pulse, or of the longest time on."""
        if self.asked and not self.is_asked(now):
            self.asked = False
            self.unasked_since = min(self.pulse_end, self.off_at)

    def describe(self, now: float) -> str:
        words = {name: value for name, value in vars(self).items() if name != "options"}
        return f"{self.name} at {now:.3f}: {words}"


class Reference:
    """The outputs of a board, and what was wrong with their history."""

    def __init__(self, table: Mapping[str, Mapping[str, Any]]) -> None:
        self.outputs = {name: Output(name, row) for name, row in table.items() if row["mode"] != "input"}
        self.faults: list[str] = []

    def members(self, output: Output) -> Sequence[Output]:
        """Return the group of an output: itself alone, without an interlock."""
        if not output.interlock:
            return (output,)
        return [other for other in self.outputs.values() if other.interlock == output.interlock]

    def fault(self, what: str, output: Output, now: float) -> None:
        self.faults.append(f"{what}: {output.describe(now)}")

    # -- the hardware ----------------------------------------------------------------------------------

    def switched(self, name: str, level: Level, now: float) -> None:
        """Judge a change of a level."""
        output = self.outputs[name]
        was_on, output.value = output.on, output.value_of(level)
        if abs(output.value) < EXACT:
            output.value = 0.0
        if output.on and not was_on:
            self._went_on(output, now)
        elif was_on and not output.on:
            self._went_off(output, now)
        if output.on is not was_on:
            output.switched = now
            # An output of its own that the start brings on is not busy.
            is_start = output.on and output.may_start and not output.interlock
            output.rest = 0.0 if is_start or output.is_forgotten else output.options["busy_delay"]

    def _went_on(self, output: Output, now: float) -> None:
        if not (output.may_go_on or self._may_go_on(output, now)):
            self.fault("went on, and nothing asked for it", output, now)
        for other in self.members(output):
            if other is not output and other.on:
                self.fault(f"went on beside {other.name}", output, now)
            if now < other.switched + other.rest - EXACT:
                self.fault(f"went on in the rest of {other.name}", output, now)
        if output.options["max_on"] and not (output.resumes and output.off_at < math.inf):
            output.off_at = now + output.options["max_on"]
        output.resumes = False

    def _went_off(self, output: Output, now: float) -> None:
        # What comes back may find its group on, or its pulse over.
        is_back = not output.online and (output.interlock or output.pulse_end < math.inf)
        output.expire(now)
        ends = min(output.switched + output.pulse_seconds, output.off_from)
        if now >= ends - EXACT and not output.may_stop:  # at a start, `World.open` judges that
            output.asked = False
            output.unasked_since = now
        may_go_off = output.going_off or output.may_stop or output.was_turned or is_back
        if output.is_asked(now) and not may_go_off:
            self.fault("went off, and nothing asked for it", output, now)
        if not output.resumes:
            output.off_at = math.inf

    def begun(self, name: str, level: Level, now: float) -> None:
        """Note that the driver is asked for a level, which it has not set yet."""
        output = self.outputs[name]
        output.may_go_on = self._may_go_on(output, now)
        if output.value_of(level) > EXACT:
            self._begin_limit(output, now)

    def taken(self, name: str, level: Level | None, now: float) -> None:
        """Note that the driver has taken hold of the hardware, and has set a level, or None."""
        output = self.outputs[name]
        output.attached = now
        if level is None and (output.on or not output.readable):
            self._begin_limit(output, now)
        if output.on and output.options["max_on"] and output.off_at == math.inf:
            output.off_at = now + output.options["max_on"]

    def _may_go_on(self, output: Output, now: float) -> bool:
        may_go_on = output.going_on or output.may_start or output.was_turned
        return bool(may_go_on or output.is_asked(now - 2 * EXACT))

    def _begin_limit(self, output: Output, now: float) -> None:
        if output.options["max_on"]:
            output.off_from = min(output.off_from, now + output.options["max_on"])

    def known_off(self, output: Output) -> None:
        """Note that the controller knows that an output is off: the next longest time on is another one."""
        if not (output.asked and output.resumes):
            output.off_from = output.off_at = math.inf

    # -- commands --------------------------------------------------------------------------------------

    def acknowledge(self, output: Output, goal: float, now: float, seconds: float = math.inf) -> None:
        """Note that a command has succeeded. `seconds` is the length of a pulse."""
        output.asked = goal > 0
        output.unasked_since = now
        output.resumes = False
        output.firm_from = -math.inf
        output.goal = goal
        output.pulse_end = now + seconds
        output.pulse_seconds = seconds
        if goal > 0 and seconds == math.inf:
            output.last_value = goal

    # -- at rest ---------------------------------------------------------------------------------------

    def compare(self, output: Output, state: ChannelState, now: float) -> None:
        """Judge what the controller reports, while no driver is at work."""
        # What is due just now may be off already, or not yet.
        output.expire(now - 2 * EXACT)
        if state.online:
            self._compare_online(output, state, now)
        else:
            if state.state is not None or state.busy or not state.reason:
                self.fault(f"offline, and reported as {state}", output, now)
            rest = max(other.options["busy_delay"] for other in self.members(output))
            if now > output.blocked + RETRY + rest + LATE:
                self.fault("stays offline", output, now)
        ramp = output.options["ramp"] if output.goal == 0 else 0.0
        latest = max(output.unasked_since + ramp, output.blocked + RETRY)
        if output.on and not output.asked and now > latest + LATE:
            self.fault("is on for too long", output, now)
        if not output.on and state.online and state.state is False:
            self.known_off(output)

    def _compare_online(self, output: Output, state: ChannelState, now: float) -> None:
        if state.state is None:
            if output.readable:
                self.fault("its state is not known", output, now)
        elif state.state is not output.on or (
            output.is_pwm and abs((state.value or 0.0) - output.value) > EXACT
        ):
            self.fault(f"reported as {state}", output, now)
        asked = output.is_asked(now - 2 * EXACT)
        goes_down = state.busy and output.goal == 0 and output.options["ramp"]
        if output.on and not asked and not goes_down:
            self.fault("is on, and nothing asks for it", output, now)
        if asked and not output.on:
            is_over = now >= min(output.off_from, output.off_at) - EXACT
            if is_over or (output.came_back and (output.interlock or output.pulse_end < math.inf)):
                output.asked = asked = False  # reported by its state
            elif output.is_firm(now) and not (output.options["ramp"] and state.busy):
                self.fault("is off, though it was acknowledged as on", output, now)
        ramping = (
            output.is_pwm
            and output.is_firm(now)
            and abs(output.value - (output.goal if asked else 0.0)) > EXACT
        )
        if ramping and not (output.options["ramp"] and state.busy):
            self.fault("has another value than was acknowledged", output, now)
        pulsing = asked and output.pulse_end < math.inf
        members = self.members(output)
        resting = any(now < other.switched + other.rest - EXACT for other in members)
        # Off after a level that could not be read may be a switch, or none; so may a call that failed.
        may_rest = resting or any(
            now < max(other.attached, other.blocked, other.switched) + other.options["busy_delay"] + 2 * EXACT
            or not other.readable
            for other in members
        )
        # Beside one that is offline nothing goes on, and a new rest begins when that is back.
        must_rest = resting and all(other.online for other in members)
        if (pulsing or must_rest) and not state.busy:
            self.fault("is not busy", output, now)
        if state.busy and not (pulsing or ramping or may_rest):
            self.fault("is busy with nothing", output, now)
