"""All figures and channels as text for Prometheus, at /metrics. It asks with a token:

    scrape_configs:
      - job_name: edgeweb
        authorization: {credentials: edgeweb_...}
        static_configs: [{targets: ["board.local:8080"]}]

Source: Prometheus documentation, "Exposition formats" (text format 0.0.4) and "Metric and label naming".
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from edgeweb import Blueprint, Response

from ..device import Device
from ..http.contract import contract
from ..http.current import current_device
from ..http.etag import conditional
from ..http.problems import answer as answer_problem
from ..metrics.catalogue import METRICS
from ..metrics.sample import Sample

prometheus = Blueprint("prometheus", __name__)

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"

#: The names of figures whose units are not base units; rates are left out, because Prometheus makes them of
#: the counters.
_PERCENT, _RATIO = "_percent", "_ratio"

Labels = dict[str, str]
Rows = Sequence[tuple[Labels, float | None]]


@prometheus.get("/metrics")
@contract(answer="text/plain")
def metrics() -> Response:
    """Return the present values in Prometheus' text format 0.0.4."""
    device = current_device()
    sample = device.metrics.sample()
    return conditional(
        device.tag(sample), lambda: Response("".join(lines(device, sample)), content_type=CONTENT_TYPE)
    )


def lines(device: Device, sample: Sample) -> Iterator[str]:
    """Yield the whole document, line by line."""
    yield from family("build_info", "gauge", "What runs here.", [({"profile": device.profile.name}, 1)])
    values = sample.values
    for name, unit, kind, label, meaning in METRICS:
        if unit != "bytes/s":
            value = values[name]
            rows: Rows = [({}, value)] if not isinstance(value, dict) else _labelled(label, value)
            if name.endswith(_PERCENT):
                rows = [(labels, None if one is None else round(one / 100, 4)) for labels, one in rows]
            yield from family(name.replace(_PERCENT, _RATIO), kind, meaning, rows)
    failed = {warning.source.title for warning in sample.warnings}
    sources: Rows = [({"source": one.title}, one.title not in failed) for one in device.metrics.sources]
    yield from family("source_up", "gauge", "Whether the source of some figures can be read.", sources)
    yield from channels(device)
    yield from sensors(device)
    persistent: Rows = [({}, device.store.persistent)]
    yield from family("storage_persistent", "gauge", "Whether changes survive a power cut.", persistent)


def channels(device: Device) -> Iterator[str]:
    """Yield what is known of the channels. One that is offline has no state."""
    found = [(channel, {"channel": channel.name}) for channel in device.channels]
    states = [(labels, c.current.state) for c, labels in found]
    yield from family("channel_state", "gauge", "Whether the channel is on.", states)
    online = [(labels, c.current.online) for c, labels in found]
    yield from family("channel_online", "gauge", "Whether the driver reaches the hardware.", online)
    values = [(labels, c.current.value) for c, labels in found if c.is_pwm]
    yield from family("channel_value", "gauge", "Share of the time that the output is on.", values)
    counts = [(labels, c.current.on_count) for c, labels in found if not c.is_output]
    yield from family("channel_turned_on", "counter", "How often the input went on.", counts)


def sensors(device: Device) -> Iterator[str]:
    """Yield what is known of the sensors. One that is offline has no value, and the age of its last one."""
    found = [(sensor, {"sensor": sensor.name}) for sensor in device.sensors or ()]
    values = [({**labels, "unit": one.unit}, one.value) for one, labels in found]
    yield from family("sensor_value", "gauge", "Value of the sensor, in its own unit.", values)
    now = device.clock.monotonic()
    ages = [(labels, None if one.read_at is None else round(now - one.read_at, 3)) for one, labels in found]
    yield from family("sensor_age_seconds", "gauge", "Time since the last value was read.", ages)
    online = [(labels, one.online) for one, labels in found]
    yield from family("sensor_online", "gauge", "Whether the last reading gave a value.", online)


def _labelled(label: str, values: dict[str, float | None]) -> Rows:
    return [({label: key}, value) for key, value in values.items()]


def family(name: str, kind: str, meaning: str, rows: Rows) -> Iterator[str]:
    """Yield one metric with its help, type and values; nothing where it has no value."""
    known = [(labels, float(value)) for labels, value in rows if value is not None]
    if not known:
        return
    name = f"edgeweb_{name}_total" if kind == "counter" else f"edgeweb_{name}"
    yield f"# HELP {name} {_escape(meaning)}\n# TYPE {name} {kind}\n"
    for labels, value in known:
        inner = ",".join(f'{key}="{_escape(text, quoted=True)}"' for key, text in labels.items())
        yield f"{name}{{{inner}}} {value!r}\n" if inner else f"{name} {value!r}\n"


def _escape(text: str, quoted: bool = False) -> str:
    text = text.replace("\\", "\\\\").replace("\n", "\\n")
    return text.replace('"', '\\"') if quoted else text


prometheus.register_error_handler(401, answer_problem)
prometheus.register_error_handler(403, answer_problem)
