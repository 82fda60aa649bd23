"""A partner's screen in a browser without script, on a phone: from a form on a page to a lead that is won."""

import httpx
import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Open
from tests.flows.scene import Scene
from tests.flows.visits import BROWSER, lead

PHONE = {"width": 390, "height": 844, "java_script_enabled": False}


def _ask(scene: Scene, **answers: object) -> None:
    form = lead(scene.pages["live"], **answers)
    answer = scene.http.post(
        f"{scene.project.functions_url}/leads", json=form, headers={"User-Agent": BROWSER}
    )
    assert answer.status_code == httpx.codes.CREATED


@pytest.fixture
def _leads(scene: Scene) -> None:
    _ask(scene, name="Marieke de Wit", phone="06 12345678", message="De goot lekt.\nGraag deze week.")
    _ask(scene, name="<b>Piet</b>", email=None, phone="013 5550100", postcode="5013cd")


@pytest.mark.usefixtures("_leads")
def test_a_partner_signs_in_calls_and_says_how_far_they_are_in_two_taps(scene: Scene, visit: Open) -> None:
    screen = visit("/partner-leads", **PHONE)
    page = screen.page
    token = scene.project.token(scene.partner.email)

    page.get_by_label("Toegangstoken").fill(token)
    page.get_by_role("button", name="Open mijn aanvragen").click()

    article = page.locator("article", has=page.get_by_role("heading", name="Marieke de Wit"))
    expect(article.get_by_role("link", name="Bel 06 12345678")).to_have_attribute("href", "tel:+31612345678")
    expect(article.get_by_text("Graag deze week.")).to_be_visible()
    expect(page.get_by_role("heading", name="<b>Piet</b>")).to_be_visible()
    assert screen.width_left_over() <= 0
    screen.picture("partner-leads-phone", whole=True)

    article.get_by_role("button", name="Contact gehad").click()
    expect(article.locator(".status")).to_have_text("Contact gehad")

    article.get_by_text("Verloren …").click()
    article.get_by_role("button", name="Prijs").click()
    expect(article.locator(".status")).to_have_text("Verloren")
    expect(article.get_by_text("Verloren: Prijs")).to_be_visible()
    assert page.url.partition("#")[2].startswith("lead-")

    article.get_by_role("button", name="Gewonnen").click()
    expect(article.locator(".status")).to_have_text("Gewonnen")

    with page.expect_download() as download:
        page.get_by_role("link", name="Download (CSV)").click()
    assert download.value.suggested_filename == "aanvragen.csv"
    assert "Marieke de Wit" in download.value.path().read_text("utf-8-sig")

    page.get_by_role("button", name="Uitloggen").click()
    expect(page.get_by_label("Toegangstoken")).to_be_visible()
    page.go_back()
    expect(page.get_by_text("Marieke de Wit")).to_have_count(0)
    assert screen.complaints == []


@pytest.mark.usefixtures("_leads")
@pytest.mark.parametrize("width", [320, 390, 1280])
def test_the_screen_keeps_nobody_out(scene: Scene, visit: Open, width: int) -> None:
    screen = visit("/partner-leads", width=width)
    assert screen.barriers() == []
    screen.picture(f"partner-leads-sign-in-{width}")
    screen.page.get_by_label("Toegangstoken").fill(scene.project.token(scene.partner.email))
    screen.page.get_by_role("button", name="Open mijn aanvragen").click()
    screen.page.locator("article").first.locator("summary").click()

    assert screen.barriers() == []
    assert screen.width_left_over() <= 0
    screen.picture(f"partner-leads-{width}", whole=True)


@pytest.mark.usefixtures("_leads")
def test_a_stranger_sees_nothing_of_it(scene: Scene, visit: Open) -> None:
    page = visit("/partner-leads", **PHONE).page
    page.get_by_label("Toegangstoken").fill(scene.project.token(scene.stranger.email))
    page.get_by_role("button", name="Open mijn aanvragen").click()

    expect(page.get_by_text("Nog geen aanvragen")).to_be_visible()
    expect(page.locator("article")).to_have_count(0)
