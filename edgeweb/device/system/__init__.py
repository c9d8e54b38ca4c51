"""The machine below: its clock, timers, and the programs that are called."""
