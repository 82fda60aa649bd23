"""What is not kept: who a visitor was, and what a platform proves itself with."""

import base64
import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import LiteralString

import psycopg
import pytest

from stack import Stack
from stack.example_secrets import GOOGLE_ADS_KEYS, JOBS_SECRET
from stack.services.postgres.server import Server
from stack.services.postgrest import FUNCTIONS_NAME as FUNCTIONS_POSTGREST
from stack.stack import SERVICES
from tests.flows.records import Records
from tests.flows.scene import Scene
from tests.flows.visits import event_id, lead, view
from tests.flows.webhooks import google_lead

AGENT = "Zeldzaam/7.1"
ADDRESS = "203.0.113.77"
WRONG_KEY = "gestolen-of-geraden-0001"
PERSON = {"name": "Wilhelmina Zonderling", "email": "wilhelmina@zonderling.example", "phone": "+31612345678"}


@pytest.fixture
def all_records(breakable: Stack) -> Iterator[Records]:
    with psycopg.connect(breakable.state.database_url("supabase_admin"), autocommit=True) as connection:
        yield Records(connection)


def _visit_in_every_way(stack: Stack, scene: Scene) -> None:
    """Do what a visitor can do, right and wrong, while all is well and while it is not."""
    functions, http, page_id = scene.project.functions_url, scene.http, scene.pages["live"]
    browser = {"User-Agent": f"Mozilla/5.0 (X11) {AGENT} Firefox/133.0", "X-Forwarded-For": ADDRESS}
    form = {"page_id": page_id, **PERSON, "consent": "on"}

    def visit() -> None:
        http.get(f"{functions}{scene.path('live')}", headers=browser)
        http.get(f"{functions}/partners/{AGENT}/{ADDRESS}", headers=browser)
        http.post(f"{functions}/events", json=view(page_id), headers=browser)
        http.post(f"{functions}/events", json=[view(page_id), 5], headers=browser)
        http.post(f"{functions}/events", content=b"{", headers=browser)
        http.post(
            f"{functions}/events", json=view(page_id), headers={**browser, "User-Agent": f"{AGENT} (bot)"}
        )
        http.post(f"{functions}/leads", json=lead(page_id, **PERSON), headers=browser)
        http.post(f"{functions}/leads", json=lead(page_id, **PERSON, message=5), headers=browser)
        http.post(f"{functions}/leads", data=form, headers=browser)
        http.post(f"{functions}/leads", data={**form, "email": "zonderling"}, headers=browser)
        http.post(f"{functions}/webhooks/google_ads", json=google_lead(event_id(), "1"), headers=browser)
        nested = google_lead(
            event_id(),
            "1",
            more={"google_key": GOOGLE_ADS_KEYS[0], "all": [{"google_key": GOOGLE_ADS_KEYS[0]}]},
        )
        http.post(f"{functions}/webhooks/google_ads", json=nested, headers=browser)
        wrong = google_lead(event_id(), "1", google_key=WRONG_KEY)
        http.post(f"{functions}/webhooks/google_ads", json=wrong, headers=browser)

    visit()
    path = scene.path("live")
    stack.supervisor.kill(FUNCTIONS_POSTGREST)
    refusals = [
        http.get(f"{functions}{path}-not-seen-yet", headers=browser),
        http.post(f"{functions}/events", json=view(page_id), headers=browser),
        http.post(f"{functions}/leads", json=lead(page_id, **PERSON), headers=browser),
        http.post(f"{functions}/webhooks/google_ads", json=google_lead(event_id(), "1"), headers=browser),
    ]
    assert {refusal.status_code for refusal in refusals} == {503}
    stack.up(seed=True)
    visit()


def _files(directory: Path) -> Iterator[bytes]:
    for file in directory.rglob("*"):
        if file.is_file():
            yield file.read_bytes()


def test_visitor_leaves_neither_address_nor_browser_and_no_key_is_kept(
    mended: Stack, broken_scene: Scene, all_records: Records
) -> None:
    """In no table, no remembered statement, no file of the server, and no log."""
    _visit_in_every_way(mended, broken_scene)

    kept = all_records.text()
    data = list(_files(Server.locate(mended.settings).data))
    logs = {name: mended.supervisor.log(name).read_text() for name in SERVICES}

    # Else all that follows would hold of an empty house.
    assert PERSON["name"] in kept
    assert any(PERSON["email"].encode() in file for file in data)
    assert "lead_recorded" in logs["functions"]
    assert "database_unreachable" in logs["functions"]
    for secret in (AGENT, ADDRESS, GOOGLE_ADS_KEYS[0], WRONG_KEY):
        assert secret not in kept
        assert not any(secret.encode() in file for file in data)
        assert [name for name, log in logs.items() if secret in log] == []
    for personal in (*PERSON.values(), "Bearer ", "eyJ"):
        assert [name for name, log in logs.items() if personal in log] == []


def test_salt_leaves_no_trace_once_its_time_is_over(mended: Stack, broken_scene: Scene) -> None:
    """In no file of the server, and never in the write-ahead log, of which archives and backups are made."""
    assert broken_scene.pages
    data = Server.locate(mended.settings).data

    def where(secret: bytes) -> set[str]:
        files = {file: file.read_bytes() for file in data.rglob("*") if file.is_file()}
        return {file.relative_to(data).parts[0] for file, content in files.items() if secret in content}

    def run(statement: LiteralString, *values: object) -> bytes:
        with psycopg.connect(mended.state.database_url("supabase_admin"), autocommit=True) as connection:
            found = connection.execute(statement, values)
            return (found.fetchone() or (b"",))[0] if found.description else b""

    salt = run("select decode(public.visitor_salt(private.amsterdam_day(now())), 'hex')")
    # Only a server that stops writes an unlogged table's pages to its file for certain.
    mended.down()
    before = where(salt)
    mended.up(seed=True)
    run("update private.visitor_salts set day = day - 9 where salt = %s", salt)
    run("select public.maintain_page_events()")
    mended.down()
    after = where(salt)

    assert len(salt) == 32
    # Else it would not be found where it is, either.
    assert before == {"base"}
    assert after == set()


def _spellings(person: dict[str, str]) -> set[str]:
    """Write a person in every way that somebody might look for them, hashes included."""
    digits = person["phone"].removeprefix("+31")
    plain = {*person.values(), f"0{digits}", f"06 {digits[1:]}", f"31{digits}", f"0031{digits}", digits[1:]}
    plain |= (
        {text.upper() for text in plain} | {text.lower() for text in plain} | {person["name"].split()[-1]}
    )
    hashes = (hashlib.md5, hashlib.sha1, hashlib.sha256)
    digests = [digest(text.encode(), usedforsecurity=False) for text in plain for digest in hashes]
    return plain | {d.hexdigest() for d in digests} | {base64.b64encode(d.digest()).decode() for d in digests}


def test_who_was_erased_is_in_no_row_no_remembered_statement_and_no_log(
    mended: Stack, broken_scene: Scene, all_records: Records
) -> None:
    """A dump would hold nothing of them, whether they came by a form or by a platform, and were told of."""
    person = {"name": "Cornelia Verdwenen", "email": "cornelia@verdwenen.example", "phone": "+31687654309"}
    functions, http = broken_scene.project.functions_url, broken_scene.http
    browser = {"User-Agent": "Mozilla/5.0 (X11; Linux x86_64) Firefox/133.0"}
    columns = [
        {"column_id": name, "string_value": value}
        for name, value in zip(("FULL_NAME", "EMAIL", "PHONE_NUMBER"), person.values(), strict=True)
    ]
    forms = [lead(broken_scene.pages["live"], **person, message="Bel Verdwenen")]
    forms.append(lead(broken_scene.publish_page(), **{**person, "email": person["email"].upper()}))
    answers = [http.post(f"{functions}/leads", json=form, headers=browser) for form in forms]
    http.post(f"{functions}/webhooks/google_ads", json=google_lead(event_id(), "1", user_column_data=columns))
    job = {"Authorization": f"Bearer {JOBS_SECRET}"}
    while sum(http.post(f"{functions}/jobs/deliveries", headers=job).json().values()):
        pass
    screen = http.get(
        f"{functions}/partner-leads/export.csv", headers=broken_scene.authorization(broken_scene.partner)
    )
    assert [answer.status_code for answer in answers] == [201, 201]
    assert screen.text.count(person["name"]) == 2
    spellings = _spellings(person)
    before = all_records.text()
    assert len([spelling for spelling in spellings if spelling in before]) >= 3

    admin = broken_scene.client(broken_scene.admin)
    erased = admin.call("erase_person", email=person["email"], phone=person["phone"])

    assert erased == 3
    after = all_records.text()
    logs = {name: mended.supervisor.log(name).read_text() for name in SERVICES}
    assert [spelling for spelling in spellings if spelling in after] == []
    assert [name for name, log in logs.items() if any(spelling in log for spelling in spellings)] == []
    assert admin.call("export_person", email=person["email"], phone=person["phone"]) == []
