"""Real programs from the package index, on Flask and on edgeweb: `scripts/programs`."""
