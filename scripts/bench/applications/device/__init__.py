"""A small device on each peer: a page, a status, thirty outputs, a static file, and a session."""
