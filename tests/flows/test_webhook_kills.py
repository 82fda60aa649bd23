"""A batch of a thousand that is killed in the middle: after its sender's retry everything is there, once."""

import json
import secrets
import signal
import threading
import time
from dataclasses import dataclass, field
from http import HTTPStatus

import httpx
import psycopg
import pytest
from psycopg.rows import dict_row

from stack import Stack
from stack.example_secrets import META_APP_SECRETS
from stack.running.process import wait_until
from stack.services.functions.service import FUNCTIONS
from stack.services.postgres.server import NAME as POSTGRES
from stack.services.postgrest import FUNCTIONS_NAME as FUNCTIONS_POSTGREST
from tests.database import Database
from tests.samples import meta_headers

LEADS = 1000


@dataclass
class Batch:
    """As many leads as Meta delivers at once, under ids of their own."""

    url: str
    prefix: str = field(default_factory=lambda: secrets.token_hex(6))
    statuses: list[int | None] = field(default_factory=list)

    def send(self) -> bool:
        """Deliver it; whether it was taken."""
        values = [{"leadgen_id": f"{self.prefix}-{number}", "form_id": "7"} for number in range(LEADS)]
        changes = [{"field": "leadgen", "value": value} for value in values]
        body = json.dumps({"object": "page", "entry": [{"id": "1", "time": 1, "changes": changes}]}).encode()
        headers = meta_headers(META_APP_SECRETS[0], body)
        try:
            status = httpx.post(self.url, content=body, headers=headers, timeout=30).status_code
        except httpx.TransportError:
            status = None
        self.statuses.append(status)
        return status == HTTPStatus.OK

    def stored(self, database: Database) -> list[tuple[object, ...]]:
        """Return how many events, keys, leads and pieces of work there are of it."""
        return [
            tuple(row.values())
            for row in database.rows(
                "select"
                " (select count(*) from private.campaign_inbox where event_key like k) as events,"
                " (select count(*) from public.partner_leads where external_lead_id like p) as leads,"
                " (select count(*) from private.work_to_fetch where object_id like p) as work,"
                " (select count(*) from private.campaign_inbox where reason = 'to_fetch'"
                "   and event_key like k) as parked"
                " from (select %s::text as p, %s::text as k) as x",
                [f"{self.prefix}-%", f"meta:leadgen:{self.prefix}-%"],
            )
        ]


@pytest.mark.parametrize("milliseconds", [10, 40, 90])
@pytest.mark.parametrize("killed", [FUNCTIONS, FUNCTIONS_POSTGREST, POSTGRES])
def test_batch_that_is_killed_in_the_middle_is_there_once_after_its_retry(
    killed: str, milliseconds: int, mended: Stack
) -> None:
    batch = Batch(f"{mended.project.functions_url}/webhooks/meta_ads")
    sender = threading.Thread(target=batch.send)
    sender.start()
    time.sleep(milliseconds / 1000)
    mended.supervisor.kill(killed, signal.SIGKILL)
    sender.join()
    mended.up(seed=True)

    # As a platform does: until it is taken; and once more, since it may not have heard.
    # PostgREST finds out of each of its connections by itself that it is gone.
    assert wait_until(batch.send, 60), batch.statuses
    assert wait_until(batch.send, 60), batch.statuses

    with psycopg.connect(mended.project.db_url, autocommit=True, row_factory=dict_row) as connection:
        assert batch.stored(Database(connection)) == [(LEADS, LEADS, LEADS, LEADS)]
