"""Serve MODULE:app on PORT with stock waitress, four threads.

Only its warnings about a queue are off: under full load they come with every request, and would be what
is measured.
"""

import logging
import sys
from importlib import import_module

from waitress import serve

module, port, *connections = sys.argv[1:]
sys.path[0] = ""
logging.getLogger("waitress.queue").setLevel(logging.ERROR)
options = {"connection_limit": int(connections[0])} if connections else {}
serve(import_module(module).app, host="127.0.0.1", port=int(port), threads=4, **options)
