"""The kept hours of a sensor, as JSON and as a table for spreadsheets.

$ curl -H "Authorization: Bearer $TOKEN" "http://127.0.0.1:8080/api/v1/sensors/soil/history?step=1d&format=csv"
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from edgeweb import Response, request

from ..device import Device
from ..http.body import read_query
from ..http.contract import Fields, Schemas, contract
from ..http.current import current_device
from ..http.etag import from_content
from ..http.on_demand import on_demand
from ..http.problems import Problem, error_row
from .blueprint import api
from .sensors import parts as parts  # what stands in the address

if TYPE_CHECKING:
    from ..sensors.hours import Hour

HOUR, WEEK, YEAR = 3600.0, 604_800.0, 31_622_400.0

#: Rows of an answer at most: six weeks by hours, or all days of a year.
MAX_ROWS = 1000

CSV = "text/csv"

#: Moments in seconds since 1970: up to the year 2242.
_MOMENTS = (0.0, float(1 << 33))

HISTORY_QUERY: Fields = {
    "from": ("moment", _MOMENTS, None),
    "to": ("moment", _MOMENTS, None),
    "step": ("duration", (HOUR, YEAR), HOUR),
    "format": ("choice", ("json", "csv"), ""),
}


@api.get("/sensors/<name>/history")
@contract(
    query=HISTORY_QUERY, answer="SensorHistory", also=(CSV,), problems=("unknown-sensor", "too-many-rows")
)
def sensor_history(name: str) -> Response:
    """Return the minimum, mean and maximum value of each hour, for a sensor whose hours are kept.

    They are from `from` up to `to`, without `to`: without them the last week. `step` joins hours, from "1 h"
    to "366 d"; steps of a day begin at midnight UTC. An answer has 1000 rows at most, and 422 for more. Times
    without a value have no row. The hour that runs is the last row; finer readings of the last day are in
    `GET /metrics/history`. With `Accept: text/csv` or `?format=csv` it is a table.
    """
    device, query = current_device(), read_query()
    sensor = device.sensor_named(name)
    step = int(query["step"])
    if query["step"] % HOUR:
        raise _invalid("step", "expected whole hours")
    now = device.clock.seconds(device.clock.monotonic())
    # to the end of the step that runs, so that an answer is the same until something has changed
    end = query["to"] if query["to"] is not None else (now // step + 1) * step
    begin = query["from"] if query["from"] is not None else max(end - max(WEEK, step), 0.0)
    if begin >= end:
        raise _invalid("from", "expected a moment before `to`")
    first = int(begin // step) * step
    if (rows := -(-(end - first) // step)) > MAX_ROWS:
        detail = f"These are {rows:.0f} steps, and {MAX_ROWS} at most are answered"
        raise Problem("too-many-rows", f"{detail}: ask for a shorter time, or for longer steps.")
    hours = list(device.hours.steps(name, first, end, step))
    if _wants_csv(query["format"]):
        response = _in_csv(device, name, hours)
    else:
        document = {
            "id": name,
            "unit": sensor.unit,
            "kept": device.is_kept(sensor),
            "from": device.clock.date(first),
            "to": device.clock.date(end),
            "step_seconds": step,
            "hours": [
                {
                    "at": device.clock.date(hour.begin),
                    "minimum": hour.minimum,
                    "mean": hour.mean,
                    "maximum": hour.maximum,
                    "count": hour.number,
                }
                for hour in hours
            ],
        }
        response = from_content(document)
    response.headers["Vary"] = "Accept"
    return response


def _wants_csv(format: str) -> bool:
    if format:
        return format == "csv"
    return request.accept_mimetypes.best_match(("application/json", CSV)) == CSV


def _in_csv(device: Device, name: str, hours: list[Hour]) -> Response:
    """Return the table. Source: RFC 4180; its numbers have a point, and its moments are in UTC."""
    lines = ["at,minimum,mean,maximum,count"]
    for hour in hours:
        numbers = f"{hour.minimum:.15g},{hour.mean:.15g},{hour.maximum:.15g},{hour.number}"
        lines.append(f"{device.clock.date(hour.begin)},{numbers}")
    lines.append("")
    headers = {"Content-Disposition": f'attachment; filename="{name}.csv"'}
    return from_content(
        Response("\r\n".join(lines), headers=headers, content_type=f"{CSV}; charset=utf-8; header=present")
    )


def _invalid(name: str, detail: str) -> Problem:
    return Problem("invalid-query", f"/{name}: {detail}", [error_row((name,), detail)])


@on_demand
def schemas() -> Schemas:
    """Return the schemas of this module's answers."""
    from ..http.schemas import flag, moment, number, record, rows, text

    hour = record(
        at=moment("When the hour, or the step, begins."),
        minimum=number("Lowest value.", 20.5),
        mean=number("Mean of all values.", 21.25),
        maximum=number("Highest value.", 22.5),
        count=number("Number of values.", 360, minimum=1),
    )
    return {
        "SensorHistory": record(
            id=text("Name of the sensor.", "soil"),
            unit=text("Unit of the values; empty where there is none.", "°C"),
            kept=flag("Whether its hours are kept: `history.keep`, or `keep` of the sensor."),
            **{"from": moment("Beginning of the first step.")},
            to=moment("End; not within."),
            step_seconds=number("Length of a step.", 3600, minimum=3600),
            hours=rows(hour, "Those with values, the oldest first."),
        )
    }
