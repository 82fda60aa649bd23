"""Let a marketplace live for a year, and say what that comes to."""

import json
import statistics
import time
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import track
from rich.table import Table

from bench.year.looking import Look, look
from bench.year.market import Day, Market, Size
from bench.year.past import check_library, in_the_past
from stack import Stack
from stack.progress import TerminalProgress

_DIRECTORY = Path(__file__).parents[2] / ".stack" / "year"
_MONTH = 30
_MOST_TABLES = 16


class MiscountedError(Exception):
    """What was counted is not what was sent: no figure means anything."""


def main(  # noqa: PLR0913, PLR0917  # Options of a command.
    directory: Annotated[Path, typer.Option(help="The stack's state directory, made anew.")] = _DIRECTORY,
    partners: Annotated[int, typer.Option(help="How many partners there are.")] = 10_000,
    pages: Annotated[int, typer.Option(help="How many landing pages each has.")] = 2,
    views: Annotated[int, typer.Option(help="How many views a month the partners have on average.")] = 60,
    leads: Annotated[float, typer.Option(help="How many leads a hundred views bring.")] = 2.5,
    days: Annotated[int, typer.Option(help="How many days go by.")] = 365,
) -> None:
    """Make the marketplace, let the days go by, compare, and print what there is and who waits how long."""
    check_library()
    progress, console = TerminalProgress(), Console(width=130)
    a_day = partners * views // _MONTH
    size = Size(partners, partners * pages, a_day, round(a_day * leads / 100))
    stack = Stack.at(directory)
    stack.reset()
    with progress.step("Making a database"):
        stack.up(functions=False)
        stack.down()
    began = time.monotonic()
    url = stack.state.database_url()
    with in_the_past(stack, days), Market(url, size) as market:
        with progress.step(f"{size.partners:,} partners join"):
            market.open()
        with progress.step(f"{size.pages:,} pages are written, handed in and approved"):
            market.make_pages()
    lived: list[Day] = []
    day = f"{size.views_a_day:,} views and {size.leads_a_day:,} leads"
    for days_ago in track(range(days, 0, -1), f"{days} days of {day}"):
        with in_the_past(stack, days_ago), Market(url, size) as market:
            lived.append(market.live_a_day(days_ago))
    with in_the_past(stack, 0), Market(url, size) as market:
        with progress.step("What was sent is compared with what was counted"):
            compare(market.rows("select pages, days, leads from bench.counters")[0], lived)
            market.analyze()
        tables = market.rows("select name, rows, bytes from bench.sizes where rows > 0 order by bytes desc")
    _print_months(console, lived)
    _print_tables(console, tables, size)
    try:
        with progress.step("It is looked at, by people of today"):
            stack.up()
            looks = look(stack)
    finally:
        stack.down()
    _print_looks(console, looks)
    report = {
        "size": vars(size),
        "minutes": round((time.monotonic() - began) / 60, 1),
        "days": [day.as_dict() for day in lived],
        "tables": [dict(zip(("name", "rows", "bytes"), table, strict=True)) for table in tables],
        "looks": [each.as_dict() for each in looks],
    }
    file = stack.directory / "year.json"
    file.write_text(json.dumps(report, indent=2))
    console.print(f"As JSON: {file}", style="dim", soft_wrap=True)


def compare(counters: tuple[int, int, int], lived: list[Day]) -> None:
    """See that the counters of pages, those of days, and the leads are what was counted when it was sent.

    Raises:
        MiscountedError: They are not.
    """
    leads = sum(day.leads for day in lived)
    sent = sum(day.counted for day in lived) + leads
    if counters != (sent, sent, leads):
        raise MiscountedError(f"{sent} counted, {leads} of them leads; on pages, on days, leads: {counters}")


def _print_months(console: Console, lived: list[Day]) -> None:
    table = Table(
        "month",
        "events",
        "leads",
        "events/s",
        "ms a lead",
        "ms a mail noted",
        "campaign days, s",
        "upkeep, s",
        "MB",
        title="Month by month",
    )
    for start in range(0, len(lived), _MONTH):
        month = lived[start : start + _MONTH]
        table.add_row(
            str(start // _MONTH + 1),
            f"{sum(day.counted for day in month):,}",
            f"{sum(day.leads for day in month):,}",
            f"{statistics.mean(day.views_a_second for day in month):,.0f}",
            f"{statistics.mean(day.lead_ms for day in month):.1f}",
            f"{statistics.mean(day.told_ms for day in month):.2f}",
            f"{statistics.mean(day.campaign_days_seconds for day in month):.2f}",
            f"{statistics.mean(day.upkeep_seconds for day in month):.2f}",
            f"{month[-1].megabytes:,.0f}",
        )
    console.print(table)


def _print_tables(console: Console, tables: list[tuple[str, int, int]], size: Size) -> None:
    table = Table("table", "rows", "MB", "bytes a row", "kB a partner", title="What is kept after it")
    for name, rows, taken in tables[:_MOST_TABLES]:
        table.add_row(
            name,
            f"{rows:,}",
            f"{taken / 1e6:,.1f}",
            f"{taken / rows:,.0f}" if rows else "",
            f"{taken / size.partners / 1e3:,.1f}",
        )
    console.print(table)


def _print_looks(console: Console, looks: list[Look]) -> None:
    table = Table("what somebody waits for", "median ms", "kB", title="Who waits how long")
    for each in looks:
        table.add_row(each.what, f"{each.median_ms:,.1f}", f"{each.kilobytes:,.1f}" if each.kilobytes else "")
    console.print(table)


if __name__ == "__main__":
    typer.run(main)
