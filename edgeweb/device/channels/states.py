"""The states of an output, and what each command does in each: the table that `controller.py` follows.

    idle        its level is known, and nothing is under way
    unknown     the driver cannot name the level; an interlock takes it for on
    switching   the driver is at work
    pulsing     on, and off again at a moment that is known
    ramping     on its way to another value, step by step
    resting     its group was switched, and rests
    offline     the driver does not reach the hardware

Each state owns one timer: the end of a pulse, the next step of a ramp, the next attempt to reach the
hardware. Leaving the state cancels it. What the table cannot say:

- A rest belongs to the group, and each switch of a member begins it again. A channel without a group is a
  group of its own.
- The longest time on belongs to being on, in whatever state. Only going off ends it.
- A driver's answer ends `switching`, with the state that the command wanted next: pulsing, or resting where
  the switch calls for a rest, or idle. A failure, an exception and a deadline that passes lead to offline.
- A call that failed, or that ends after its deadline, may have had its effect. It counts as a switch: the
  group rests, and the longest time on has begun when the driver was asked. What was to go off, is off when
  the hardware comes back.
- A switch to off that is due while the driver is at work (the end of the longest time on) is made as soon as
  the driver has answered. A switch to on that still waits for the driver then becomes one to off.
- Nothing goes on while another member of the group is on, unknown, offline or on its way.
"""

from __future__ import annotations

IDLE = "idle"
UNKNOWN = "unknown"
SWITCHING = "switching"
PULSING = "pulsing"
RAMPING = "ramping"
RESTING = "resting"
OFFLINE = "offline"

#: States in which a command other than off has to wait, as people and programs see it.
BUSY_STATES = frozenset((SWITCHING, PULSING, RAMPING, RESTING))

#: What a command does: have the driver write; be refused; wait for the driver's answer, then look again;
#: give a ramp another goal; take hold of the hardware with the new level.
WRITE = "write"
REFUSE = "refuse"
WAIT = "wait"
TURN = "turn"
ATTACH = "attach"

_STATES = (IDLE, UNKNOWN, SWITCHING, PULSING, RAMPING, RESTING, OFFLINE)
_TABLE = {
    #         idle   unknown switching pulsing  ramping  resting  offline
    "on": (WRITE, WRITE, WAIT, REFUSE, TURN, REFUSE, ATTACH),
    "off": (WRITE, WRITE, WAIT, WRITE, TURN, WRITE, ATTACH),
    "pulse": (WRITE, WRITE, WAIT, REFUSE, REFUSE, REFUSE, ATTACH),
}
#: What each command does in each state: `RULES["pulse"][RESTING]`.
RULES = {command: dict(zip(_STATES, row, strict=True)) for command, row in _TABLE.items()}
