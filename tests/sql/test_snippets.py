"""The queries that an admin finds saved in Studio."""

from pathlib import Path

import pytest

from tests.conftest import REPOSITORY
from tests.database import Database

_SNIPPETS = sorted((REPOSITORY / "supabase" / "snippets").glob("*.sql"))


@pytest.mark.parametrize("snippet", _SNIPPETS, ids=lambda path: path.stem)
def test_saved_query_runs_in_the_dashboard(db: Database, snippet: Path) -> None:
    found = db.connection.execute(snippet.read_bytes())

    assert found.description is not None


def test_there_are_saved_queries() -> None:
    assert {"pages_waiting_for_review", "live_pages", "campaigns_against_target_and_budget"} <= {
        path.stem for path in _SNIPPETS
    }
