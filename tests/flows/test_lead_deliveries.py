"""Leads that reach people: from the form to a mailbox, through whatever breaks on the way."""

import signal
import threading
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from email import message_from_bytes, policy
from email.message import EmailMessage

import httpx
import psycopg
import pytest
from psycopg.rows import dict_row

from stack import Stack
from stack.example_secrets import JOBS_SECRET
from stack.running.process import wait_until
from stack.services.functions.service import FUNCTIONS
from stack.services.mailbox import MAILBOX
from tests.database import Database
from tests.flows.scene import Scene
from tests.flows.visits import BROWSER, lead


class Leads:
    """Leads of a page of their own, on a stack that may break, and the mail that comes of them."""

    def __init__(self, stack: Stack, scene: Scene, database: Database) -> None:
        self.stack = stack
        self.database = database
        self._scene = scene
        self._http = scene.http
        self.page_id = scene.publish_page()

    def ask(self, count: int = 1, **changes: object) -> list[str]:
        """Send forms, and return the ids that were acknowledged."""
        url, browser = f"{self.stack.project.functions_url}/leads", {"User-Agent": BROWSER}
        answers = [
            self._http.post(url, json=lead(self.page_id, **changes), headers=browser) for _ in range(count)
        ]
        assert {answer.status_code for answer in answers} == {201}
        return [answer.json()["lead_id"] for answer in answers]

    def run_job(self) -> httpx.Response:
        url = f"{self.stack.project.functions_url}/jobs/deliveries"
        return httpx.post(url, headers={"Authorization": f"Bearer {JOBS_SECRET}"}, timeout=60)

    def try_job(self) -> None:
        """Run it, and be killed."""
        with suppress(httpx.TransportError):
            self.run_job()

    def let_leases_end(self) -> None:
        self.database.run("update private.lead_outbox set due_at = now() where due_at is not null")

    def ids(self, kind: str) -> set[str]:
        rows = self.database.rows(
            "select o.id::text from private.lead_outbox as o"
            " join public.partner_leads as l on l.id = o.lead_id where o.kind = %s and l.page_id = %s",
            [kind, self.page_id],
        )
        return {row["id"] for row in rows}

    def mails(self) -> list[EmailMessage]:
        directory = self.stack.project.maildir
        assert directory is not None
        files = [file.read_bytes() for file in (directory / "new").iterdir()]
        return [message_from_bytes(file, policy=policy.default) for file in files]

    def arrived(self, kind: str) -> Counter[str]:
        """How often each of this page's mails has arrived, by its id."""
        ids = self.ids(kind)
        seen = (str(mail["Message-ID"]).strip("<>").partition("@")[0] for mail in self.mails())
        return Counter(message_id for message_id in seen if message_id in ids)


@pytest.fixture
def leads(mended: Stack, broken_scene: Scene) -> Iterator[Leads]:
    with psycopg.connect(mended.project.db_url, autocommit=True, row_factory=dict_row) as connection:
        yield Leads(mended, broken_scene, Database(connection))


def test_a_form_becomes_a_mail_to_the_partner_and_one_to_the_visitor(
    leads: Leads, broken_scene: Scene
) -> None:
    (lead_id,) = leads.ask(
        email="zoe@voorbeeld.nl", name="Zoë Bakker", message="Graag snel.", phone="06 12345678"
    )

    answer = leads.run_job()

    assert answer.json()["delivered"] >= 2
    ids = leads.ids("partner_mail") | leads.ids("visitor_mail")
    mails = [mail for mail in leads.mails() if str(mail["Message-ID"]).strip("<>").partition("@")[0] in ids]
    by_recipient = {str(mail["To"]): mail for mail in mails}
    assert by_recipient.keys() == {broken_scene.partner.email, "zoe@voorbeeld.nl"}
    to_partner = by_recipient[broken_scene.partner.email]
    text = to_partner.get_body(("plain",))
    assert text is not None
    assert "Zoë Bakker" in text.get_content()
    assert "06 12345678" in text.get_content()
    assert to_partner["Reply-To"].addresses[0].addr_spec == "zoe@voorbeeld.nl"
    assert leads.run_job().json() == {"delivered": 0, "failed": 0, "refused": 0}
    assert lead_id


def test_several_jobs_at_once_send_each_mail_once(leads: Leads) -> None:
    leads.ask(30)

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _: leads.run_job(), range(4)))

    assert {answer.status_code for answer in answers} == {200}
    for kind in ("partner_mail", "visitor_mail"):
        assert leads.arrived(kind) == dict.fromkeys(leads.ids(kind), 1)
        assert len(leads.ids(kind)) == 30


_PAUSE = """
create function private.pause() returns trigger language plpgsql as
$$ begin if new.delivered_at is not null then perform pg_sleep(60); end if; return new; end $$;
create trigger pause before update on private.lead_outbox for each row execute function private.pause();
"""


def test_killed_between_sending_and_marking_it_is_sent_again_and_says_so(leads: Leads) -> None:
    leads.ask(3, email=None, phone="06 12345678")
    leads.database.run(_PAUSE)
    job = threading.Thread(target=leads.try_job)
    job.start()
    assert wait_until(lambda: bool(leads.arrived("partner_mail")), 10)

    # The mail is out, and the note of it is on its way.
    leads.stack.supervisor.kill(FUNCTIONS, signal.SIGKILL)
    leads.database.rows(
        "select pg_terminate_backend(pid) from pg_stat_activity"
        " where query like '%%note_deliveries%%' and pid <> %s",
        [leads.database.connection.info.backend_pid],
    )
    job.join()
    leads.database.run("drop function private.pause cascade")
    leads.stack.up(seed=True)
    first = leads.arrived("partner_mail")
    assert sum(first.values()) == 1

    assert wait_until(lambda: leads.run_job().is_success, 20)
    leads.let_leases_end()
    assert wait_until(lambda: leads.run_job().is_success, 20)

    (sent_twice,) = first
    assert leads.arrived("partner_mail") == {
        message_id: 1 + (message_id == sent_twice) for message_id in leads.ids("partner_mail")
    }
    assert len(leads.ids("partner_mail")) == 3


@pytest.mark.parametrize("milliseconds", [50, 150, 400])
def test_killed_at_any_moment_nothing_is_lost(leads: Leads, milliseconds: int) -> None:
    leads.ask(20)
    job = threading.Thread(target=leads.try_job)
    job.start()
    job.join(milliseconds / 1000)
    leads.stack.supervisor.kill(FUNCTIONS, signal.SIGKILL)
    job.join()

    leads.stack.up(seed=True)
    leads.let_leases_end()
    assert wait_until(lambda: leads.run_job().is_success, 20)

    for kind in ("partner_mail", "visitor_mail"):
        arrived = leads.arrived(kind)
        assert arrived.keys() == leads.ids(kind)
        # Twice only what was under way.
        assert sum(arrived.values()) <= len(arrived) + 1


def test_an_outage_of_the_provider_delays_and_loses_nothing(leads: Leads) -> None:
    leads.stack.supervisor.kill(MAILBOX)
    leads.ask(25)

    answer = leads.run_job()
    assert answer.json()["delivered"] == 0
    leads.database.run(
        "update private.lead_outbox set created_at = now() - interval '1 day' where delivered_at is null"
    )
    leads.run_job()
    alert = "select count(*) from private.alerts where kind = 'leads_undelivered' and resolved_at is null"
    assert leads.database.value(alert) == 1

    leads.stack.up(seed=True)
    leads.let_leases_end()
    leads.run_job()

    for kind in ("partner_mail", "visitor_mail"):
        assert leads.arrived(kind) == dict.fromkeys(leads.ids(kind), 1)
    assert leads.database.value(alert) == 0
