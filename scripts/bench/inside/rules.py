"""SUBJECT SHAPE COUNT time | count FEW MANY: one router with so many rules, built and matched.

`time` prints [seconds to build, seconds a match, bytes a rule, bytes a rule after each was matched once], the
seconds those of the processor: others on a busy machine take none of them;
`count` makes FEW and then MANY matches between marks, for callgrind.
"""

import gc
import json
import os
import sys
import time
import tracemalloc
from statistics import median

SAMPLES = 10

#: shape -> patterns in turn, with the path that each matches; {n} is the rule's number
SHAPES = {
    "plain": (
        ("/site/device{n}/status", "/site/device{n}/status"),
        ("/area{n}/<name>", "/area{n}/pump"),
        ("/zone{n}/<int:number>/items/<name>", "/zone{n}/12/items/pump"),
    ),
    "mixed": (
        ("/site/device{n}/status", "/site/device{n}/status"),
        ("/files/report-{n}-<name>", "/files/report-{n}-pump"),
        ("/logs/day{n}-<int:number>/<name>", "/logs/day{n}-12/pump"),
    ),
}


def rules(shape, count):
    """Pairs of a pattern in Flask's syntax and a path that it matches."""
    patterns = SHAPES[shape]
    for number in range(count):
        pattern, path = patterns[number % len(patterns)]
        yield pattern.replace("{n}", str(number)), path.replace("{n}", str(number))


def edgeweb(patterns):
    from edgeweb.routing import Map, Rule

    adapter = Map([Rule(pattern, endpoint="view") for pattern in patterns]).bind("localhost")
    return adapter.match


def werkzeug(patterns):
    from werkzeug.routing import Map, Rule

    adapter = Map([Rule(pattern, endpoint="view") for pattern in patterns]).bind("localhost")
    return adapter.match


def bottle(patterns):
    from bottle import Router

    router = Router()
    for pattern in patterns:
        router.add(pattern.replace("<int:number>", "<number:int>"), "GET", "view")
    router_match = router.match

    def match(path):
        return router_match({"PATH_INFO": path, "REQUEST_METHOD": "GET"})

    return match


def falcon(patterns):
    from falcon.routing import CompiledRouter

    class View:
        def on_get(self, request, response, **values):
            pass

    router, view = CompiledRouter(), View()
    for pattern in patterns:
        own_syntax = pattern.replace("<int:number>", "{number:int}").replace("<name>", "{name}")
        router.add_route(own_syntax, view)
    return router.find


SUBJECTS = {"edgeweb": edgeweb, "werkzeug": werkzeug, "bottle": bottle, "falcon": falcon}


def main():
    subject, shape, count, what, *times = sys.argv[1:]
    make = SUBJECTS[subject]
    make(["/import"])("/import")  # the modules are not part of any figure
    patterns, paths = zip(*rules(shape, int(count)), strict=True)
    # As many paths whatever the number of rules, spread over all of them, the last one included.
    last = len(paths) - 1
    samples = [paths[last * number // (SAMPLES - 1)] for number in range(SAMPLES)]
    if what == "count":
        few, many = map(int, times)
        match = make(patterns)
        repeat(match, samples, 4)
        os.getsid(0)
        repeat(match, samples, few // SAMPLES)
        os.getsid(0)
        repeat(match, samples, many // SAMPLES)
        os.getsid(0)
    else:
        print(json.dumps([*measure_times(make, patterns, samples), *measure_memory(make, patterns, paths)]))


def repeat(match, samples, times):
    for _ in range(times):
        for path in samples:
            if match(path) is None:
                raise SystemExit(f"{path} was not found")


def measure_times(make, patterns, samples):
    gc.collect()
    began = time.process_time()
    match = make(patterns)
    match(samples[-1])
    build = time.process_time() - began
    repeat(match, samples, 2)
    rounds = []
    end = time.process_time() + 1.0
    while len(rounds) < 5 or (time.process_time() < end and len(rounds) < 200):
        began = time.process_time()
        repeat(match, samples, 1)
        rounds.append((time.process_time() - began) / len(samples))
    return build, median(rounds)


def measure_memory(make, patterns, paths):
    tracemalloc.start()
    gc.collect()
    before = tracemalloc.get_traced_memory()[0]
    match = make(patterns)
    match(paths[0])
    gc.collect()
    built = tracemalloc.get_traced_memory()[0]
    # Whoever tries rule after rule would need minutes for all of them.
    step = max(len(paths) // 1000, 1)
    for path in paths[::step]:
        match(path)
    gc.collect()
    matched = tracemalloc.get_traced_memory()[0]
    return (built - before) / len(paths), (built - before) / len(paths) + (matched - built) / len(
        paths[::step]
    )


if __name__ == "__main__":
    main()
