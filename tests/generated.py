"""How much is generated: the same little at each run, and as much as is asked for in a search of its own."""

import os

from hypothesis import HealthCheck, settings

_ASKED_FOR = os.environ.get("GENERATED_REQUESTS")


def generate(examples: int) -> settings:
    """Return a decorator: so many of each, or GENERATED_REQUESTS=5000 .venv/bin/pytest -s <file>."""
    return settings(
        max_examples=int(_ASKED_FOR or examples),
        derandomize=_ASKED_FOR is None,
        deadline=None,
        database=None,
        suppress_health_check=[*HealthCheck],
    )


generated = generate(30)
