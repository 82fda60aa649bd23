"""docs/operations.md: whoever reads a log or an alert finds there what it means."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

REPOSITORY = Path(__file__).parents[3]
_DOC = (REPOSITORY / "docs" / "operations.md").read_text()
_LEVELS = {"debug", "info", "warning", "error", "exception", "critical"}


def _table(heading: str) -> set[str]:
    """Return the words in the first column of the first table below a heading that is one of words."""
    section = _DOC.split(f"\n## {heading}\n", 1)[1].split("\n## ", 1)[0]
    rows = [line for line in section.splitlines() if line.startswith("| `")]
    return {word for row in rows for word in re.findall(r"`([a-z_]+)`", row.split("|")[1])}


def _logged() -> Iterator[str]:
    for file in [*REPOSITORY.glob("functions/**/*.py"), *REPOSITORY.glob("shared/**/*.py")]:
        for node in ast.walk(ast.parse(file.read_text())):
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
                continue
            if ast.unparse(node.func.value) == "log" and node.func.attr in _LEVELS:
                event = node.args[0]
                words = [event.body, event.orelse] if isinstance(event, ast.IfExp) else [event]
                yield from (ast.literal_eval(word) for word in words)


def test_every_event_of_the_log_is_explained() -> None:
    logged = set(_logged())

    assert len(logged) > 15
    assert _table("Logs") == logged


def test_every_alert_is_explained() -> None:
    migrations = "".join(file.read_text() for file in (REPOSITORY / "supabase" / "migrations").glob("*.sql"))
    raised = set(re.findall(r"set_alert\(\s*'([a-z_]+)'|alert constant text := '([a-z_]+)'", migrations))

    assert _table("Alerts") == {literal or named for literal, named in raised}
