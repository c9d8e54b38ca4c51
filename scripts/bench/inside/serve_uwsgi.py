"""Serve MODULE:app on PORT with uWSGI: one process, four threads, its server in C.

Of its three ways to speak HTTP, `http11-socket` keeps connections and needs no second process.
"""

import os
import sys

module, port = sys.argv[1:]
program = os.path.join(os.path.dirname(sys.executable), "uwsgi")
options = {"http11-socket": f"127.0.0.1:{port}", "module": f"{module}:app", "threads": "4"}
# The same packages as this interpreter has.
options["virtualenv"] = sys.prefix
named = [part for name, value in options.items() for part in (f"--{name}", value)]
os.execv(program, [program, "--need-app", "--die-on-term", "--disable-logging", *named])
