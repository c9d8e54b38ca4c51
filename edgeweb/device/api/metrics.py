"""The figures of the machine, with their units and meanings, and their last hour."""

from __future__ import annotations

from edgeweb import Response

from ..http.body import read_query
from ..http.contract import Fields, contract
from ..http.current import current_device
from ..http.etag import conditional
from ..metrics import catalogue, history
from .blueprint import api

HISTORY_QUERY: Fields = {
    "metric": ("choice", tuple(name for name, _, kind, _, _ in catalogue.METRICS if kind == "gauge"), "")
}


@api.get("/metrics")
@contract(answer="Metrics")
def metrics() -> Response:
    """All figures with their units and meanings."""
    device = current_device()
    sample = device.metrics.sample()
    return conditional(device.tag(sample), lambda: catalogue.to_json(sample, device.clock))


@api.get("/metrics/history")
@contract(query=HISTORY_QUERY, answer="History")
def metrics_history() -> Response:
    """The last readings, an hour unless the profile says otherwise; `?metric=<name>` for one figure only."""
    device = current_device()
    name = read_query()["metric"]
    tag = f"{device.tag()}-{device.history.newest:.3f}-{name}"
    return conditional(tag, lambda: history.to_json(device.history, device.clock, name))
