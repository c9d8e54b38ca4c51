"""Hello, world beside a view that sleeps for a second: whether other requests wait for it."""
