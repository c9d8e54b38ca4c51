"""The figures of the machine, with their units and meanings, and their last hour."""

from __future__ import annotations

from edgeweb import Response

from ..http.body import read_query
from ..http.contract import Fields, Schemas, contract
from ..http.current import current_device
from ..http.etag import conditional
from ..http.on_demand import on_demand
from ..metrics import catalogue, history
from .blueprint import api

HISTORY_QUERY: Fields = {
    "metric": ("choice", tuple(name for name, _, kind, _, _ in catalogue.METRICS if kind == "gauge"), "")
}


@api.get("/metrics")
@contract(answer="Metrics")
def metrics() -> Response:
    """Return all figures with their units and meanings."""
    device = current_device()
    sample = device.metrics.sample()
    return conditional(device.tag(sample), lambda: catalogue.to_json(sample, device.clock))


@api.get("/metrics/history")
@contract(query=HISTORY_QUERY, answer="History")
def metrics_history() -> Response:
    """Return the last readings, an hour by default. `?metric=<name>` selects one figure of the machine.

    Sensors are the figures `sensor.<name>`, in units of their own.
    """
    device = current_device()
    name = read_query()["metric"]
    tag = f"{device.tag()}-{device.history.newest:.3f}-{name}"
    return conditional(tag, lambda: history.to_json(device.history, device.clock, name))


@on_demand
def schemas() -> Schemas:
    """Return the schemas of this module's answers."""
    from ..http.schemas import by_name, moment, nullable, number, one_of, record, ref, rows, text

    metric = record(
        {
            "label": text("What the values of `values` belong to.", "core"),
            "value": {"type": ["number", "null"], "examples": [0.44]},
            "values": by_name({"type": ["number", "null"]}, "A value for each label.", {"0": 12.5}),
        },
        name=text("Name, which ends in the unit.", "load_1m"),
        unit=text("Unit.", "processes"),
        kind=one_of("Goes up and down, or only grows until the machine restarts.", "gauge", "counter"),
        description=text("Meaning.", "Processes running or waiting, averaged over 1 minute."),
    )
    series = record(
        {"label": text("Core, folder, interface or sensor.", "eth0")},
        name=text("Name of the figure.", "cpu_percent"),
        unit=text("Unit.", "percent"),
        values={
            "type": "array",
            "items": {"type": ["number", "null"]},
            "description": "The oldest reading first; null where there was none.",
            "examples": [[None, 12.5, 13.0]],
        },
    )
    return {
        "Metrics": record(
            sampled_at=moment("When the figures were read."),
            metrics=rows(metric, "All figures."),
            warnings=rows(ref("Warning"), "The sources of figures that cannot be read."),
        ),
        "History": record(
            interval_seconds=number("Seconds between two readings.", 10.0, exclusiveMinimum=0),
            newest_at=nullable(moment("When the last reading was taken.")),
            series=rows(series, "A row for each figure and label."),
        ),
    }
