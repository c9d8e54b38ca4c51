"""Serve MODULE:app on PORT with bjoern: one thread, its loop and parser in C."""

import sys
from importlib import import_module

import bjoern

module, port = sys.argv[1:]
sys.path[0] = ""
bjoern.run(import_module(module).app, "127.0.0.1", int(port))
