"""What Google's Lighthouse says of the three firms' pages, as on a middling phone with a slow connection.

Lighthouse reckons the phone and its connection from what it has seen here, so its figures depend little on
this machine (https://github.com/GoogleChrome/lighthouse/blob/main/docs/throttling.md).
"""

import asyncio
import json
import os
import statistics
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import httpx
import typer
from rich.console import Console
from rich.table import Table

from demo.actors import Person
from demo.showcase import publish_firms
from demo.story import ADMIN
from stack import Stack
from stack.progress import TerminalProgress
from stack.project import Project

# Fetched when it is asked for, since it brings some 200 MB along. Version 13 wants Node 22.
_LIGHTHOUSE = "lighthouse@12.8.2"
_DIRECTORY = Path(__file__).parents[1] / ".stack" / "lighthouse"
_CATEGORIES = ("performance", "accessibility", "best-practices", "seo")


@dataclass(frozen=True)
class Report:
    """One look at a page: marks of 100 by category, when its largest part is there, and how much moves."""

    marks: Mapping[str, int]
    largest_paint_seconds: float
    layout_shift: float
    kilobytes: float

    @classmethod
    def read(cls, written: Mapping[str, Any]) -> "Report":
        """Read what Lighthouse wrote as JSON."""

        def value(audit: str) -> float:
            return float(written["audits"][audit]["numericValue"])

        return cls(
            {name: round(100 * written["categories"][name]["score"]) for name in _CATEGORIES},
            value("largest-contentful-paint") / 1000,
            value("cumulative-layout-shift"),
            value("total-byte-weight") / 1024,
        )


def main(
    directory: Annotated[Path, typer.Option(help="The stack's state directory, made anew.")] = _DIRECTORY,
    looks: Annotated[int, typer.Option(help="How often each page is looked at; the middle one counts.")] = 3,
) -> None:
    """Look at each firm's page with Lighthouse, and keep its reports to be read in a browser."""
    console, progress = Console(soft_wrap=True), TerminalProgress()
    stack = Stack.at(directory)
    stack.reset()
    titles = ("page", *(name.replace("-", " ") for name in _CATEGORIES), "LCP", "CLS", "kB")
    table = Table(*titles, box=None, pad_edge=False, collapse_padding=True)
    try:
        with progress.step("Three firms publish a page each"):
            stack.up(seed=True)
            pages = asyncio.run(_publish(stack.project))
        for page in pages:
            name = page.rsplit("/", 1)[-1]
            with progress.step(f"{name}, {looks} times"):
                reports = [_look(page, directory / f"{name}-{number}") for number in range(looks)]
            middle = statistics.median_low(sorted(report.marks["performance"] for report in reports))
            shown = next(report for report in reports if report.marks["performance"] == middle)
            table.add_row(
                name,
                *(str(shown.marks[category]) for category in _CATEGORIES),
                f"{shown.largest_paint_seconds:.2f} s",
                f"{shown.layout_shift:.3f}",
                f"{shown.kilobytes:.0f}",
            )
    finally:
        stack.down()
    console.print(table)
    console.print(f"{_LIGHTHOUSE}, the middle of {looks}. Its reports: {directory}/*.report.html")


async def _publish(project: Project) -> list[str]:
    async with httpx.AsyncClient(timeout=30) as http:
        return await publish_firms(project, http, await Person.sign_in(project, http, ADMIN))


def _look(page: str, report: Path) -> Report:
    flags = "--headless=new" + (" --no-sandbox" if os.geteuid() == 0 else "")  # No sandbox runs as root.
    options = [
        "--output=json",
        "--output=html",
        f"--output-path={report}",
        f"--chrome-flags={flags}",
        "--quiet",
    ]
    chrome = {"CHROME_PATH": os.environ["CHROMIUM"]} if "CHROMIUM" in os.environ else {}
    command = ["npx", "--yes", _LIGHTHOUSE, page, *options]
    done = subprocess.run(command, env={**os.environ, **chrome}, check=False)  # noqa: S603 - our own.
    if done.returncode:
        sys.stderr.write("Lighthouse gave up, and has said why above. Try again.\n")
        raise typer.Exit(1)
    return Report.read(json.loads(Path(f"{report}.report.json").read_text()))


if __name__ == "__main__":
    typer.run(main)
