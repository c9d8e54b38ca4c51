"""A board with outputs of each kind, processes that come and go on it, and a reference that judges the whole.

`World` has a method for each thing that may happen: a command, time, a fault, a restart, a kill. After each,
`check` compares hardware, controller and reference.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial
from typing import Any

from edgeweb.device.channels.channel import (
    ChannelBusy,
    ChannelOffline,
    ChannelState,
    Interlocked,
    NotAnOutput,
)
from edgeweb.device.channels.controller import ChannelController
from edgeweb.device.channels.drivers import BaseDriver, Level
from edgeweb.device.channels.memory import LIMIT_DELAY, STATE_DELAY, ChannelMemory
from edgeweb.device.config.schema import defaults
from edgeweb.device.storage.store import Store
from edgeweb.device.system.executor import Inline
from edgeweb.device.system.timers import Timers

from .hardware import Hardware, HardwareDriver, HeldExecutor
from .reference import EXACT, Output, Reference

_ROWS: dict[str, dict[str, Any]] = {
    "lamp": {},
    "pump": {"max_on": 4.0, "at_start": "restore", "poll": 3.0},
    "heater": {"max_on": 8.0, "at_start": "leave", "at_exit": "off"},
    "siren": {"max_on": 6.0, "at_start": "on", "busy_delay": 1.0, "at_exit": "on", "inverted": True},
    "motor": {"busy_delay": 2.5, "max_on": 7.0},
    "vent": {"busy_delay": 1.5, "at_start": "restore", "at_exit": "off", "poll": 3.0},
    "valve": {"busy_delay": 0.4, "at_start": "restore"},
    "horn": {"busy_delay": 1.0, "at_exit": "on"},
    "gate": {"mode": "button", "max_on": 3.0, "at_exit": "on"},
    "fan": {"mode": "pwm", "at_start": "restore"},
    "light": {"mode": "pwm", "ramp": 1.0, "max_on": 10.0, "at_start": "restore", "inverted": True},
    "up": {"interlock": "blind", "busy_delay": 2.0, "max_on": 5.0, "at_start": "leave"},
    "down": {"interlock": "blind", "busy_delay": 2.0, "max_on": 5.0, "at_start": "restore"},
    "tilt": {"interlock": "blind", "busy_delay": 1.0, "at_start": "on", "at_exit": "on"},
    "drain": {"driver": "command", "interlock": "tank", "at_start": "leave", "max_on": 4.0},
    "fill": {
        **{"mode": "pwm", "ramp": 0.5, "interlock": "tank", "busy_delay": 1.0},
        **{"at_start": "restore", "max_on": 6.0},
    },
}
OUTPUTS = tuple(_ROWS)
LANES = ("memory", "command drain")


def table() -> dict[str, dict[str, Any]]:
    """Return the channels of the board."""
    rows = ({"driver": "memory", "mode": "output", **row} for row in _ROWS.values())
    return dict(zip(_ROWS, (defaults("channels.*", **row) for row in rows), strict=True))


class World:
    """A board on which a process runs. `held`: the drivers' calls wait until something lets them go."""

    def __init__(self, store: Store, *, held: bool = False) -> None:
        self.now = 1000.0
        self.store = store
        self.held = held
        self.timers = Timers(self._clock, threaded=False)
        self.table = table()
        self.reference = Reference(self.table)
        self.hardware = Hardware(
            self._begun, self._switched, lambda *what: self.reference.taken(*what, self.now)
        )
        for output in self.reference.outputs.values():
            self.hardware.levels[output.name] = float(output.inverted) if output.is_pwm else output.inverted
        self._boot = 0
        #: Counts what was acknowledged: a later command may have had its way before an earlier one returns.
        self._commands = dict.fromkeys(self.reference.outputs, 0)
        #: Counts what was acknowledged as on: a later off does not change the value that on brings back.
        self._values = dict.fromkeys(self.reference.outputs, 0)
        #: The moment of the last acknowledged change of each output.
        self._changed = dict.fromkeys(self.reference.outputs, -math.inf)
        #: What happens while a client waits, or while a driver is at work: the place and the call.
        self.script: tuple[str, Callable[[], object]] | None = None
        self.executor: HeldExecutor | Inline = Inline()
        #: Whether a process is between its start and its end.
        self._serves = False
        self._make_process()
        self.open()

    def _clock(self) -> float:
        return self.now

    def _begun(self, name: str, level: Level) -> None:
        output = self.reference.outputs[name]
        if self._serves and not output.on:
            output.resumes = output.resumes and not output.going_on
            current = self.controller[name].current
            if current.online and current.state is False:
                self.reference.known_off(output)
        self.reference.begun(name, level, self.now)
        if self._serves and not output.on and output.value_of(level) > EXACT:
            for other in self.reference.members(output):
                if other is not output and self.controller[other.name].current.state is not False:
                    self.reference.fault(f"goes on beside {other.name}, which may be on", output, self.now)

    def _switched(self, name: str, level: Level) -> None:
        if self._serves:
            output = self.reference.outputs[name]
            output.online = self.controller[name].current.online
            output.was_lost = output.was_lost or not output.online
        self.reference.switched(name, level, self.now)

    def make_driver(self, name: str) -> BaseDriver:
        driver = self.drivers[name] = HardwareDriver(self.hardware, parallel=name == "command")
        return driver

    # -- processes -------------------------------------------------------------------------------------

    def _make_process(self) -> None:
        self.close()
        self.drivers: dict[str, HardwareDriver] = {}
        self.memory = ChannelMemory(self.store, self.timers.after, boot=f"boot {self._boot}")
        self.executor = Inline()
        if self.held:
            self.executor = HeldExecutor(self._pass_time, lambda seconds: self._play("queued"))
            self.hardware.at_work = lambda place, name: self._at_work(place)
        self.controller = ChannelController(
            self.table,
            self._clock,
            self.timers,
            self.memory,
            lambda *what: None,
            self.executor,
        )
        # The reference has clients that stay until their driver is given up.
        self.controller.patience = math.inf

    def _at_work(self, place: str) -> None:
        self._play(place)
        if isinstance(self.executor, HeldExecutor):
            self.executor.stop(place)

    def _play(self, place: str) -> None:
        """Have the script's call made, once, at its place."""
        if self.script is not None and self.script[0] == place:
            call, self.script = self.script[1], None
            call()

    def remembered(self) -> dict[str, tuple[bool | None, float | None, float | None]]:
        """Return what the store has of each output: state, value, and when it has to be off."""
        found = {}
        rows = self.store.read("SELECT name, state, value, off_at, boot FROM channels")
        for name, state, value, off_at, boot in rows:
            is_older = off_at is not None and boot != f"boot {self._boot}"
            on = None if state is None else bool(state)
            found[name] = (on, value, -math.inf if is_older else off_at)
        return found

    def open(self) -> None:
        """Start the process, and expect of each output what its profile promises."""
        remembered = self.remembered()
        for name, output in self.reference.outputs.items():
            state, value, off_at = remembered.get(name, (None, None, None))
            policy = "off" if output.options["mode"] == "button" else output.options["at_start"]
            is_over = bool(state) and off_at is not None and off_at <= self.now
            output.pulse_end = output.pulse_seconds = output.off_at = output.off_from = math.inf
            output.asked = not is_over and (policy == "on" or (policy == "restore" and bool(state)))
            if output.asked and state and off_at is not None:
                output.off_at = off_at
            if policy == "leave" and output.on and state is not False and not is_over:
                output.asked = True
                if state and off_at is not None:
                    output.off_at = off_at
            elif policy == "leave" and not output.readable and state and off_at is not None:
                output.off_from = off_at
            # It goes on after its rest; in a group, where the others let it.
            is_open = output.interlock or policy == "leave"
            output.firm_from = math.inf if is_open else self.now + output.options["busy_delay"]
            output.resumes = output.asked
            if value:
                output.last_value = value
            elif policy in ("off", "on") or state is None:
                output.last_value = 1.0
            output.goal = output.last_value
            output.may_start = policy == "on" and not is_over
            output.may_start = output.may_start or (policy == "restore" and bool(state) and not is_over)
            output.may_stop = True
            output.online = False
            output.attached = self.now
            if output.on and not output.interlock:
                # Staying on ends the rest of the switch on, which holds nothing back; going off begins one.
                output.rest = 0.0
        limits = {name: output.off_at for name, output in self.reference.outputs.items()}
        self._serves = False
        self.controller.open()
        self._serves = True
        for name, output in self.reference.outputs.items():
            if not output.on and output.off_at != limits[name]:
                # On until the start, and its level not known: a limit counts until it is known to be off.
                output.off_from, output.off_at = min(output.off_from, output.off_at), limits[name]
            output.may_start = output.may_stop = output.is_forgotten = False
            output.online = self.controller[output.name].current.online
            output.was_lost = not output.online
            if output.asked and output.resumes:
                output.off_from = min(output.off_from, output.off_at)
            # A group, or a driver that cannot tell, may have decided otherwise; the state reports that.
            if (
                output.asked
                and not output.is_firm(self.now)
                and not output.on
                and output.options["at_start"] == "leave"
            ):
                output.asked = False
        self._changed = dict.fromkeys(self._changed, self.now)

    def close(self) -> None:
        """Leave no timer and no thread of the present process."""
        self.timers.close()
        if isinstance(self.executor, HeldExecutor):
            self.executor.abandon()

    def restart(self) -> None:
        """End the process in order, and start the next one."""
        self.timers.close()
        for output in self.reference.outputs.values():
            output.may_stop = True
            output.may_start = output.options["at_exit"] == "on" and output.options["mode"] != "button"
        self._serves = False
        self.controller.close()
        self.memory.flush()
        self._make_process()
        self.open()

    def kill(self, *, reboot: bool = False) -> None:
        """End the process where it stands, or the machine, and start the next one."""
        self._check_memory()
        for output in self.reference.outputs.values():
            # Its last switch had no time to get to the disk.
            if not output.interlock and self.now <= output.switched + LIMIT_DELAY:
                output.is_forgotten, output.rest = True, 0.0
        self.timers.close()
        self._boot += reboot
        self._make_process()
        self.open()

    def _check_memory(self) -> None:
        """Judge whether what was acknowledged some time ago has got to the store."""
        if not self.quiet:
            return
        rows = self.remembered()
        for name, output in self.reference.outputs.items():
            options = output.options
            if options["at_start"] == "off" or options["mode"] == "button" or not output.online:
                continue
            if not output.is_firm(self.now) or output.blocked >= self._changed[name]:
                continue
            if abs(self.now - output.off_at) <= 2 * EXACT:
                continue  # due just now
            limited = output.off_at < math.inf or output.pulse_end < math.inf
            delay = LIMIT_DELAY if limited else STATE_DELAY
            if self.now <= max(self._changed[name], output.switched) + delay + EXACT:
                continue
            state, value, off_at = rows.get(name, (None, None, None))
            asked = output.is_asked(self.now) and output.pulse_end == math.inf
            if bool(state) is not asked:
                self.reference.fault(f"remembered as {rows.get(name)}", output, self.now)
            elif asked and not output.is_limit(math.inf if off_at is None else off_at):
                self.reference.fault(f"its limit is remembered as {off_at}", output, self.now)
            elif output.is_pwm and abs((value or 0.0) - output.last_value) > EXACT:
                self.reference.fault(f"its value is remembered as {value}", output, self.now)

    # -- time ------------------------------------------------------------------------------------------

    def _pass_time(self, seconds: float) -> None:
        end = self.now + seconds
        while (wait := self.timers.run_due()) is not None and self.now + wait <= end:
            self.now += wait
            self._note_blocked()
        self.now = end
        self.timers.run_due()
        self._note_blocked()

    def step(self, seconds: float) -> None:
        """Let time pass; drivers answer in between, as far as they work."""
        end = self.now + seconds
        if not isinstance(self.executor, HeldExecutor):
            self._pass_time(seconds)
            return
        self.executor.let_go()
        while (wait := self.timers.run_due()) is not None and self.now + wait <= end:
            self.now += wait
            self.timers.run_due()
            self.executor.let_go()
            self._note_blocked()
        self.now = end
        self.timers.run_due()
        self.executor.let_go()
        self._note_blocked()

    def hold(self, seconds: float) -> None:
        """Let time pass in which no driver gets its turn."""
        self._pass_time(seconds)

    def let_go(self) -> None:
        """Give every driver its turn."""
        if isinstance(self.executor, HeldExecutor):
            self.executor.let_go()

    @property
    def quiet(self) -> bool:
        """Whether no driver is at work."""
        return not isinstance(self.executor, HeldExecutor) or (self.executor.idle and not self.executor.hung)

    def _note_blocked(self) -> None:
        quiet = self.quiet
        for name, output in self.reference.outputs.items():
            if not quiet or name in self.hardware.faults:
                output.blocked = self.now

    # -- faults ----------------------------------------------------------------------------------------

    def fail(self, name: str, kind: str) -> None:
        self.hardware.faults[name] = kind

    def mend(self, name: str) -> None:
        self._note_blocked()
        self.hardware.faults.pop(name, None)

    def mend_all(self) -> None:
        for name in OUTPUTS:
            self.mend(name)
        if isinstance(self.executor, HeldExecutor):
            self.executor.hung.clear()
        self.free()
        self.let_go()

    def make_unknown(self, name: str) -> None:
        self.hardware.unknown.add(name)
        self.reference.outputs[name].readable = False

    def lose(self, name: str) -> None:
        """Have the driver report that a pin is gone; it comes back with the next attempt."""
        for driver in self.drivers.values():
            driver.lose(name)
        self.reference.outputs[name].blocked = self.now

    def hang(self, lane: str) -> None:
        if isinstance(self.executor, HeldExecutor):
            self.executor.hung.add(lane)

    def stick(self, lane: str, place: str) -> None:
        """Have a lane's next call stop in the driver, before or after it has an effect, until `free`."""
        if isinstance(self.executor, HeldExecutor):
            self.executor.sticky[lane] = place

    def free(self) -> None:
        if isinstance(self.executor, HeldExecutor):
            self.executor.free()

    def adopt(self, name: str, seconds: float) -> None:
        """Take another longest time on. Whether it counts for one that has begun, or may have, is open."""
        output = self.reference.outputs[name]
        if output.off_from < math.inf or (output.on and output.off_at == math.inf):
            return
        self.table[name] = {**self.table[name], "max_on": seconds}
        output.options = self.table[name]
        self.controller.adopt(self.table)

    # -- commands --------------------------------------------------------------------------------------

    def command(self, name: str, kind: str, amount: float = 0.0) -> None:
        """Give a command, as a client does, and note its answer."""
        output = self.reference.outputs[name]
        controller = self.controller
        number, values = self._commands[name], self._values[name]
        before = controller[name].current.state
        turns_on = kind in ("on", "pulse") or (kind == "toggle" and before is False) or amount > 0
        calls: dict[str, Callable[[], ChannelState]] = {
            "on": partial(controller.set, name, True),
            "off": partial(controller.set, name, False),
            "toggle": partial(controller.set, name, None),
            "pulse": partial(controller.pulse, name, amount),
            "value": partial(controller.set_value, name, amount),
        }
        at_work = not self.quiet
        output.going_on += turns_on
        output.going_off += not turns_on
        output.attached = self.now
        try:
            calls[kind]()
        except NotAnOutput:
            mode = output.options["mode"]
            if not (mode == "button" and kind in ("on", "toggle")) and not (
                kind == "value" and mode != "pwm"
            ):
                self.reference.fault(f"{kind} is refused", output, self.now)
        except ChannelBusy:
            if not turns_on:
                if not at_work:
                    self.reference.fault("off is refused", output, self.now)
                output.asked = False
                output.unasked_since = self.now
                self._commands[name] += 1
        except Interlocked:
            if not turns_on or not output.interlock:
                self.reference.fault(f"{kind} is refused by an interlock", output, self.now)
        except ChannelOffline:
            if self.quiet and name not in self.hardware.faults and not at_work and output.blocked < self.now:
                self.reference.fault(f"{kind} finds it offline", output, self.now)
            if not turns_on and number == self._commands[name]:
                # Off is done when the hardware comes back, unless on was acknowledged since.
                self._commands[name] += 1
                output.asked = False
                output.unasked_since = self.now
        else:
            output.was_turned = at_work and bool(output.options["ramp"])
            if number == self._commands[name]:
                self._acknowledge(output, kind, turns_on, amount)
            elif kind == "value" and amount and values == self._values[name]:
                output.last_value = amount
        finally:
            output.going_on -= turns_on
            output.going_off -= not turns_on
        self._note_blocked()

    def _acknowledge(self, output: Output, kind: str, turns_on: bool, amount: float) -> None:
        self._commands[output.name] += 1
        seconds = math.inf
        goal = 0.0
        if kind == "pulse":
            goal, seconds = 1.0, amount
        elif kind == "value":
            goal = amount
        elif turns_on:
            goal = output.last_value if output.is_pwm else 1.0
        self._values[output.name] += goal > 0
        self.reference.acknowledge(output, goal, self.now, seconds)
        self._changed[output.name] = self.now

    def meet(self, first: tuple[Any, ...], place: str, second: Callable[[], object]) -> None:
        """Give a command, and have something else happen before its driver has answered."""
        self.script = (place, second)
        self.command(*first)
        self.script = None
        # What was switched in the meantime rests from the driver's answer on.
        for output in self.reference.outputs.values():
            output.attached = self.now

    # -- judging ---------------------------------------------------------------------------------------

    def check(self) -> None:
        """Compare hardware, controller and reference. Raises `AssertionError`."""
        self.timers.run_due()
        self._note_blocked()
        if self.quiet:
            for name, output in self.reference.outputs.items():
                is_online = self.controller[name].current.online
                output.came_back = is_online and output.was_lost
                output.was_turned = False
                output.online = is_online
                output.was_lost = not is_online
            for name, output in self.reference.outputs.items():
                state = self.controller[name].current
                self.reference.compare(output, state, self.now)
        assert not self.reference.faults, "\n".join(self.reference.faults)

    def settle(self) -> None:
        """Mend everything, let time pass, and check that nothing is left under way."""
        self.mend_all()
        self.step(60.0)
        self.check()
        for name in self.reference.outputs:
            state = self.controller[name].current
            assert state.online and not state.busy, f"{name} is left as {state}"
