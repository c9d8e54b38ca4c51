"""The page of one channel or sensor: its state, its history, its schedules, its settings and its last events.

Imported when a person opens such a page. Everybody sees the state, its history and the schedules; how it is
wired, the log and the forms are for admins.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any, NamedTuple

from edgeweb import Response, request

from ..channels.channel import Channel
from ..channels.history import FULL, MIXED, UNKNOWN, Span
from ..config.schema import FAMILIES
from ..device import Device
from ..http.current import current_device, may
from ..http.problems import Problem
from ..metrics.history import SENSOR
from ..sensors.sensor import Sensor
from . import trend
from .audit_words import AuditWords
from .format import measured, quantity
from .i18n import Words, chosen
from .layout import link, page
from .pages import channels as channel_page
from .pages import history as history_page
from .pages import sensors as sensor_page
from .schedule_words import runs
from .things import edit_form, title_of

#: `?span=` of a channel: the seconds that are shown.
SPANS = {"hour": 3600, "day": 86_400, "week": 604_800}

#: Width of the strip in its own units, and of its narrowest part: a short pulse has to be seen.
WIDTH, NARROWEST = 1000, 3
#: The least height of what was on, of 1: a light that is dimmed to the last percent has to be seen.
LOWEST = 0.06

#: Times on that are listed below the strip, and events of the log.
MAX_LISTED, MAX_EVENTS = 5, 8


class Part(NamedTuple):
    """A part of the strip: where it begins, how wide it is, what it shows, how strongly and how high."""

    x: float
    width: float
    state: str
    share: float
    height: float = 1.0


def show(family: str, name: str, problem: Problem | None = None) -> Response:
    """Show a channel or a sensor. Raises `UnknownChannel`, `UnknownSensor`."""
    device, words = current_device(), Words(chosen())
    values = _channel(device, name, words) if family == "channels" else _sensor(device, name, words)
    is_of_profile = name in device.profile.things(family)
    form = edit_form(family, name, problem) if may("admin") and is_of_profile else None
    options = device.profile.things(family).get(name, {})
    kind = options.get(FAMILIES[family].selector)
    return page(
        "thing",
        address=lambda span: link("thing", family=family, name=name, span=span),
        problem=problem,
        family=family,
        name=name,
        kind=title_of(family, kind, words) if kind else words("thing.of-program"),
        facts=form.facts() if form else [],
        form=form,
        parts=form.parts(is_new=False) if form else (),
        is_of_device=device.things.is_of_device(family, name),
        tag=device.things.tag(family, name) if form else "",
        happened=_events(device, family, name, words) if may("admin") else None,
        **values,
    )


# -- a channel -------------------------------------------------------------------------------------------


def _channel(device: Device, name: str, words: Words) -> dict[str, Any]:
    channel = device.channels[name]
    span = request.args.get("span", "")
    span = span if span in SPANS else "day"
    device.clock.check()
    end = device.clock.seconds(device.clock.monotonic())
    begin = end - SPANS[span]
    found = list(device.channel_history.spans(channel, begin, end))
    known = sum(one.known for one in found)
    own = channel.options["words"][1] if channel.options["words"] else ""
    time_on, count = lasting(sum(one.on for one in found), words), sum(one.switches for one in found)
    on_for = partial(words, "thing.word-for", word=own) if own else partial(words, "thing.on-for")

    def at_value(one: Span) -> str:
        return f", {measured(one.percent, '%', words)}" if channel.is_pwm else ""

    return {
        "live": "show=channels",
        "heading": channel.title,
        "icon_name": channel.options["icon"],
        "row": next(row for row in channel_page.rows(device) if row.channel is channel),
        # the form below is refused at the top of the page
        "refused": channel_page.refused() if request.form.get("from") == "thing" else "",
        "asks": channel.options["ask"],
        "span": span,
        "spans": SPANS,
        "strip": list(strip(found, begin, SPANS[span])),
        "begin": device.clock.date(begin),
        "end": device.clock.date(end),
        "sums": words("thing.word-sums" if own else "thing.sums", time=time_on, count=count, word=own),
        "recorded": "" if known > 0.99 * SPANS[span] else quantity(known, "seconds", words),
        "listed": [
            (device.clock.date(one.begin), on_for(time=lasting(one.on, words)) + at_value(one))
            for one in reversed(found)
            if one.is_on
        ][:MAX_LISTED],
        "schedules": list(_schedules(device, channel, words)),
    }


def lasting(seconds: float, words: Words) -> str:
    """Return how long something was on, short pulses with their digits.

    >>> [lasting(one, Words("en")).replace("\u00a0", " ") for one in (0.062, 754.0)]
    ['0.06 s', '12 min 34 s']
    """
    if seconds < 10:
        return measured(round(seconds, 2), words("live.sign.s"), words)
    return quantity(seconds, "seconds", words)


def strip(found: list[Span], begin: float, seconds: float) -> Iterator[Part]:
    """Yield the parts of the strip that are not off: on, joined with their share of it, or not known.

    >>> [tuple(part) for part in strip([Span(20.0, 70.0, 1, 1, 50.0, 50.0)], 0.0, 100.0)]
    [(0.0, 200.0, 'unknown', 1.0, 1.0), (200.0, 500.0, 'on', 1.0, 1.0)]
    """
    # before the first one nothing is known
    first = found[0].begin if found else begin + seconds
    for one in [Span(begin, first, UNKNOWN, 0, 0.0, 0.0), *found] if first > begin else found:
        x = (one.begin - begin) / seconds * WIDTH
        width = max((one.end - one.begin) / seconds * WIDTH, NARROWEST)
        x, width = round(min(x, WIDTH - NARROWEST), 1), round(width, 1)
        if one.state == UNKNOWN:
            yield Part(x, width, "unknown", 1.0)
        elif one.on:
            share = one.on / (one.end - one.begin) if one.state == MIXED and one.end > one.begin else 1.0
            yield Part(x, width, "on", round(max(share, 0.3), 2), max(one.percent / FULL, LOWEST))


def _schedules(device: Device, channel: Channel, words: Words) -> Iterator[dict[str, Any]]:
    """Yield the schedules of a channel, what comes next first."""
    if not device.has_schedules:
        return
    from .pages.schedules import by_next, typed_amount

    for schedule in sorted(device.schedules, key=by_next):
        if schedule.channel == channel.name:
            does = words(f"{'span' if schedule.kind == 'span' else 'action'}.{schedule.action}")
            if amount := typed_amount(schedule, schedule.action, words):
                does = f"{does} ({words(f'amount.{schedule.action}', amount=amount)})"
            yield {
                "title": schedule.title if schedule.title != schedule.name else "",
                "text": f"{does}, {runs(schedule, words)}",
                "enabled": schedule.enabled,
                "next": None if schedule.next_at is None else device.clock.date(schedule.next_at),
            }


# -- a sensor --------------------------------------------------------------------------------------------


def _sensor(device: Device, name: str, words: Words) -> dict[str, Any]:
    sensor = device.sensor_named(name)
    row = next(row for row in sensor_page.rows(device) if row["id"] == name)
    row["trend"] = trend.trend(device, SENSOR + name)
    span = history_page.span_of(device, name)
    content = history_page.to_json(device, span, None, name)
    return {
        "live": f"show=sensors,history&span={span}&only={name}",
        "heading": sensor.title,
        "icon_name": sensor.icon,
        "row": row,
        "span": span,
        "spans": history_page.spans_of(device, name),
        "charts": list(history_page.charts_of(device, content["series"], words)),
        "table": history_page.table_of(span, content),
        "read_at": None if sensor.read_at is None else device.clock.iso(sensor.read_at),
        "limits": _limits(sensor, words),
    }


def _limits(sensor: Sensor, words: Words) -> str:
    return ", ".join(
        f"{words(f'sensor.{key}')}{words('live.sign.colon')}{measured(value, sensor.unit, words)}"
        for key, value in sensor.limits.items()
    )


# -- the log ---------------------------------------------------------------------------------------------


def _events(device: Device, family: str, name: str, words: Words) -> list[dict[str, Any]]:
    """Return the newest rows of the audit log about it, in words."""
    told = AuditWords(device, words)
    rows = device.audit.about(family, name, MAX_EVENTS)
    shown = [(row, told.shown(row)) for row in rows]
    return [{**row, **texts, "at": device.clock.date(row["at"]), "thing": None} for row, texts in shown]
