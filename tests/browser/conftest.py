"""Debian's Chromium, driven by Playwright, on pages that the real functions serve.

Whoever wants to look finds every picture that is taken in `.stack/screenshots`.
"""

import asyncio
import os
import shutil
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import httpx
import pytest
from playwright.sync_api import Browser, BrowserContext, sync_playwright

from demo.actors import Person
from demo.showcase import publish_firms
from demo.story import ADMIN
from stack import Stack
from tests.browser.visit import Visit
from tests.conftest import REPOSITORY
from tests.flows.conftest import http as http  # noqa: PLC0414 - a fixture.
from tests.flows.conftest import scene as scene  # noqa: PLC0414 - as above.

SCREENSHOTS = REPOSITORY / ".stack" / "screenshots"

Open = Callable[..., Visit]


def _find_chromium() -> str:
    names = ("chromium", "chromium-browser", "google-chrome")
    found = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, names)), None)
    if found is None:
        message = "There is no Chromium: apt-get install chromium, or name one in CHROMIUM."
        if os.environ.get("CI"):
            pytest.fail(message)
        pytest.skip(message)
    return found


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """A browser for all of these tests, and no longer: while it runs, no other test can run an event loop."""
    executable = _find_chromium()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=executable,
            # As a person's: a browser that says it is driven is held.
            args=["--disable-blink-features=AutomationControlled"],
            # Its sandbox does not run as root, as in a container.
            chromium_sandbox=os.geteuid() != 0,
        )
        yield browser
        browser.close()


@pytest.fixture(scope="package")
def firms(stack: Stack, functions: str) -> list[str]:
    """The addresses of the three firms' pages that the main job shows."""
    assert functions

    async def publish() -> list[str]:
        async with httpx.AsyncClient(timeout=30) as http:
            admin = await Person.sign_in(stack.project, http, ADMIN)
            return await publish_firms(stack.project, http, admin)

    with ThreadPoolExecutor() as thread:  # Playwright has this one's event loop.
        return thread.submit(asyncio.run, publish()).result()


@pytest.fixture
def visit(browser: Browser, functions: str) -> Iterator[Open]:
    """Open a page in a window of its own, and complain of whatever the browser complains of."""
    with ExitStack() as stack:

        def open_page(path: str, *, width: int = 1280, height: int = 900, **options: object) -> Visit:
            context: BrowserContext = browser.new_context(
                viewport={"width": width, "height": height},
                locale="nl-NL",
                base_url=functions,
                # As a person's: what says of itself that it is a robot is not counted.
                **{"user_agent": _as_a_person(browser), **options},  # type: ignore[arg-type]  # Playwright's own.
            )
            stack.callback(context.close)
            page = context.new_page()
            visit = Visit(page, SCREENSHOTS)
            page.on("console", visit.hear)
            page.on("pageerror", visit.fail)
            page.goto(path, wait_until="load")
            return visit

        yield open_page


def _as_a_person(browser: Browser) -> str:
    engine = "AppleWebKit/537.36 (KHTML, like Gecko)"
    return f"Mozilla/5.0 (X11; Linux x86_64) {engine} Chrome/{browser.version} Safari/537.36"
