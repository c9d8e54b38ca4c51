"""Channels: the named outputs and inputs of a board, their states (`states.py`) and hardware (`drivers/`)."""
