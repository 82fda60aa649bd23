"""Apply events of the inbox once more, as job_runner: after a word was added, or a fact corrected.

SUPABASE_URL=… SUPABASE_PUBLISHABLE_KEY=… JOB_RUNNER_JWT=… \
    python -m functions.campaign_webhook.replay '{"reason": "unknown_status"}'

docs/webhooks.md says what events are selected by. Nothing counts twice: a replay that broke off is run again.
"""

import asyncio
import json
import sys
from typing import Annotated, TextIO

from pydantic import BaseModel

from shared.http.errors import Problem
from shared.http.settings import Secret, Settings, speaks_as
from shared.postgrest.client import Identity, PostgREST


class ReplaySettings(Settings):
    """Settings of the command."""

    job_runner_jwt: Annotated[Secret, speaks_as("job_runner")]


class Replayed(BaseModel):
    """What became of the events of one call, or of all of them."""

    replayed: int = 0
    applied: int = 0
    superseded: int = 0
    parked: int = 0
    last_id: int | None = None


async def replay(runner: Identity, selection: dict[str, object], progress: TextIO) -> Replayed:
    """Replay a selection to its end, 1,000 events a call, and say so after each.

    Raises:
        Refusal: `selection_refused`.
        DatabaseUnavailable: The rest is still to be done.
    """
    total = Replayed(last_id=0)
    while total.last_id is not None:
        answer = await runner.call("replay_campaign_events", selection=selection, after_id=total.last_id)
        part = Replayed.model_validate(answer)
        total = Replayed(
            replayed=total.replayed + part.replayed,
            applied=total.applied + part.applied,
            superseded=total.superseded + part.superseded,
            parked=total.parked + part.parked,
            last_id=part.last_id,
        )
        if part.replayed:
            progress.write(f"{total.replayed} events, up to id {part.last_id} …\n")
    return total


async def _main(selection: dict[str, object]) -> int:
    settings = ReplaySettings()
    async with PostgREST(settings) as postgrest:
        try:
            total = await replay(postgrest.as_role(settings.job_runner_jwt), selection, sys.stderr)
        except Problem as problem:
            sys.stderr.write(f"{problem.code}: {problem.detail} {problem.hint or ''}\n")
            return 1
    sys.stdout.write(json.dumps(total.model_dump(exclude={"last_id"})) + "\n")
    return 0


if __name__ == "__main__":
    if len(sys.argv) != 2:  # noqa: PLR2004 - the command and its selection.
        sys.exit(__doc__)
    try:
        _selection = json.loads(sys.argv[1])
    except ValueError:
        sys.exit('The selection is a JSON object, such as \'{"reason": "unknown_status"}\'.')
    sys.exit(asyncio.run(_main(_selection)))
