"""Switching by date or at intervals: the definition of a schedule (`schedule.py`), its local dates
(`localtime.py`), whether the clock is right (`timesync.py`), and all of them at work (`scheduler.py`)."""
