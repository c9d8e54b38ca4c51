"""What Locust would do, which is not begun here."""

from __future__ import annotations

from locust import HttpUser, task


class Visitor(HttpUser):  # type: ignore[misc]
    """Looks at one page."""

    @task
    def page(self) -> None:
        """Look."""
        self.client.get("/")
