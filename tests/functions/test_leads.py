"""POST /leads: kept with its consent, once, from a script and from a plain form."""

import asyncio
import json
import re
from collections.abc import Mapping
from html import unescape
from typing import Any
from uuid import UUID

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from functions.landing_page_track import lead_intake
from functions.landing_page_track.uuid7 import milliseconds_of
from shared.landing_page.consent import ADS_CONSENT_TEXTS, CONSENT_TEXTS, CURRENT_CONSENT
from tests.documents import make_document
from tests.fake_postgrest import FakePostgREST, refuse
from tests.functions.content import HASH
from tests.functions.outline import Outline
from tests.functions.senders import BROWSER, NOW, PAGE_ID, lead

FORM = {
    "id": "",
    "page_id": PAGE_ID,
    "path": "/partners/jansen/tilburg",
    "name": "Anna de Vries",
    "email": "anna@voorbeeld.nl",
    "phone": "",
    "consent": CURRENT_CONSENT,
}


ELSEWHERE = ("html_gzip", "csp", "signature", "content_hash", "location", "seconds_left")


@pytest.fixture(autouse=True)
def _answers(database: FakePostgREST) -> None:
    _be_kept(database)
    database.answers["live_landing_page"] = []
    database.answers["visitor_salt"] = "ab" * 32


def _be_kept(database: FakePostgREST) -> None:
    database.answers["record_lead"] = lambda arguments: {
        "lead_id": arguments["lead"]["id"],
        "outcome": "counted",
        "is_new": True,
    }


def recorded(database: FakePostgREST) -> dict[str, Any]:
    row: dict[str, Any] = database.calls[-1].arguments["lead"]
    return row


async def test_a_lead_is_kept_with_the_words_agreed_to(
    database: FakePostgREST, track_client: httpx.AsyncClient
) -> None:
    response = await track_client.post("/leads", json=lead(phone="06 1234 5678", postcode="5038cb"))

    assert (response.status_code, response.json()) == (201, {"lead_id": lead()["id"]})
    row = recorded(database)
    # Whom brakes are about, as the day's hashes: nothing of it is kept with the person.
    assert {row.pop("visitor"), row.pop("address"), row.pop("network")}.isdisjoint({None, "127.0.0.1"})
    assert row == {
        "id": lead()["id"],
        "page_id": PAGE_ID,
        "name": "Anna de Vries",
        "email": "anna@voorbeeld.nl",
        "phone": "+31612345678",
        "postcode": "5038 CB",
        "message": None,
        "consent_version": CURRENT_CONSENT,
        "consent_text": CONSENT_TEXTS[CURRENT_CONSENT],
        "ads_consent_version": None,
        "ads_consent_text": None,
        "source": "direct",
        "tags": {},
        "content_hash": None,
        "milliseconds": None,
        "suspicion": None,
    }


async def test_where_the_visit_came_from_is_kept(
    database: FakePostgREST, track_client: httpx.AsyncClient
) -> None:
    query = "?utm_source=google&utm_medium=cpc&utm_id=42&gclid=EAIa"

    await track_client.post("/leads", json=lead(query=query, referrer="https://www.google.nl/"))

    row = recorded(database)
    assert row["source"] == "google_ads"
    assert row["tags"] == {"utm_source": "google", "utm_medium": "cpc", "utm_id": "42", "gclid": "EAIa"}
    assert not {"query", "referrer"} & set(row)


async def test_without_script_the_browser_says_which_address_it_was(
    database: FakePostgREST, track_client: httpx.AsyncClient
) -> None:
    page = "https://www.example.nl/partners/jansen/tilburg?msclkid=abc"

    await track_client.post("/leads", data=FORM, headers={"Referer": page})

    assert recorded(database)["tags"] == {"msclkid": "abc"}
    assert recorded(database)["source"] == "microsoft_ads"


async def test_without_script_the_first_address_is_remembered_over_a_refusal(
    database: FakePostgREST, track_client: httpx.AsyncClient
) -> None:
    """The page that shows the form again is at /leads, and so is what its browser says it comes from."""
    page = make_document(HASH, '<form><input type="hidden" name="query"></form>', "default-src 'none'")
    row = {**page.model_dump(), "location": FORM["path"], "seconds_left": None}
    database.answers["live_landing_page"] = [row]
    address = "https://www.example.nl/partners/jansen/tilburg?msclkid=a%26b"
    refused = await track_client.post("/leads", data=FORM | {"email": "nee"}, headers={"Referer": address})
    kept = re.search('name="query" value="([^"]*)"', refused.text)
    assert kept

    again = FORM | {"query": unescape(kept[1])}
    await track_client.post("/leads", data=again, headers={"Referer": "https://www.example.nl/leads"})

    assert recorded(database)["tags"] == {"msclkid": "a&b"}


@pytest.mark.parametrize("kind", ["json", "form"])
async def test_the_longest_message_fits_however_it_is_written(
    database: FakePostgREST, track_client: httpx.AsyncClient, kind: str
) -> None:
    message = "🏠" * 3000

    if kind == "json":
        escaped = json.dumps(lead(message=message))
        response = await track_client.post(
            "/leads", content=escaped, headers={"Content-Type": "application/json"}
        )
    else:
        response = await track_client.post("/leads", data=FORM | {"message": message})

    assert response.status_code in {201, 303}
    assert recorded(database)["message"] == message


async def test_a_retry_gets_the_first_answer(
    database: FakePostgREST, track_client: httpx.AsyncClient
) -> None:
    database.answers["record_lead"] = {"lead_id": lead()["id"], "outcome": "quarantined", "is_new": False}

    response = await track_client.post("/leads", json=lead())

    assert response.status_code == 200
    assert response.json() == {"lead_id": lead()["id"]}


@pytest.mark.parametrize(
    ("answers", "agent", "suspicion"),
    [
        ({}, BROWSER, None),
        ({"website": ""}, BROWSER, None),
        ({"website": "https://spam.example"}, BROWSER, "honeypot"),
        ({}, "curl/8.0 bot", "bot"),
        ({}, "", "bot"),
    ],
)
@pytest.mark.parametrize("kind", ["json", "form"])
async def test_what_speaks_against_a_person_is_told(  # noqa: PLR0913, PLR0917  # A table's row.
    database: FakePostgREST,
    track_client: httpx.AsyncClient,
    answers: dict[str, str],
    agent: str,
    suspicion: str | None,
    kind: str,
) -> None:
    body: Any = {"json": lead(**answers)} if kind == "json" else {"data": FORM | answers}
    response = await track_client.post("/leads", **body, headers={"User-Agent": agent})

    assert response.status_code in {201, 303}
    assert recorded(database)["suspicion"] == suspicion


@pytest.mark.parametrize(
    ("told", "milliseconds"),
    [("1234.5", 1234.5), (12, 12), ("soon", None), ("nan", None), ([], None), ("1e999", None)],
)
@pytest.mark.parametrize("version", ["f" * 64, "F" * 64, 5, None])
async def test_no_lead_is_lost_for_what_its_page_says(
    database: FakePostgREST,
    track_client: httpx.AsyncClient,
    told: object,
    milliseconds: float | None,
    version: object,
) -> None:
    response = await track_client.post("/leads", json=lead(ms=told, content_hash=version))

    assert response.status_code == 201
    assert recorded(database)["milliseconds"] == milliseconds
    assert recorded(database)["content_hash"] == ("f" * 64 if version == "f" * 64 else None)


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ({"phone": "013-555 01 00"}, {"phone": "+31135550100"}),
        ({"phone": "+32 2 555 12 12"}, {"phone": "+3225551212"}),
        ({"email": "Anna@VOORBEELD.nl"}, {"email": "anna@voorbeeld.nl"}),
        ({"email": "jos@münchen.example"}, {"email": "jos@münchen.example"}),
        ({"postcode": "2000"}, {"postcode": "2000"}),
        ({"message": "een\r\ntwee"}, {"message": "een\ntwee"}),
        (
            {"service": "Behangen", "preferred_date": "2026-12-01", "message": "Graag snel."},
            {"message": "Dienst: Behangen\nGewenste datum: 2026-12-01\nGraag snel."},
        ),
        ({"consent": True}, {"consent_version": CURRENT_CONSENT}),
        ({"consent": "on"}, {"consent_version": CURRENT_CONSENT}),
    ],
)
async def test_answers_are_brought_into_one_form(
    database: FakePostgREST, track_client: httpx.AsyncClient, given: dict[str, Any], kept: dict[str, Any]
) -> None:
    response = await track_client.post("/leads", json=lead(**given))

    assert response.status_code == 201
    assert recorded(database).items() >= kept.items()


BAD = {
    "no name": ({"name": ""}, "name"),
    "no e-mail address": ({"email": "anna"}, "email"),
    "no telephone number": ({"phone": "12"}, "phone"),
    "nobody to answer": ({"email": None}, ""),
    "no consent": ({"consent": False}, "consent"),
    "consent to unknown words": ({"consent": "1999"}, "consent"),
    "an unknown member": ({"is_admin": True}, "is_admin"),
    "a control character": ({"message": "a\x00b"}, "message"),
    "a lone surrogate": ({"name": "a\ud800b"}, "name"),
    "a member with a lone surrogate": ({"a\ud800b": 1}, ""),
    "too long": ({"message": "x" * 3001}, "message"),
    "a UUIDv4": ({"id": PAGE_ID}, "id"),
    "no date": ({"preferred_date": "morgen"}, "preferred_date"),
}


@pytest.mark.parametrize(("change", "path"), BAD.values(), ids=BAD)
async def test_a_wrong_answer_is_named_and_not_repeated(
    database: FakePostgREST, track_client: httpx.AsyncClient, change: dict[str, Any], path: str
) -> None:
    body = json.dumps(lead(**change)).encode()  # httpx would not escape a lone surrogate.

    response = await track_client.post("/leads", content=body, headers={"Content-Type": "application/json"})

    assert (response.status_code, response.json()["code"]) == (400, "invalid_body")
    assert [failure["path"] for failure in response.json()["errors"]] == [path]
    assert database.calls == []


async def test_all_wrong_answers_are_named_at_once(track_client: httpx.AsyncClient) -> None:
    response = await track_client.post("/leads", json={"email": "x"})

    paths = {failure["path"] for failure in response.json()["errors"]}
    assert paths == {"id", "page_id", "email", "consent"}


async def test_a_form_is_thanked_on_its_page(
    database: FakePostgREST, track_client: httpx.AsyncClient
) -> None:
    response = await track_client.post("/leads", data=FORM)

    assert response.status_code == 303
    assert response.headers["Location"] == "/partners/jansen/tilburg?bedankt=1#bedankt"
    assert recorded(database)["phone"] is None
    made = UUID(recorded(database)["id"])
    assert (made.version, milliseconds_of(made)) == (7, int(NOW.timestamp() * 1000))


async def test_a_scripts_id_in_the_form_is_kept(
    database: FakePostgREST, track_client: httpx.AsyncClient
) -> None:
    await track_client.post("/leads", data=FORM | {"id": lead()["id"]})

    assert recorded(database)["id"] == lead()["id"]


@pytest.mark.parametrize(
    "path", ["", "https://evil.nl", "//evil.nl", "/partners/../x", "/partners/a/b?x", "/x/a/b"]
)
async def test_a_tampered_path_leads_nowhere(track_client: httpx.AsyncClient, path: str) -> None:
    response = await track_client.post("/leads", data=FORM | {"path": path})

    assert (response.status_code, "Location" in response.headers) == (201, False)
    assert "Bedankt" in response.text


@pytest.mark.parametrize(
    ("form", "reason"),
    [
        ({"email": "anna"}, "Controleer je e-mailadres."),
        ({"email": ""}, "Vul een telefoonnummer of een e-mailadres in."),
        ({"name": " "}, "Vul je naam in."),
        ({"consent": ""}, "Geef toestemming"),
        ({"field<script>": "1"}, "Er klopt iets niet in het formulier."),
    ],
)
async def test_a_wrong_form_says_why_in_dutch(
    database: FakePostgREST, track_client: httpx.AsyncClient, form: dict[str, str], reason: str
) -> None:
    response = await track_client.post("/leads", data=FORM | form)

    assert response.status_code == 400
    assert response.headers["Content-Type"] == "text/html; charset=utf-8"
    assert reason in response.text
    assert "<script" not in response.text
    assert 'href="/partners/jansen/tilburg"' in response.text
    assert database.called == ["live_landing_page"]


async def test_a_wrong_form_is_its_page_again_filled_in(
    database: FakePostgREST, track_client: httpx.AsyncClient
) -> None:
    page = make_document(HASH, "<form><label>E-mail<input name=email></label></form>", "default-src 'none'")
    row = {**page.model_dump(), "location": FORM["path"], "seconds_left": None}
    database.answers["live_landing_page"] = lambda arguments: (
        [row] if arguments == {"path": FORM["path"]} else []
    )

    response = await track_client.post("/leads", data=FORM | {"email": "anna@"})

    assert response.status_code == 400
    assert 'name=email value="anna@" aria-invalid="true"' in response.text
    assert "Controleer je e-mailadres." in response.text
    assert response.headers["Content-Security-Policy"] == "default-src 'none'"
    assert response.headers["Cache-Control"] == "no-store"
    assert database.calls[0].authorization is None


@pytest.mark.parametrize("answer", [httpx.ConnectError("down"), [], [dict.fromkeys(ELSEWHERE)]])
async def test_a_wrong_form_says_why_when_its_page_cannot_be_shown(
    database: FakePostgREST, track_client: httpx.AsyncClient, answer: object
) -> None:
    database.answers["live_landing_page"] = answer

    response = await track_client.post("/leads", data=FORM | {"email": "anna@"})

    assert (response.status_code, "Controleer je e-mailadres." in response.text) == (400, True)


async def test_what_could_not_be_kept_can_be_sent_once_more_as_the_same_lead(
    database: FakePostgREST, track_client: httpx.AsyncClient
) -> None:
    database.answers["record_lead"] = httpx.ReadTimeout("slow")
    message = 'Kunt u "snel" komen? <b>'

    response = await track_client.post("/leads", data=FORM | {"message": message})
    kept = Outline(response.text)
    again = dict(zip(kept.values["name"][2:], kept.values["value"], strict=True))  # Two <meta> have names.
    del database.answers["record_lead"]
    _be_kept(database)
    await track_client.post("/leads", data=again)

    assert "Verstuur opnieuw" in response.text
    first, second = (call.arguments["lead"] for call in database.calls if call.function == "record_lead")
    assert (second["message"], second["id"]) == (message, first["id"])
    assert again["path"] == FORM["path"]


@pytest.mark.parametrize(
    ("answer", "status", "code", "dutch"),
    [
        (refuse(404, "PT404", "page_not_found"), 404, "page_not_found", "bestaat niet meer"),
        (refuse(410, "PT410", "page_not_live"), 410, "page_not_live", "niet meer actief"),
        (refuse(409, "PT409", "lead_conflict"), 409, "lead_conflict", "klopt iets niet"),
        (refuse(429, "PT429", "too_many_leads"), 429, "too_many_leads", "Bel het bedrijf"),
        (refuse(401, "PGRST301", "JWT expired"), 500, "internal_error", "ging iets mis bij ons"),
        (httpx.ReadTimeout("slow"), 503, "database_unavailable", "ging iets mis bij ons"),
    ],
)
async def test_what_the_database_says_reaches_script_and_person(  # noqa: PLR0913, PLR0917  # A table's row.
    database: FakePostgREST,
    track_client: httpx.AsyncClient,
    answer: object,
    status: int,
    code: str,
    dutch: str,
) -> None:
    database.answers["record_lead"] = answer

    script = await track_client.post("/leads", json=lead())
    person = await track_client.post("/leads", data=FORM)

    assert (script.status_code, script.json()["code"]) == (status, code)
    assert person.status_code == status
    assert dutch in person.text
    assert ("Retry-After" in person.headers) == (status == 503)


async def test_who_would_wait_too_long_for_their_turn_is_told_to_come_again(
    database: FakePostgREST, track_client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lead_intake, "TURN_SECONDS", 0.05)
    all_are_asked, may_answer = asyncio.Event(), asyncio.Event()

    async def answer(arguments: dict[str, Any]) -> dict[str, Any]:
        if database.called.count("record_lead") == lead_intake.CALLS_AT_ONCE:
            all_are_asked.set()
        await may_answer.wait()
        return {"lead_id": arguments["lead"]["id"], "outcome": "counted", "is_new": True}

    database.answers["record_lead"] = answer
    first = [
        asyncio.create_task(track_client.post("/leads", json=lead()))
        for _ in range(lead_intake.CALLS_AT_ONCE)
    ]
    await all_are_asked.wait()

    late = await track_client.post("/leads", json=lead())
    may_answer.set()

    assert (late.status_code, late.json()["code"]) == (503, "database_unavailable")
    assert {response.status_code for response in await asyncio.gather(*first)} == {201}
    assert (await track_client.post("/leads", json=lead())).status_code == 201


@pytest.mark.parametrize(
    ("ticked", "version"),
    [
        ("2026-11", "2026-11"),
        ("2026-11-en", "2026-11-en"),
        ("on", "2026-11"),
        (True, "2026-11"),
        ("1999", None),
        (False, None),
        ("", None),
        (None, None),
        ([], None),
        ({"on": True}, None),
    ],
)
async def test_ad_platform_may_hear_of_it_if_the_box_says_so(
    database: FakePostgREST, track_client: httpx.AsyncClient, ticked: object, version: str | None
) -> None:
    response = await track_client.post("/leads", json=lead(ads_consent=ticked))

    assert response.status_code == 201
    row = recorded(database)
    assert row["ads_consent_version"] == version
    assert row["ads_consent_text"] == (ADS_CONSENT_TEXTS[version] if version else None)


@pytest.mark.parametrize("consent", [[], {}, 0, 1, None, "", "nee", False, ["on"]])
async def test_consent_is_given_or_it_is_not(
    database: FakePostgREST, track_client: httpx.AsyncClient, consent: object
) -> None:
    response = await track_client.post("/leads", json=lead(consent=consent))

    assert (response.status_code, response.json()["code"]) == (400, "invalid_body")
    assert database.calls == []


@pytest.mark.parametrize(
    ("options", "status"),
    [
        ({"content": b"{", "headers": {"Content-Type": "application/json"}}, 400),
        ({"content": b"name=%ff", "headers": {"Content-Type": "application/x-www-form-urlencoded"}}, 400),
        ({"data": {f"field{n}": "1" for n in range(41)}}, 400),
        ({"content": b"{}", "headers": {"Content-Type": "text/plain"}}, 415),
        ({"files": {"name": b"x"}}, 415),
        ({"json": {"message": "x" * 70_000}}, 413),
    ],
)
async def test_other_bad_requests_have_their_own_status(
    track_client: httpx.AsyncClient, options: Mapping[str, Any], status: int
) -> None:
    assert (await track_client.post("/leads", **options)).status_code == status


async def test_another_method_is_refused(track_client: httpx.AsyncClient) -> None:
    response = await track_client.get("/leads")

    assert (response.status_code, response.headers["Allow"]) == (405, "OPTIONS, POST")


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60)
@given(fields=st.dictionaries(st.sampled_from(["name", "email", "phone", "postcode", "message"]), st.text()))
async def test_no_answer_crashes_the_intake(track_client: httpx.AsyncClient, fields: dict[str, str]) -> None:
    response = await track_client.post("/leads", json=lead(**fields))

    assert response.status_code in {201, 400}
