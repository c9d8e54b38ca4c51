"""The pages of the dashboard, a module each. Importing this registers all of them."""

from ...modules import import_all
from ..blueprint import Dashboard

import_all(__name__, __path__)

#: For the one program of a process that mounts the pages.
dashboard = Dashboard()

__all__ = ["Dashboard", "dashboard"]
