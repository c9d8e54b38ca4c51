"""flask.sansio.scaffold"""

from ...helpers import find_package
from ...scaffold import Scaffold, _endpoint_from_view_func, setupmethod

__all__ = ["Scaffold", "_endpoint_from_view_func", "find_package", "setupmethod"]
