"""Counts views of landing pages and takes in their leads."""
