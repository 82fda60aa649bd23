"""Run every benchmark on a stack of its own and print one table of ratios.

The stack lives in `.stack/bench` and keeps its rows, so that a second run starts at once.
"""

import json
from pathlib import Path
from typing import Annotated

import typer
from rich.bar import Bar
from rich.console import Console
from rich.table import Table

from bench.aim import judge, judged
from bench.attack import CONNECTIONS, Spell, measure_attack
from bench.calls import measure_calls
from bench.cold_starts import AIM as COLD_START_AIM
from bench.cold_starts import ColdStart, measure_cold_starts
from bench.counting import (
    LEADS,
    LEADS_RPC,
    PARSING,
    RPC,
    TRACK,
    UPDATE,
    Run,
    check_programs,
    measure_counting,
)
from bench.listing import measure_listing
from bench.pages import measure_pages
from bench.ratio import Ratio
from bench.syncing import Night, measure_syncing
from bench.telling import Telling, measure_telling
from bench.webhooks import PARSING as WEBHOOK_PARSING
from bench.webhooks import RPC as WEBHOOK_RPC
from bench.webhooks import WEBHOOK, Intake, measure_webhooks
from stack import Stack
from stack.progress import TerminalProgress

_DIRECTORY = Path(__file__).parents[1] / ".stack" / "bench"


def main(  # noqa: PLR0913, PLR0917  # Options of a command.
    directory: Annotated[Path, typer.Option(help="The stack's state directory.")] = _DIRECTORY,
    partners: Annotated[int, typer.Option(help="How many partners share the pages.")] = 100_000,
    pages: Annotated[int, typer.Option(help="How many landing pages there are.")] = 1_000_000,
    rounds: Annotated[int, typer.Option(help="How often each thing is timed.")] = 400,
    counting_seconds: Annotated[
        int, typer.Option(help="How long views are sent each way; 0: not at all.")
    ] = 10,
    stored: Annotated[int, typer.Option(help="Count once more with so many views stored.")] = 0,
    webhook_seconds: Annotated[
        int, typer.Option(help="How long leads are delivered each way; 0: not at all.")
    ] = 10,
    stored_events: Annotated[int, typer.Option(help="Deliver once more with so many events stored.")] = 0,
    telling_seconds: Annotated[
        float, typer.Option(help="How long leads are sent to see how soon partners hear; 0: not at all.")
    ] = 60,
    sync_campaigns: Annotated[
        int, typer.Option(help="How many campaigns each platform has to be synced; 0: none.")
    ] = 1000,
    attack_seconds: Annotated[float, typer.Option(help="How long a partner attacks; 0: not at all.")] = 60,
    cold_starts: Annotated[int, typer.Option(help="How often each function is started; 0: not at all.")] = 9,
) -> None:
    """Measure, print a table, and write the same figures as JSON."""
    if counting_seconds or webhook_seconds:
        check_programs()
    progress = TerminalProgress()
    stack = Stack.at(directory)
    try:
        with progress.step("Starting a stack for the benchmarks"):
            stack.up(functions=False)
        ratios = [
            *measure_listing(stack.project, progress, partners, pages, rounds),
            *measure_calls(stack.project, progress, rounds),
            *measure_pages(stack, progress, rounds),
        ]
        runs = measure_counting(stack, progress, counting_seconds, stored) if counting_seconds else []
        intakes = measure_webhooks(stack, progress, webhook_seconds, stored_events) if webhook_seconds else []
        telling = measure_telling(stack, progress, telling_seconds) if telling_seconds else None
        nights = measure_syncing(stack, progress, sync_campaigns) if sync_campaigns else []
        spells = measure_attack(stack, progress, attack_seconds) if attack_seconds else {}
        starts = measure_cold_starts(stack, progress, cold_starts) if cold_starts else []
    finally:
        stack.down()

    _print(ratios)
    reports: dict[str, object] = {"ratios": [ratio.as_dict() for ratio in ratios]}
    if runs:
        _print_counting(runs)
        reports["counting"] = [run.as_dict() for run in runs]
    if intakes:
        _print_webhooks(intakes)
        reports["webhooks"] = [intake.as_dict() for intake in intakes]
    if telling:
        _print_telling(telling)
        reports["telling"] = telling.as_dict()
    if nights:
        _print_syncing(nights)
        reports["syncing"] = [night.as_dict() for night in nights]
    if spells:
        _print_attack(**spells)
        reports["attack"] = {name: spell.as_dict() for name, spell in spells.items()}
    if starts:
        _print_cold_starts(starts)
        reports["cold_starts"] = [start.as_dict() for start in starts]
    for name, report in reports.items():
        file = stack.directory / f"{name}.json"
        file.write_text(json.dumps(report, indent=2))
        Console().print(f"As JSON: {file}", style="dim", soft_wrap=True)


def _print(ratios: list[Ratio]) -> None:
    table = Table("what", "median", "p95", "limit's median", "limit's p95", "ratio", "aim")
    for ratio in ratios:
        table.add_row(
            ratio.what,
            f"{ratio.measured.median_ms:.2f} ms",
            f"{ratio.measured.p95_ms:.2f} ms",
            f"{ratio.limit.median_ms:.2f} ms",
            f"{ratio.limit.p95_ms:.2f} ms",
            f"{ratio.value:.2f}",
            judge(ratio.aim, ratio.value),
        )
    Console(width=140).print(table)


def _print_counting(runs: list[Run]) -> None:
    per_second = {run.what: run.per_second for run in runs}
    columns = ["views", "a second", "", "/ update", "/ call", "/ parsing", "p50 ms", "p99 ms", "bytes a view"]
    table = Table(*columns)
    for run in runs:
        # A lead's call is of another function.
        call = LEADS_RPC if run.what in {LEADS, LEADS_RPC} else RPC
        aims = _COUNTING_AIMS.get(run.what, ("", "", ""))
        ratios = [run.per_second / per_second[limit] for limit in (UPDATE, call, PARSING)]
        size = run.bytes_per_view
        table.add_row(
            run.what,
            f"{run.per_second:,.0f}",
            Bar(max(per_second.values()), 0, run.per_second, width=24),
            *(judged(f"{ratio:.2f}", aim, ratio) for ratio, aim in zip(ratios, aims, strict=True)),
            *("" if ms is None else f"{ms:g}" for ms in (run.p50_ms, run.p99_ms)),
            "" if size is None else judged(f"{size:g}", "≤ 300", size),
        )
    Console(width=180).print(table)


_COUNTING_AIMS = {TRACK: ("≥ 2", "≥ 6", "≥ 0.4"), LEADS: ("", "≥ 0.5", "")}


def _print_webhooks(intakes: list[Intake]) -> None:
    per_second = {(intake.what, intake.way): intake.per_second for intake in intakes}
    # A batch's events by themselves are leads as well.
    call = per_second["leads", WEBHOOK_RPC]
    columns = ["what", "taken in by", "events a second", "/ parsing", "/ call", "p50 ms", "p99 ms"]
    table = Table(*columns)
    for intake in intakes:
        ratios = [intake.per_second / limit for limit in (per_second[intake.what, WEBHOOK_PARSING], call)]
        has_aims = (intake.what, intake.way) == ("batches", WEBHOOK)
        none_stored = intake.per_second / per_second[intake.what, WEBHOOK]
        table.add_row(
            intake.what,
            intake.way,
            f"{intake.per_second:,.0f}"
            + (f" {judge('≥ 0.9 of none stored', none_stored)}" if "stored" in intake.way else ""),
            *(
                judged(f"{ratio:.2f}", aim if has_aims else "", ratio)
                for ratio, aim in zip(ratios, ("≥ 0.5", "≥ 3"), strict=True)
            ),
            f"{intake.p50_ms:g}",
            f"{intake.p99_ms:g}",
        )
    Console(width=140).print(table)


def _print_telling(telling: Telling) -> None:
    title = f"From a form's answer to its mail, delivered every {telling.every_seconds:.0f} s"
    table = Table("leads", "p50 s", "p95 s", "most s", "mails a second by one job", title=title)
    table.add_row(
        str(telling.leads),
        f"{telling.p50_seconds:g}",
        judged(f"{telling.p95_seconds:g}", "≤ 60", telling.p95_seconds),
        f"{telling.most_seconds:g}",
        f"{telling.mails_a_second:g}",
    )
    Console(width=140).print(table)


def _print_syncing(nights: list[Night]) -> None:
    limits = {night.campaigns: night.seconds for night in nights if night.what.startswith("read")}
    title = "30 days of campaigns on five platforms; memory is to be flat"
    table = Table("campaigns each", "what", "s", "/ reading", "requests", "rows", "memory MB", title=title)
    for night in nights:
        ratio = night.seconds / limits[night.campaigns]
        table.add_row(
            f"{night.campaigns:,}",
            night.what,
            f"{night.seconds:g}",
            judged(f"{ratio:.2f}", "" if night.what.startswith("read") else "≤ 3", ratio),
            str(night.requests),
            f"{night.rows:,}",
            f"{night.memory_mb:g}",
        )
    Console(width=140).print(table)


def _print_attack(rest: Spell, attack: Spell) -> None:
    title = f"One partner sends {CONNECTIONS} hostile requests at a time; milliseconds"
    table = Table(
        "who",
        "rest p50",
        "rest p99",
        "attack p50",
        "attack p95",
        "attack p99",
        "p99 ratio",
        "aim",
        title=title,
    )
    for who in ("page", "beacon", "listing"):
        before, during = getattr(rest, who), getattr(attack, who)
        figures = (before.ms(50), before.ms(99), during.ms(50), during.ms(95), during.ms(99))
        ratio = figures[4] / figures[1]
        aims = {"page": judge("≤ 3", ratio), "listing": judge("p95 ≤ 2000", figures[3])}
        table.add_row(who, *map(str, figures), f"{ratio:.1f}", aims.get(who, ""))
    Console(width=140).print(table)
    Console().print(
        f"Under attack: {judged(str(attack.views_lost), '≤ 0', attack.views_lost)} acknowledged views lost,"
        f" {judged(str(attack.beacons_refused), '≤ 0', attack.beacons_refused)} beacons refused after their"
        f" retries, PostgreSQL took {judged(str(attack.postgres_mb), '< 1,000', attack.postgres_mb)} MB"
        f" (at rest {rest.postgres_mb}).",
        soft_wrap=True,
    )


def _print_cold_starts(starts: list[ColdStart]) -> None:
    table = Table("function", "kB", "first answer, ms", "an empty function's", "ratio")
    for start in starts:
        table.add_row(
            start.function,
            str(start.kilobytes),
            judged(f"{start.median_ms:.0f}", COLD_START_AIM, start.median_ms),
            f"{start.limit_ms:.0f}",
            f"{start.median_ms / start.limit_ms:.2f}",
        )
    Console(width=140).print(table)


if __name__ == "__main__":
    typer.run(main)
