"""The metrics: the one list of all figures.

The readers fill its names; the JSON answers, Prometheus and the pages take names, units and meanings from it.
Names end in their unit, as Prometheus has it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..system.clock import WallClock
    from .sample import Sample

#: (name, unit, kind, label, meaning). A metric with a label has one value for each core, file system,
#: interface or sensor. A counter only grows until the machine restarts; a gauge goes up and down.
METRICS: tuple[tuple[str, str, str, str, str], ...] = (
    ("cpu_percent", "percent", "gauge", "", "Processor time in use, all cores together."),
    ("cpu_core_percent", "percent", "gauge", "core", "Processor time in use, for each core."),
    ("load_1m", "processes", "gauge", "", "Processes running or waiting, averaged over 1 minute."),
    ("load_5m", "processes", "gauge", "", "Processes running or waiting, averaged over 5 minutes."),
    ("load_15m", "processes", "gauge", "", "Processes running or waiting, averaged over 15 minutes."),
    ("memory_total_bytes", "bytes", "gauge", "", "Memory of the machine."),
    ("memory_used_bytes", "bytes", "gauge", "", "Memory that programs cannot get without swapping."),
    ("memory_available_bytes", "bytes", "gauge", "", "Memory that programs can get without swapping."),
    ("memory_used_percent", "percent", "gauge", "", "Used share of the memory."),
    ("swap_total_bytes", "bytes", "gauge", "", "Swap space of the machine."),
    ("swap_used_bytes", "bytes", "gauge", "", "Swap space in use."),
    ("swap_used_percent", "percent", "gauge", "", "Used share of the swap space."),
    ("disk_total_bytes", "bytes", "gauge", "folder", "Size of the file system that holds the folder."),
    ("disk_used_bytes", "bytes", "gauge", "folder", "Space in use."),
    (
        "disk_free_bytes",
        "bytes",
        "gauge",
        "folder",
        "Space that programs without special rights can still fill.",
    ),
    ("disk_used_percent", "percent", "gauge", "folder", "Used share of the space that is not reserved."),
    ("network_received_bytes", "bytes", "counter", "interface", "Bytes received since the machine started."),
    ("network_sent_bytes", "bytes", "counter", "interface", "Bytes sent since the machine started."),
    ("network_receive_rate", "bytes/s", "gauge", "interface", "Bytes received in a second."),
    ("network_send_rate", "bytes/s", "gauge", "interface", "Bytes sent in a second."),
    ("temperature_celsius", "celsius", "gauge", "sensor", "Temperatures by the kernel's sensors."),
    (
        "power_fault",
        "boolean",
        "gauge",
        "fault",
        "Faults of power and heat that the firmware of a Raspberry Pi reports now: 1 is a fault.",
    ),
    (
        "power_fault_since_boot",
        "boolean",
        "gauge",
        "fault",
        "The same, if only once since the machine started.",
    ),
    (
        "clock_synchronized",
        "boolean",
        "gauge",
        "",
        "Whether the network has set the clock; nothing where systemd-timesyncd does not run.",
    ),
    ("uptime_seconds", "seconds", "counter", "", "Time since the machine started."),
    ("process_memory_bytes", "bytes", "gauge", "", "Memory that this server holds."),
)


def to_json(sample: Sample, clock: WallClock) -> dict[str, object]:
    """Return every metric with its unit and meaning, for programs that do not know the names."""
    rows = []
    for name, unit, kind, label, meaning in METRICS:
        row: dict[str, object] = {"name": name, "unit": unit, "kind": kind, "description": meaning}
        if label:
            row["label"] = label
        row["values" if label else "value"] = sample.values[name]
        rows.append(row)
    warnings = [warning.to_json(clock) for warning in sample.warnings]
    return {"sampled_at": clock.iso(sample.moment), "metrics": rows, "warnings": warnings}
