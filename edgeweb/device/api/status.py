"""Who this is and how it is: what the dashboard and home automation ask for all the time."""

from __future__ import annotations

from typing import Any

from edgeweb import Response

from ..http.contract import contract
from ..http.current import current_device
from ..http.etag import conditional
from .blueprint import api


@api.get("/status")
@contract(answer="Status")
def status() -> Response:
    """Who this is, all figures and the state of all channels: what the dashboard asks for all the time."""
    device = current_device()
    sample = device.metrics.sample()

    def build() -> dict[str, Any]:
        return {
            "device": device.identity(),
            "sampled_at": device.clock.iso(sample.moment),
            "metrics": sample.values,
            "channels": device.channel_states(),
            "storage": device.storage(),
        }

    return conditional(device.tag(sample), build)
