"""Serve MODULE:app on PORT with stock waitress: room for CONNECTIONS, and THREADS, if given; else four.

Only its warnings about a queue are off: under full load they come with every request, and would be what
is measured.
"""

import logging
import sys
from importlib import import_module

from waitress import serve

module, port, *figures = sys.argv[1:]
sys.path[0] = ""
logging.getLogger("waitress.queue").setLevel(logging.ERROR)
options = {"threads": 4} | dict(zip(("connection_limit", "threads"), map(int, figures), strict=False))
serve(import_module(module).app, host="127.0.0.1", port=int(port), **options)
