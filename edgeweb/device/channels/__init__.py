"""Channels: the named outputs and inputs of a board (`controller.py`) and what moves them (`drivers/`)."""
