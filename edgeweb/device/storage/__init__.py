"""What outlives the process: one SQLite file (`store.py`), its tables (`migrations.py`), its rescue
(`recovery.py`)."""
