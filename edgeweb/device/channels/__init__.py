"""Channels: the named outputs and inputs of a board (`bank.py`) and what moves them (`drivers/`)."""
