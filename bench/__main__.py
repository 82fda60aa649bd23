"""Run every benchmark on a stack of its own and print one table of ratios.

The stack lives in `.stack/bench` and keeps its rows, so that a second run starts at once.
"""

import json
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from bench.calls import measure_calls
from bench.listing import measure_listing
from bench.ratio import Ratio
from stack import Stack
from stack.progress import TerminalProgress

_DIRECTORY = Path(__file__).parents[1] / ".stack" / "bench"


def main(
    directory: Annotated[Path, typer.Option(help="The stack's state directory.")] = _DIRECTORY,
    partners: Annotated[int, typer.Option(help="How many partners share the pages.")] = 100_000,
    pages: Annotated[int, typer.Option(help="How many landing pages there are.")] = 1_000_000,
    rounds: Annotated[int, typer.Option(help="How often each thing is timed.")] = 400,
) -> None:
    """Measure, print a table, and write the same figures as JSON."""
    progress = TerminalProgress()
    stack = Stack.at(directory)
    try:
        with progress.step("Starting a stack for the benchmarks"):
            stack.up(functions=False)
        ratios = [
            *measure_listing(stack.project, progress, partners, pages, rounds),
            *measure_calls(stack.project, progress, rounds),
        ]
    finally:
        stack.down()

    _print(ratios)
    report = stack.directory / "ratios.json"
    report.write_text(json.dumps([ratio.as_dict() for ratio in ratios], indent=2))
    Console().print(f"As JSON: {report}", style="dim", soft_wrap=True)


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


if __name__ == "__main__":
    typer.run(main)
