"""The server of ``edgeweb serve``: waitress, guarded for a network without an administrator."""
