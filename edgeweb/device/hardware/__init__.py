"""The hardware that the kernel knows, a file for each bus: listed for people, never requested or changed.

Each file has one function, `read(root, limit)`: it takes the folder that stands for `/` and the rows that are
left, and returns plain rows. It raises `OSError` where the bus as a whole cannot be read; a value that is
missing, or cannot be, is empty in its row. `reader.py` reads all of them, each with a deadline of its own,
and `usage.py` adds what the profile says about a row.

No value of a sensor is read: that begins a conversion, which takes 750 ms on a 1-Wire bus. Nothing is opened
for writing, and of the device nodes only GPIO chips are opened at all, for the calls that describe them.
"""
