"""Every sample of every platform, over HTTP to the running function and back out of PostgreSQL."""

import hashlib
import json
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import psycopg
import pytest
from psycopg.rows import dict_row

from stack import Stack
from stack.example_secrets import META_VERIFY_TOKENS
from tests.database import Database
from tests.samples import ACCEPTED, DIRECTORY, KINDS, MANIFEST, Sample, load_samples

SAMPLES = list(load_samples())
REFUSED = [sample for sample in SAMPLES if not sample.is_accepted]

_names = [sample.file.removesuffix(".json") for sample in SAMPLES]
_accepted_names = [sample.file.removesuffix(".json") for sample in ACCEPTED]


@pytest.fixture(scope="module")
def fresh(breakable: Stack) -> Iterator[Database]:
    """A database to which nobody has delivered anything yet, that knows the rate of the samples' day."""
    with psycopg.connect(breakable.project.db_url, autocommit=True, row_factory=dict_row) as connection:
        database = Database(connection)
        database.run(
            "insert into private.currency_rates (currency, day, per_eur, source)"
            " values ('USD', '2026-11-17', 1.25, 'made up')"
        )
        yield database


@pytest.fixture(scope="module")
def deliver(breakable: Stack, http: httpx.Client) -> Any:  # noqa: ANN401
    def deliver(
        sample: Sample, body: bytes | None = None, headers: dict[str, str] | None = None
    ) -> httpx.Response:
        return http.post(
            f"{breakable.project.functions_url}/webhooks/{sample.source}",
            content=sample.body if body is None else body,
            headers=sample.signed() if headers is None else headers,
        )

    return deliver


def _rows(database: Database, sample: Sample, since: int) -> list[dict[str, Any]]:
    """Return what the inbox has of a sample: by its keys, or, of those without any, what came in since."""
    if sample.event_keys:
        return database.rows(
            "select * from private.campaign_inbox where source = %s and event_key = any (%s)"
            " order by event_key",
            [sample.source, sample.event_keys],
        )
    return database.rows("select * from private.campaign_inbox where id > %s order by id", [since])


def _last_id(database: Database) -> int:
    return int(database.value("select coalesce(max(id), 0) from private.campaign_inbox"))


def _everything(database: Database) -> list[tuple[object, ...]]:
    """Return how much there is of everything that a delivery may add to."""
    return [
        tuple(row.values())
        for row in database.rows(
            "select"
            " (select count(*) from private.campaign_inbox) as events,"
            " (select count(*) from private.inbox_persons) as persons,"
            " (select count(*) from public.partner_leads) as leads,"
            " (select count(*) from public.partner_lead_contacts) as contacts,"
            " (select sum(spend) from public.partner_campaign_metrics) as spend,"
            " (select count(*) from private.work_to_fetch) as work"
        )
    ]


@pytest.mark.parametrize("sample", ACCEPTED, ids=_accepted_names)
def test_sample_sent_sixteen_times_at_once_and_three_times_more_is_what_its_manifest_says(
    sample: Sample,
    fresh: Database,
    deliver: Any,  # noqa: ANN401
) -> None:
    since = _last_id(fresh)

    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(lambda _: deliver(sample), range(16)))
    first, after_first = _rows(fresh, sample, since), _everything(fresh)
    answers += [deliver(sample) for _ in range(3)]

    assert {answer.status_code for answer in answers} == {200}, answers[0].text
    assert sample.source == "standard" or {answer.text for answer in answers} == {"{}"}
    expected = sample.expect.get("events", [{}])
    assert len(first) == len(expected)
    assert _everything(fresh) == after_first
    for row, event in zip(first, expected, strict=True):
        assert "kind" not in event or row["kind"] == KINDS[event["kind"]]
        assert row["event_key"] == event.get("idempotency_key", row["event_key"])
        assert row["deliveries"] == 16
        assert row["via"] == "webhook"
        assert not row["is_conflict"]
        if "campaign_id" in sample.expect:
            assert row["external_campaign_id"] == sample.expect["campaign_id"]
        if row["kind"] == "lead":
            is_test = bool(sample.expect.get("is_test"))
            lead = fresh.row(
                "select * from public.partner_leads where channel = %s and external_lead_id = %s",
                [row["channel"], row["external_lead_id"]],
            )
            assert (lead["is_test"], row["facts"]["is_test"]) == (is_test, is_test)
        if row["kind"] == "announcement":
            assert row["facts"]["object_id"] == event["object_id"]
            assert (row["status"], row["reason"]) == ("parked", "to_fetch")
            waiting = fresh.value(
                "select count(*) from private.fetch_queue where object_id = %s", [event["object_id"]]
            )
            assert waiting == 1
    again = {row["deliveries"] for row in _rows(fresh, sample, since)}
    assert again == ({19} if expected else set())


def test_report_that_comes_late_is_superseded(fresh: Database, deliver: Any) -> None:  # noqa: ANN401
    samples = {sample.file: sample for sample in SAMPLES}
    for name in ("metrics_snapshot_google", "metrics_snapshot_google_older_late"):
        assert deliver(samples[f"standard_webhooks/{name}.json"]).status_code == 200

    late = fresh.row(
        "select status from private.campaign_inbox where event_key = 'sw:msg_2examplegoogle0000'"
    )
    day = fresh.row(
        "select * from public.partner_campaign_metrics where external_campaign_id = '21700100001'"
    )
    assert late["status"] == "superseded"
    assert (str(day["spend"]), day["currency"], str(day["spend_eur"])) == (
        "421.370000",
        "USD",
        "337.096000000000",
    )
    assert (day["clicks"], day["impressions"], day["account_id"]) == (118, 9042, "1234567890")


@pytest.mark.parametrize("sample", SAMPLES, ids=_names)
def test_sample_with_one_byte_changed_is_refused_and_changes_nothing(
    sample: Sample,
    fresh: Database,
    deliver: Any,  # noqa: ANN401
) -> None:
    before = _everything(fresh)
    # Of Google's, only the key is proof.
    start = sample.body.index(b'"google_key":"') + 14 if sample.source == "google_ads" else 0
    end = sample.body.index(b'"', start) if start else len(sample.body)
    headers = sample.signed()

    statuses: Counter[int] = Counter()
    for position in range(start, end, max(1, (end - start) // 20)):
        changed = sample.body[:position] + bytes([sample.body[position] ^ 1]) + sample.body[position + 1 :]
        statuses[deliver(sample, changed, headers).status_code] += 1

    assert set(statuses) == {401}
    assert _everything(fresh) == before


@pytest.mark.parametrize(
    "sample", [sample for sample in SAMPLES if not sample.is_accepted], ids=lambda s: s.file
)
def test_sample_that_is_not_genuine_is_refused(sample: Sample, deliver: Any) -> None:  # noqa: ANN401
    answer = deliver(sample)

    assert answer.status_code == sample.expect["status"]
    assert answer.json()["code"] == "signature_mismatch"


def test_persons_of_the_samples_are_with_their_leads_and_nowhere_else(
    fresh: Database,
    deliver: Any,  # noqa: ANN401
) -> None:
    for sample in ACCEPTED:
        assert deliver(sample).status_code == 200

    names = {row["name"] for row in fresh.rows("select name from public.partner_lead_contacts")}
    inbox = json.dumps(
        [row["row"] for row in fresh.rows("select to_jsonb(i) as row from private.campaign_inbox as i")],
        ensure_ascii=False,
    )
    assert {"Jürgen Øster-Łęcki", "John Doe", "Gabriela Silang", "Ирина Петрова"} <= names
    for personal in (
        "Jürgen",
        "juergen@example.org",
        "John Doe",
        "555-123-4567",
        "Silang",
        "Ирина",
        "555-0102",
    ):
        assert personal not in inbox
    for secret in ("example-google-key-not-real", "ClickId"):
        assert secret not in inbox
    kept = "select from private.inbox_persons as p join private.campaign_inbox as i on i.id = p.inbox_id"
    assert fresh.rows(f"{kept} where i.kind = 'lead'") == []


def test_handshakes_are_answered_and_noted(breakable: Stack, fresh: Database, http: httpx.Client) -> None:
    url = f"{breakable.project.functions_url}/webhooks"
    meta = {
        "hub.mode": "subscribe",
        "hub.challenge": "1158201444",
        "hub.verify_token": META_VERIFY_TOKENS[0],
    }
    linkedin = {"challengeCode": "890e4665-4dfe-4ab1-b689-ed553bceeed0"}

    answers = [http.get(f"{url}/meta_ads", params=meta), http.get(f"{url}/linkedin_ads", params=linkedin)]

    assert [answer.status_code for answer in answers] == [200, 200]
    assert (answers[0].text, answers[0].headers["Content-Type"]) == (
        "1158201444",
        "text/plain; charset=utf-8",
    )
    assert (
        answers[1].json()["challengeResponse"]
        == "554cf3e439d18dc10907f1b9876be11b7ef270b7a484ae91130c5aca9c6a96dd"
    )
    noted = fresh.rows("select source, handshakes from private.webhook_handshakes order by source")
    assert [row["source"] for row in noted] == ["linkedin_ads", "meta_ads"]


@pytest.mark.parametrize("entry", MANIFEST["samples"], ids=lambda entry: entry["file"])
def test_samples_are_the_bytes_of_their_manifest(entry: dict[str, Any]) -> None:
    body = (DIRECTORY / entry["file"]).read_bytes()

    assert hashlib.sha256(body).hexdigest() == entry["body_sha256"]
