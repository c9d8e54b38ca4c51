"""Sensors: what is measured on a board, each a named value with a unit and a level, or the reason for none.

`sensor.py` is one of them, `reader.py` reads all that the profile names, `kinds/` has what each kind reads.
None of it is imported on a board without sensors but the names of the kinds, which the profile's checks need,
and the class that they derive from.
"""
