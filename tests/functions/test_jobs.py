"""POST /jobs/…: who may set a job going, and what becomes of what is due, with a real SMTP server."""

import asyncio
import itertools
import time
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, field
from email.message import EmailMessage
from typing import Any

import httpx
import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import Envelope
from structlog.testing import capture_logs

from functions.jobs import outbox, routes
from functions.jobs.delivery import DELIVERED, Delivery, Outcome, failed
from functions.jobs.lead_mail import LeadMail
from functions.jobs.settings import JobSettings
from functions.jobs.webhook import WebhookConnections, WebhookSender
from shared.http.settings import Settings
from shared.postgrest.client import PostgREST
from stack.example_secrets import JOBS_SECRET
from stack.running.ports import choose_port
from tests.fake_postgrest import FakePostgREST, make_jwt, refuse
from tests.functions.conftest import PROJECT, make_client
from tests.functions.deliveries import delivery

SCHEDULER = {"Authorization": f"Bearer {JOBS_SECRET}"}


@dataclass
class Provider:
    """A mail provider that does what a test says."""

    recipient_answer: str = "250 OK"
    data_answer: str = "250 OK"
    taken: list[Envelope] = field(default_factory=list)

    # By aiosmtpd's own names: server, session, envelope, and for RCPT its address and options.
    async def handle_RCPT(self, *details: Any) -> str:  # noqa: ANN401, N802
        _, _, envelope, address, _ = details
        if self.recipient_answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return self.recipient_answer

    async def handle_DATA(self, *details: Any) -> str:  # noqa: ANN401, N802
        if self.data_answer.startswith("250"):
            self.taken.append(details[-1])
        return self.data_answer


@dataclass
class Queue:
    """The outbox's two functions, and what they were told."""

    due: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    noted: list[dict[str, Any]] = field(default_factory=list)

    def take(self, arguments: dict[str, Any]) -> list[dict[str, Any]]:
        waiting = self.due.get(arguments["kind"], [])
        taken, self.due[arguments["kind"]] = waiting[: arguments["most"]], waiting[arguments["most"] :]
        return taken

    def note(self, arguments: dict[str, Any]) -> int:
        self.noted.extend(arguments["results"])
        return len(arguments["results"])

    def became(self) -> list[tuple[str, str | None]]:
        return [(result["outcome"], result["error"]) for result in self.noted]


@pytest.fixture
def queue(database: FakePostgREST) -> Queue:
    queue = Queue()
    database.answers |= {"take_deliveries": queue.take, "note_deliveries": queue.note}
    return queue


@pytest.fixture
def provider() -> Provider:
    return Provider()


@pytest.fixture
def smtp_port(provider: Provider) -> Iterator[int]:
    port = choose_port("", fixed=None, kept=None, is_held=False)
    controller = Controller(provider, hostname="127.0.0.1", port=port)
    controller.start()
    yield port
    controller.stop()


class Webhooks(WebhookSender):
    """Partners' programs, at the edge of the network."""

    def __init__(self) -> None:
        super().__init__("https://www.example.nl")
        self.told: list[Delivery] = []
        self.outcome = DELIVERED
        self.slow: set[str] = set()
        self.went_on = asyncio.Event()

    def open(self) -> WebhookConnections:
        connections = super().open()

        async def send(delivery: Delivery) -> Outcome:
            self.told.append(delivery)
            if str(delivery.id) in self.slow:
                await self.went_on.wait()
            return self.outcome

        connections.send = send  # type: ignore[method-assign]
        return connections


@pytest.fixture
def webhooks() -> Webhooks:
    return Webhooks()


Open = Callable[..., httpx.AsyncClient]


@pytest.fixture
def serve(open_database: Callable[[Settings], PostgREST], smtp_port: int, webhooks: Webhooks) -> Open:
    """Start jobs, with another provider or clock where a test says so."""

    def serve(port: int = smtp_port, clock: Callable[[], float] = time.monotonic) -> httpx.AsyncClient:
        settings = JobSettings.model_validate(
            {
                **PROJECT,
                "job_runner_jwt": make_jwt("job_runner"),
                "jobs_secret": JOBS_SECRET,
                "smtp_host": "127.0.0.1",
                "smtp_port": port,
                "smtp_tls": "none",
                "mail_from": "Dakmarkt <aanvragen@dakmarkt.voorbeeld.nl>",
            }
        )
        return make_client(routes.build(settings, open_database(settings), webhooks, clock))

    return serve


@pytest.fixture
async def client(serve: Open) -> AsyncIterator[httpx.AsyncClient]:
    async with serve() as client:
        yield client


async def _deliver(client: httpx.AsyncClient) -> httpx.Response:
    return await client.post("/jobs/deliveries", headers=SCHEDULER)


@pytest.mark.parametrize(
    ("headers", "code"),
    [
        ({}, "missing_token"),
        ({"Authorization": "Bearer wrong"}, "invalid_token"),
        ({"Authorization": f"Bearer {JOBS_SECRET}x"}, "invalid_token"),
        ({"Authorization": f"Bearer {JOBS_SECRET[:-1]}"}, "invalid_token"),
        ({"Authorization": f"Basic {JOBS_SECRET}"}, "invalid_token"),
    ],
)
async def test_nobody_but_the_scheduler_sets_a_job_going(
    client: httpx.AsyncClient, database: FakePostgREST, headers: dict[str, str], code: str
) -> None:
    answer = await client.post("/jobs/deliveries", headers=headers)

    assert (answer.status_code, answer.json()["code"]) == (401, code)
    assert database.calls == []


async def test_what_is_due_is_sent_and_noted_one_by_one(
    client: httpx.AsyncClient, queue: Queue, provider: Provider, webhooks: Webhooks, database: FakePostgREST
) -> None:
    mails = [delivery() for _ in range(25)]
    queue.due = {
        "partner_mail": list(mails),
        "visitor_mail": [delivery("visitor_mail", recipient="anna@voorbeeld.nl")],
        "webhook": [delivery("webhook") for _ in range(3)],
    }

    answer = await _deliver(client)

    assert answer.json() == {"delivered": 29, "failed": 0, "refused": 0}
    assert [envelope.rcpt_tos for envelope in provider.taken[:25]] == [["info@vandijk.voorbeeld.nl"]] * 25
    assert provider.taken[25].rcpt_tos == ["anna@voorbeeld.nl"]
    assert provider.taken[0].mail_from == "aanvragen@dakmarkt.voorbeeld.nl"
    assert len(webhooks.told) == 3
    assert {result["id"] for result in queue.noted} >= {mail["id"] for mail in mails}
    # Killed in the middle, one mail at most is sent again.
    notes = [call for call in database.calls if call.function == "note_deliveries"]
    assert len(notes) == 26 + 1
    assert {call.authorization for call in database.calls} == {f"Bearer {make_jwt('job_runner')}"}


@pytest.mark.parametrize(
    ("answers", "became"),
    [
        ({"recipient_answer": "450 later"}, ("failed", "smtp 450")),
        ({"recipient_answer": "550 jan@voorbeeld.nl is unknown"}, ("refused", "smtp 550")),
        ({"data_answer": "451 later"}, ("failed", "smtp 451")),
        ({"data_answer": "554 spam"}, ("failed", "smtp 554")),
    ],
)
async def test_what_the_provider_says_no_to_is_noted_without_its_words(
    client: httpx.AsyncClient,
    queue: Queue,
    provider: Provider,
    answers: dict[str, str],
    became: tuple[str, str],
) -> None:
    vars(provider).update(answers)
    queue.due["partner_mail"] = [delivery(), delivery()]

    await _deliver(client)

    assert queue.became() == [became, became]
    assert provider.taken == []


async def test_one_bad_address_holds_up_nobody(
    client: httpx.AsyncClient, queue: Queue, provider: Provider
) -> None:
    bad = [None, "", "geen adres", "a@voorbeeld.nl\r\nRCPT TO:<b@voorbeeld.nl>", "jörg@voorbeeld.nl"]
    queue.due["partner_mail"] = [*(delivery(recipient=address) for address in bad), delivery()]

    await _deliver(client)

    assert queue.became() == [("refused", "no address")] * len(bad) + [("delivered", None)]
    assert [envelope.rcpt_tos for envelope in provider.taken] == [["info@vandijk.voorbeeld.nl"]]


async def test_what_breaks_holds_up_nobody_and_says_nothing_of_whom_it_was_about(
    client: httpx.AsyncClient, queue: Queue, provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = LeadMail.write

    def break_at_times(self: LeadMail, told: Delivery, recipient: str) -> EmailMessage:
        if recipient.startswith("kapot"):
            raise IndexError(recipient)
        return write(self, told, recipient)

    monkeypatch.setattr(LeadMail, "write", break_at_times)
    queue.due["partner_mail"] = [delivery(recipient="kapot@voorbeeld.nl"), delivery()]

    await _deliver(client)

    assert queue.became() == [("failed", "broke IndexError"), ("delivered", None)]
    assert len(provider.taken) == 1


async def test_while_the_provider_is_away_nothing_more_is_taken_and_webhooks_go_on(
    serve: Open, queue: Queue
) -> None:
    queue.due = {"partner_mail": [delivery() for _ in range(50)], "webhook": [delivery("webhook")]}
    async with serve(port=choose_port("", fixed=None, kept=None, is_held=False)) as client:
        answer = await _deliver(client)

    assert answer.json() == {"delivered": 1, "failed": 20, "refused": 0}
    assert len(queue.due["partner_mail"]) == 30
    assert {error for outcome, error in queue.became() if outcome == "failed"} == {"smtp unreachable"}


async def test_a_provider_that_says_nothing_is_not_waited_for(
    client: httpx.AsyncClient, queue: Queue, provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def say_nothing(*_: object) -> str:
        await asyncio.sleep(2)
        return "250 OK"

    monkeypatch.setattr(provider, "handle_DATA", say_nothing)
    monkeypatch.setattr("functions.jobs.smtp.SECONDS", 0.2)
    queue.due["partner_mail"] = [delivery()]

    await _deliver(client)

    assert queue.became() == [("failed", "smtp timeout")]


async def test_a_run_ends_in_time_and_leaves_the_rest_for_the_next(serve: Open, queue: Queue) -> None:
    ticks = itertools.count(step=outbox.RUN_SECONDS / 10)
    queue.due["partner_mail"] = [delivery() for _ in range(500)]
    async with serve(clock=lambda: next(ticks)) as client:
        answer = await _deliver(client)

    assert answer.status_code == 200
    assert 0 < answer.json()["delivered"] < 10
    assert len(queue.due["partner_mail"]) > 400


async def test_a_program_that_fails_is_noted(
    client: httpx.AsyncClient, queue: Queue, webhooks: Webhooks
) -> None:
    webhooks.outcome = failed("http 500")
    queue.due["webhook"] = [delivery("webhook")]

    assert (await _deliver(client)).json()["failed"] == 1
    assert queue.became() == [("failed", "http 500")]


async def test_programs_that_take_their_time_keep_no_others_waiting(
    client: httpx.AsyncClient, database: FakePostgREST, queue: Queue, webhooks: Webhooks
) -> None:
    slow = [delivery("webhook") for _ in range(19)]
    others = [delivery("webhook") for _ in range(40)]
    webhooks.slow = {each["id"] for each in slow}
    queue.due["webhook"] = [*slow, *others]

    others_noted = asyncio.Event()

    def note(arguments: dict[str, Any]) -> int:
        noted = queue.note(arguments)
        if {result["id"] for result in queue.noted} == {each["id"] for each in others}:
            others_noted.set()
        return noted

    database.answers["note_deliveries"] = note
    run = asyncio.create_task(_deliver(client))
    await asyncio.wait_for(others_noted.wait(), timeout=30)
    assert len(webhooks.told) == len(slow) + len(others)
    webhooks.went_on.set()

    assert (await run).json()["delivered"] == len(slow) + len(others)
    assert len(queue.noted) == len(slow) + len(others)


async def test_what_is_under_way_is_finished_when_it_cannot_be_noted(
    client: httpx.AsyncClient, database: FakePostgREST, queue: Queue, webhooks: Webhooks
) -> None:
    queue.due["webhook"] = [delivery("webhook") for _ in range(3)]
    webhooks.slow = {queue.due["webhook"][0]["id"]}
    database.answers["note_deliveries"] = httpx.ConnectError("gone")

    run = asyncio.create_task(_deliver(client))
    await asyncio.sleep(0.5)
    assert not run.done()
    webhooks.went_on.set()

    assert (await run).status_code == 503


async def test_while_the_database_is_away_the_scheduler_is_told(
    client: httpx.AsyncClient, database: FakePostgREST
) -> None:
    database.answers["take_deliveries"] = httpx.ConnectError("gone")

    answer = await _deliver(client)

    assert (answer.status_code, answer.json()["code"]) == (503, "database_unavailable")


async def test_upkeep_keeps_days_and_people_to_their_time(
    client: httpx.AsyncClient, database: FakePostgREST
) -> None:
    database.answers |= {
        "maintain_page_events": {"days_added": 1},
        "maintain_people": {"people": 2},
        "maintain_sync": {"jobs": 3},
        "find_alerts": [],
    }

    answer = await client.post("/jobs/upkeep", headers=SCHEDULER)

    assert answer.json() == {
        "page_events": {"days_added": 1},
        "people": {"people": 2},
        "sync": {"jobs": 3},
        "alerts": 0,
    }


async def test_upkeep_logs_each_alert_that_is_open(
    client: httpx.AsyncClient, database: FakePostgREST
) -> None:
    alert = {
        "kind": "token_expires",
        "subject": "job_runner 2026-12-01 00:00",
        "detail": "Sign another.",
        "raised_at": "2026-11-24T05:00:00+00:00",
    }
    database.answers |= {
        "maintain_page_events": {},
        "maintain_people": {},
        "maintain_sync": {},
        "find_alerts": [alert],
    }

    with capture_logs() as lines:
        answer = await client.post("/jobs/upkeep", headers=SCHEDULER)

    assert answer.json()["alerts"] == 1
    (line,) = [line for line in lines if line["event"] == "alert_open"]
    assert (line["kind"], line["subject"], line["log_level"]) == (alert["kind"], alert["subject"], "warning")


async def test_upkeep_that_is_running_already_says_so(
    client: httpx.AsyncClient, database: FakePostgREST
) -> None:
    database.answers["maintain_page_events"] = refuse(429, "PT429", "already_running", "It runs.", "Wait.")

    answer = await client.post("/jobs/upkeep", headers=SCHEDULER)

    assert (answer.status_code, answer.json()["code"]) == (429, "already_running")
