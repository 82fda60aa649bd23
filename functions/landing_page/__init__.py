"""Serves live landing pages."""
