"""Count for minutes on end, as fast as it goes: nothing lost, nothing counted twice, and memory flat."""

from pathlib import Path
from typing import Annotated

import psutil
import psycopg
import typer
from rich.console import Console

from bench.counting import TRACK, Load, check_programs, make_pages
from stack import Stack
from stack.progress import TerminalProgress
from stack.services.postgres.server import NAME as POSTGRES
from stack.services.postgrest import NAME as POSTGREST

_DIRECTORY = Path(__file__).parents[1] / ".stack" / "soak"
_SLICE_SECONDS = 15
# A process that has just started is still filling its caches.
_WARM_UP_MINUTES = 2
_SLACK = 1.1

_DRIFT = (
    "select count(*) from private.find_counter_drift() as d where d.relation like 'partner_landing_page%'"
)


def main(
    directory: Annotated[Path, typer.Option(help="The stack's state directory, made anew.")] = _DIRECTORY,
    minutes: Annotated[float, typer.Option(help="How long views are sent, after two of warming up.")] = 10,
) -> None:
    """Send views of 1,000 pages, and say all the time what was counted and who holds how much memory.

    Ends with 1 if a counter is not what its events add up to, or if memory has grown by more than a tenth.
    """
    check_programs()
    console = Console(soft_wrap=True)
    stack = Stack.at(directory)
    stack.reset()
    memory: list[dict[str, int]] = []
    per_minute = 60 / _SLICE_SECONDS
    try:
        with TerminalProgress().step("Starting a stack"):
            stack.up(seed=True)
        with psycopg.connect(stack.project.db_url, autocommit=True) as database:
            _, pages = make_pages(stack, database)
            load = Load(stack.project, database, _SLICE_SECONDS)
            with load.serving() as served:
                processes = {TRACK: served.pid, **_pids(stack, POSTGRES, POSTGREST)}
                for number in range(round((_WARM_UP_MINUTES + minutes) * per_minute)):
                    run = load.send(served.url, pages, skew=1)
                    memory.append({name: _megabytes(pid) for name, pid in processes.items()})
                    taken = ", ".join(f"{name} {mb} MB" for name, mb in memory[-1].items())
                    minute = (number + 1) / per_minute
                    console.print(
                        f"{minute:6.2f} min  {run.per_second:6,.0f} a second, each counted once  {taken}"
                    )
            (drift,) = database.execute(_DRIFT).fetchone() or (None,)
            (views,) = database.execute("select count(*) from private.page_events").fetchone() or (0,)
    finally:
        stack.destroy()

    warm = memory[round(_WARM_UP_MINUTES * per_minute) - 1]
    grown = {name: mb / warm[name] for name, mb in memory[-1].items()}
    said = ", ".join(f"{name} {growth:.2f} times" for name, growth in grown.items())
    console.print(f"{views:,} views, {drift} counters that are wrong; memory since it was warm: {said}")
    if drift or max(grown.values()) > _SLACK:
        raise typer.Exit(1)


def _pids(stack: Stack, *names: str) -> dict[str, int]:
    records = {name: stack.supervisor.record(name) for name in names}
    return {name: record.process.pid for name, record in records.items() if record}


def _megabytes(pid: int) -> int:
    """Return what a process and its children have to themselves, of which shared buffers are no part."""
    process = psutil.Process(pid)
    memory = [
        each.memory_info() for each in (process, *process.children(recursive=True)) if each.is_running()
    ]
    return sum(each.rss - getattr(each, "shared", 0) for each in memory) >> 20


if __name__ == "__main__":
    typer.run(main)
