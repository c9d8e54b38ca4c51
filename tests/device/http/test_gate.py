"""Closed unless marked public: every registered route, every role, every way to show who one is."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest

from edgeweb import Flask
from edgeweb.device.access import passwords
from edgeweb.device.access.rate_limit import FREE_ATTEMPTS, FREE_PER_ACCOUNT, WINDOW
from edgeweb.device.access.roles import PUBLIC, ROLES, needed_role, needs

from ..people import OWN, PASSWORD, add_user, browser_of, client_of, device_of, token_of

#: Reviewed: what anybody may do. A new line here is a decision.
PUBLIC_ROUTES = {
    ("GET", "health.livez"),
    ("GET", "health.readyz"),
    ("GET", "dashboard.static"),
    ("GET", "dashboard.manifest"),
    ("GET", "dashboard.kiosk"),
    ("POST", "dashboard.open_kiosk"),
    # by the token of a kiosk, which the view asks for
    ("POST", "dashboard.switch_at_kiosk"),
    ("GET", "dashboard.sign_in_page"),
    ("POST", "dashboard.sign_in"),
    ("POST", "dashboard.enter_code"),
    ("POST", "dashboard.set_up"),
    ("POST", "dashboard.choose_language"),
    ("POST", "api.set_up"),
    ("POST", "api.sign_in"),
    ("GET", "api.problem_kind"),
    # what the maker has written for strangers
    ("GET", "security_txt"),
    ("GET", "dashboard.privacy"),
    # what a browser needs before it can sign in without a warning
    ("GET", "dashboard.tls"),
    ("GET", "dashboard.tls_authority"),
}


#: What stands in the addresses, where it is not a name.
VALUES: dict[str, Any] = {
    "action": "toggle",
    "choice": "memory",
    "family": "channels",
    "command": "toggle",
    "number": 1,
    "unit": "nginx.service",
    "what": "reboot",
}


def routes(app: Flask) -> list[tuple[str, str, str]]:
    """Every method, endpoint and an address of it."""
    found = []
    with app.test_request_context():
        for rule in app.url_map.iter_rules():
            # a user where there has to be one, else a channel or what a test has called like that
            other = "owner" if rule.rule.endswith("second-factor") else "lamp"
            values = {name: VALUES.get(name, other) for name in rule.arguments}
            path = app.url_for(rule.endpoint, **values)
            methods = (rule.methods or set()) - {"HEAD", "OPTIONS"}
            found += [(method, rule.endpoint, path) for method in sorted(methods)]
    return found


def test_every_route_is_closed_but_the_reviewed_ones(app: Flask) -> None:
    stranger = client_of(app)
    opened = set()
    for method, endpoint, path in routes(app):
        answer = stranger.open(path, method=method, json={} if method != "GET" else None)
        if answer.status_code != 401 or (method, endpoint) in PUBLIC_ROUTES:
            opened.add((method, endpoint))
        else:
            assert answer.headers["WWW-Authenticate"] == 'Bearer realm="edgeweb"'
        answer.close()
        if method == "GET":
            with stranger.head(path) as head:
                assert (head.status_code == 401) is ((method, endpoint) not in PUBLIC_ROUTES)
    assert opened == PUBLIC_ROUTES
    assert len(routes(app)) > 2 * len(PUBLIC_ROUTES)


def test_a_view_of_somebody_elses_is_closed_too(app: Flask) -> None:
    """OctoPrint-SpoolManager, CVE-2025-62169: a plugin's route that asked for nothing."""

    @app.route("/plugin", methods=["GET", "POST"])
    def plugin() -> str:
        return "done"

    assert client_of(app).get("/plugin").status_code == 401
    viewer = client_of(app, add_user(app, "vera", "viewer"))
    assert viewer.get("/plugin").status_code == 200
    assert viewer.post("/plugin").status_code == 403


NIGHT = {"channel": "lamp", "action": "off", "kind": "daily", "at": "23:00"}

#: (method, path, JSON, the least role)
MATRIX: list[tuple[str, str, Any, str]] = [
    ("GET", "/", None, "viewer"),
    ("GET", "/api/v1/status", None, "viewer"),
    ("GET", "/api/v1/channels", None, "viewer"),
    ("GET", "/api/v1/channels/lamp/history", None, "viewer"),
    ("PUT", "/api/v1/channels/lamp/state", {"on": True}, "operator"),
    ("GET", "/api/v1/users", None, "admin"),
    ("POST", "/api/v1/users", {"name": "new", "password": PASSWORD, "role": "viewer"}, "admin"),
    ("PUT", "/api/v1/users/owner/role", {"role": "admin"}, "admin"),
    ("DELETE", "/api/v1/users/vera", None, "admin"),
    ("GET", "/api/v1/audit", None, "admin"),
    ("GET", "/api/v1/hardware", None, "admin"),
    ("GET", "/api/v1/mqtt", None, "operator"),
    ("GET", "/hardware", None, "admin"),
    ("GET", "/add", None, "admin"),
    ("GET", "/add/channels/memory", None, "admin"),
    ("GET", "/channels/lamp", None, "viewer"),
    ("GET", "/api/v1/settings", None, "viewer"),
    ("GET", "/api/v1/software", None, "viewer"),
    ("GET", "/software", None, "viewer"),
    ("GET", "/api/v1/schedules", None, "viewer"),
    ("GET", "/api/v1/sensors", None, "viewer"),
    ("GET", "/api/v1/channels/lamp/definition", None, "admin"),
    ("POST", "/api/v1/channels", {"id": "new", "driver": "memory", "mode": "output"}, "admin"),
    ("DELETE", "/api/v1/channels/lamp", None, "admin"),
    ("PUT", "/api/v1/schedules/night", NIGHT, "operator"),
    ("GET", "/api/v1/backup", None, "admin"),
    ("GET", "/api/v1/tokens", None, "viewer"),
    ("GET", "/api/v1/sessions", None, "viewer"),
]


@pytest.mark.slow
@pytest.mark.parametrize(("method", "path", "body", "least"), MATRIX)
@pytest.mark.parametrize("role", ROLES)
def test_roles(app: Flask, method: str, path: str, body: Any, least: str, role: str) -> None:
    add_user(app, "vera", "viewer")
    answer = client_of(app, add_user(app, "somebody", role)).open(path, method=method, json=body)
    if ROLES.index(role) >= ROLES.index(least):
        assert answer.status_code in (200, 201, 204)
    else:
        assert answer.status_code == 403
        assert f"needs the role {least}; somebody has {role}" in answer.text


def test_marks() -> None:
    def view() -> str:
        return ""

    assert [needed_role(view, method) for method in ("GET", "POST")] == ["viewer", "operator"]
    assert needed_role(needs("admin")(view), "GET") == "admin"
    assert needed_role(needs(PUBLIC)(view), "POST") == PUBLIC
    with pytest.raises(ValueError, match="no role is named"):
        needs("root")


# -- showing who one is --------------------------------------------------------------------------------


def test_prefixes_and_other_schemes_are_no_token(app: Flask) -> None:
    """ESPHome, CVE-2025-57808: an empty or a cut value passed."""
    token = app.config["TEST_TOKEN"]
    headers = [f"Bearer {token[:length]}" for length in range(len(token))]
    headers += ["", "Bearer", "Basic", "Basic ", f"Basic {token}", token, f"Bearer {token}x", "Bearer \u00e9"]
    headers += [f"Bearer {token} {token}", "Bearer " + "x" * 4000]
    stranger = client_of(app)
    for header in headers:
        assert stranger.get("/api/v1/status", headers={"Authorization": header}).status_code == 401, header
    assert stranger.get("/api/v1/status", headers={"Authorization": f"bearer  {token} "}).status_code == 200


def test_a_token_is_bounded_by_its_role_and_its_users(app: Flask) -> None:
    olga = add_user(app, "olga", "operator")
    as_viewer, as_operator = client_of(app, olga, "viewer"), client_of(app, olga, "admin")
    put = ("/api/v1/channels/lamp/state", {"on": True})
    assert as_viewer.put(put[0], json=put[1]).status_code == 403
    assert as_operator.put(put[0], json=put[1]).status_code == 200
    assert as_operator.get("/api/v1/audit").status_code == 403, "admin was more than its user is"
    app.test_client().put("/api/v1/users/olga/role", json={"role": "viewer"})
    assert as_operator.put(put[0], json=put[1]).status_code == 403, "in force at once"
    app.test_client().delete("/api/v1/users/olga")
    assert as_viewer.get("/api/v1/status").status_code == 401


@pytest.mark.parametrize("role", ROLES)
def test_a_kiosks_token_opens_no_route(app: Flask, role: str) -> None:
    """It hangs on a wall, and can be taken away: as a header and as any cookie it is worth nothing."""
    body = {"note": "hall", "role": role, "kiosk": ["lamp"]}
    made = app.test_client().post("/api/v1/tokens", json=body)
    assert (made.status_code, made.json["kiosk"], made.json["scopes"]) == (201, ["lamp"], [])
    thief = client_of(app)
    name = device_of(app).cookie_name
    for method, endpoint, path in routes(app):
        if (method, endpoint) in PUBLIC_ROUTES:
            continue
        json = {} if method != "GET" else None
        header = {"Authorization": f"Bearer {made.json['token']}"}
        answer = thief.open(path, method=method, json=json, headers=header)
        assert answer.status_code == 403, (method, path)
        answer.close()
        for cookie in (name, f"{name}_kiosk"):
            header = {"Cookie": f"{cookie}={made.json['token']}"}
            answer = thief.open(path, method=method, json=json, headers={**header, **OWN})
            assert answer.status_code == 401, (method, path, cookie)
            answer.close()
    assert device_of(app).channels["lamp"].current.state is False


def test_a_token_does_not_beget_a_stronger_one(app: Flask) -> None:
    weak = client_of(app, add_user(app, "ada", "admin"), "viewer")
    answer = weak.post("/api/v1/tokens", json={"note": "more", "role": "admin"})
    assert (answer.status_code, answer.json["role"]) == (201, "viewer")


def test_revoking(app: Flask) -> None:
    owner = app.test_client()
    made = owner.post("/api/v1/tokens", json={"note": "script"})
    assert made.status_code == 201
    assert len(made.json["token"]) == len("edgeweb_") + 43
    script = {"Authorization": f"Bearer {made.json['token']}"}
    assert client_of(app).get("/api/v1/status", headers=script).status_code == 200
    assert made.json["token"] not in owner.get("/api/v1/tokens").text
    assert owner.delete(f"/api/v1/tokens/{made.json['id']}").status_code == 204
    assert client_of(app).get("/api/v1/status", headers=script).status_code == 401
    assert owner.delete(f"/api/v1/tokens/{made.json['id']}").status_code == 404


def test_somebody_elses_token_is_none_of_ones_business(app: Flask) -> None:
    vera = client_of(app, add_user(app, "vera", "viewer"))
    numbers = [row["id"] for row in app.test_client().get("/api/v1/tokens").json["tokens"]]
    assert len(numbers) == 2
    assert [row["user"] for row in vera.get("/api/v1/tokens").json["tokens"]] == ["vera"]
    assert [vera.delete(f"/api/v1/tokens/{number}").status_code for number in numbers] == [404, 204]


def test_tokens_are_nowhere_kept(app: Flask, tmp_path: Any) -> None:
    device_of(app).close()
    token = app.config["TEST_TOKEN"]
    for file in (tmp_path / "state").iterdir():
        assert token.encode() not in file.read_bytes()
        assert PASSWORD.encode() not in file.read_bytes()


# -- the limit -----------------------------------------------------------------------------------------


def test_wrong_passwords_are_slowed_down_and_the_owner_is_not_locked_out(app: Flask) -> None:
    stranger, token = client_of(app), token_of(app, add_user(app, "ada", "admin"))
    signed_in = browser_of(app)
    for _ in range(FREE_ATTEMPTS):
        answer = stranger.post("/api/v1/session", json={"name": "owner", "password": "wrong"})
        assert answer.status_code == 401
    refused = stranger.post("/api/v1/session", json={"name": "owner", "password": PASSWORD})
    assert refused.status_code == 429, "not even the right one"
    assert int(refused.headers["Retry-After"]) >= 1
    assert refused.json["key"] == "too-many-attempts"
    page = stranger.post("/sign-in", data={"name": "owner", "password": PASSWORD}, headers=OWN)
    assert (page.status_code, "Try again in" in page.text) == (429, True)
    assert signed_in.get("/").status_code == 200, "who is in stays in"
    assert stranger.get("/api/v1/status", headers={"Authorization": f"Bearer {token}"}).status_code == 200
    elsewhere = {"REMOTE_ADDR": "10.0.0.9"}
    body = {"name": "owner", "password": PASSWORD}
    assert stranger.post("/api/v1/session", json=body, environ_base=elsewhere).status_code == 200


def test_wrong_tokens_slow_no_sign_in_down(app: Flask) -> None:
    """A script with a revoked token on the owner's machine, every ten seconds."""
    stranger, token = client_of(app), app.config["TEST_TOKEN"]

    def ask(text: str) -> Any:
        return stranger.get("/api/v1/status", headers={"Authorization": f"Bearer {text}"})

    assert {ask(f"edgeweb_{number}").status_code for number in range(100)} == {401}
    assert ask(token).status_code == 200
    body = {"name": "owner", "password": PASSWORD}
    assert stranger.post("/api/v1/session", json=body).status_code == 200
    rows = app.test_client().get("/api/v1/audit").json["audit"]
    assert [row["action"] for row in rows].count("token") == 1, "counted, and not a row for each"


def test_an_unknown_name_takes_the_work_of_a_known_one(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """How long it takes would tell which names there are."""
    work: list[tuple[int, int, int]] = []
    scrypt = hashlib.scrypt

    def counted(password: bytes, **options: Any) -> bytes:
        work.append((options["n"], options["r"], options["p"]))
        return scrypt(password, **options)

    monkeypatch.setattr(hashlib, "scrypt", counted)
    accounts = device_of(app).accounts
    assert accounts.by_password("owner", "wrong") is None
    assert accounts.by_password("nobody", "wrong") is None
    assert accounts.by_password("owner", PASSWORD) is not None
    assert work == [passwords.COST] * 3


@pytest.mark.slow
def test_the_owner_signs_in_while_a_thousand_addresses_guess(app: Flask) -> None:
    """From home, and from where one has signed in before; from elsewhere a minute after the last guess."""
    clock = device_of(app).clock
    now = 0.0
    begin = clock.monotonic()
    device_of(app).rate_limit._clock = lambda: begin + now

    def sign_in(address: str, password: str) -> int:
        body = {"name": "owner", "password": password}
        answer = client_of(app).post("/api/v1/session", json=body, environ_base={"REMOTE_ADDR": address})
        if answer.status_code == 429:
            assert 1 <= int(answer.headers["Retry-After"]) <= 61, "never for ever"
        return int(answer.status_code)

    assert sign_in("203.0.113.7", PASSWORD) == 200
    outcomes = [sign_in(f"198.51.{number >> 8}.{number & 255}", "guess") for number in range(1000)]
    assert outcomes.count(401) == FREE_PER_ACCOUNT, "no more were looked at, however many addresses there are"
    assert outcomes.count(429) == 1000 - FREE_PER_ACCOUNT
    assert sign_in("203.0.113.7", PASSWORD) == 200, "known"
    assert sign_in("192.168.1.20", PASSWORD) == 200, "at home"
    assert sign_in("203.0.113.99", PASSWORD) == 429
    now = WINDOW + 1
    assert sign_in("203.0.113.99", PASSWORD) == 200


def test_an_unknown_name_and_a_wrong_password_are_the_same(app: Flask) -> None:
    answers = [
        client_of(app).post("/api/v1/session", json={"name": name, "password": "wrong password"})
        for name in ("owner", "nobody")
    ]
    assert answers[0].json == answers[1].json
    assert answers[0].status_code == 401
