"""The load on a server: the same request over several connections for some time, by wrk or our own client."""

from __future__ import annotations

import re
import signal
import subprocess
import threading
import time
from statistics import median
from typing import NamedTuple

from .bench import Bench, Fault
from .client import Client
from .scenarios import Scenario

_SECONDS = {"us": 1e-6, "ms": 1e-3, "s": 1.0}


class NoAnswers(Fault):
    """The load ended before the first answer: the machine is too busy for a time this short."""


class Load(NamedTuple):
    """What the clients saw: the number of answers, the seconds that took, the median time to an answer."""

    answers: int
    seconds: float
    latency: float


def make(
    bench: Bench, port: int, scenario: Scenario, connections: int, seconds: float, keep_alive: bool = True
) -> Load:
    """Ask as fast as the answers come. Without `keep_alive` each request opens a connection of its own.

    Raises `Fault` for an answer that the scenario does not expect.
    """
    by = _by_wrk if bench.wrk else _by_clients
    return by(bench, port, scenario, connections, seconds, keep_alive)


def _by_wrk(
    bench: Bench, port: int, scenario: Scenario, connections: int, seconds: float, keep_alive: bool
) -> Load:
    # wrk takes whole seconds only, so a signal ends it.
    url = f"http://127.0.0.1:{port}{scenario.path}"
    close = [] if keep_alive else ["-H", "Connection: close"]
    process = subprocess.Popen(
        [bench.wrk, "-t1", f"-c{connections}", "-d60s", "--latency", *close, url],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    time.sleep(seconds)
    said = _end(process)
    answers = re.search(r"(\d+) requests in ([\d.]+)(us|ms|s)\b", said)
    middle = re.search(r"50%\s+([\d.]+)(us|ms|s)\b", said)
    # Silent: the signal came before wrk was ready to take it.
    if not said or (answers is not None and answers[1] == "0"):
        raise NoAnswers(f"wrk on {scenario.title}, {connections} connections: {said}")
    if answers is None or middle is None or "Non-2xx" in said:
        raise Fault(f"wrk on {scenario.title}, {connections} connections: {said}")
    took = float(answers[2]) * _SECONDS[answers[3]]
    return Load(int(answers[1]), took, float(middle[1]) * _SECONDS[middle[2]])


def _end(process: subprocess.Popen[str]) -> str:
    """Interrupt wrk, and return what it printed. A signal just before it begins to sleep has no effect."""
    for _ in range(10):
        process.send_signal(signal.SIGINT)
        try:
            return process.communicate(timeout=1)[0]
        except subprocess.TimeoutExpired:
            pass
    process.kill()
    process.communicate()
    raise Fault("wrk does not end when it is interrupted")


def _by_clients(
    bench: Bench, port: int, scenario: Scenario, connections: int, seconds: float, keep_alive: bool
) -> Load:
    """The same with our own client, a thread each: slower than wrk, so the ratios come closer to 1."""
    start = time.monotonic()
    latencies: list[float] = []

    def ask() -> None:
        client = Client(port, keep_alive=keep_alive)
        while (began := time.monotonic()) < start + seconds:
            client.ask(scenario)
            latencies.append(time.monotonic() - began)
        client.close()

    threads = [threading.Thread(target=ask) for _ in range(connections)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return Load(len(latencies), time.monotonic() - start, median(latencies))
