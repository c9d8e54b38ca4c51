"""edgeweb.cli.routes: the table of rules, as Flask prints it."""

from __future__ import annotations

import flask
import flask.cli
import pytest
from click.testing import CliRunner

from edgeweb import Flask
from edgeweb.cli import FlaskGroup

BOTH = pytest.mark.parametrize(
    ("app_class", "group_class"),
    [(Flask, FlaskGroup), (flask.Flask, flask.cli.FlaskGroup)],
    ids=["edgeweb", "flask"],
)

RULES = [
    ("/z/<int:x>/<y>", "a_endpoint", ["GET", "POST"], None),
    ("/a", "z_endpoint", ["POST"], None),
    ("/m", "m_endpoint", ["DELETE"], "shop"),
]


def make(app_class: type, **options: object) -> Flask:
    app = app_class("routes_app", static_folder=None, **options)
    domain = "host" if options.get("host_matching") else "subdomain"
    for rule, endpoint, methods, where in RULES:
        named = {domain: where} if where and options else {}
        app.add_url_rule(rule, endpoint, methods=methods, **named)
    return app  # type: ignore[no-any-return]


def table(app: Flask, group_class: type, *args: str) -> str:
    result = CliRunner().invoke(group_class(create_app=lambda: app), ["routes", *args])
    assert result.exit_code == 0, result.output
    return "\n".join(line.rstrip() for line in result.output.splitlines())


PLAIN = """\
Endpoint    Methods    Rule
----------  ---------  --------------
a_endpoint  GET, POST  /z/<int:x>/<y>
m_endpoint  DELETE     /m
z_endpoint  POST       /a"""


@BOTH
def test_by_endpoint(app_class: type, group_class: type) -> None:
    app = make(app_class)
    assert table(app, group_class) == table(app, group_class, "-s", "endpoint") == PLAIN


@BOTH
@pytest.mark.parametrize(
    ("sort", "endpoints"),
    [
        ("methods", ["m_endpoint", "a_endpoint", "z_endpoint"]),
        ("rule", ["z_endpoint", "m_endpoint", "a_endpoint"]),
        ("match", ["a_endpoint", "z_endpoint", "m_endpoint"]),
        # There are no domains, so the rules stay in the order of matching.
        ("domain", ["a_endpoint", "z_endpoint", "m_endpoint"]),
    ],
)
def test_by_other_columns(app_class: type, group_class: type, sort: str, endpoints: list[str]) -> None:
    rows = table(make(app_class), group_class, "--sort", sort).splitlines()[2:]
    assert [row.split()[0] for row in rows] == endpoints


@BOTH
def test_implied_methods(app_class: type, group_class: type) -> None:
    assert "GET, HEAD, OPTIONS, POST" in table(make(app_class), group_class, "--all-methods")


@BOTH
@pytest.mark.parametrize(
    ("options", "heading"), [({"subdomain_matching": True}, "Subdomain"), ({"host_matching": True}, "Host")]
)
def test_domains(app_class: type, group_class: type, options: dict[str, bool], heading: str) -> None:
    lines = table(make(app_class, **options), group_class, "-s", "domain").splitlines()
    assert lines[0].split() == ["Endpoint", "Methods", heading, "Rule"]
    assert lines[-1].split() == ["m_endpoint", "DELETE", "shop", "/m"]


@BOTH
def test_no_rules(app_class: type, group_class: type) -> None:
    assert table(app_class("empty", static_folder=None), group_class) == "No routes were registered."
