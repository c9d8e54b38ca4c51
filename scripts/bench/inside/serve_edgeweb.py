"""Serve MODULE:app on PORT as `edgeweb serve` does: room for CONNECTIONS of one address, THREADS if given."""

import sys
from importlib import import_module

from edgeweb.server import runner
from edgeweb.server.limits import Limits

module, port, connections, *threads = sys.argv[1:]
sys.path[0] = ""
# One client has a quarter of the places at most once half of them are taken, and a sixth for streams.
places = int(connections)
room = Limits(connections=6 * places, connections_per_peer=places, queue=max(places, 32), idle_timeout=300)
if threads:
    room.threads = int(threads[0])
runner.serve(import_module(module).app, port=int(port), limits=room)
