"""The history: a chart for each kind of figure and for each sensor, with a table for all."""

from __future__ import annotations

import re

from edgeweb import Flask

from ...people import browser_of, device_of


def test_a_sensor_has_a_chart_with_its_unit_and_limits(app: Flask) -> None:
    device = device_of(app)
    tank = device.sensor("tank", unit="l", title="Rain <water>", low=-50, high=900)
    device.sensor("unread")
    sample = device.metrics.sample()
    for number, value in enumerate((640.0, 641.5), 1):
        tank.set(value)
        moment = number * device.history.interval
        device.history.add(type(sample)(number, moment, sample.values))
    page = browser_of(app).get("/history?span=minutes").text
    chart = re.search(r'<div class="chart" data-names="sensor.tank"[^>]*>', page)
    assert chart is not None
    assert 'data-unit="l" data-sensor data-low="-50.0" data-high="900.0"' in chart[0]
    assert '<h2 id="chart-sensor.tank">Rain &lt;water&gt;</h2>' in page
    row = page[page.index('<tr data-series="sensor.tank"') :]
    cells = re.findall(r"<td>([^<]*)</td>", row[: row.index("</tr>")])
    assert [cell.replace("\u00a0", " ") for cell in cells] == ["641.5 l", "640 l", "640.8 l", "641.5 l"]
    assert "sensor.unread" not in page
    live = browser_of(app).get("/live?show=history&span=minutes").json["history"]
    (series,) = [row for row in live["series"] if row["name"] == "sensor.tank"]
    assert (series["unit"], series["values"][-2:]) == ("l", [640.0, 641.5])


def test_what_is_kept_has_a_week_and_a_year(app: Flask) -> None:
    device = device_of(app)
    device.profile["schedules"]["wait_for_clock"] = False
    owner = browser_of(app)
    device.sensor("other").set(1)
    for span in ("week", "year"):
        page = owner.get(f"/history?span={span}").text
        assert 'span=hour" aria-current="true"' in page, "nothing is kept"
        assert f'href="/history?span={span}"' not in page
    tank = device.sensor("tank", unit="l", title="Rain", keep=True)
    tank.set(600)
    device.hours.flush()
    tank.set(700)
    for span, step, count in (("week", 3600, 168), ("year", 86_400, 366)):
        page = owner.get(f"/history?span={span}").text
        assert page.count('class="chart"') == 1 and f'span={span}" aria-current="true"' in page
        row = page[page.index('data-series="sensor.tank" data-label="most"') :]
        assert "<td>700\u00a0l</td>" in row[: row.index("</tr>")]
        live = owner.get(f"/live?show=history&span={span}").json["history"]
        assert (live["interval"], live["count"], live["origin"]) == (step, count, 0)
        assert {row["label"]: row["values"][-1] for row in live["series"]} == {
            "mean": 650.0,
            "least": 600.0,
            "most": 700.0,
        }
        last = live["first"] + count - 1
        since = owner.get(f"/live?show=history&span={span}&since={last}").json["history"]
        assert since["first"] == last, "the step that runs comes once more"
        assert [len(row["values"]) for row in since["series"]] == [1, 1, 1]
