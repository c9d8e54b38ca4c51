"""The keys of every channel and of every sensor; drivers and kinds add their own."""

from __future__ import annotations

from ..channels.drivers import ALL_MODES, DRIVERS
from ..channels.drivers import outside as outside_drivers
from ..sensors.kinds import KINDS
from ..sensors.kinds import outside as outside_kinds
from .checks import REQUIRED
from .key import NOW, RESTART, Key, setting, table

#: Symbols of channels and sensors, in `ui/static/icons.svg`.
ICONS = (
    *("", "lamp", "plug", "fan", "pump", "door", "blind", "flame", "lock", "bell"),
    *("thermometer", "drop", "light", "bolt", "gauge", "distance", "air", "tank"),
)

#: Where a channel or a sensor stands among the others.
_ORDER = (0, 9999)
_ORDER_MEANING = "Place among the others: lower ones come first, then the profile's order counts."

CHANNELS = table(
    "channels.*",
    Key(
        "driver",
        RESTART,
        "module",
        (DRIVERS, outside_drivers),
        REQUIRED,
        "What moves or reads the channel.",
    ),
    Key(
        "mode",
        RESTART,
        "choice",
        ALL_MODES,
        REQUIRED,
        "An output is set, an input is only read, PWM is an output with values from 0 to 1, a button is an"
        " output that is only pulsed.",
    ),
    setting("title", NOW, "string", 100, "", "What people see; empty: the channel's own name."),
    Key("inverted", RESTART, "boolean", None, False, "The electrical level is the opposite of the state."),
    setting(
        "at_start",
        RESTART,
        "choice",
        ("off", "on", "leave", "restore"),
        "off",
        "What an output is set to when the server starts; restore: as it was last, off the first time.",
    ),
    setting(
        "at_exit",
        NOW,
        "choice",
        ("leave", "off", "on"),
        "leave",
        "What an output is set to when the server ends.",
    ),
    Key("interlock", RESTART, "string", 64, "", "Of all outputs with the same word, one at most is on."),
    setting(
        "busy_delay",
        NOW,
        "duration",
        (0, 3600),
        0.0,
        "Rest of the whole interlock group after a switch, in which nothing goes on.",
    ),
    setting("max_on", NOW, "duration", (0, 604800), 0.0, "Longest time that an output is on; 0: no limit."),
    setting("pulse", NOW, "duration", (0.01, 3600), 0.5, "Length of a pulse without a time."),
    setting("pulse_min", NOW, "duration", (0.01, 3600), 0.05, "Shortest pulse."),
    setting("pulse_max", NOW, "duration", (0.01, 3600), 60.0, "Longest pulse."),
    setting("ramp", NOW, "duration", (0, 600), 0.0, "Time that PWM takes from 0 to 1; 0: at once."),
    setting(
        "debounce", NOW, "duration", (0, 60), 0.0, "How long an input has to keep a level before it counts."
    ),
    Key(
        "poll",
        RESTART,
        "duration",
        (0, 3600),
        0.0,
        "Time between two polls of the level; 0: the driver reports changes, or there are no others.",
    ),
    Key("group", NOW, "string", 64, "", "Channels and sensors with the same word are shown together."),
    Key("order", NOW, "integer", _ORDER, 0, _ORDER_MEANING),
    Key("icon", NOW, "choice", ICONS, "", "Symbol beside the title."),
    Key("words", NOW, "pair", 30, (), 'What people read for off and for on, such as ["closed", "open"].'),
    Key("ask", NOW, "boolean", None, False, "The dashboard asks before it switches."),
)

#: Numbers that a sensor may measure, and those that it is made of.
_MEASURED = (-1e15, 1e15)

SENSORS = table(
    "sensors.*",
    Key("kind", RESTART, "module", (KINDS, outside_kinds), REQUIRED, "What is read."),
    setting("title", NOW, "string", 100, "", "What people see; empty: the sensor's own name."),
    setting("unit", NOW, "string", 20, "", "Unit of the value; empty: that of what is read."),
    setting("scale", NOW, "number", _MEASURED, 1.0, "What is read is multiplied by it."),
    setting("offset", NOW, "number", _MEASURED, 0.0, "This is added to it then."),
    setting("interval", NOW, "duration", (0.5, 86_400), 10.0, "Time between two readings."),
    Key(
        "valid",
        NOW,
        "range",
        _MEASURED,
        (),
        "Lowest and highest value; with one beyond, as of a broken wire, the sensor is offline.",
    ),
    setting("low", NOW, "limit", _MEASURED, "", 'The level is "low" below it.'),
    setting("high", NOW, "limit", _MEASURED, "", 'The level is "high" above it.'),
    setting(
        "hysteresis",
        NOW,
        "number",
        (0, _MEASURED[1]),
        0.0,
        "How far a value has to come back for the level to be over.",
    ),
    setting("for", NOW, "duration", (0, 86_400), 0.0, "How long values have to ask for another level."),
    Key("keep", NOW, "override", None, "", "Keep its hours for a year; empty: as `history.keep` has it."),
    setting("group", NOW, "string", 64, "", "Channels and sensors with the same word are shown together."),
    Key("order", NOW, "integer", _ORDER, 0, _ORDER_MEANING),
    setting("icon", NOW, "choice", ICONS, "", "Symbol beside the title."),
)
