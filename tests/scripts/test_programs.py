"""`scripts/programs`: what it compares, what it lets differ, whom a day is for, and how it ends."""

from __future__ import annotations

import datetime
import gzip
import hashlib
import re
import subprocess
import sys
import typing as t
from pathlib import Path

import pytest
from itsdangerous import URLSafeTimedSerializer

from edgeweb import Flask, session
from scripts.flask_programs import catalogue, draw, environment, report, rules, suite_catalogue, suites
from scripts.flask_programs.compare import Answer, differences, log_differences, log_lines, normalise
from scripts.flask_programs.run import FLASK_SERVED, SERVED, Result

ROOT = Path(__file__).resolve().parents[2]


def answer(body: bytes = b"", status: int = 200, **headers: str) -> Answer:
    return Answer(status, tuple((name.replace("_", "-"), value) for name, value in headers.items()), body)


def found(one: Answer, other: Answer, *names: str) -> list[str]:
    return differences(normalise(one, names), normalise(other, names))


@pytest.mark.parametrize(
    ("one", "other", "shown"),
    [
        (answer(), answer(status=404), ["- status 200", "+ status 404"]),
        (answer(X_One="1"), answer(X_One="2"), ["-X-One: 1", "+X-One: 2"]),
        (answer(X_One="1"), answer(), ["-X-One: 1"]),
        (answer(), answer(x_one="1"), ["+x-one: 1"]),
        (answer(b"a\nb\n"), answer(b"a\nc\n"), ["-b", "+c"]),
        (answer(b"a\n"), answer(b"a\r\n"), ["  the ends of lines differ"]),
        (answer(b"\xff"), answer(b"\xfe"), ["-ff", "+fe"]),
    ],
)
def test_each_difference_shows(one: Answer, other: Answer, shown: list[str]) -> None:
    assert found(one, other) == shown
    assert found(one, one) == []


def test_headers_of_one_name_keep_their_order() -> None:
    one = Answer(200, (("Vary", "a"), ("Set-Cookie", "b=1"), ("Set-Cookie", "a=1")), b"")
    assert found(one, Answer(200, one.headers[1:] + one.headers[:1], b"")) == []
    assert found(one, Answer(200, one.headers[:1] + one.headers[:0:-1], b"")) != []


def test_what_differs_late_in_a_long_line_shows() -> None:
    shown = found(answer(b"x" * 3000 + b"one"), answer(b"x" * 3000 + b"two"))
    assert [line[-3:] for line in shown] == ["one", "two"]
    assert all(len(line) < 100 for line in shown)


def test_a_packed_body_is_compared_by_its_content() -> None:
    one, other = (answer(gzip.compress(b"same", mtime=time), Content_Encoding="gzip") for time in (1, 2))
    assert one.body != other.body
    assert found(one, other) == []


@pytest.mark.parametrize("name", rules.RULES)
def test_a_rule_has_a_reason_and_leaves_ordinary_text_alone(name: str) -> None:
    assert rules.RULES[name].reason
    for text in ("<h1>Todos</h1>", "Content-Type: text/html", '{"id":1,"task":"water 12 pots"}', "ab12cd"):
        assert rules.apply(text, [name]) == text


def test_dates_differ_and_their_absence_shows() -> None:
    one, other = answer(Date="Fri, 27 Nov 2026 17:00:00 GMT"), answer(Date="Fri, 27 Nov 2026 17:00:09 GMT")
    assert found(one, other) == []
    assert found(one, answer()) == ["-Date: <date>"]


def test_a_form_token_of_flask_wtf_is_not_compared() -> None:
    token = hashlib.sha1(b"random").hexdigest()
    forms = [
        b'<input value="%s">' % str(URLSafeTimedSerializer(key, salt="wtf").dumps(token)).encode()
        for key in ("one", "two")
    ]
    assert forms[0] != forms[1]
    assert found(answer(forms[0]), answer(forms[1])) == []
    assert found(answer(forms[0]), answer(b'<input value="">')) != []


@pytest.mark.parametrize("size", [1, 900])
def test_of_a_session_cookie_its_content_is_compared(size: int) -> None:
    def cookie(key: str, name: str) -> Answer:
        app = Flask(__name__)
        app.secret_key = key

        @app.get("/")
        def view() -> str:
            session["name"] = name * size
            return ""

        return answer(Set_Cookie=t.cast(str, app.test_client().get("/").headers["Set-Cookie"]))

    assert found(cookie("one", "Ada"), cookie("two", "Ada")) == []
    assert found(cookie("one", "Ada"), cookie("one", "Bea")) != []


_TRACEBACK = """\
[2026-11-27 17:20:{second}] ERROR in app: Exception on /sum [GET]
Traceback (most recent call last):
  File "/env/site-packages/{framework}/app.py", line {line}, in wsgi_app
    response = self.full_dispatch_request()
               ^^^^^^^^^^^^^^^^^^^^^^^^^^^^
  File "/home/program.py", line 7, in sum
    return 1 / 0
           ~~^~~
ZeroDivisionError: division by zero
"""


def test_logs_are_compared_without_times_and_frames_of_the_framework() -> None:
    flask = log_lines(_TRACEBACK.format(second="01", framework="flask", line=1511), (), {"/home": "<home>"})
    edgeweb = log_lines(_TRACEBACK.format(second="02", framework="edgeweb", line=80), (), {"/home": "<home>"})
    assert log_differences(flask, edgeweb) == []
    assert '  File "<home>/program.py", line 7, in sum' in flask
    assert log_differences(flask, edgeweb + log_lines("another\nanother\n", (), {})) == ["+ another"] * 2


def test_each_program_has_its_day() -> None:
    names = [program.name for program in catalogue.PROGRAMS]
    first = datetime.date(2026, 11, 27)
    days = [draw.draw(names, first + datetime.timedelta(number), 3) for number in range(len(names))]
    assert days[0] == draw.draw(names, first, 3)
    assert all(len(set(day)) == 3 for day in days)
    assert {name for day in days for name in day} == set(names)


def test_the_table_names_only_rules_that_exist() -> None:
    for program in catalogue.PROGRAMS:
        named = [*program.differs, *program.log_differs]
        named += [name for request in program.requests for name in request.differs]
        assert set(named) <= set(rules.RULES), program.name
        assert all("==" in package for package in program.requires), program.name
        assert program.requests or program.left_out, program.name


def pins(lines: t.Iterable[str]) -> dict[str, str]:
    """Return name -> version; of a name, neither its case nor its extras count, and `_` is `-`."""
    split = (re.fullmatch(r"([\w.-]+)(?:\[\w+\])?==([\w.]+)", line) for line in lines)
    return {match[1].lower().replace("_", "-"): match[2] for match in split if match}


@pytest.mark.parametrize("suite", suite_catalogue.SUITES, ids=lambda suite: suite.name)
def test_the_lock_of_a_suite_has_the_versions_of_its_row(suite: suites.Suite) -> None:
    named = pins(suite.requires)
    assert len(named) == len(suite.requires), "a package without a version, or twice"
    lines = (environment.LOCKED / f"{suite.name}.txt").read_text().splitlines()
    locked = pins(lines)
    assert len(locked) == len(lines), "a line that is not name==version, or a package twice"
    assert named.items() <= locked.items()


def test_each_row_has_a_name_and_a_lock_of_its_own() -> None:
    names = [entry.name for entry in (*catalogue.PROGRAMS, *suite_catalogue.SUITES)]
    assert len(set(names)) == len(names)
    assert {path.stem for path in environment.LOCKED.glob("*.txt")} == set(names)
    for suite in suite_catalogue.SUITES:
        assert not suite.fixtures or (suites.FIXTURES / suite.fixtures).is_file(), suite.name


def test_more_memory_than_it_may_need_is_a_failure() -> None:
    program = next(program for program in catalogue.PROGRAMS if program.wsgi)

    def result(served: int, **differs: list[str]) -> Result:
        return Result(program.name, differs, {FLASK_SERVED: 1000, SERVED: served}, {}, {})

    within = 1000 - 10 * program.less
    assert not report.missed(program, result(within))
    assert report.missed(program, result(within + 10))
    assert report.missed(program, result(within, log=["- a line"]))


def test_what_differs_is_said_in_the_lines_that_ci_repeats() -> None:
    """Where only the end of a run is kept, "1 failed" alone names neither the program nor the line."""
    program = catalogue.PROGRAMS[0]
    text = report.line(program, Result(program.name, {"log": ["- a line", "+ another"]}, {}, {}, {}))
    first, *more = report.failure(text).splitlines()
    assert first.startswith(f"FAILED {program.name}")
    assert more == ["E       log", "E           - a line", "E           + another"]


def test_a_suite_is_compared_test_by_test() -> None:
    report_text = """<testsuites><testsuite>
        <testcase classname="tests.a" name="one" />
        <testcase classname="tests.a" name="two"><failure/></testcase>
        <testcase classname="tests.a" name="three"><skipped/></testcase>
        <testcase classname="tests.a" name="four"><system-out/></testcase>
        </testsuite></testsuites>"""
    assert suites.read_report(report_text) == {
        "tests.a::one": "passed",
        "tests.a::two": "failed",
        "tests.a::three": "skipped",
        "tests.a::four": "passed",
    }
    ends = suites.compare_ends(
        "s", {"a": "passed", "b": "failed", "c": "failed"}, {"a": "passed", "b": "failed", "d": "passed"}
    )
    differences = {"c": ["- failed", "+ not run"], "d": ["- not run", "+ passed"]}
    assert ends == suites.SuiteResult("s", {"passed": 1, "failed": 2}, differences, 1)
    shown = report.suite_line(
        suites.SuiteResult("s", {"passed": 3}, {"tests.a::two": ["- passed", "+ failed"]}, 2)
    )
    assert shown.splitlines()[0].startswith("s                DIFFERS; on Flask 3 passed")
    assert "tests.a::two" in shown


def test_the_tables_have_what_was_measured_and_why_something_was_not() -> None:
    one, other = catalogue.PROGRAMS[0], catalogue.PROGRAMS[1]._replace(left_out="it needs a printer")
    rss = {"flask": 2048, "edgeweb": 1024, FLASK_SERVED: 4096, SERVED: 1024}
    results = {one.name: Result(one.name, {}, rss, {FLASK_SERVED: 2048}, {})}
    assert report.memory_table([one, other], results)[1:] == [
        (one.name, "4.0 MB", "2.0 MB", "1.0 MB", "-75 %")
    ]
    rows = report.programs_table([one, other], results)[1:]
    assert rows[0][2:] == (f"equal in {len(one.requests)} answers", "2.0 MB", "1.0 MB")
    assert rows[1][2] == "it needs a printer"


def test_the_table_of_suites_has_what_passed_on_both() -> None:
    equal, differs, other = suite_catalogue.SUITES[:3]
    results = {
        equal.name: suites.SuiteResult(equal.name, {"passed": 5, "failed": 2}, {}, 5),
        differs.name: suites.SuiteResult(differs.name, {"passed": 5}, {"a": ["- passed", "+ failed"]}, 4),
    }
    rows = report.suites_table([equal, differs, other], results)[1:]
    assert [row[2:] for row in rows] == [
        ("7", "5", "equal"),
        ("5", "4", "differs in 1"),
        ("", "", "not run yet"),
    ]
    assert rows[0][:2] == (equal.name, f"`{equal.requires[0]}`")


def test_a_table_is_written_in_its_place_and_what_was_not_run_stays() -> None:
    text = "a\n\n<!-- scripts/programs --write: {} -->\n\n| old |\n\nb\n"
    tables = {"suites": [("suite", ""), ("s", "5")]}
    written = "a\n\n<!-- scripts/programs --write: suites -->\n\n| suite | |\n| --- | --- |\n| s | 5 |\n\nb\n"
    assert report.fill(text.format("suites"), tables) == written
    assert report.fill(text.format("memory"), tables) == text.format("memory")


def test_figures_are_kept_for_the_tables(tmp_path: Path) -> None:
    suite = suite_catalogue.SUITES[0]
    result = suites.SuiteResult(suite.name, {"passed": 2}, {"a": ["- passed", "+ failed"]}, 1)
    (tmp_path / suite.name).mkdir()
    report.keep(tmp_path, result)
    assert report.kept(tmp_path, suite_catalogue.SUITES, suites.SuiteResult) == {suite.name: result}


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(ROOT / "scripts" / "programs"), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)


def test_a_wrong_name_is_an_error_that_names_the_right_ones() -> None:
    done = run("httpbun")
    assert done.returncode == 2
    assert "unknown: httpbun; there are httpbin, " in done.stderr


def test_the_programs_are_listed() -> None:
    listed = run("--list").stdout
    assert [line.split()[0] for line in listed.splitlines()] == [p.name for p in catalogue.PROGRAMS]


def test_a_test_differs_if_it_does_so_in_both_runs() -> None:
    first = suites.SuiteResult("s", {"passed": 3}, {"one": ["- passed", "+ failed"], "two": ["- passed"]}, 1)
    second = suites.SuiteResult(
        "s", {"passed": 2}, {"one": ["- passed", "+ error"], "three": ["+ failed"]}, 1
    )
    both = suites.SuiteResult("s", {"passed": 2}, {"one": ["- passed", "+ error"]}, 1)
    assert first.in_both(second) == both
