"""The JSON interface under /api/v1: a module for each noun. Importing this registers all of them.

`/livez`, `/readyz` and Prometheus' `/metrics` have the addresses that their readers expect, and blueprints of
their own.
"""

from ..modules import import_all
from .blueprint import api
from .health import health
from .prometheus import prometheus

import_all(__name__, __path__)

__all__ = ["api", "health", "prometheus"]
