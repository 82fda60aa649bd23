"""The API's description as a page, in a browser, without a server."""

from pathlib import Path

from playwright.sync_api import Browser

from deploy.api_page import make_api_page
from tests.browser.conftest import SCREENSHOTS


def test_page_shows_every_operation_and_asks_nobody(browser: Browser, tmp_path: Path) -> None:
    page = browser.new_page(viewport={"width": 1280, "height": 1000})
    asked: list[str] = []
    wrong: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("pageerror", lambda error: wrong.append(str(error)))

    page.goto(make_api_page(tmp_path / "api").as_uri())
    page.wait_for_selector(".opblock")
    page.locator("#operations-workflow-submitLandingPage .opblock-summary-control").click()
    page.locator("#operations-workflow-submitLandingPage .opblock-body").wait_for()

    assert page.locator(".opblock").count() > 30
    assert wrong == []
    assert {url.partition(":")[0] for url in asked} <= {"file", "blob", "data"}
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=SCREENSHOTS / "api-docs.png")
    page.close()
