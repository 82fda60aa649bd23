"""What `python supabase/local` can do. Results go to standard output, everything else to standard error."""

import sys
import time
from contextlib import suppress
from typing import Annotated, NoReturn

import typer
from pydantic import ValidationError
from rich.console import Console
from rich.table import Table

from stack import AnyStack, Settings, Stack, StackError
from stack.errors import last_lines, system_failure
from stack.example_secrets import TO_SIGN_WITH
from stack.external import ExternalStack
from stack.progress import TerminalProgress
from stack.stack import SERVICES
from stack.tokens import NARROW_ROLES

app = typer.Typer(help=__doc__, no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)

_errors = Console(stderr=True, highlight=False, soft_wrap=True)


def main() -> None:
    """Run the command line, and word every failure that somebody can do something about."""
    try:
        app()
    except StackError as failure:
        _fail(failure)
    except ValidationError as error:
        wrong = "; ".join(f"{str(item['loc'][0]).upper()}: {item['msg']}" for item in error.errors())
        _fail(StackError(f"A setting is not right. {wrong}", "docs/local-stack.md lists every setting."))
    except OSError as error:
        _fail(system_failure(error))


@app.command()
def up(
    *,
    migrate: Annotated[bool, typer.Option(help="Apply pending migrations.")] = True,
    seed: Annotated[bool, typer.Option(help="Run supabase/seed.sql, once a database.")] = False,
    functions: Annotated[bool, typer.Option(help="Run the functions too.")] = True,
) -> None:
    """Start what does not run yet, bring back what died, apply the migrations."""
    began = time.monotonic()
    stack = _stack()
    done = stack.up(migrate=migrate, seed=seed, functions=functions)
    seconds = f"{time.monotonic() - began:.1f} s"
    _errors.print(f"The stack is up after {seconds}." if done else "The stack was up already.", style="dim")


@app.command()
def down() -> None:
    """Stop exactly what `up` started. The data stays."""
    stopped = _stack().down()
    _errors.print(f"Stopped: {', '.join(stopped)}." if stopped else "Nothing was running.", style="dim")


@app.command()
def env() -> None:
    """Print KEY=value lines: addresses, the publishable key, and secrets to sign webhooks with."""
    stack = _stack()
    # Another project's secrets are its own.
    secrets = TO_SIGN_WITH if isinstance(stack, Stack) else {}
    for name, value in (stack.project.env() | secrets).items():
        typer.echo(f"{name}={value}")


@app.command()
def token(
    who: Annotated[str, typer.Argument(help="An email of auth.users, or a role: anon, event_recorder, …")],
    expires_in: Annotated[int, typer.Option(help="Seconds until it is refused.")] = 3600,
) -> None:
    """Print a signed JWT for a person or a role."""
    typer.echo(_stack().project.token(who, expires_in))


@app.command()
def tokens(
    days: Annotated[int, typer.Option(min=1, max=730, help="Days until they are refused.")] = 90,
) -> None:
    """Print a signed JWT for each of the functions' own roles, as NAME=value lines."""
    project = _stack().project
    for role in NARROW_ROLES:
        typer.echo(f"{role.upper()}_JWT={project.token(role, days * 24 * 3600)}")
    _errors.print(f"Good for {days} days; an alert opens 30 days before (docs/operations.md).", style="dim")


@app.command()
def status() -> None:
    """Show what runs. Exits 1 when something does not."""
    stack = _stack()
    supervisor = stack.supervisor
    table = Table("service", "state", "pid", "since", "log", box=None)
    for name in reversed(stack.services):
        record = supervisor.record(name)
        alive = supervisor.is_alive(name)
        state = "[green]runs[/]" if alive else "[red]ended[/]" if record else "stopped"
        since = (
            time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(record.process.started_at)) if record else ""
        )
        pid = str(record.process.pid) if alive and record else ""
        table.add_row(name, state, pid, since, str(supervisor.log(name)))
    # A log's path is whole, also where nobody says how wide a line may be.
    (Console() if sys.stdout.isatty() else Console(width=1000)).print(table)
    if not all(supervisor.is_alive(name) for name in stack.services):
        raise typer.Exit(1)


@app.command()
def logs(service: Annotated[str, typer.Argument(help=f"One of: {', '.join(reversed(SERVICES))}.")]) -> None:
    """Print the end of a service's log."""
    typer.echo(last_lines(_stack().supervisor.log(service)))


@app.command()
def reset() -> None:
    """Stop the local stack and drop its data."""
    _stack().reset()
    _errors.print("The data is gone; `make stack` begins anew.", style="dim")


@app.command()
def demo(
    *,
    once: Annotated[bool, typer.Option(envvar="ONCE", help="Stop after the result.")] = False,
) -> None:
    """Do the main job through the real functions, show the result, and keep serving until Ctrl-C.

    Exits 1 when a figure is not what was sent.
    """
    # Here, since importing supabase takes as long as any other command does its work.
    from demo.platforms import simulated_platforms  # noqa: PLC0415
    from demo.scheduler import work_until_stopped  # noqa: PLC0415
    from demo.show import show_links, show_result  # noqa: PLC0415
    from demo.story import run_main_job  # noqa: PLC0415

    stack = _stack()
    # Whoever had the stack running before wants it running after.
    is_ours = stack.up(seed=True).keys() >= set(stack.services)
    console = Console()
    try:
        with simulated_platforms() as platforms_url:
            result = run_main_job(stack.project, TerminalProgress(), platforms_url)
            show_result(console, result)
            if not (once and is_ours):
                show_links(console, stack.project, result)
            if not once:
                console.print("Serving until Ctrl-C.", style="dim")
                with suppress(KeyboardInterrupt):
                    work_until_stopped(stack.project)
    finally:
        if is_ours:
            stack.down()
    if not result.holds:
        raise typer.Exit(1)


def _stack() -> AnyStack:
    settings = Settings()
    progress = TerminalProgress()
    return ExternalStack(settings, progress) if settings.stack_external else Stack(settings, progress)


def _fail(failure: StackError) -> NoReturn:
    _errors.print(failure.problem, style="red", markup=False)
    _errors.print(failure.advice, markup=False)
    sys.exit(1)
