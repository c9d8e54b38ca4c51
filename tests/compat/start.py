"""Starts a program on edgeweb in Flask's place, or on Flask itself: `start.py edgeweb|flask FILE ...`."""

import runpy
import sys
from pathlib import Path

_, framework, *sys.argv = sys.argv
if framework == "edgeweb":
    from edgeweb.compat import install_as_flask

    install_as_flask()
runpy.run_path(sys.argv[0], run_name="__main__")

# Flask is installed, because the extensions require it: none of its code may have run.
if framework == "edgeweb":
    import edgeweb

    own = Path(str(edgeweb.__file__)).parent
    for name, module in list(sys.modules.items()):
        if name.partition(".")[0] == "flask" and not Path(str(module.__file__)).is_relative_to(own):
            sys.exit(f"{name} is {module.__file__}, not edgeweb's")
