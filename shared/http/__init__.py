"""What carries HTTP: the edge, its errors, bodies, logs and settings."""
