"""What runs in the process that is being measured: as little as possible."""
