"""Hello, world on each peer: what a framework costs that does nothing."""
