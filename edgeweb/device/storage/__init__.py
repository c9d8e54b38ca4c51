"""The persistent state: one SQLite file (`store.py`), its tables (`migrations.py`), its rescue
(`recovery.py`)."""
