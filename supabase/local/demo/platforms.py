"""Ad accounts of a simulator on this machine, connected as real ones are, and asked for a month."""

import datetime as dt
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import psycopg
from pydantic import SecretStr

from demo.actors import Person
from functions.campaign_sync.credentials import Credentials, Sealer
from stack.errors import StackError
from stack.example_secrets import SYNC_KEYS
from stack.project import Project
from stack.settings import REPOSITORY

DAYS = 28
"""As many as Meta is asked for by itself; the others restate more."""


@contextmanager
def simulated_platforms() -> Iterator[str]:
    """Have the tests' simulator of the platforms answer until the block is left, and return its address."""
    command = [sys.executable, "-m", "tests.simulator", f"--days={DAYS}"]
    with subprocess.Popen(command, cwd=REPOSITORY, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603 - our own.
        try:
            url = process.stdout.readline().strip() if process.stdout is not None else ""
            if not url:
                raise StackError(
                    "The simulator of the ad platforms did not start.", "Run python -m tests.simulator."
                )
            yield url
        finally:
            process.terminate()


class Platforms:
    """What an operator and an admin do about the platforms."""

    def __init__(self, project: Project, http: httpx.AsyncClient, url: str) -> None:
        """Speak of the simulator at `url`."""
        self._project = project
        self._http = http
        self._url = url

    async def accounts(self) -> list[dict[str, Any]]:
        """Return the simulator's accounts, each with its campaigns and what they spent in EUR."""
        answer = await self._http.get(f"{self._url}/accounts")
        return list(answer.raise_for_status().json())

    async def connect(self, admin: Person, account: dict[str, Any]) -> None:
        """Connect an account, its credentials sealed as campaign_sync opens them."""
        keys = json.loads(os.environ.get("SYNC_KEYS") or json.dumps(SYNC_KEYS))
        sealer = Sealer([SecretStr(key) for key in keys])
        credentials = Credentials(
            client_id="example",
            client_secret=SecretStr("example"),
            refresh_token=SecretStr(account["refresh_token"]) if account["refresh_token"] else None,
            access_token=SecretStr(account["access_token"]),
        )
        connection = {"channel": account["platform"], "account_id": account["account_id"], "name": "Demo"}
        await admin.call("connect_ad_account", connection=connection, sealed=sealer.seal(credentials))

    async def ask_for_days(self, admin: Person, account: dict[str, Any]) -> None:
        """Have the days up to yesterday asked for, whatever is planned."""
        today = dt.datetime.now(ZoneInfo("Europe/Amsterdam")).date()
        await admin.call(
            "request_sync",
            channel=account["platform"],
            account_id=account["account_id"],
            window_from=str(today - dt.timedelta(days=DAYS)),
            window_to=str(today - dt.timedelta(days=1)),
        )

    def point_here(self) -> None:
        """Say in the dashboard's SQL editor that the platforms are on this machine."""
        with psycopg.connect(self._project.db_url, autocommit=True) as connection:
            connection.execute(
                "update private.platform_apis set base_url = %s || '/' || platform || '/' || api", [self._url]
            )

    def let_write(self) -> None:
        """Say there too that campaigns may be changed on them."""
        with psycopg.connect(self._project.db_url, autocommit=True) as connection:
            connection.execute("update private.ad_connections set write_mode = 'on'")

    def hurry(self) -> bool:
        """Have what is to be asked later asked now, and return whether there is anything."""
        with psycopg.connect(self._project.db_url, autocommit=True) as connection:
            found = connection.execute(
                "update private.sync_jobs set due_at = now() where finished_at is null returning id"
            ).fetchall()
        return bool(found)
