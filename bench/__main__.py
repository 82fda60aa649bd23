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

from bench.attack import CONNECTIONS, Spell, measure_attack
from bench.calls import measure_calls
from bench.counting import (
    LEADS,
    LEADS_RPC,
    PARSING,
    RPC,
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
from bench.webhooks import Intake, measure_webhooks
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
            ratio.aim,
        )
    Console(width=140).print(table)


def _print_counting(runs: list[Run]) -> None:
    per_second = {run.what: run.per_second for run in runs}
    columns = ["views", "a second", "", "/ update", "/ call", "/ parsing", "p50 ms", "p99 ms", "bytes a view"]
    aims = "Aims: / update ≥ 2, / call ≥ 6 (leads ≥ 0.5), / parsing ≥ 0.4; ≤ 300 bytes a view"
    table = Table(*columns, title=aims)
    for run in runs:
        # A lead's call is of another function.
        call = LEADS_RPC if run.what in {LEADS, LEADS_RPC} else RPC
        ratios = [f"{run.per_second / per_second[limit]:.2f}" for limit in (UPDATE, call, PARSING)]
        rest = [run.p50_ms, run.p99_ms, run.bytes_per_view]
        bar = Bar(max(per_second.values()), 0, run.per_second, width=24)
        table.add_row(
            run.what, f"{run.per_second:,.0f}", bar, *ratios, *("" if x is None else f"{x:g}" for x in rest)
        )
    Console(width=160).print(table)


def _print_webhooks(intakes: list[Intake]) -> None:
    per_second = {(intake.what, intake.way): intake.per_second for intake in intakes}
    # A batch's events by themselves are leads as well.
    call = per_second["leads", WEBHOOK_RPC]
    columns = ["what", "taken in by", "events a second", "/ parsing", "/ call", "p50 ms", "p99 ms"]
    table = Table(*columns, title="Aims: batches / parsing ≥ 0.5, / call ≥ 3; stored ≥ 0.9 of none stored")
    for intake in intakes:
        ratios = [intake.per_second / limit for limit in (per_second[intake.what, WEBHOOK_PARSING], call)]
        table.add_row(
            intake.what,
            intake.way,
            f"{intake.per_second:,.0f}",
            *(f"{ratio:.2f}" for ratio in ratios),
            f"{intake.p50_ms:g}",
            f"{intake.p99_ms:g}",
        )
    Console(width=140).print(table)


def _print_telling(telling: Telling) -> None:
    title = (
        f"From a form's answer to its mail, delivered every {telling.every_seconds:.0f} s. Aim: p95 ≤ 60 s"
    )
    table = Table("leads", "p50 s", "p95 s", "most s", "mails a second by one job", title=title)
    table.add_row(
        str(telling.leads),
        f"{telling.p50_seconds:g}",
        f"{telling.p95_seconds:g}",
        f"{telling.most_seconds:g}",
        f"{telling.mails_a_second:g}",
    )
    Console(width=140).print(table)


def _print_syncing(nights: list[Night]) -> None:
    limits = {night.campaigns: night.seconds for night in nights if night.what.startswith("read")}
    title = "30 days of campaigns on five platforms. Aim: / reading ≤ 3; memory flat"
    table = Table("campaigns each", "what", "s", "/ reading", "requests", "rows", "memory MB", title=title)
    for night in nights:
        table.add_row(
            f"{night.campaigns:,}",
            night.what,
            f"{night.seconds:g}",
            f"{night.seconds / limits[night.campaigns]:.2f}",
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
    for who, aim in (("page", "≤ 3"), ("beacon", ""), ("listing", "p95 ≤ 2000")):
        before, during = getattr(rest, who), getattr(attack, who)
        figures = (before.ms(50), before.ms(99), during.ms(50), during.ms(95), during.ms(99))
        table.add_row(who, *map(str, figures), f"{figures[4] / figures[1]:.1f}", aim)
    Console(width=140).print(table)
    Console().print(
        f"Under attack: {attack.views_lost} acknowledged views lost (aim 0), {attack.beacons_refused} beacons"
        f" refused after their retries (aim 0), PostgreSQL took {attack.postgres_mb} MB (aim < 1,000;"
        f" at rest {rest.postgres_mb}).",
        soft_wrap=True,
    )


if __name__ == "__main__":
    typer.run(main)
