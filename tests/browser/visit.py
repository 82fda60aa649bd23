"""One window of a browser, and all that it complained of."""

from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from playwright.sync_api import ConsoleMessage, Error, Page

from tests.conftest import REPOSITORY

# What a browser says of an answer with a status of 400 or more, which a test may well want.
_OF_ANSWERS = "Failed to load resource"


@cache
def _axe() -> str:
    return (REPOSITORY / "node_modules" / "axe-core" / "axe.min.js").read_text()


@dataclass
class Visit:
    """A page as somebody has it open."""

    page: Page
    screenshots: Path
    complaints: list[str] = field(default_factory=list)

    def hear(self, message: ConsoleMessage) -> None:
        """Remember what the browser complains of: an error, and what the page's policy forbade."""
        if message.type in {"error", "warning"} and _OF_ANSWERS not in message.text:
            self.complaints.append(message.text)

    def fail(self, error: Error) -> None:
        """Remember an error that nobody caught."""
        self.complaints.append(str(error))

    def picture(self, name: str, *, whole: bool = False) -> None:
        """Keep what it looks like, for a person."""
        self.screenshots.mkdir(parents=True, exist_ok=True)
        self.page.screenshot(path=self.screenshots / f"{name}.png", full_page=whole)

    def barriers(self) -> list[str]:
        """Return what axe-core finds that keeps people out (https://github.com/dequelabs/axe-core)."""
        # Evaluated, since the page's own policy lets no further script in.
        self.page.evaluate(_axe())
        found: dict[str, Any] = self.page.evaluate("axe.run()")
        return [
            f"{violation['id']}: {node['html']} {node['failureSummary']}"
            for violation in found["violations"]
            for node in violation["nodes"]
        ]

    def width_left_over(self) -> int:
        """Return how many pixels stick out on the right."""
        return int(self.page.evaluate("document.documentElement.scrollWidth - innerWidth"))

    def scroll_through(self) -> list[str]:
        """Come by every picture, as a reader does, and return those that do not show."""
        for picture in self.page.locator("img").all():
            picture.scroll_into_view_if_needed()
            picture.evaluate("image => image.decode().catch(() => {})")
        self.page.evaluate("scrollTo(0, 0)")
        return [
            str(picture.get_attribute("src"))
            for picture in self.page.locator("img").all()
            if not picture.evaluate("image => image.naturalWidth")
        ]

    def shifted(self) -> float:
        """Return how much has moved by itself (https://web.dev/articles/cls), from 0."""
        return float(
            self.page.evaluate(
                "new Promise(done => new PerformanceObserver(list => done(list.getEntries()"
                ".reduce((sum, entry) => sum + (entry.hadRecentInput ? 0 : entry.value), 0)))"
                ".observe({type: 'layout-shift', buffered: true}) || setTimeout(done, 500, 0))"
            )
        )
