"""Drivers and kinds of sensors from other packages: found by entry points, imported when one is named.

`entry_points.py` finds what the installed packages offer, without importing any of it. `guard.py` makes calls
into their code that can neither hang nor end what calls. `plugin.py` is one of them with its declarations, or
with the fault that keeps its channels and sensors offline. `channels/outside.py` has what is a driver's,
`sensors/outside.py` what is a kind's.

Nothing here is imported before a name is asked for that is none of edgeweb's own.
"""
