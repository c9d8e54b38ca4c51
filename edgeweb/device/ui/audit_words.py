"""Rows of the audit log as sentences in the language of a page: `Garden gate: pulsed for 0.5 s`.

The log keeps codes, which never change: an action, a target and a result. The sentence of an action is its
text `audit.do.ACTION` in the catalogue; a result with a sentence of its own has `audit.do.ACTION-RESULT`.
Things have their present titles; one that is gone has its identifier.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from ..access.actor import LOCAL
from ..access.audit import MANY, REFUSED
from ..access.people import UNKNOWN
from ..access.user import KIOSK
from ..channels.actions import ACTIONS
from ..device import Device
from .fields import setting_title, shown
from .format import moment, plain, quantity
from .i18n import Words
from .schedule_words import Logged, name_of, when

#: What a refusal without a reason means, by its action; that of all others is a wrong password.
_REFUSALS = {"setup": "problem.wrong-code", "token": "audit.unknown-token"}
_WRONG_PASSWORD = "problem.wrong-password"
_WRONG_CODE = "wrong code"

#: Actions that are in the log only where they were refused: their result is the reason.
_REFUSED_ONLY = ("request", "setup", "sign-in", "token")

#: Actions whose result is what a channel did.
_SWITCHES = frozenset(f"channel.{word}" for word in ("exit", "pulse", "ramp", "set", "start", "value"))

#: Actions whose result is the definition of a schedule.
_DEFINITIONS = frozenset(("schedule.add", "schedule.change", "schedule.remove"))

_DISABLED = ", disabled"

#: Actions that an owner's words name, in the order of `words` in the profile.
_LEVELS = ("off", "on")

#: What `schedules/describe.py` writes: `span sunset-30 min to 23:00 mon tue`.
_TIME = r"([a-z]+|[\d:]+)(?:([+-]\d+) min)?"
_LOGGED = re.compile(rf"(daily|span) {_TIME}(?: to {_TIME})?((?: [a-z]{{3}})*)")


class Sentence(NamedTuple):
    """What was done, and why it was not; `reason` is empty where it was."""

    text: str
    reason: str


class AuditWords:
    """The log's codes in one language, with the titles that the device's things have now."""

    def __init__(self, device: Device, words: Words) -> None:
        self._device = device
        self._words = words
        self._titles: dict[str, dict[str, str]] = {
            "channel": {one.name: one.title for one in device.channels},
            "sensor": {one.name: one.title for one in device.sensors or ()},
        }
        #: What owners call off and on, such as "closed" and "open".
        self._own: dict[str, tuple[str, ...]] = {one.name: one.options["words"] for one in device.channels}
        # the code of schedules is imported by a device that has some
        schedules = device.schedules if device.has_schedules else ()
        channels = self._titles["channel"]
        self._titles["schedule"] = {
            one.name: name_of(one, channels.get(one.channel, one.channel), words) for one in schedules
        }
        #: Schedules without a title: they are named by what they do.
        self._untitled = {one.name for one in schedules if one.title == one.name}
        self._settings = {row.key: row.kind for row in device.settings.rows()}
        self._results: dict[str, Callable[[str], str]] = {
            "schedule.add": self._definition,
            "schedule.change": self._definition,
            "schedule.remove": self._definition,
            "schedule.run": self._step,
            "state.backup": lambda text: quantity(float(text.split(" ")[0]), "bytes", words),
            "state.restore": self._backup,
            "token.add": self._rights,
            "user.add": self._rights,
            "user.role": self._rights,
        }

    def shown(self, row: Mapping[str, Any]) -> dict[str, Any]:
        """Return the texts of a row: `text`, `reason`, `who` and `source`, and `code` as the log has it.

        `thing` is family, name and title of the channel or the sensor that it is about, where that is there.
        """
        text, reason = self.sentence(row)
        code = " ".join((row["action"], row["target"], row["result"]))
        return {
            "text": text,
            "reason": reason,
            "who": self._who(row),
            "source": self._source(row),
            "code": code,
            "thing": self._thing(row),
        }

    def _thing(self, row: Mapping[str, Any]) -> tuple[str, str, str] | None:
        kind, name = row["action"].partition(".")[0], row["target"]
        if kind == "schedule":
            # what it does begins with its channel
            kind, name = "channel", row["result"].partition(" ")[0]
        title = self._titles[kind].get(name) if kind in ("channel", "sensor") else None
        return None if title is None else (f"{kind}s", name, title)

    def sentence(self, row: Mapping[str, Any]) -> Sentence:
        """Return a row of the log as people say it."""
        action, words = row["action"], self._words
        result, reason = self._split(action, row["result"])
        key = f"audit.do.{action}"
        if action == "token.revoke" and row["target"].endswith("/all"):
            result = "all"
        if f"{key}-{result}" in words:
            key = f"{key}-{result}"
        if key not in words:  # of another release
            return Sentence(" ".join((action, row["target"], row["result"])), "")
        if action in _SWITCHES:
            result = self._level(result, row["target"])
        elif action == "setting.change":
            result = self._change(row["target"], result)
        elif result and action in self._results:
            try:
                if action in _DEFINITIONS and row["target"] in self._untitled:
                    return Sentence(words(key, **self._named(result)), reason)
                result = self._results[action](result)
            except (ValueError, IndexError):
                pass  # cut to the log's length: as it stands
        return Sentence(words(key, target=self._target(action, row["target"]), result=result), reason)

    def _who(self, row: Mapping[str, Any]) -> str:
        """Return who did it: a user, or a part of the device."""
        key = f"audit.who.{row['who']}"
        is_part = row["source"] == LOCAL or row["who"] == "-"
        return self._words(key) if is_part and key in self._words else str(row["who"])

    def _source(self, row: Mapping[str, Any]) -> str:
        """Return from where it was done: an address, or the device."""
        places = {LOCAL: "audit.local", MANY: "audit.several"}
        return self._words(places[row["source"]]) if row["source"] in places else str(row["source"])

    def _split(self, action: str, result: str) -> tuple[str, str]:
        """Return what a row did, as a code, and in words why it was not done."""
        words = self._words
        if result == REFUSED:
            return "", words(_REFUSALS.get(action, _WRONG_PASSWORD))
        if result == _WRONG_CODE:
            return "", words("problem.wrong-second-factor")
        done, _, reason = result.partition(": ")
        if action in _REFUSED_ONLY or f"problem.{result}" in words:
            done, reason = "", result
        elif done == "failed":
            done = ""
        elif f"problem.{reason}" not in words:
            done, reason = result, ""
        return done, words(f"problem.{reason}") if f"problem.{reason}" in words else words.reason(reason)

    def _target(self, action: str, target: str) -> str:
        kind = action.partition(".")[0]
        if kind in self._titles:
            return self._titles[kind].get(target, target)
        if action == "setting.change":
            return setting_title(target, self._words, self._device.profile)
        if kind == "token":
            return target.partition("/")[0]
        return self._words("audit.unknown-name") if target == UNKNOWN else target

    def _change(self, key: str, result: str) -> str:
        """Return the old and the new value of a setting as its form has them."""
        old, _, new = result.partition(" -> ")
        if not new:
            return self._words("audit.result.removed")
        return f"{self._value(key, old)} → {self._value(key, new)}"

    def _value(self, key: str, text: str) -> str:
        try:
            return shown(self._settings[key], tomllib.loads(f"value = {text}")["value"], self._words)
        except (KeyError, ValueError):  # a setting that is gone, or a value cut to the log's length
            return text

    def _level(self, code: str, channel: str) -> str:
        """Return what was done to a channel: of `on`, `60 ms`, `0.5`, `pulse 60 ms` or `value 0.5`."""
        action, amount = self._amount(code)
        own = self._own.get(channel)
        if own and action in _LEVELS:
            return own[_LEVELS.index(action)]
        return self._words(f"audit.result.{action}", amount=amount)

    def _amount(self, code: str) -> tuple[str, str]:
        """Return the name of an action and its amount in the units of people."""
        action, _, amount = code.partition(" ")
        if not code:
            return "switch", ""
        if action not in ACTIONS:
            action, amount = ("pulse", action) if amount else ("value", action)
        row = ACTIONS[action].amount
        if row is None or not amount:
            return action, ""
        number = plain(f"{float(amount.split(' ')[0]) / row.scale:g}", self._words)
        return action, self._words(f"amount.{action}", amount=number)

    def _step(self, code: str) -> str:
        """Return what a schedule did: of `lamp pulse 500 ms`."""
        channel, _, level = code.partition(" ")
        return self._of_channel(channel, self._level(level, channel))

    def _definition(self, code: str) -> str:
        """Return what a schedule does: of `lamp pulse 500 ms, daily 07:00 mon`."""
        channel, text, times = self._parts(code)
        return f"{self._of_channel(channel, text)}, {times}"

    def _named(self, code: str) -> dict[str, str]:
        """Return the name of a schedule without a title, made of its definition, and what it does."""
        channel, text, times = self._parts(code)
        return {"target": self._of_channel(channel, times), "result": text}

    def _parts(self, code: str) -> tuple[str, str, str]:
        """Return the channel of a definition, and in words what it does, and when."""
        step, _, times = code.partition(", ")
        channel, _, level = step.partition(" ")
        action, amount = self._amount(level)
        text = self._words(f"action.{action}") + (f" ({amount})" if amount else "")
        return channel, text, _runs(times, self._words)

    def _of_channel(self, name: str, text: str) -> str:
        return f"{self._titles['channel'].get(name, name)}{self._words('live.sign.colon')}{text}"

    def _rights(self, code: str) -> str:
        role, *scopes = code.split(" ")
        # Some of these texts have commas.
        return " \u00b7 ".join([self._words(f"role.{role}"), *map(self._scope, scopes)])

    def _scope(self, code: str) -> str:
        if not code.startswith(KIOSK):
            return self._words(f"scope.{code}")
        name = code.removeprefix(KIOSK)
        titles = self._titles["sensor"] | self._titles["channel"]
        return self._words("kiosk.shows", titles=titles.get(name, name))

    def _backup(self, code: str) -> str:
        device, _, date = code.removeprefix("of ").rpartition(", ")
        return f"{device}, {moment(date, self._words)}"


def _runs(code: str, words: Words) -> str:
    """Return when a schedule runs, of what the audit log has: `span 07:00 to 08:30 mon tue, disabled`."""
    code, off = code.removesuffix(_DISABLED), code.endswith(_DISABLED)
    kind, _, rest = code.partition(" ")
    if found := _LOGGED.fullmatch(code):
        _, at, offset, until, until_offset, days = found.groups()
        text = when(
            Logged(kind, tuple(days.split()), at, int(offset or 0), until or "", int(until_offset or 0)),
            words,
        )
    elif kind == "interval":
        text = words("schedules.when-interval", time=quantity(float(rest.split(" ")[0]), "seconds", words))
    elif kind == "once":
        text = moment(rest, words)
    else:
        return code
    return f"{text} ({words('schedules.rests')})" if off else text
