"""The row models in supabase/types are those of the migrations, in both languages."""

import os
import runpy
import subprocess
from datetime import UTC, datetime
from uuid import uuid4

import pytest
from pydantic import BaseModel

from stack import Stack
from stack.services.programs import supabase_program
from tests.conftest import REPOSITORY
from tests.database import Database

TYPES = REPOSITORY / "supabase" / "types"
GENERATED = {"python": TYPES / "database_types.py", "typescript": TYPES / "database.types.ts"}


@pytest.fixture(scope="module")
def models() -> dict[str, type[BaseModel]]:
    return runpy.run_path(str(GENERATED["python"]))


@pytest.mark.parametrize("language", GENERATED)
def test_committed_types_are_what_the_schema_generates(stack: Stack, language: str) -> None:
    """`make types` writes them anew."""
    done = subprocess.run(
        [supabase_program(), "gen", "types", f"--lang={language}", f"--remote={stack.state.database_url()}"],
        cwd=REPOSITORY,
        env={**os.environ, "PGSSLMODE": "disable", "SUPABASE_TELEMETRY_DISABLED": "1"},
        capture_output=True,
        text=True,
        check=True,
    )

    assert GENERATED[language].read_text() == done.stdout


def test_models_read_what_postgrest_answers(models: dict[str, type[BaseModel]]) -> None:
    """The generator's output is imported by nobody unless it can be used."""
    row = {
        "id": str(uuid4()),
        "trade": "Schilder",
        "region": "Haarlem",
        "created_at": datetime.now(UTC).isoformat(),
        "updated_at": datetime.now(UTC).isoformat(),
    }

    segment = models["PublicLeadSegments"].model_validate(row).model_dump()

    assert (segment["trade"], str(segment["id"])) == ("Schilder", row["id"])


def test_every_table_and_view_has_a_model(platform: Database, models: dict[str, type[BaseModel]]) -> None:
    relations = platform.rows(
        "select relname from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'p', 'v')"
    )
    wanted = {
        "Public" + "".join(part.capitalize() for part in row["relname"].split("_")) for row in relations
    }

    assert wanted <= models.keys()
    typescript = GENERATED["typescript"].read_text()
    assert [row["relname"] for row in relations if f'"{row["relname"]}": {{' not in typescript] == []
