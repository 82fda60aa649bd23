"""A live page in a real browser: how it is seen, by whom it can be used, and that its form arrives."""

import json
import re
import subprocess
from collections.abc import Callable
from datetime import timedelta
from http import HTTPStatus
from pathlib import Path
from uuid import UUID, uuid4

import httpx
import pytest
from playwright.sync_api import Request, Route, expect

from tests.browser.visit import Visit
from tests.conftest import REPOSITORY
from tests.database import Database
from tests.flows.scene import Scene
from tests.uuid7 import uuid7_at

Open = Callable[..., Visit]

PHONE = {"width": 390, "height": 844}
DESKTOP = {"width": 1280, "height": 900}

SCRIPTED = "with script"
MODES = [SCRIPTED, "without"]
# A page waits two seconds before it tries again, and a test one tenth of one.
HASTE = "(wait => { window.setTimeout = (then, time) => wait(then, time / 20) })(setTimeout)"


def _leads(database: Database, scene: Scene) -> list[dict[str, object]]:
    return database.rows(
        "select c.*, l.source from public.partner_lead_contacts as c"
        " join public.partner_leads as l on l.id = c.lead_id where l.page_id = %s",
        [scene.pages["live"]],
    )


def _fill(visit: Visit, name: str, *, email: str = "", phone: str = "06 12345678") -> None:
    visit.page.get_by_label("Naam").fill(name)
    visit.page.get_by_label("Telefoon").fill(phone)
    visit.page.get_by_label("E-mail").fill(email)
    visit.page.get_by_label("Ja, dit bedrijf").check()


def _send(visit: Visit) -> None:
    visit.page.get_by_role("button", name="Stuur mijn aanvraag").click()


@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
@pytest.mark.parametrize("mode", MODES)
def test_nothing_keeps_anybody_out(
    visit: Open, scene: Scene, size: dict[str, int], mode: str, request: pytest.FixtureRequest
) -> None:
    seen = visit(scene.path("live"), **size, java_script_enabled=mode == SCRIPTED)

    seen.picture(request.node.callspec.id, whole=True)
    assert seen.complaints == []
    # axe-core is a script itself; without the page's own it finds the same page.
    assert mode != SCRIPTED or seen.barriers() == []


@pytest.mark.parametrize("width", [320, 390, 640, 768, 1280, 1920])
def test_nothing_sticks_out(visit: Open, scene: Scene, width: int) -> None:
    assert visit(scene.path("live"), width=width).width_left_over() == 0


def test_text_at_twice_its_size_fits(visit: Open, scene: Scene) -> None:
    """As for whoever sets their browser's text to 200 %, and as at 200 % zoom of a 640 pixel window."""
    seen = visit(scene.path("live"), width=640)
    seen.page.evaluate("document.documentElement.style.fontSize = '200%'")

    seen.picture("text at 200 percent", whole=True)
    assert seen.width_left_over() == 0
    # A long name has more lines then, which do not run over what comes next.
    assert seen.page.locator("header b").evaluate("name => name.scrollHeight - name.offsetHeight") == 0


def test_question_is_marked_as_open_and_its_answer_is_not(visit: Open, scene: Scene) -> None:
    seen = visit(scene.path("live"))
    question = seen.page.locator("details").first
    marks = (
        "part => [part, ...part.querySelectorAll('*')].map(one => getComputedStyle(one, '::after').content)"
    )
    closed = question.evaluate(marks)
    question.locator("summary").click()

    assert (closed, question.evaluate(marks)) == (["none", '"+"', "none"], ["none", '"\u2013"', "none"])


def test_everything_is_reached_by_keyboard(visit: Open, scene: Scene) -> None:
    seen = visit(scene.path("live"))
    reached = []
    for _ in range(40):
        seen.page.keyboard.press("Tab")
        reached.append(
            seen.page.evaluate("(e => e.name || e.textContent.trim().slice(0, 40))(document.activeElement)")
        )
        if reached[-1] == "Privacy":
            break

    assert reached[0] == "Naar de inhoud"
    assert [
        name for name in reached if name in {"name", "phone", "email", "postcode", "message", "consent"}
    ] == ["name", "phone", "email", "postcode", "message", "consent"]
    assert "Stuur mijn aanvraag" in reached


def _mistakes(html: str, directory: Path) -> list[str]:
    page = directory / "page.html"
    page.write_text(html)
    command = REPOSITORY / "node_modules" / ".bin" / "html-validate"
    rules = REPOSITORY / "tests" / "browser" / "html-validate.json"
    checked = subprocess.run(
        [command, f"--config={rules}", "--formatter=json", page], capture_output=True, text=True, check=False
    )
    return [
        f"{message['ruleId']}: {message['message']} at {message['line']}:{message['column']}"
        for file in json.loads(checked.stdout)
        for message in file["messages"]
    ]


def test_markup_is_valid(scene: Scene, firms: list[str], http: httpx.Client, tmp_path: Path) -> None:
    for url in (f"{scene.project.functions_url}{scene.path('live')}", *firms):
        assert _mistakes(http.get(url).text, tmp_path) == []


@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
@pytest.mark.parametrize("number", range(3))
def test_firms_of_the_demo_are_worth_looking_at(
    visit: Open, firms: list[str], size: dict[str, int], number: int, request: pytest.FixtureRequest
) -> None:
    seen = visit(firms[number], **size)

    assert seen.scroll_through() == []
    seen.picture(f"firm {request.node.callspec.id}", whole=True)
    assert seen.complaints == []
    assert seen.barriers() == []
    assert seen.width_left_over() == 0


def test_nothing_moves_while_a_page_with_pictures_loads(visit: Open, firms: list[str]) -> None:
    seen = visit(firms[0], **PHONE)

    seen.scroll_through()

    # https://web.dev/articles/cls: good is 0.1 at most.
    assert seen.shifted() <= 0.02


def test_view_is_counted_once_a_half_hour(visit: Open, scene: Scene, platform: Database) -> None:
    page_id = UUID(scene.pages["live"])
    seen = visit("about:blank")

    counts = []
    for _ in range(2):
        with seen.page.expect_response("**/events") as sent:
            seen.page.goto(scene.path("live"))
        assert sent.value.status == HTTPStatus.NO_CONTENT
        counts.append(platform.page(page_id)["views_count"])

    assert counts[0] == counts[1] >= 1


def test_tap_to_call_is_counted_once_a_half_hour(visit: Open, scene: Scene, platform: Database) -> None:
    page_id = UUID(scene.pages["live"])
    before = platform.page(page_id)["conversions_count"]
    with (seen := visit("about:blank")).page.expect_response("**/events"):
        seen.page.goto(scene.path("live"))
    # What the telephone would do with it is not ours.
    seen.page.evaluate("document.addEventListener('click', event => event.preventDefault())")

    tapped = []
    for _ in range(2):
        with seen.page.expect_response("**/events") as sent:
            seen.page.locator('a[href^="tel:"]').first.click()
        tapped.append(sent.value.headers["event-outcome"])

    assert tapped == ["counted", "duplicate"]
    assert platform.page(page_id)["conversions_count"] == before + 1
    assert seen.complaints == []


def _views(platform: Database, scene: Scene) -> tuple[int, dict[str, int]]:
    """Return what is counted and what is held of the live page."""
    page_id = UUID(scene.pages["live"])
    held = platform.rows(
        "select reason, count(*)::int as views from private.held_events where page_id = %s group by reason",
        [page_id],
    )
    return platform.page(page_id)["views_count"], {row["reason"]: row["views"] for row in held}


def test_view_without_script_is_counted_by_its_picture(visit: Open, scene: Scene, platform: Database) -> None:
    before, _ = _views(platform, scene)
    seen = visit(
        "about:blank", java_script_enabled=False, user_agent="Mozilla/5.0 (X11) Lynx-like, no script"
    )

    with seen.page.expect_response("**/events/p.gif*") as sent:
        seen.page.goto(scene.path("live"))

    assert sent.value.status == HTTPStatus.OK
    assert _views(platform, scene)[0] == before + 1
    assert seen.complaints == []


def test_view_of_a_robot_that_runs_scripts_is_held(visit: Open, scene: Scene, platform: Database) -> None:
    before, held = _views(platform, scene)
    seen = visit("about:blank", user_agent="Mozilla/5.0 (X11; Linux x86_64) Driven/1.0")
    seen.page.add_init_script("Object.defineProperty(navigator, 'webdriver', {get: () => true})")

    with seen.page.expect_response("**/events") as sent:
        seen.page.goto(scene.path("live"))

    assert sent.value.headers["event-outcome"] == "webdriver"
    counted, now_held = _views(platform, scene)
    assert (counted, now_held.get("webdriver", 0)) == (before, held.get("webdriver", 0) + 1)


def test_page_that_is_rendered_ahead_is_counted_once_it_is_shown(visit: Open, scene: Scene) -> None:
    seen = visit("about:blank")
    seen.page.add_init_script("Object.defineProperty(document, 'prerendering', {value: true})")
    posted: list[Request] = []
    seen.page.on("request", lambda request: posted.append(request) if request.method == "POST" else None)

    seen.page.goto(scene.path("live"), wait_until="networkidle")
    ahead = len(posted)
    with seen.page.expect_response("**/events"):
        seen.page.evaluate("document.dispatchEvent(new Event('prerenderingchange'))")

    assert (ahead, len(posted)) == (0, 1)


def test_view_that_finds_nobody_arrives_once_when_somebody_is_there(
    visit: Open, scene: Scene, platform: Database
) -> None:
    before, _ = _views(platform, scene)
    seen = visit("about:blank", user_agent="Mozilla/5.0 (X11; Linux x86_64) In a tunnel/1.0")
    seen.page.add_init_script(HASTE)
    ids: list[str] = []

    def answer_as_if_away(route: Route) -> None:
        ids.append(json.loads(route.request.post_data or "")["id"])
        # The first arrives and its answer is lost; the second finds nobody.
        route.fetch() if len(ids) == 1 else None
        route.abort() if len(ids) < 3 else route.continue_()

    seen.page.route("**/events", answer_as_if_away)
    with seen.page.expect_response("**/events", timeout=10_000) as sent:
        seen.page.goto(scene.path("live"))

    assert sent.value.headers["event-outcome"] == "duplicate"
    assert (len(ids), len(set(ids))) == (3, 1)
    assert _views(platform, scene)[0] == before + 1


def test_view_says_where_it_came_from(visit: Open, scene: Scene) -> None:
    seen = visit("about:blank")

    with seen.page.expect_request("**/events") as sent:
        seen.page.goto(f"{scene.path('live')}?utm_id=42", referer="https://www.google.nl/")

    event = json.loads(sent.value.post_data or "")
    assert (event["query"], event["referrer"], event["bot"]) == ("?utm_id=42", "https://www.google.nl/", 0)


def test_page_is_light_and_of_nobody_else(visit: Open, scene: Scene) -> None:
    seen = visit("about:blank")
    asked: list[Request] = []
    seen.page.on("request", lambda request: asked.append(request))  # noqa: PLW0108 - Playwright wants a function.

    seen.page.goto(f"{scene.project.functions_url}{scene.path('live')}", wait_until="networkidle")

    site = scene.project.functions_url
    assert {
        f"{request.method} {request.url.removeprefix(site)}"
        for request in asked
        if not request.url.startswith("data:")
    } == {f"GET {scene.path('live')}", "POST /events"}
    assert seen.page.context.cookies() == []
    assert seen.page.evaluate("localStorage.length + sessionStorage.length") == 0


@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_report_can_be_read_by_everybody(
    visit: Open, scene: Scene, platform: Database, size: dict[str, int], request: pytest.FixtureRequest
) -> None:
    page_id = scene.pages["live"]
    now = platform.value("select now()")
    sources = ["google_ads", "google_ads", "seo", "direct", "social"]
    views = [
        {"id": uuid7_at(now - timedelta(hours=n % 23)), "page_id": page_id, "source": sources[n % 5]}
        for n in range(40)
    ]
    with platform.acting_as("event_recorder"):
        platform.record_events(views, [{"page_id": page_id, "reason": "bot", "attempts": 7}])

    seen = visit("/reports/landing-pages", **size, extra_http_headers=scene.authorization(scene.partner))

    seen.picture(f"report {request.node.callspec.id}", whole=True)
    assert seen.complaints == []
    assert seen.barriers() == []
    assert seen.width_left_over() == 0
    expect(seen.page.get_by_role("heading", level=1)).to_have_text("Wat je landingspagina's opleveren")


# The form -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("mode", MODES)
def test_request_arrives_and_is_thanked(visit: Open, scene: Scene, platform: Database, mode: str) -> None:
    address = f"{scene.path('live')}?utm_source=google&utm_medium=cpc&gclid=EAIa"
    seen = visit(address, java_script_enabled=mode == SCRIPTED)
    name = f"Anna {mode}"
    posted: list[Request] = []
    seen.page.on("request", lambda request: posted.append(request) if request.method == "POST" else None)
    _fill(seen, name, email="anna@voorbeeld.nl")
    _send(seen)

    thanks = seen.page.get_by_role("status")
    expect(thanks).to_be_visible()
    expect(thanks).to_contain_text("We bellen je binnen één werkdag.")
    expect(thanks).to_contain_text("013 555 0100")
    expect(seen.page.get_by_label("Naam")).to_be_hidden()
    seen.picture(f"thanks {mode}")
    # The server has it from the Referer as well; a browser that keeps that to itself still runs the script.
    assert ("query=%3Futm_source%3Dgoogle%26" in (posted[-1].post_data or "")) == (mode == SCRIPTED)
    (lead,) = [lead for lead in _leads(platform, scene) if lead["name"] == name]
    assert lead["phone"] == "+31612345678"
    assert (lead["source"], lead["tags"]) == (
        "google_ads",
        {"utm_source": "google", "utm_medium": "cpc", "gclid": "EAIa"},
    )
    assert seen.complaints == []


def test_without_styles_too_thanks_come_after_the_request(visit: Open, scene: Scene) -> None:
    seen = visit("about:blank", java_script_enabled=False)

    def strip(route: Route) -> None:
        answer = route.fetch()
        route.fulfill(response=answer, body=re.sub("<style>.*?</style>", "", answer.text(), flags=re.DOTALL))

    seen.page.route(f"**{scene.path('live')}", strip)
    seen.page.goto(scene.path("live"))
    thanks = seen.page.locator("#bedankt")
    expect(seen.page.get_by_text("Laat dit leeg")).to_be_visible()
    # Its box has no height: what is in it is not laid out until the address names it.
    assert thanks.evaluate("element => element.offsetHeight") == 0
    _fill(seen, "Zonder stijl")
    _send(seen)

    seen.page.wait_for_url("**#bedankt")
    assert thanks.evaluate("element => element.offsetHeight") > 0
    seen.picture("thanks without styles")


@pytest.mark.parametrize("mode", MODES)
def test_wrong_answer_is_said_beside_it_and_all_is_still_there(
    visit: Open, scene: Scene, platform: Database, mode: str
) -> None:
    seen = visit(scene.path("live"), java_script_enabled=mode == SCRIPTED, **PHONE)
    name = f"Bea <b> {mode}"
    _fill(seen, name, phone="12")
    seen.page.get_by_label("Je vraag").fill('Graag "snel".\nTweede regel')
    _send(seen)

    wrong = seen.page.locator("[aria-invalid]")
    expect(wrong).to_be_focused()
    expect(wrong).to_have_attribute("name", "phone")
    expect(wrong).to_have_accessible_description("Controleer je telefoonnummer.")
    expect(wrong).to_have_value("12")
    expect(seen.page.locator("label", has=seen.page.locator("[aria-invalid]"))).to_be_in_viewport(ratio=1)
    expect(seen.page.get_by_label("Naam")).to_have_value(name)
    expect(seen.page.get_by_label("Je vraag")).to_have_value('Graag "snel".\nTweede regel')
    expect(seen.page.get_by_label("Ja, dit bedrijf")).to_be_checked()
    seen.picture(f"wrong answer {mode}")
    assert mode != SCRIPTED or seen.barriers() == []

    wrong.fill("13")
    _send(seen)
    expect(wrong).to_have_value("13")
    expect(wrong).to_be_focused()

    wrong.fill("0612345678")
    _send(seen)

    expect(seen.page.get_by_role("status")).to_be_visible()
    assert [lead["message"] for lead in _leads(platform, scene) if lead["name"] == name] == [
        'Graag "snel".\nTweede regel'
    ]
    assert seen.complaints == []


def test_number_or_address_is_asked_for_before_sending(visit: Open, scene: Scene) -> None:
    seen = visit(scene.path("live"))
    sent: list[Request] = []
    seen.page.on("request", lambda request: sent.append(request) if request.url.endswith("/leads") else None)
    _fill(seen, "Cor", phone="", email="")
    _send(seen)

    expect(seen.page.get_by_label("Telefoon")).to_be_focused()
    assert sent == []
    seen.page.get_by_label("E-mail").fill("cor@voorbeeld.nl")
    _send(seen)
    expect(seen.page.get_by_role("status")).to_be_visible()


def test_sending_is_seen_and_a_double_click_is_one_lead(
    visit: Open, scene: Scene, platform: Database
) -> None:
    seen = visit(scene.path("live"))
    let_go: list[Route] = []
    seen.page.route("**/leads", lambda route: let_go.append(route))  # noqa: PLW0108 - as above.
    _fill(seen, "Dirk")
    seen.page.get_by_role("button", name="Stuur mijn aanvraag").dblclick()

    expect(seen.page.get_by_role("button", name="Stuur mijn aanvraag…")).to_be_disabled()
    seen.picture("sending")
    for route in let_go:
        route.continue_()
    expect(seen.page.get_by_role("status")).to_be_visible()
    assert len([lead for lead in _leads(platform, scene) if lead["name"] == "Dirk"]) == 1


def test_offline_then_online_is_one_lead_and_nothing_typed_is_lost(
    visit: Open, scene: Scene, platform: Database
) -> None:
    seen = visit("about:blank")
    seen.page.add_init_script(HASTE)
    seen.page.goto(scene.path("live"))
    ids: list[str] = []

    def answer_as_if_away(route: Route) -> None:
        ids.append(re.search(r"(?:^|&)id=([^&]+)", route.request.post_data or "")[1])  # type: ignore[index]
        # The first arrives and its answer is lost; the second finds nobody.
        route.fetch() if len(ids) == 1 else None
        route.abort() if len(ids) < 4 else route.continue_()

    seen.page.route("**/leads", answer_as_if_away)
    _fill(seen, "Els")
    _send(seen)

    again = seen.page.get_by_role("button", name="Probeer opnieuw")
    expect(again).to_be_enabled(timeout=10_000)
    expect(seen.page.get_by_label("Naam")).to_have_value("Els")
    seen.picture("offline")
    again.click()
    expect(seen.page.get_by_role("status")).to_be_visible()
    assert (len(ids), len(set(ids))) == (4, 1)
    assert len([lead for lead in _leads(platform, scene) if lead["name"] == "Els"]) == 1


def _newest_lead(database: Database, email: str) -> dict[str, object]:
    return database.row(
        "select l.outcome, l.reason, k.content_hash, k.consent_recipients, k.form_sha256,"
        " k.content_hash = v.content_hash as is_live"
        " from public.partner_lead_contacts as k"
        " join public.partner_leads as l on l.id = k.lead_id"
        " join public.partner_landing_pages as p on p.id = l.page_id"
        " join public.partner_landing_page_versions as v on v.id = p.live_version_id"
        " where k.email = %s order by l.created_at desc limit 1",
        [email],
    )


@pytest.mark.parametrize("mode", MODES)
def test_a_lead_counts_with_what_it_agreed_to_and_where_that_stood(
    visit: Open, scene: Scene, platform: Database, mode: str
) -> None:
    email = f"fenna.{uuid4()}@voorbeeld.nl"
    seen = visit(scene.path("live"), java_script_enabled=mode == SCRIPTED)
    expect(seen.page.locator("[name=website]")).not_to_be_in_viewport()
    _fill(seen, "Fenna", phone="", email=email)
    # As long as a person takes, at the least.
    seen.page.wait_for_timeout(2_100)
    _send(seen)

    expect(seen.page.get_by_role("status")).to_be_visible()
    lead = _newest_lead(platform, email)
    assert (lead["outcome"], lead["reason"], lead["is_live"]) == ("counted", None, True)
    assert lead["consent_recipients"]
    assert lead["form_sha256"]


@pytest.mark.parametrize(("website", "reason"), [("", "too_fast"), ("https://spam.example", "honeypot")])
def test_what_no_person_sends_is_thanked_and_held(
    visit: Open, scene: Scene, platform: Database, website: str, reason: str
) -> None:
    email = f"program.{uuid4()}@voorbeeld.nl"
    seen = visit(scene.path("live"))
    # However slow this machine is.
    platform.run("update private.lead_limits set min_milliseconds = 60000")
    try:
        _fill(seen, "Programma", phone="", email=email)
        seen.page.evaluate("value => document.forms[0].website.value = value", website)
        _send(seen)
        expect(seen.page.get_by_role("status")).to_be_visible()
    finally:
        platform.run("update private.lead_limits set min_milliseconds = 2000")

    lead = _newest_lead(platform, email)
    assert (lead["outcome"], lead["reason"]) == ("quarantined", reason)


@pytest.mark.parametrize("mode", MODES)
def test_who_goes_back_and_sends_again_counts_once(
    visit: Open, scene: Scene, platform: Database, mode: str
) -> None:
    email = f"gerda.{uuid4()}@voorbeeld.nl"
    seen = visit(scene.path("live"), java_script_enabled=mode == SCRIPTED)
    for _ in range(2):
        _fill(seen, "Gerda", phone="", email=email)
        seen.page.wait_for_timeout(2_100)
        _send(seen)
        expect(seen.page.get_by_role("status")).to_be_visible()
        seen.page.go_back()

    outcomes = platform.rows(
        "select l.outcome from public.partner_leads as l"
        " join public.partner_lead_contacts as k on k.lead_id = l.id where k.email = %s",
        [email],
    )
    assert [lead["outcome"] for lead in outcomes].count("counted") == 1
