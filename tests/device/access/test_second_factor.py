"""The second factor: codes by time, recovery codes, guesses, and the way back in."""

from __future__ import annotations

import base64
import time
from threading import Barrier, Thread

import pytest

from edgeweb import Flask
from edgeweb.device.access.actor import Actor
from edgeweb.device.access.rate_limit import FREE_ATTEMPTS, TooManyAttempts
from edgeweb.device.access.second_factor import (
    MAX_BEGUN,
    MAX_TICKETS,
    RECOVERY_CODES,
    STEP,
    TICKET_AGE,
    TICKET_TRIES,
    SecondFactorNeeded,
    SecondFactors,
    TicketEnded,
    WrongFactor,
    code_of,
    uri,
)
from edgeweb.testing import FlaskClient

from ..people import OWN, PASSWORD, SOMEBODY, add_user, browser_of, client_of, device_of

NOW = 1_800_000_000.0
ADA = Actor("ada", "admin", "127.0.0.1")


class Clock:
    """A date and a monotonic clock that a test sets."""

    def __init__(self) -> None:
        self.wall = NOW
        self.moment = 0.0


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def factors(app: Flask, clock: Clock) -> SecondFactors:
    device = device_of(app)
    add_user(app, "ada", "admin")
    return SecondFactors(
        device.store, device.audit, device.accounts.forget, lambda: clock.moment, lambda: clock.wall
    )


def set_up(factors: SecondFactors, clock: Clock, name: str = "ada") -> tuple[bytes, list[str]]:
    """Gives a user a second factor; returns its secret and the recovery codes."""
    secret = base64.b32decode(factors.begin(name))
    codes = factors.finish(Actor(name, "admin", ""), code_of(secret, int(clock.wall // STEP)))
    clock.wall += 3 * STEP
    return secret, codes


def now(secret: bytes, clock: Clock, later: int = 0) -> str:
    return code_of(secret, int(clock.wall // STEP) + later)


# -- codes ---------------------------------------------------------------------------------------------


def test_the_vectors_of_rfc_4226() -> None:
    expected = "755224 287082 359152 969429 338314 254676 287922 162583 399871 520489"
    assert [code_of(b"12345678901234567890", step) for step in range(10)] == expected.split()


@pytest.mark.parametrize(
    ("moment", "digits"),
    [
        (59, "94287082"),
        (1111111109, "07081804"),
        (1111111111, "14050471"),
        (1234567890, "89005924"),
        (2000000000, "69279037"),
        (20000000000, "65353130"),
    ],
)
def test_the_vectors_of_rfc_6238(moment: int, digits: str) -> None:
    # the document's codes have eight digits; ours are the last six of them
    assert code_of(b"12345678901234567890", moment // STEP) == digits[-6:]


def test_what_apps_read() -> None:
    assert (
        uri("ABC", "ada.l", "shed & bärn") == "otpauth://totp/shed---b-rn:ada.l?secret=ABC&issuer=shed---b-rn"
    )


@pytest.mark.parametrize(("later", "opens"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
def test_the_neighbours_of_the_present_step(
    factors: SecondFactors, clock: Clock, later: int, opens: bool
) -> None:
    secret, _ = set_up(factors, clock)
    if opens:
        assert factors.use("ada", now(secret, clock, later)) == "code"
    else:
        with pytest.raises(WrongFactor):
            factors.use("ada", now(secret, clock, later))


def test_a_code_opens_once_and_none_before_it(factors: SecondFactors, clock: Clock) -> None:
    secret, _ = set_up(factors, clock)
    factors.use("ada", now(secret, clock))
    for later in (0, -1):
        with pytest.raises(WrongFactor):
            factors.use("ada", now(secret, clock, later))
    factors.use("ada", now(secret, clock, 1))


def test_the_code_that_set_it_up_is_used_as_well(factors: SecondFactors, clock: Clock) -> None:
    secret = base64.b32decode(factors.begin("ada"))
    factors.finish(ADA, now(secret, clock))
    with pytest.raises(WrongFactor):
        factors.use("ada", now(secret, clock))


def test_of_two_requests_with_one_code_one_gets_in(factors: SecondFactors, clock: Clock) -> None:
    secret, _ = set_up(factors, clock)
    code, barrier, results = now(secret, clock), Barrier(4), []

    def use() -> None:
        barrier.wait()
        try:
            results.append(factors.use("ada", code))
        except WrongFactor:
            results.append("")

    threads = [Thread(target=use) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(results) == ["", "", "", "code"]


def test_people_write_spaces(factors: SecondFactors, clock: Clock) -> None:
    secret, codes = set_up(factors, clock)
    code = now(secret, clock)
    assert factors.use("ada", f" {code[:3]} {code[3:]} ") == "code"
    assert factors.use("ada", codes[0].lower().replace("-", " ")) == "recovery code"


@pytest.mark.parametrize("typed", ["", "0", "000000", "1" * 64, "é" * 6, "١٢٣٤٥٦", "K7QM-4T2X-9RWD"])
def test_what_is_no_code(factors: SecondFactors, clock: Clock, typed: str) -> None:
    set_up(factors, clock)
    with pytest.raises(WrongFactor):
        factors.use("ada", typed)


def test_recovery_codes_open_once_each(factors: SecondFactors, clock: Clock) -> None:
    _, codes = set_up(factors, clock)
    assert len(set(codes)) == RECOVERY_CODES == factors.recovery_left("ada")
    for left, code in enumerate(codes[::-1]):
        assert factors.use("ada", code) == "recovery code"
        assert factors.recovery_left("ada") == RECOVERY_CODES - left - 1
        with pytest.raises(WrongFactor):
            factors.use("ada", code)


def test_neither_a_recovery_code_nor_the_text_of_a_code_is_in_the_state(
    app: Flask, factors: SecondFactors, clock: Clock
) -> None:
    _, codes = set_up(factors, clock)
    (row,) = device_of(app).store.read("SELECT * FROM second_factors")
    for code in codes:
        assert code.replace("-", "") not in str(row).replace("-", "")


# -- the clock -----------------------------------------------------------------------------------------


def test_before_the_clock_is_set_recovery_codes_open(factors: SecondFactors, clock: Clock) -> None:
    secret, codes = set_up(factors, clock)
    clock.wall = 86400.0
    with pytest.raises(WrongFactor, match="clock of this device is not set"):
        factors.use("ada", now(secret, clock))
    assert factors.use("ada", codes[0]) == "recovery code"


def test_before_the_clock_is_set_none_is_set_up(factors: SecondFactors, clock: Clock) -> None:
    clock.wall = 86400.0
    secret = base64.b32decode(factors.begin("ada"))
    with pytest.raises(WrongFactor, match="clock of this device is not set"):
        factors.finish(ADA, now(secret, clock))
    assert factors.recovery_left("ada") is None


def test_a_clock_that_is_set_back_between_two_looks_lets_none_in(app: Flask, clock: Clock) -> None:
    device, walls = device_of(app), [3.0]
    add_user(app, "ada", "admin")
    factors = SecondFactors(
        device.store, device.audit, device.accounts.forget, lambda: clock.moment, lambda: walls.pop(0)
    )
    secret = base64.b32decode(factors.begin("ada"))
    walls = [NOW, 3.0, 3.0]
    with pytest.raises(WrongFactor):
        factors.finish(ADA, code_of(secret, 1))


def test_a_clock_that_was_ahead_keeps_nobody_out(factors: SecondFactors, clock: Clock) -> None:
    secret, _ = set_up(factors, clock)
    clock.wall += 10 * 365 * 86400
    factors.use("ada", now(secret, clock))
    clock.wall = NOW + 3600
    assert factors.use("ada", now(secret, clock)) == "code"


# -- set up and taken away -----------------------------------------------------------------------------


def test_a_wrong_code_sets_nothing_up(app: Flask, factors: SecondFactors, clock: Clock) -> None:
    with pytest.raises(WrongFactor):
        factors.finish(ADA, "000000")  # nothing was begun
    secret = base64.b32decode(factors.begin("ada"))
    with pytest.raises(WrongFactor):
        factors.finish(ADA, now(secret, clock, 5))
    assert factors.recovery_left("ada") is None
    assert not device_of(app).accounts.users()["ada"].has_factor
    assert len(factors.finish(ADA, now(secret, clock))) == RECOVERY_CODES
    assert device_of(app).accounts.users()["ada"].has_factor
    with pytest.raises(WrongFactor):
        factors.finish(ADA, now(secret, clock))  # it is in force: nothing is begun any more


def test_what_was_begun_is_bounded(factors: SecondFactors) -> None:
    for number in range(MAX_BEGUN + 1):
        factors.begin(f"user{number}")
    assert factors.begun("user0") == ""
    assert factors.begun(f"user{MAX_BEGUN}")


def test_another_one_replaces_it(factors: SecondFactors, clock: Clock) -> None:
    old, old_codes = set_up(factors, clock)
    new, _ = set_up(factors, clock)
    for code in (now(old, clock), old_codes[0]):
        with pytest.raises(WrongFactor):
            factors.use("ada", code)
    assert factors.use("ada", now(new, clock)) == "code"


def test_it_goes_with_its_user(app: Flask, factors: SecondFactors, clock: Clock) -> None:
    set_up(factors, clock)
    device_of(app).accounts.remove(SOMEBODY, "ada")
    add_user(app, "ada", "viewer")
    assert factors.recovery_left("ada") is None


def test_taken_away(app: Flask, factors: SecondFactors, clock: Clock) -> None:
    set_up(factors, clock)
    assert factors.remove(SOMEBODY, "ada")
    assert not factors.remove(SOMEBODY, "ada")
    assert not device_of(app).accounts.users()["ada"].has_factor
    rows = [(row["action"], row["target"], row["result"]) for row in device_of(app).audit.rows()[:2]]
    assert rows == [("user.second-factor", "ada", "off"), ("user.second-factor", "ada", "on")]


# -- sign-ins that wait for their code -----------------------------------------------------------------


def test_a_ticket(app: Flask, factors: SecondFactors, clock: Clock) -> None:
    ada = device_of(app).accounts.users()["ada"]
    key = factors.open_ticket(ada)
    assert factors.try_ticket(key).name == "ada"
    factors.close_ticket(key)
    for ended in (key, "", "nothing"):
        with pytest.raises(TicketEnded):
            factors.try_ticket(ended)


def test_a_ticket_has_some_tries_and_minutes(app: Flask, factors: SecondFactors, clock: Clock) -> None:
    ada = device_of(app).accounts.users()["ada"]
    tried, late = factors.open_ticket(ada), factors.open_ticket(ada)
    for _ in range(TICKET_TRIES):
        factors.try_ticket(tried)
    with pytest.raises(TicketEnded):
        factors.try_ticket(tried)
    clock.moment = TICKET_AGE
    with pytest.raises(TicketEnded):
        factors.try_ticket(late)


def test_tickets_are_bounded(app: Flask, factors: SecondFactors) -> None:
    ada = device_of(app).accounts.users()["ada"]
    keys = [factors.open_ticket(ada) for _ in range(MAX_TICKETS + 1)]
    with pytest.raises(TicketEnded):
        factors.try_ticket(keys[0])
    assert [factors.try_ticket(key).name for key in keys[1:]] == ["ada"] * MAX_TICKETS


# -- through the door ----------------------------------------------------------------------------------


def owners_factor(app: Flask) -> tuple[bytes, list[str]]:
    """Gives the owner a second factor by the real clock."""
    factors = device_of(app).second_factors
    secret = base64.b32decode(factors.begin("owner"))
    # the step before: those of the test are unused
    codes = factors.finish(Actor("owner", "admin", ""), code_of(secret, int(time.time() // STEP) - 1))
    return secret, codes


def sign_in(app: Flask, client: FlaskClient | None = None, **fields: str) -> tuple[int, str]:
    body = {"name": "owner", "password": PASSWORD, **fields}
    answer = (client or client_of(app)).post("/api/v1/session", json=body)
    return answer.status_code, (answer.json or {}).get("key", "")


def test_a_password_alone_signs_in_no_more(app: Flask) -> None:
    secret, codes = owners_factor(app)
    code = code_of(secret, int(time.time() // STEP))
    assert sign_in(app) == (401, "second-factor")
    assert sign_in(app, code="000000") == (401, "wrong-second-factor")
    assert sign_in(app, password="wrong password", code=code) == (401, "wrong-password")
    assert sign_in(app, code=code) == (200, "")
    assert sign_in(app, code=code) == (401, "wrong-second-factor")
    assert sign_in(app, code=codes[3]) == (200, "")


def test_one_with_the_password_cannot_guess_for_ever(app: Flask) -> None:
    """A right password, each time, must not begin the count of wrong codes again."""
    _, codes = owners_factor(app)
    found = [sign_in(app, code="000000") if number % 2 else sign_in(app) for number in range(FREE_ATTEMPTS)]
    assert {status for status, _ in found} == {401}
    assert sign_in(app, code=codes[0]) == (429, "too-many-attempts")


def test_tickets_give_no_more_guesses(app: Flask) -> None:
    owners_factor(app)
    people = device_of(app).people
    with pytest.raises(SecondFactorNeeded) as needed:
        people.sign_in("10.0.0.7", "owner", PASSWORD)
    with pytest.raises(TooManyAttempts):
        for _ in range(FREE_ATTEMPTS):
            with pytest.raises(WrongFactor):
                people.enter_code("10.0.0.7", needed.value.ticket, "000000")


def test_another_password_ends_the_tickets_of_the_one_before(app: Flask) -> None:
    _, codes = owners_factor(app)
    people = device_of(app).people
    with pytest.raises(SecondFactorNeeded) as needed:
        people.sign_in("10.0.0.7", "owner", PASSWORD)
    people.set_password(SOMEBODY, "owner", "another good password")
    from edgeweb.device.access.people import WrongPassword

    with pytest.raises(WrongPassword):
        people.enter_code("10.0.0.7", needed.value.ticket, codes[0])


def test_a_wrong_code_and_a_recovery_code_are_in_the_log(app: Flask) -> None:
    _, codes = owners_factor(app)
    sign_in(app, code="000000")
    sign_in(app, code=codes[0])
    device = device_of(app)
    device.audit.flush()
    found = {(row["who"], row["action"], row["result"]) for row in device.audit.rows()}
    assert ("owner", "sign-in", "wrong code") in found
    assert ("owner", "session.recovery", "recovery code") in found
    assert not any("000000" in str(row) or codes[0] in str(row) for row in device.audit.rows())


def test_nothing_changes_for_those_without_one(app: Flask) -> None:
    assert sign_in(app, code="whatever") == (200, "")
    assert sign_in(app) == (200, "")


# -- by the interface ----------------------------------------------------------------------------------

PATH = "/api/v1/users/owner/second-factor"


def test_set_up_by_the_interface(app: Flask) -> None:
    client, elsewhere = app.test_client(), browser_of(app)
    assert client.get(PATH).json == {"active": False, "recovery_codes": 0}
    made = client.post(PATH)
    assert made.status_code == 201
    assert f"secret={made.json['secret']}&" in made.json["uri"]
    assert client.get(PATH).json["active"] is False
    assert client.put(PATH, json={"code": "000000"}).status_code == 401
    secret = base64.b32decode(made.json["secret"])
    done = client.put(PATH, json={"code": code_of(secret, int(time.time() // STEP))})
    assert (done.status_code, len(done.json["codes"])) == (200, RECOVERY_CODES)
    assert client.get(PATH).json == {"active": True, "recovery_codes": RECOVERY_CODES}
    assert elsewhere.get("/api/v1/status").status_code == 401, "other browsers are signed out"
    assert client.delete(PATH).status_code == 204
    assert client.delete(PATH).status_code == 404
    assert sign_in(app) == (200, "")


def test_whose_it_is(app: Flask) -> None:
    vera = client_of(app, add_user(app, "vera", "viewer"))
    for method, body in (("GET", None), ("POST", None), ("PUT", {"code": "1"}), ("DELETE", None)):
        answer = vera.open(PATH, method=method, json=body)
        assert (answer.status_code, answer.json["key"]) == (403, "forbidden"), method
    owner = app.test_client()
    other = "/api/v1/users/vera/second-factor"
    assert owner.get(other).json["active"] is False
    for method, body in (("POST", None), ("PUT", {"code": "1"})):
        assert owner.open(other, method=method, json=body).status_code == 403, "by its own user only"
    secret = base64.b32decode(vera.post(other).json["secret"])
    vera.put(other, json={"code": code_of(secret, int(time.time() // STEP))})
    assert owner.get(other).json["active"] is True
    assert owner.delete(other).status_code == 204, "the phone was lost"
    for method in ("GET", "DELETE"):
        assert owner.open("/api/v1/users/eve/second-factor", method=method).status_code == 404


def test_an_open_browser_is_not_enough(app: Flask) -> None:
    browser = browser_of(app)
    for method, body in (("POST", None), ("PUT", {"code": "1"}), ("DELETE", None)):
        answer = browser.open(PATH, method=method, json=body, headers=OWN)
        assert (answer.status_code, answer.json["key"]) == (403, "unconfirmed")
