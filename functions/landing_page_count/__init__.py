"""Has views counted that a managed log kept."""
