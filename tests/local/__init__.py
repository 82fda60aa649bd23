"""The local stack: what it promises to everything that stands on it."""
