"""The audit log in the words of people, for every action that the device writes."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import edgeweb.device
from edgeweb import Flask
from edgeweb.device import create_app
from edgeweb.device.access.actor import Actor
from edgeweb.device.channels.actions import ACTIONS
from edgeweb.device.config.profile import Profile
from edgeweb.device.ui.audit_words import AuditWords, Sentence
from edgeweb.device.ui.i18n import LANGUAGES, Words, catalogue

from ..access.test_audit_of_changes import CHANGES
from ..people import add_owner, add_user, device_of
from .visitor import Visitor

BOARD = """
[channels.gate]
driver = "memory"
mode = "button"
title = "Garden gate"
[channels.fan]
driver = "memory"
mode = "pwm"
title = "Fan"
[channels.valve]
driver = "memory"
mode = "output"
title = "Valve"
words = ["closed", "open"]
"""

#: Calls that write a row, by the place of the action's word among their arguments.
CALLS = r"(?:audit\.(?:note|refuse|insert)|_happened|_change)\((\n?[^\n]*)"
#: Actions are written as `kind.verb`, refusals of the gate as one word.
WORD = r'"([a-z]+\.[a-z-]+)"|(?<=, )"(request|setup|sign-in|token)"'


@pytest.fixture
def app(make_profile: Callable[..., Profile]) -> Iterator[Flask]:
    app = add_owner(create_app(make_profile(BOARD)))
    device_of(app).open()
    yield app
    device_of(app).close()


def written_actions() -> set[str]:
    """All actions that the code writes: of its calls, of the table of actions, and of families of words."""
    found = {row.audit for row in ACTIONS.values()}
    for file in Path(edgeweb.device.__file__).parent.rglob("*.py"):
        content = file.read_text()
        for call in re.findall(CALLS, content, flags=re.S):
            found |= {word for words in re.findall(WORD, call) for word in words if word}
        found |= set(re.findall(r'(?:action|must_go_off) = ?"([a-z]+\.[a-z-]+)"', content))
        found |= set(re.findall(r'Job\([^\n]*action="([a-z]+\.[a-z-]+)"', content))
    things = {f"{kind}.{word}" for kind in ("channel", "sensor") for word in ("add", "change", "remove")}
    return found | things | {"schedule.add", "schedule.change", "system.reboot", "system.shutdown"}


@pytest.mark.parametrize("language", sorted(LANGUAGES))
def test_every_action_has_a_sentence(language: str) -> None:
    texts = catalogue(language)
    written = written_actions()
    assert written >= {row[3][0] for row in CHANGES.values()}, "the search of this test has its holes"
    assert {action for action in written if f"audit.do.{action}" not in texts} == set()


@pytest.mark.slow
def test_every_sentence_is_of_an_action() -> None:
    keys = {key.removeprefix("audit.do.") for key in catalogue("en") if key.startswith("audit.do.")}
    assert {key for key in keys if not {key, key.rpartition("-")[0]} & written_actions()} == set()


#: action, target, result of a row: its sentence, and why it was not done.
SENTENCES = {
    ("channel.pulse", "gate", "500 ms"): ("Garden gate: pulsed for 0.5 s", ""),
    ("channel.pulse", "gate", "off"): ("Garden gate: switched off", ""),
    ("channel.value", "fan", "0.25"): ("Fan: set to 25 %", ""),
    ("channel.set", "fan", "toggle"): ("Fan: toggled", ""),
    ("channel.set", "gone", "on"): ("gone: switched on", ""),
    ("channel.set", "valve", "on"): ("Valve: open", ""),
    ("schedule.run", "night", "valve off"): ("Schedule night: Valve: closed", ""),
    ("channel.set", "fan", "on: channel-busy"): (
        "Fan: switched on",
        "The channel is busy: try again when it has finished.",
    ),
    ("channel.set", "fan", "channel-offline"): (
        "Fan: switched",
        "The channel is offline: its driver does not reach the hardware.",
    ),
    ("channel.exit", "fan", "failed: broken wire"): (
        "Fan, at the end of the server: switched",
        "broken wire",
    ),
    ("channel.change", "fan", '{driver = "memory", mode = "pwm", title = "Fan"}'): (
        "Channel Fan changed",
        "",
    ),
    ("schedule.run", "night", "fan value 0.25"): ("Schedule night: Fan: set to 25 %", ""),
    ("schedule.add", "night", "gate pulse 500 ms, daily sunset-30 min mon tue wed thu fri"): (
        "New schedule night: Garden gate: Pulse (0.5 s), weekdays 30 min before sunset",
        "",
    ),
    ("schedule.remove", "night", "fan on, span 22:00 to sunrise sat sun, disabled"): (
        "Schedule night removed: Fan: Switch on, weekends 22:00 to sunrise (paused)",
        "",
    ),
    ("schedule.change", "night", "fan off, interval 900 s"): (
        "Schedule night changed: Fan: Switch off, every 15 min",
        "",
    ),
    ("schedule.change", "night", "fan off, da"): ("Schedule night changed: Fan: Switch off, da", ""),
    ("setting.change", "dashboard.title", '"" -> "Shed"'): ("Heading of all pages: nothing → Shed", ""),
    ("setting.change", "channels.gate.pulse", "0.5 -> 1.0"): (
        "Garden gate, Length of a pulse: 500 ms → 1 s",
        "",
    ),
    ("token.add", "ada/2", "operator power"): (
        "New token for ada: Operator · Restart services and the machine",
        "",
    ),
    ("token.revoke", "ada/all", "2 revoked"): ("All tokens of ada revoked", ""),
    ("session.end", "a1b2c3", "ended"): ("A browser was signed out", ""),
    ("user.second-factor", "ada", "off"): ("Second factor of ada switched off", ""),
    ("user.password", "ada", "refused"): ("New password of ada", "The name or the password is wrong."),
    ("sign-in", "unknown name", "refused"): (
        "Sign-in of an unknown name",
        "The name or the password is wrong.",
    ),
    ("token", "bearer", "refused"): ("Use of a token", "There is no such token."),
    ("request", "POST /lamp", "forbidden"): (
        "Request POST /lamp",
        "Your role does not allow this: ask an admin.",
    ),
    ("state.backup", "shed", "2048 bytes"): ("Backup of shed: 2.0 KiB", ""),
    ("service.restart", "nginx.service", "asked for"): ("Restart of nginx.service", ""),
    ("from.tomorrow", "what", "done"): ("from.tomorrow what done", ""),
}


@pytest.mark.parametrize("row", SENTENCES, ids=" ".join)
def test_a_row_in_words(app: Flask, row: tuple[str, str, str]) -> None:
    told = AuditWords(device_of(app), Words("en"))
    sentence = told.sentence(dict(zip(("action", "target", "result"), row, strict=True)))
    plain = Sentence(*(text.replace("\u00a0", " ") for text in sentence))
    assert plain == SENTENCES[row]


@pytest.mark.parametrize("language", sorted(LANGUAGES))
def test_no_place_is_left_empty(app: Flask, language: str) -> None:
    told = AuditWords(device_of(app), Words(language))
    for _, _, _, (action, target, result) in CHANGES.values():
        sentence = told.sentence({"action": action, "target": target, "result": result})
        assert action not in sentence.text
        assert "{target}" not in sentence.text
        assert "{result}" not in sentence.text


def test_the_search_finds_words_and_codes(app: Flask) -> None:
    device_of(app).act(Actor("ada", "operator", "10.0.0.2"), "gate", "pulse", 500)
    owner = Visitor(app)
    for text in ("pulsed for 0.5", "channel.pulse", "gate", "500 ms", "ada", "10.0.0.2"):
        assert "Garden gate</a>: pulsed for" in owner.get(f"/audit?text={text}"), text
    assert "Garden gate" not in owner.get("/audit?text=impulsion")
    assert "Garden gate</a> : impulsion de" in re.sub(
        r"\s", " ", owner.get("/audit?text=impulsion", language="fr")
    )


def test_the_same_words_on_the_page_of_users(app: Flask) -> None:
    add_user(app, "vera", "viewer")
    owner = Visitor(app)
    owner.send("/people/vera/role", role="operator", password="correct horse battery")
    for path in ("/audit", "/people"):
        assert "New role of vera: Operator" in owner.get(path)
