"""Programs that are killed in the middle of traffic: what was acknowledged is there, once."""

import os
import secrets
import signal
import time
from collections import Counter
from decimal import Decimal
from uuid import UUID

import psycopg
import pytest
from psycopg.rows import dict_row

from stack import Stack
from stack.services.functions.service import FUNCTIONS
from stack.services.postgres.server import NAME as POSTGRES
from stack.services.postgrest import FUNCTIONS_NAME as FUNCTIONS_POSTGREST
from stack.stack import SERVICES
from tests.database import Database
from tests.flows.scene import Scene
from tests.flows.traffic import Traffic


@pytest.fixture
def traffic(broken_scene: Scene) -> Traffic:
    scene = broken_scene
    page_id = scene.publish_page()
    partner, admin = scene.client(scene.partner), scene.client(scene.admin)
    campaign = partner.insert("partner_marketing_campaigns", {"channel": "google_ads"})
    external_id = str(secrets.randbelow(10**12))
    admin.call("link_campaign", campaign_id=campaign["id"], external_campaign_id=external_id)
    return Traffic(scene.project, page_id, external_id)


def _assert_everything_is_there_once(traffic: Traffic) -> None:
    sent = traffic.acknowledged
    with psycopg.connect(traffic.project.db_url, autocommit=True, row_factory=dict_row) as connection:
        database = Database(connection)
        views = database.rows("select id from private.page_events where page_id = %s", [traffic.page_id])
        leads = database.rows("select id from public.partner_leads where page_id = %s", [traffic.page_id])
        reported = database.rows(
            "select external_lead_id as id from public.partner_leads where external_campaign_id = %s",
            [traffic.campaign_id],
        )
        page = database.page(UUID(traffic.page_id))
        campaign = database.row(
            "select * from public.partner_marketing_campaigns where external_campaign_id = %s",
            [traffic.campaign_id],
        )
        drift = database.rows("select * from private.find_counter_drift()")

    assert Counter(str(view["id"]) for view in views) == Counter(sent["view"])
    assert Counter(str(lead["id"]) for lead in leads) == Counter(sent["lead"])
    assert Counter(lead["id"] for lead in reported) == Counter(sent["google"])
    assert (page["views_count"], page["conversions_count"]) == (len(sent["view"]), len(sent["lead"]))
    reports = int(sent["metrics"][-1])
    assert campaign["total_leads"] == len(sent["google"])
    assert (campaign["total_clicks"], campaign["total_spend"]) == (reports, Decimal(reports) / 100)
    assert drift == []


def test_what_is_committed_is_on_the_disk(breakable: Stack) -> None:
    """These stay on wherever a lost process is tested, for every role."""
    names = ["fsync", "synchronous_commit", "full_page_writes"]
    with psycopg.connect(breakable.project.db_url) as connection:
        settings = connection.execute("select name, setting from pg_settings where name = any(%s)", [names])
        exceptions = connection.execute(
            "select setconfig from pg_db_role_setting where setconfig::text ~ any(%s)", [names]
        )

        assert dict(settings.fetchall()) == dict.fromkeys(names, "on")
        assert exceptions.fetchall() == []


@pytest.mark.parametrize(
    ("killed", "how"),
    [
        ([FUNCTIONS_POSTGREST], signal.SIGKILL),
        ([POSTGRES], signal.SIGKILL),
        # What `pg_ctl stop --mode=immediate` sends.
        ([POSTGRES], signal.SIGQUIT),
        ([FUNCTIONS], signal.SIGKILL),
        (list(SERVICES), signal.SIGKILL),
    ],
    ids=["PostgREST", "PostgreSQL", "PostgreSQL at once", "functions", "everything"],
)
def test_killed_in_the_middle_of_traffic_nothing_is_lost_and_nothing_counts_twice(
    killed: list[str], how: signal.Signals, mended: Stack, traffic: Traffic
) -> None:
    with traffic.flowing():
        traffic.wait_for_more(10)
        for service in killed:
            mended.supervisor.kill(service, how)
        traffic.wait_for_failures(1)
        mended.up(seed=True)
        traffic.wait_for_more(10)

    _assert_everything_is_there_once(traffic)
    said = traffic.repeat_everything()
    assert set(said) == {"duplicate"}
    _assert_everything_is_there_once(traffic)


def test_requests_that_their_senders_gave_up_on_count_once(mended: Stack, traffic: Traffic) -> None:
    """PostgREST hangs for ten seconds and senders send again; then it does what it was asked before, too."""
    record = mended.supervisor.record(FUNCTIONS_POSTGREST)
    assert record is not None
    traffic.patience_seconds = 0.3
    with traffic.flowing():
        traffic.wait_for_more(10)
        os.kill(record.process.pid, signal.SIGSTOP)
        try:
            time.sleep(10)
            traffic.wait_for_failures(30)
        finally:
            os.kill(record.process.pid, signal.SIGCONT)
        traffic.patience_seconds = 5
        traffic.wait_for_more(10)

    assert traffic.failures["view ReadTimeout"] > 0
    _assert_everything_is_there_once(traffic)
