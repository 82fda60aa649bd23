"""How many leads and batches a second campaign_webhook takes in, against what the machine could do at most.

The limits, in the same run: a function that only parses, and PostgREST called once an event. After each, the
inbox is counted: an event that was acknowledged and is not there ends the benchmark.
"""

import json
import os
import secrets
import subprocess
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import LiteralString

import psycopg

from bench.counting import PARSING_SOURCE, MiscountedError
from bench.server import serving
from functions.campaign_webhook.signature import sign
from stack import Stack
from stack.example_secrets import GOOGLE_ADS_KEYS, META_APP_SECRETS, WEBHOOK_SETTINGS
from stack.progress import Progress
from stack.project import Project

PARSING = "a function that only parses"
RPC = "PostgREST called once an event"
WEBHOOK = "campaign_webhook"

CONNECTIONS = 32
BATCH = 1_000
"""As many changes as Meta puts into one delivery."""

_SCRIPT = Path(__file__).with_name("webhooks.lua")
_WEBHOOK = Path(__file__).parents[1] / "functions" / "campaign_webhook" / "main.py"
_BATCHES_A_SECOND = 40

# Fifty campaigns that the leads are of.
_LINK: LiteralString = """
    insert into public.partner_marketing_campaigns (partner_id, channel, external_campaign_id)
    select p.id, 'google_ads', n::text
    from (select x.id from public.profiles as x where not x.is_admin order by x.created_at limit 1) as p
    cross join generate_series(700, 749) as n
    on conflict do nothing
"""

# As a year would leave it: nine in ten applied, their leads in the ledger as well.
_STORE: LiteralString = """
    select private.begin_ledger_write();
    insert into private.campaign_inbox (
      source, event_key, body_hmac, via, kind, channel, external_campaign_id, external_lead_id, occurred_at,
      facts, payload, status, reason
    )
    select
      'google_ads', 'google:lead:stored-' || i, decode(md5(i::text) || md5(i::text), 'hex'), 'webhook',
      'lead', 'google_ads', (700 + i % 50)::text, 'stored-' || i, now(),
      jsonb_build_object('kind', 'lead', 'external_lead_id', 'stored-' || i),
      jsonb_build_object('lead_id', 'stored-' || i, 'api_version', '1.0', 'form_id', 52083961001),
      case when i % 10 = 0 then 'parked' else 'applied' end, case when i % 10 = 0 then 'unknown_kind' end
    from generate_series(1, {events}) as i;
    insert into public.partner_leads
      (id, partner_id, campaign_id, channel, external_lead_id, external_campaign_id)
    select gen_random_uuid(), c.partner_id, c.id, c.channel, 'stored-' || i, c.external_campaign_id
    from generate_series(1, {events}) as i
    join public.partner_marketing_campaigns as c
      on c.channel = 'google_ads' and c.external_campaign_id = (700 + i % 50)::text
    where i % 10 <> 0;
    select private.end_ledger_write();
"""


@dataclass(frozen=True)
class Intake:
    """What one load came to: events a second, and a request's milliseconds."""

    what: str
    way: str
    per_second: float
    p50_ms: float
    p99_ms: float

    def as_dict(self) -> dict[str, object]:
        """Return the figures, for a file."""
        return asdict(self)


def measure_webhooks(stack: Stack, progress: Progress, seconds: int, stored: int) -> list[Intake]:
    """Measure each for so many seconds, and once more with so many events stored, unless that is 0.

    Raises:
        MiscountedError: An event that was acknowledged is not there.
    """
    stack.up(seed=True)
    intakes: list[Intake] = []
    with psycopg.connect(stack.project.db_url, autocommit=True) as database:
        database.execute(_LINK)
        load = _Load(stack.project, database, seconds, stack.directory / "batches")

        def run(what: str, way: str, measure: Callable[[], Intake]) -> None:
            with progress.step(f"{what}: {way}, for {seconds} s"):
                intakes.append(replace(measure(), what=what, way=way))

        run("leads", PARSING, lambda: load.parsing("google"))
        run("leads", RPC, load.rpc)
        run("leads", WEBHOOK, lambda: load.webhook("google"))
        run("batches", PARSING, lambda: load.parsing("meta"))
        run("batches", WEBHOOK, lambda: load.webhook("meta"))
        if stored:
            with progress.step(f"{stored:,} events are stored"):
                with database.transaction():
                    database.execute(_STORE.replace("{events}", str(stored)))
                database.execute("vacuum analyze private.campaign_inbox, public.partner_leads")
            run("leads", f"{WEBHOOK}, {stored:,} stored", lambda: load.webhook("google"))
            run("batches", f"{WEBHOOK}, {stored:,} stored", lambda: load.webhook("meta"))
    return intakes


class _Load:
    """Delivers, and holds what came of it against what the inbox says."""

    def __init__(self, project: Project, database: psycopg.Connection, seconds: int, batches: Path) -> None:
        self._project = project
        self._database = database
        self._seconds = seconds
        self._batches = batches
        self._token = project.token("campaign_ingester")

    def parsing(self, how: str) -> Intake:
        """Deliver to a function that only parses."""
        with serving(PARSING_SOURCE, {}) as served:
            return self._deliver(served.url, how)

    def rpc(self) -> Intake:
        """Hand each event to PostgREST in a call of its own."""
        return self._deliver_and_count(self._project.postgrest_url, "rpc")

    def webhook(self, how: str) -> Intake:
        """Deliver to campaign_webhook."""
        settings = {
            **WEBHOOK_SETTINGS,
            "SUPABASE_URL": self._project.supabase_url,
            "SUPABASE_PUBLISHABLE_KEY": self._project.publishable_key,
            "POSTGREST_URL": self._project.postgrest_url,
            "CAMPAIGN_INGESTER_JWT": self._token,
        }
        with serving(_WEBHOOK, settings) as served:
            return self._deliver_and_count(served.url, how)

    def _deliver_and_count(self, url: str, how: str) -> Intake:
        before = self._events()
        intake, told = self._send(url, how)
        # What was still on its way when the clock stopped is let come in.
        time.sleep(1)
        counted = self._events() - before
        if counted < told:
            raise MiscountedError(f"{told} acknowledged, {counted} in the inbox")
        return intake

    def _deliver(self, url: str, how: str) -> Intake:
        return self._send(url, how)[0]

    def _send(self, url: str, how: str) -> tuple[Intake, int]:
        arguments = [how, str(self._make_batches())] if how == "meta" else [how]
        options = ["-t2", f"-c{CONNECTIONS}", f"-d{self._seconds}s", "--timeout=20s", f"-s{_SCRIPT}"]
        done = subprocess.run(  # noqa: S603 - our own.
            ["wrk", *options, url, "--", *arguments],  # noqa: S607 - looked for before.
            env={
                "PATH": os.environ["PATH"],
                "CAMPAIGN_INGESTER_JWT": self._token,
                "GOOGLE_KEY": GOOGLE_ADS_KEYS[0],
            },
            capture_output=True,
            text=True,
            check=True,
        )
        answer: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
        if answer["refused"] or answer["broken"]:
            raise MiscountedError(f"{answer['refused']:.0f} refused, {answer['broken']:.0f} broken")
        events = int(answer["answered"]) * (BATCH if how == "meta" else 1)
        per_second = round(events / answer["seconds"], 1)
        # More batches than were made would come twice, and a repeat is quicker than what is new.
        told = min(events, BATCH * _BATCHES_A_SECOND * self._seconds) if how == "meta" else events
        return Intake("", "", per_second, answer["p50"], answer["p99"]), told

    def _make_batches(self) -> Path:
        """Write as many deliveries as can be taken in meanwhile, signed, and return a list of them."""
        self._batches.mkdir(exist_ok=True)
        nonce, lines = secrets.token_hex(4), []
        for number in range(_BATCHES_A_SECOND * self._seconds):
            changes = [
                {
                    "field": "leadgen",
                    "value": {
                        "ad_id": "120210000000000123",
                        "form_id": "1234509876543210",
                        "leadgen_id": f"{nonce}{number:05}{change:05}",
                        "created_time": 1795000003,
                        "page_id": "102938475610293",
                        "adgroup_id": "120210000000000122",
                    },
                }
                for change in range(BATCH)
            ]
            entry = {"id": "102938475610293", "time": 1795000065, "changes": changes}
            body = json.dumps({"object": "page", "entry": [entry]}).encode()
            file = self._batches / f"{number}.json"
            file.write_bytes(body)
            lines.append(f"sha256={sign(META_APP_SECRETS[0].encode(), body)} {file}\n")
        listed = self._batches / "list"
        listed.write_text("".join(lines))
        return listed

    def _events(self) -> int:
        (value,) = self._database.execute("select count(*) from private.campaign_inbox").fetchone() or (0,)
        return int(value)
