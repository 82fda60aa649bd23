"""Somebody with an account, the publishable key and time: what they try, and what comes of it."""

import base64
import copy
import hashlib
import json
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any
from uuid import uuid4

import pytest

from demo.content import landing_page
from tests.flows.bad_input import ACTIONS, COMPLETE
from tests.flows.records import Records
from tests.flows.scene import Scene
from tests.flows.visits import BROWSER, lead, view

HTML = """<x-p onload=a>"'&"""
# What a link to our own site or to a picture in our own bucket may end with as well.
LINK = '"><x-p/onload=a>'

# Not text: chosen from a list, or of a form in which there is no room for a tag.
_NO_TEXT = {
    *("id", "type", "price_from", "kvk_number", "vat_number", "phone", "whatsapp"),
    *("consent_version", "ads_consent_version", "fields"),
}
_LINKS = {"href": "", "privacy_url": "https://voorbeeld.nl/", "src": ""}


@pytest.mark.parametrize("action", ACTIONS)
@pytest.mark.parametrize("state", ["concept", "review", "live", "archived"])
def test_strangers_page_takes_no_step(action: str, state: str, scene: Scene, records: Records) -> None:
    """Whatever its state: as if the page were not there."""
    before = records.fingerprint()

    answer = scene.http.post(
        f"{scene.project.functions_url}/landing-pages/{scene.pages[state]}/{action}",
        json=COMPLETE.get(action),
        headers=scene.authorization(scene.stranger),
    )

    assert (answer.status_code, answer.json()["code"]) == (404, "page_not_found")
    assert records.fingerprint() == before


def test_stranger_gets_at_no_lead_no_person_and_no_webhook_of_another(scene: Scene, records: Records) -> None:
    """By our screen, by database functions, and by PostgREST itself."""
    name, functions, rest = "Antonia Onvindbaar", scene.project.functions_url, scene.project.postgrest_url
    form = lead(scene.publish_page(), name=name, email="antonia@onvindbaar.example")
    lead_id = scene.http.post(f"{functions}/leads", json=form, headers={"User-Agent": BROWSER}).json()[
        "lead_id"
    ]
    webhook = scene.client(scene.partner).call("set_lead_webhook", url="https://hooks.voorbeeld.nl/leads")
    before = records.fingerprint()
    stranger = scene.authorization(scene.stranger)
    looks = [
        f"{functions}/partner-leads",
        f"{functions}/partner-leads/export.csv",
        f"{rest}/partner_leads?select=*,partner_lead_contacts(*)&id=eq.{lead_id}",
        f"{rest}/partner_lead_contacts?lead_id=eq.{lead_id}",
        f"{rest}/partner_lead_steps?lead_id=eq.{lead_id}",
        f"{rest}/lead_outbox",
        f"{rest}/lead_webhooks",
        f"{rest}/alerts",
    ]
    calls: list[tuple[str, dict[str, object]]] = [
        ("set_lead_status", {"lead_id": lead_id, "status": "won"}),
        ("release_lead", {"lead_id": lead_id}),
        ("reassign_lead", {"lead_id": lead_id, "partner_id": str(scene.stranger.id)}),
        ("erase_lead", {"lead_id": lead_id}),
        ("erase_person", {"email": "antonia@onvindbaar.example"}),
        ("export_person", {"email": "antonia@onvindbaar.example"}),
        ("read_lead_person", {"lead_id": lead_id}),
        ("my_leads", {}),
        ("read_lead_webhook", {}),
        ("take_deliveries", {"kind": "partner_mail"}),
        ("note_deliveries", {"results": []}),
        ("maintain_people", {}),
        ("find_alerts", {}),
    ]

    answers = [scene.http.get(url, headers=stranger) for url in looks]
    answers += [
        scene.http.post(f"{rest}/rpc/{function}", json=of, headers=stranger) for function, of in calls
    ]
    status = f"{functions}/partner-leads/{lead_id}/status"
    answers.append(scene.http.post(status, data={"status": "won"}, headers=stranger))

    said = "".join(answer.text for answer in answers)
    assert not [
        secret for secret in (name, "onvindbaar", webhook["secret"], webhook["url"]) if secret in said
    ]
    assert {answer.status_code for answer in answers} <= {200, 403, 404}
    assert records.fingerprint() == before


def test_partner_connects_no_account_and_links_no_campaign(scene: Scene, records: Records) -> None:
    """Not by way of us, and not by way of PostgREST: no token is read, no host moved, nothing asked for."""
    rest, stranger = f"{scene.project.supabase_url}/rest/v1", scene.authorization(scene.partner)
    stranger |= {"apikey": scene.project.publishable_key}
    lease, sealed = str(uuid4()), "gAAAA" + "x" * 100
    job = {"job_id": 1, "lease": lease}
    campaign = scene.client(scene.partner).insert("partner_marketing_campaigns", {"channel": "meta_ads"})
    before = records.fingerprint()
    calls: list[tuple[str, dict[str, object]]] = [
        ("connect_ad_account", {"connection": {"channel": "meta_ads", "account_id": "1"}, "sealed": sealed}),
        ("read_platform_apis", {"platform": "meta_ads"}),
        (
            "request_sync",
            {
                "channel": "meta_ads",
                "account_id": "1",
                "window_from": "2026-11-01",
                "window_to": "2026-11-02",
            },
        ),
        ("sync_progress", {"channel": "meta_ads", "account_id": "1"}),
        ("take_sync_job", {"lease": lease}),
        ("leave_sync", {"lease": lease}),
        ("keep_credentials", {**job, "sealed": sealed}),
        ("store_sync_page", {**job, "page": {"days": [], "is_last": True}}),
        ("apply_sync_window", job),
        ("fail_sync_job", {**job, "failure": {"kind": "auth"}}),
        ("store_rates", {**job, "rates": [["USD", "2026-11-20", "0.01"]], "source": "me", "is_last": True}),
        ("maintain_sync", {}),
        ("take_campaign_write", job),
        ("judge_campaign_write", {**job, "write_id": 1, "campaign": [], "request": {}, "may_send": True}),
        ("refuse_campaign_write", {**job, "write_id": 1, "reason": "no", "is_by_hand": True}),
        ("take_conversion", job),
        ("note_conversion", {**job, "conversion_id": 1, "result": {"status": "done"}}),
        ("decide_campaign_write", {"write_id": 1, "decision": "send"}),
        ("link_campaign", {"campaign_id": campaign["id"], "external_campaign_id": "1"}),
        ("set_campaign_status", {"campaign_id": campaign["id"], "status": "active"}),
    ]

    answers = [scene.http.post(f"{rest}/rpc/{function}", json=of, headers=stranger) for function, of in calls]
    own = f"{rest}/partner_marketing_campaigns?id=eq.{campaign['id']}"
    answers += [
        scene.http.patch(own, json={"external_campaign_id": "1"}, headers=stranger),
        scene.http.patch(own, json={"platform_status": "active"}, headers=stranger),
        *(
            scene.http.get(f"{rest}/{table}", headers=stranger)
            for table in (
                "ad_connections",
                "sync_jobs",
                "platform_apis",
                "write_switch",
                "conversion_targets",
                "secrets",
                "decrypted_secrets",
            )
        ),
        scene.http.get(f"{rest}/decrypted_secrets", headers={**stranger, "Accept-Profile": "vault"}),
        scene.http.post(f"{scene.project.functions_url}/sync", headers=stranger),
        scene.http.post(f"{rest}/partner_campaign_writes", json={"status": "waiting"}, headers=stranger),
        scene.http.patch(
            f"{rest}/partner_campaign_writes?id=gt.0", json={"status": "waiting"}, headers=stranger
        ),
    ]

    assert {answer.status_code for answer in answers} <= {401, 403, 404, 406}
    assert records.fingerprint() == before


def test_forged_address_is_no_new_visitor(scene: Scene) -> None:
    """Without a proxy of ours the header is anybody's to write, and is not looked at."""
    page_id = scene.publish_page()

    outcomes = [
        scene.http.post(
            f"{scene.project.functions_url}/events",
            json=view(page_id),
            headers={
                "User-Agent": BROWSER,
                "X-Forwarded-For": f"198.51.100.{number}",
                "Forwarded": f"for=198.51.100.{number}",
                "X-Real-IP": f"198.51.100.{number}",
            },
        ).headers["event-outcome"]
        for number in range(5)
    ]

    assert outcomes == ["counted", *["duplicate"] * 4]
    (day,) = scene.client(scene.partner).select(f"partner_landing_page_stats?page_id=eq.{page_id}")
    assert (day["views"], day["visitors"]) == (1, 1)


class _Document(HTMLParser):
    """What a browser would make of a page: its elements, their attributes, and all that is text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: set[str] = set()
        self.attributes: set[str] = set()
        self.texts: list[str] = []
        self.scripts: list[str] = []
        self._inside = ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._inside = tag
        self.elements.add(tag)
        self.attributes |= {name for name, _ in attrs}
        self.texts += [value for _, value in attrs if value]

    def handle_endtag(self, tag: str) -> None:  # noqa: ARG002 - whichever it is, it ends a script.
        self._inside = ""

    def handle_data(self, data: str) -> None:
        (self.scripts if self._inside == "script" else self.texts).append(data)


def _poisoned(value: Any, numbers: Iterator[int], name: str = "") -> Any:  # noqa: ANN401 - JSON of any shape.
    if name in _NO_TEXT:
        return value
    if isinstance(value, dict):
        return {key: _poisoned(member, numbers, key) for key, member in value.items()}
    if isinstance(value, list):
        return [_poisoned(member, numbers) for member in value]
    if isinstance(value, str):
        return f"{_LINKS[name] or value}{LINK}" if name in _LINKS else f"{HTML}{next(numbers):02}"
    return value


def _poisoned_page(path: str, images: str) -> tuple[dict[str, Any], int]:
    """Return a page with a tag in every text and every link, and how many texts there are in its content."""
    page = copy.deepcopy(landing_page(path))
    image = {"src": f"{images}dak.jpg", "alt": "Een dak", "width": 800, "height": 600}
    hero, *middle, legal = page["content_json"]["blocks"]
    hero["data"] |= {"image": image}
    gallery = {
        "items": [{"image": image, "caption": "Na"}, {"before": image, "after": image}],
        "headline": "Werk",
    }
    cta = {
        "headline": "Bel ons",
        "text": "Vandaag nog.",
        "link": {"label": "Bellen", "href": "tel:0135550100"},
    }
    blocks = [
        hero,
        *middle,
        {"id": "werk", "type": "gallery", "data": gallery},
        {"id": "bel", "type": "cta", "data": cta},
        legal,
    ]
    numbers = iter(range(100))
    content = _poisoned(blocks, numbers)
    texts = next(numbers)
    return {
        "path": path,
        "title": HTML,
        "subtitle": HTML,
        "seo_title": f"{HTML}</title><x-p>",
        "seo_description": f"{HTML} -->]]></script></style></title><x-p onload=a>",
        "content_json": {"v": 1, "blocks": content},
    }, texts


def test_html_in_any_text_of_a_page_is_text_on_the_page(scene: Scene) -> None:
    page, texts = _poisoned_page(scene.partner.path("gif"), scene.images)
    scene.approve(scene.submit(scene.write_page(**page)))

    answer = scene.http.get(f"{scene.project.functions_url}{page['path']}")

    document = _Document(answer.text)
    assert answer.status_code == 200
    assert "x-p" not in document.elements
    assert not [name for name in document.attributes if name.startswith("on")]
    everything = "\n".join(document.texts)
    assert texts > 40
    assert [number for number in range(texts) if f"{HTML}{number:02}" not in everything] == []
    assert page["seo_title"] in document.texts
    assert page["seo_description"] in document.texts
    policy = answer.headers["content-security-policy"]
    data, script = document.scripts
    # Which search engines read, and nobody else.
    assert json.loads(data)["name"].startswith(HTML)
    assert f"script-src '{_csp_hash(script)}';" in policy
    assert "unsafe" not in policy


def _csp_hash(script: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()


@pytest.mark.parametrize(
    "link",
    [
        "javascript:alert(1)",
        "JavaScript:alert(1)",
        "data:text/html,x",
        "//elders.example",
        "/\\elders.example",
    ],
)
def test_link_that_runs_or_leads_astray_is_refused(link: str, scene: Scene, records: Records) -> None:
    page = copy.deepcopy(landing_page("/"))
    page["content_json"]["blocks"][0]["data"]["cta"]["href"] = link
    page_id = scene.write_page(content_json=page["content_json"])
    before = records.fingerprint()

    answer = scene.http.post(
        f"{scene.project.functions_url}/landing-pages/{page_id}/submit",
        headers=scene.authorization(scene.partner),
    )

    assert (answer.status_code, answer.json()["code"]) == (422, "content_refused")
    assert answer.json()["errors"][0]["path"] == "blocks[0].data.cta.href"
    assert records.fingerprint() == before


@pytest.mark.parametrize(
    "path",
    [
        "//elders.example/partners/a/b",
        "https://elders.example/",
        "/partners/../x",
        '/partners/a/"><x-p>',
        "/\\elders.example",
    ],
)
@pytest.mark.parametrize("phone", ["06 1234 5678", "12"])
def test_form_neither_leads_elsewhere_nor_repeats_what_it_was_sent(
    path: str, phone: str, scene: Scene
) -> None:
    """Whoever makes somebody send our form sent or refused, gets neither their eyes nor their browser."""
    form = {
        "page_id": scene.pages["live"],
        "path": path,
        "name": "Marieke",
        "phone": phone,
        "consent": "on",
    }

    answer = scene.http.post(
        f"{scene.project.functions_url}/leads", data=form, headers={"User-Agent": BROWSER}
    )

    assert "location" not in answer.headers
    assert answer.status_code == (400 if phone == "12" else 201)
    assert "elders" not in answer.text
    assert "x-p" not in _Document(answer.text).elements
