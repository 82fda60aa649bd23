"""The road to the database."""
