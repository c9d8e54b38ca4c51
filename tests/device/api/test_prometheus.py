"""/metrics, read back by Prometheus' own parser."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families

from edgeweb import Flask
from edgeweb.device import create_app
from edgeweb.device.api.prometheus import CONTENT_TYPE, family
from edgeweb.device.config.profile import Profile
from edgeweb.device.metrics.catalogue import METRICS

from ..people import add_owner, client_of, device_of


def families(app: Flask) -> dict[str, Any]:
    answer = app.test_client().get("/metrics")
    assert (answer.status_code, answer.content_type) == (200, CONTENT_TYPE)
    return {found.name: found for found in text_string_to_metric_families(answer.text)}


def value(found: Any, **labels: str) -> float:
    (sample,) = [sample for sample in found.samples if sample.labels == labels]
    return float(sample.value)


def test_the_figures_are_those_of_the_api(app: Flask) -> None:
    found = families(app)
    metrics = app.test_client().get("/api/v1/status").json["metrics"]
    assert value(found["edgeweb_memory_total_bytes"]) == metrics["memory_total_bytes"]
    assert value(found["edgeweb_memory_used_ratio"]) == pytest.approx(metrics["memory_used_percent"] / 100)
    assert value(found["edgeweb_disk_total_bytes"], folder="/") == metrics["disk_total_bytes"]["/"]
    assert found["edgeweb_uptime_seconds"].type == "counter"
    assert found["edgeweb_memory_total_bytes"].type == "gauge"
    assert found["edgeweb_memory_total_bytes"].documentation == "Memory of the machine."
    assert value(found["edgeweb_build_info"], profile="test") == 1
    assert value(found["edgeweb_storage_persistent"]) == 1


def test_names_are_in_base_units_and_counters_end_in_total(app: Flask) -> None:
    text = app.test_client().get("/metrics").text
    assert "_percent" not in text and "_rate" not in text
    for line in text.splitlines():
        if line.startswith("# TYPE"):
            _, _, name, kind = line.split()
            assert name.endswith("_total") is (kind == "counter"), name
    assert len([row for row in METRICS if row[1] != "bytes/s"]) >= 20


def test_channels(app: Flask) -> None:
    app.test_client().post("/api/v1/channels/lamp/on")
    found = families(app)
    assert value(found["edgeweb_channel_state"], channel="lamp") == 1
    assert value(found["edgeweb_channel_state"], channel="door") == 0
    assert value(found["edgeweb_channel_online"], channel="door") == 1
    assert value(found["edgeweb_channel_turned_on"], channel="door") == 0
    assert "edgeweb_channel_value" not in found


def test_an_offline_channel_has_no_state(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    from edgeweb.device.channels import driver_calls

    def missing(name: str) -> Any:
        raise ModuleNotFoundError("No module named 'spidev'")

    monkeypatch.setattr(driver_calls, "make_driver", missing)
    found = families(app)
    assert "edgeweb_channel_state" not in found
    assert value(found["edgeweb_channel_online"], channel="lamp") == 0


@pytest.mark.parametrize("text", ['a"b', "a\\b", "a\nb", "\u00e9", "\\n", '\\"'])
def test_labels_are_escaped(text: str) -> None:
    (found,) = text_string_to_metric_families(
        "".join(family("x", "gauge", f"about {text}", [({"a": text}, 1)]))
    )
    assert found.samples[0].labels == {"a": text}


def test_it_is_closed(app: Flask) -> None:
    answer = client_of(app).get("/metrics")
    assert (answer.status_code, answer.content_type) == (401, "application/problem+json")


def test_pwm_has_a_value(make_profile: Callable[..., Profile]) -> None:
    app = add_owner(create_app(make_profile('[channels.fan]\ndriver = "memory"\nmode = "pwm"')))
    device_of(app).channels.set_value("fan", 0.25)
    assert value(families(app)["edgeweb_channel_value"], channel="fan") == 0.25
