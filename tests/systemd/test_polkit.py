"""The polkit rule, run as polkit runs it: with the actions and details that logind and systemd ask about."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest

RULE = Path(__file__).parent.parent.parent / "systemd" / "polkit" / "50-edgeweb.rules"

# What polkit gives a rule: a list of functions, and an action whose details are looked up by name.
HARNESS = """
const rules = [];
const Result = {YES: "yes", NO: "no", NOT_HANDLED: "not handled"};
const polkit = {Result, addRule: rule => rules.push(rule)};
const [source, questions] = JSON.parse(require("fs").readFileSync(0, "utf8"));
new Function("polkit", source)(polkit);
const asked = ([id, details, user]) => rules[0]({id, lookup: key => details[key]}, {user});
console.log(JSON.stringify([rules.length, ...questions.map(asked)]));
"""

LOGIN, UNITS = "org.freedesktop.login1.", "org.freedesktop.systemd1.manage-units"

QUESTIONS: list[tuple[str, dict[str, str], str, str]] = [
    (LOGIN + "reboot", {}, "edgeweb", "yes"),
    (LOGIN + "reboot-multiple-sessions", {}, "edgeweb", "yes"),
    (LOGIN + "power-off", {}, "edgeweb", "yes"),
    (LOGIN + "power-off-multiple-sessions", {}, "edgeweb", "yes"),
    (UNITS, {"unit": "edgeweb.service", "verb": "restart"}, "edgeweb", "yes"),
    (LOGIN + "reboot-ignore-inhibit", {}, "edgeweb", "not handled"),
    (LOGIN + "halt", {}, "edgeweb", "not handled"),
    (LOGIN + "suspend", {}, "edgeweb", "not handled"),
    (LOGIN + "reboot", {}, "somebody", "not handled"),
    (UNITS, {"unit": "edgeweb.service", "verb": "stop"}, "edgeweb", "not handled"),
    (UNITS, {"unit": "edgeweb.service", "verb": "start"}, "edgeweb", "not handled"),
    (UNITS, {"unit": "edgeweb-update.service", "verb": "start"}, "edgeweb", "yes"),
    (UNITS, {"unit": "edgeweb-update.service", "verb": "stop"}, "edgeweb", "not handled"),
    (UNITS, {"unit": "edgeweb-update.service", "verb": "restart"}, "edgeweb", "not handled"),
    (UNITS, {"unit": "edgeweb-update-resume.service", "verb": "start"}, "edgeweb", "not handled"),
    (UNITS, {"unit": "edgeweb-update.service", "verb": "start"}, "somebody", "not handled"),
    (UNITS, {"unit": "ssh.service", "verb": "start"}, "edgeweb", "not handled"),
    (UNITS, {"unit": "ssh.service", "verb": "restart"}, "edgeweb", "not handled"),
    (UNITS, {"unit": "edgeweb.service", "verb": "restart"}, "somebody", "not handled"),
    (UNITS, {}, "edgeweb", "not handled"),
    ("org.freedesktop.systemd1.manage-unit-files", {}, "edgeweb", "not handled"),
    ("org.freedesktop.policykit.exec", {"program": "/bin/sh"}, "edgeweb", "not handled"),
]

ACTIONS = Path("/usr/share/polkit-1/actions")


@pytest.mark.skipif(shutil.which("node") is None, reason="node is not installed (Debian package nodejs)")
def test_exactly_this_is_permitted() -> None:
    questions = [question[:3] for question in QUESTIONS]
    done = subprocess.run(
        ["node", "-e", HARNESS],
        input=json.dumps([RULE.read_text(), questions]),
        capture_output=True,
        check=True,
        text=True,
    )
    assert json.loads(done.stdout) == [1, *(expected for *_, expected in QUESTIONS)]


@pytest.mark.skipif(not ACTIONS.is_dir(), reason="polkit is not installed (Debian package polkitd)")
@pytest.mark.parametrize("action", [id for id, *_ in QUESTIONS if "policykit" not in id])
def test_systemd_knows_the_action(action: str) -> None:
    name = action.rsplit(".", 1)[0]
    assert f'<action id="{action}">' in (ACTIONS / f"{name}.policy").read_text()
