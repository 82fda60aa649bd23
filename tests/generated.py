"""How much is generated: the same little at each run, and as much as is asked for in a search of its own."""

import os

from hypothesis import HealthCheck, settings

_ASKED_FOR = os.environ.get("GENERATED_REQUESTS")

# A decorator. For each operation, function or table: GENERATED_REQUESTS=5000 .venv/bin/pytest -s <file>.
generated = settings(
    max_examples=int(_ASKED_FOR or 40),
    derandomize=_ASKED_FOR is None,
    deadline=None,
    database=None,
    suppress_health_check=[*HealthCheck],
)
