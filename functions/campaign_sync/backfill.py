"""Fetch months of an ad account's days at once, with progress.

SUPABASE_URL=… SUPABASE_PUBLISHABLE_KEY=… SYNC_KEYS='["…"]' ADMIN_JWT=… JOB_RUNNER_JWT=… \
    python -m functions.campaign_sync.backfill google_ads 1234567890 2026-01-01 2026-10-31

Stopped, it goes on where it was: the same command once more, without the days. Nothing counts twice.
"""

import argparse
import asyncio
import datetime as dt
import sys
import time
from collections.abc import Awaitable, Callable
from typing import Annotated, TextIO

from pydantic import BaseModel

from functions.campaign_sync.credentials import Sealer
from functions.campaign_sync.runner import Runner
from functions.campaign_sync.settings import SealingSettings
from shared.http.clock import utc_now
from shared.http.errors import DatabaseUnavailable, Problem
from shared.http.settings import Secret, speaks_as
from shared.postgrest.client import Identity, PostgREST

_MOST_SECONDS = 60.0


class BackfillSettings(SealingSettings):
    """Settings of the command."""

    admin_jwt: Secret
    job_runner_jwt: Annotated[Secret, speaks_as("job_runner")]


class Progress(BaseModel):
    """How far the windows are."""

    windows: int
    done: int
    refused: int
    rows: int
    next_at: dt.datetime | None = None
    last_error: str | None = None

    @property
    def is_over(self) -> bool:
        """Whether nothing is left to ask for."""
        return self.done + self.refused >= self.windows


async def backfill(
    admin: Identity,
    run: Callable[[], Awaitable[object]],
    account: tuple[str, str],
    progress: TextIO,
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
) -> Progress:
    """Run until every window that was asked for by hand has come to its end, and say how far it is.

    Raises:
        DatabaseUnavailable: The rest is still to be done.
    """
    channel, account_id = account
    while True:
        await run()
        answer = await admin.call("sync_progress", channel=channel, account_id=account_id)
        state = Progress.model_validate(answer)
        error = f", last: {state.last_error}" if state.last_error else ""
        progress.write(f"{state.done} of {state.windows} windows, {state.rows} days{error}\n")
        if state.is_over:
            return state
        if state.next_at is not None:
            # A report is being made, or the platform wants to be left alone.
            await sleep(min(max((state.next_at - utc_now()).total_seconds(), 0), _MOST_SECONDS))


async def _main(arguments: argparse.Namespace) -> int:
    settings = BackfillSettings()
    async with PostgREST(settings) as postgrest:
        admin = postgrest.as_caller(f"Bearer {settings.admin_jwt.get_secret_value()}")
        identity = postgrest.as_role(settings.job_runner_jwt)
        runner = Runner(identity, Sealer(settings.sync_keys), None, utc_now, time.monotonic)
        account = (arguments.channel, arguments.account_id)
        try:
            if arguments.window:
                first, last = arguments.window
                await admin.call(
                    "request_sync",
                    channel=account[0],
                    account_id=account[1],
                    window_from=first,
                    window_to=last,
                )
            state = await backfill(admin, runner.run, account, sys.stdout)
        except Problem as problem:
            again = "Run it once more, without the days." if isinstance(problem, DatabaseUnavailable) else ""
            sys.stderr.write(f"{problem.detail} {problem.hint or ''} {again}\n")
            return 1
    return 1 if state.refused else 0


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m functions.campaign_sync.backfill")
    parser.add_argument("channel")
    parser.add_argument("account_id")
    parser.add_argument("window", nargs="*", help="the first and the last day; none to go on")
    arguments = parser.parse_args()
    if len(arguments.window) not in {0, 2}:
        parser.error("Give the first and the last day, or neither.")
    return arguments


if __name__ == "__main__":
    sys.exit(asyncio.run(_main(_parse())))
