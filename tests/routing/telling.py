"""What a router answers, as one short text that a table of cases can hold."""

from __future__ import annotations

from importlib.metadata import version
from typing import Any

import pytest
from werkzeug.exceptions import MethodNotAllowed, NotFound
from werkzeug.routing.exceptions import RequestRedirect, WebsocketMismatch

#: Before 3.1.7 it merged three slashes to two, before 3.1.9 numbers of 4,301 digits raised `ValueError`.
current_werkzeug = pytest.mark.skipif(
    tuple(map(int, version("werkzeug").split(".")[:3])) < (3, 1, 9),
    reason="compares with the behaviour of Werkzeug 3.1.9",
)


def told(adapter: Any, path: str | None = None, method: str | None = None, **options: Any) -> str:
    """``endpoint {values}``, ``308 URL``, ``405 methods``, ``404`` or ``websocket mismatch``."""
    try:
        endpoint, values = adapter.match(path, method, **options)
    except RequestRedirect as redirect:
        return f"{redirect.code} {redirect.new_url}"
    except MethodNotAllowed as error:
        return f"405 {' '.join(sorted(error.valid_methods or ()))}"
    except NotFound:
        return "404"
    except WebsocketMismatch:
        return "websocket mismatch"
    return f"{endpoint} {values}" if values else str(endpoint)
