"""PEER KIND PROGRAM:NAME:FEW:MANY...: these requests, a few and then many of each, with a mark between.

The mark is a system call that nothing else here makes (getsid); callgrind writes its counters down each time
it is entered. (count of many - count of few) / (MANY - FEW) is then one request without what
surrounds the loop.
"""

import gc
import os
import sys
from importlib import import_module

import scenarios

from inside import calls

peer, kind, *orders = sys.argv[1:]
make_calls = calls.ASGI if kind == "asgi" else calls.WSGI
callers = {name: make_calls(import_module(f"{name}.{peer}").app) for name in ("hello", "device")}
for order in orders:
    program, name, few, many = order.split(":")
    caller = callers[program]
    scenario = next(one for one in scenarios.of(program) if one.name == name)
    caller.check(scenario)
    prepared = caller.prepare(scenario)
    # CPython specialises its code within the first dozen calls, and caches fill.
    caller.make(prepared, max(int(few), 12))
    gc.collect()  # so that collections fall on the same requests each time
    os.getsid(0)
    caller.make(prepared, int(few))
    os.getsid(0)
    caller.make(prepared, int(many))
    os.getsid(0)
