"""PROGRAM.PEER KIND TIMES NAMES...: for each request, the objects that only the collector could free."""

import gc
import sys
from importlib import import_module

import scenarios

from inside import calls

module, kind, times, *names = sys.argv[1:]
caller = (calls.ASGI if kind == "asgi" else calls.WSGI)(import_module(module).app)
for scenario in scenarios.of(module.partition(".")[0]):
    if scenario.name not in names:
        continue
    caller.check(scenario)
    prepared = caller.prepare(scenario)
    caller.make(prepared, 20)
    for _ in range(3):  # what one collection frees may leave something for the next
        gc.collect()
    gc.disable()
    caller.make(prepared, int(times))
    print(scenario.name, gc.collect() / int(times))
    gc.enable()
