"""The row models in shared/database_types.py are those of the migrations."""

import os
import subprocess
from datetime import UTC, datetime
from uuid import uuid4

from shared import database_types
from stack import Stack
from stack.programs import supabase_program
from tests.conftest import REPOSITORY
from tests.database import Database


def test_committed_models_are_what_the_schema_generates(stack: Stack) -> None:
    """`make types` writes them anew."""
    done = subprocess.run(
        [supabase_program(), "gen", "types", "--lang=python", f"--remote={stack.state.database_url()}"],
        cwd=REPOSITORY,
        env={**os.environ, "PGSSLMODE": "disable", "SUPABASE_TELEMETRY_DISABLED": "1"},
        capture_output=True,
        text=True,
        check=True,
    )

    assert (REPOSITORY / "shared" / "database_types.py").read_text() == done.stdout


def test_models_read_what_postgrest_answers() -> None:
    """The generator's output is imported by nobody unless it can be used."""
    row = {
        "id": str(uuid4()),
        "trade": "Schilder",
        "region": "Haarlem",
        "created_at": datetime.now(UTC).isoformat(),
        "updated_at": datetime.now(UTC).isoformat(),
    }

    segment = database_types.PublicLeadSegments.model_validate(row)

    assert (segment.trade, str(segment.id)) == ("Schilder", row["id"])


def test_every_table_and_view_has_a_model(platform: Database) -> None:
    relations = platform.rows(
        "select relname from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'p', 'v')"
    )
    wanted = {
        "Public" + "".join(part.capitalize() for part in row["relname"].split("_")) for row in relations
    }

    assert wanted <= vars(database_types).keys()
