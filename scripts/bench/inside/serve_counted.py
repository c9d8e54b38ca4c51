"""Serve MODULE:app on PORT as `edgeweb serve` does, under callgrind.

That makes everything some fifty times slower, but not the clock: without the factor each view would count as
slow, and its thread would lose the lead.
"""

import sys

from edgeweb.commands import serve
from edgeweb.server import leadership

leadership.SLOW_SECONDS *= 50
leadership.NEXT_SLOW_SECONDS *= 50
module, port = sys.argv[1:]
sys.path[0] = ""
sys.exit(serve.main([f"{module}:app", "--host", "127.0.0.1", "--port", port]))
