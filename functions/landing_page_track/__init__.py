"""Counts what happens on landing pages and takes in their leads."""
