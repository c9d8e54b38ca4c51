"""The targets that edgeweb has set itself, and whether a run has met them: data and one comparison."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from .report import Table


class Target(NamedTuple):
    """`must` and `aim` are upper bounds. One that is not binding, a time, never fails a run."""

    key: str
    title: str
    unit: str
    must: float
    aim: float
    binding: bool = True


TARGETS = (
    Target("rss.hello.waitress", "hello, RSS, stock waitress", "MB", 15.5, 15.0),
    Target("rss.hello.serve", "hello, RSS, edgeweb serve", "MB", 14.5, 13.5),
    Target("rss.device.waitress", "device after every route, RSS, stock waitress", "MB", 19.0, 17.5),
    Target("rss.device.serve", "device after every route, RSS, edgeweb serve", "MB", 17.0, 16.0),
    Target("product.rss", "the product after a day, however started, RSS", "MB", 21.5, 20.0),
    Target("product.dirty", "the product after a day, private dirty", "MB", 13.0, 12.0),
    Target("product.ways", "between the ways to start it", "MB", 0.5, 0.5),
    Target("growth.waitress", "growth over the mixed requests, stock waitress", "MB", 0.3, 0),
    Target("growth.serve", "growth over the mixed requests, edgeweb serve", "MB", 0.3, 0),
    # "None" in practice: less than a byte a request, for RSS comes in pages of 4 KiB.
    Target("slope.waitress", "slope at the end, stock waitress", "KB/1000", 1.0, 0),
    Target("slope.serve", "slope at the end, edgeweb serve", "KB/1000", 1.0, 0),
    Target("cold.hello", "cold start, hello, of Flask's instructions", "times", 0.33, 0.28),
    Target("cold.device", "cold start, device, of Flask's instructions", "times", 0.33, 0.28),
    Target("call.hello", "hello in process", "instructions", 36_000, 30_000),
    Target("call.output", "GET one output in process", "instructions", 58_000, 50_000),
    Target("call.switch", "PUT one output with a JSON body, in process", "instructions", 130_000, 110_000),
    Target("call.missing", "404 in process", "instructions", 54_000, 45_000),
    Target("call.static", "static file in process", "instructions", 100_000, 90_000),
    Target("call.login", "login with a form, in process", "instructions", 330_000, 250_000),
    Target("call.session", "session read, in process", "instructions", 140_000, 120_000),
    Target("ratio.session", "session read, of Flask's instructions", "times", 1 / 2, 1 / 4),
    Target("ratio.login", "login, of Flask's instructions", "times", 1 / 2, 1 / 4),
    Target("rules.match", "match among 10,000 rules against 10", "times", 1.5, 1.1),
    Target("rules.memory", "memory a rule", "KB", 0.8, 0.6),
    Target("rules.build", "10,000 rules built (a time: never fails a run)", "s", 0.08, 0.05, binding=False),
    # Of medians in the same run, and far from the limit: it does not depend on how busy the machine is.
    Target("templates.time", "first page of 40 templates, of Flask's time from source", "times", 0.1, 0.05),
    # Less than 50 bytes, which chance alone makes: memory comes in pages of 4 KiB.
    Target("templates.unused", "memory for a template that is not used", "KB", 0, 0),
    # Ratios of processor times, which a busy machine moves: they never fail a run.
    Target(
        "cpu.waitress", "hello at 8 connections, of Flask on waitress", "times", 0.15, 0.10, binding=False
    ),
    Target("cpu.bjoern", "hello at 8 connections, of Flask on bjoern", "times", 0.5, 0.35, binding=False),
    Target(
        "cpu.standard",
        "hello at 8 connections, of FastAPI on uvicorn[standard]",
        "times",
        0.5,
        0.35,
        binding=False,
    ),
    Target("slow.worst", "longest wait for / beside three views asleep", "ms", 10, 10, binding=False),
    Target("events.memory", "a viewer of events beyond an idle connection", "KB", 4, 4),
    Target("events.last", "slowest of the events, to the last of 500 viewers", "ms", 100, 100, binding=False),
    Target("garbage", "cyclic garbage per successful request", "objects", 0, 0),
)


class Verdict(NamedTuple):
    target: Target
    value: float
    met: str  # aim, must or missed


def judge(figures: Mapping[str, float]) -> list[Verdict]:
    """Every target that was measured, in the order above."""
    verdicts = []
    for target in TARGETS:
        if target.key in figures:
            value = figures[target.key]
            # As printed: a figure that reads "0.0" must not miss a target of 0 by a rounding error.
            shown = float(_number(value, target.unit).replace(",", ""))
            met = "aim" if shown <= target.aim else "must" if shown <= target.must else "missed"
            verdicts.append(Verdict(target, value, met))
    return verdicts


def missed(verdicts: list[Verdict]) -> list[str]:
    """The binding targets that were missed, in words."""
    return [
        f"{verdict.target.title}: {_number(verdict.value, verdict.target.unit)} {verdict.target.unit}, "
        f"must be at most {_number(verdict.target.must, verdict.target.unit)}"
        for verdict in verdicts
        if verdict.met == "missed" and verdict.target.binding
    ]


def as_table(verdicts: list[Verdict]) -> Table:
    rows = [
        (
            verdict.target.title,
            _number(verdict.value, verdict.target.unit),
            _number(verdict.target.must, verdict.target.unit),
            _number(verdict.target.aim, verdict.target.unit),
            verdict.target.unit,
            verdict.met,
        )
        for verdict in verdicts
    ]
    return Table("Targets of edgeweb", ("figure", "measured", "must", "aim", "unit", "met"), rows)


def _number(value: float, unit: str) -> str:
    if unit == "instructions":
        return f"{value:,.0f}"
    return f"{value:.2f}" if unit in ("MB", "s") else f"{value:.3f}" if unit == "times" else f"{value:.1f}"
