"""Several devices at once: a bounded number of threads, results in the order of the list."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Any, NamedTuple

from edgeweb.client import Client, ClientError
from edgeweb.client import Refused as RefusedByDevice

from .devices import Device, Refused
from .output import Progress

#: Devices that are asked at the same time.
THREADS = 16

#: Exit codes, from good to bad; of several devices the worst counts.
WELL, WRONG_HERE, USAGE, REFUSED, UNREACHABLE, INTERRUPTED = 0, 1, 2, 3, 4, 130


class Result(NamedTuple):
    """What became of one device: its answer, or the reason why there is none."""

    device: Device
    answer: Any
    error: str = ""
    code: int = WELL


def ask_all(
    devices: Sequence[Device], ask: Callable[[Device, Client], object], timeout: float, patience: float = 0.0
) -> list[Result]:
    """Ask all devices, and return a result for each, in their order.

    The threads are daemons: Ctrl-C does not wait for a device that does not answer.
    """
    waiting: SimpleQueue[int] = SimpleQueue()
    done: SimpleQueue[tuple[int, Result]] = SimpleQueue()
    for number in range(len(devices)):
        waiting.put(number)

    def work() -> None:
        while not waiting.empty():
            try:
                number = waiting.get_nowait()
            except Empty:  # another thread was faster
                return
            done.put((number, _ask(devices[number], ask, timeout, patience)))

    for _ in range(min(THREADS, len(devices))):
        Thread(target=work, daemon=True).start()
    results: dict[int, Result] = {}
    with Progress(len(devices)) as progress:
        while len(results) < len(devices):
            number, result = done.get()
            results[number] = result
            progress.step(result.device.name)
    return [results[number] for number in range(len(devices))]


def _ask(device: Device, ask: Callable[[Device, Client], object], timeout: float, patience: float) -> Result:
    try:
        return Result(device, ask(device, device.client(timeout, patience)))
    except RefusedByDevice as error:
        return Result(device, None, str(error), REFUSED)
    except ClientError as error:
        return Result(device, None, str(error), UNREACHABLE)
    except Refused as error:
        return Result(device, None, str(error), WRONG_HERE)
    except OSError as error:
        return Result(device, None, f"{error.filename}: {error.strerror}", WRONG_HERE)
    except Exception as error:  # whatever it is: a thread that ends without a result is waited for
        text = (
            f"the answer of {device.url} is not one that this edgeweb knows: {type(error).__name__} {error}"
        )
        return Result(device, None, text, UNREACHABLE)


def worst(results: Sequence[Result]) -> int:
    """Return the exit code for all results."""
    return max((result.code for result in results), default=WELL)
