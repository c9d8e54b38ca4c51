"""What a router answers, as one short text that a table of cases can hold."""

from __future__ import annotations

from typing import Any

from werkzeug.exceptions import MethodNotAllowed, NotFound
from werkzeug.routing.exceptions import RequestRedirect, WebsocketMismatch


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
