"""The server of ``edgeweb serve``: waitress, guarded for a network that nobody watches."""
