"""Put edgeweb's router in the place of Werkzeug's, for Werkzeug's own tests of it.

    pytest -p scripts.routing_plugin tests/test_routing.py

These tests take the router from the package, as its attribute ``routing``. Only this attribute changes:
``sys.modules`` keeps Werkzeug's module, from which edgeweb's router takes exceptions and converters.
"""

from __future__ import annotations

import pytest
import werkzeug.routing

import edgeweb.routing

werkzeug.routing = edgeweb.routing


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Refuse tests that have found Werkzeug's router all the same: they would pass without edgeweb's.

    Raises:
        pytest.UsageError: a module's name ``r``, by which Werkzeug's tests call the router, is not edgeweb's.
    """
    for module in {item.getparent(pytest.Module) for item in items}:
        if module is None or getattr(module.obj, "r", None) is not edgeweb.routing:
            raise pytest.UsageError(f"{module} does not test edgeweb's router, which it must have as r")
