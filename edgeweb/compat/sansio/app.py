"""flask.sansio.app"""

from ...app import Flask as App

__all__ = ["App"]
