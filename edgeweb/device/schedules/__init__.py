"""What is switched by date or again and again: what a schedule says (`schedule.py`), when that is
(`localtime.py`), whether the clock is right (`timesync.py`), and all of them at work (`scheduler.py`)."""
