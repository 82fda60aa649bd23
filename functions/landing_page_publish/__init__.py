"""Walks a landing page through its workflow, and renders what is submitted."""
