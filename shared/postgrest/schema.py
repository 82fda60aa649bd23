"""Which migrations these functions were written for."""

SCHEMA_VERSION = "20261122091200"
"""The newest of them. A test compares it with the folder; `/readyz` compares it with the database."""
