"""Run every benchmark on a stack of its own and print one table of ratios.

The stack lives in `.stack/bench` and keeps its rows, so that a second run starts at once.
"""

import json
from pathlib import Path

from rich.console import Console
from rich.table import Table

from bench.listing import measure_listing
from stack import Stack
from stack.progress import TerminalProgress

_DIRECTORY = Path(__file__).parents[1] / ".stack" / "bench"


def main() -> None:
    """Measure, print a table, and write the same figures as JSON."""
    progress = TerminalProgress()
    stack = Stack.at(_DIRECTORY)
    try:
        with progress.step("Starting a stack for the benchmarks"):
            stack.up(functions=False)
        ratios = measure_listing(stack.project, progress)
    finally:
        stack.down()

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
    report = _DIRECTORY / "ratios.json"
    report.write_text(json.dumps([ratio.as_dict() for ratio in ratios], indent=2))
    Console().print(f"As JSON: {report}", style="dim", soft_wrap=True)


if __name__ == "__main__":
    main()
