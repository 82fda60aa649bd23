"""python -m deploy: folders to deploy, and what stands before them, and backups."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer
from dotenv import dotenv_values

from deploy.api_page import make_api_page
from deploy.backup import BackupError, dump, restore
from deploy.cloud_run import MissingSettingError, commands
from deploy.front import nginx, url_map
from deploy.manifest import REPOSITORY, load
from deploy.package import make_packages

app = typer.Typer(help=__doc__, no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)

_Site = Annotated[str, typer.Option(help="The origin of the pages, https://www.example.nl.")]
# From the environment, so that its password is in no list of processes.
_Database = Annotated[str, typer.Argument(envvar="SUPABASE_DB_URL", show_default=False)]


@app.command()
def package(directory: Path = REPOSITORY / "build" / "functions") -> None:
    """Write a folder a function: its code, its locked packages, a Dockerfile."""
    for function, size in make_packages(directory).items():
        typer.echo(f"{size / 1024:6.0f} kB  {directory / function}")


@app.command("nginx")
def print_nginx(
    *,
    site: _Site,
    listen: Annotated[str, typer.Option(help="As nginx has it: a port, or address:port.")] = "80",
    at: Annotated[list[str] | None, typer.Option(help="function=host:port; else <function>:8080.")] = None,
) -> None:
    """Print a server for nginx."""
    told = dict(one.split("=", 1) for one in at or [])
    addresses = {name: told.get(name, f"{name.replace('_', '-')}:8080") for name in load()}
    typer.echo(nginx(site.rstrip("/"), listen, addresses), nl=False)


@app.command("url-map")
def print_url_map(*, site: _Site, name: str = "partner-marketing") -> None:
    """Print a URL map for Google's load balancer."""
    typer.echo(url_map(name, site.partition("://")[2].rstrip("/")))


@app.command("cloud-run")
def print_cloud_run(
    *,
    project: Annotated[str, typer.Option(help="Google's project.")],
    values: Annotated[Path, typer.Option(exists=True, help="NAME=value lines, as .env.example has them.")],
    region: str = "europe-west4",
) -> None:
    """Print the commands that put everything on Cloud Run."""
    given = {name: value for name, value in dotenv_values(values).items() if value}
    try:
        # All of them or none: half a script would be run.
        typer.echo("\n".join(commands(project, region, given)))
    except MissingSettingError as error:
        typer.echo(str(error), err=True)
        sys.exit(1)


@app.command("api-docs")
def write_api_page(directory: Path = REPOSITORY / "build" / "api") -> None:
    """Write docs/openapi.yaml as a page for a browser."""
    typer.echo(make_api_page(directory))


@app.command("backup")
def write_backup(file: Path, database_url: _Database) -> None:
    """Write all rows into a file: it has people in it."""
    _or_say(lambda: dump(database_url, file))


@app.command("restore")
def read_backup(file: Path, database_url: _Database) -> None:
    """Put a backup's rows in place of those of a project that has had the migrations."""
    _or_say(lambda: restore(file, database_url))


@app.command("rehearse")
def rehearse_version(commit: str) -> None:
    """Try that commit's functions on the schema of now, and the other way round."""
    # Here, since it needs the local stack, which nothing else of this does.
    from deploy.rehearse import rehearse  # noqa: PLC0415
    from stack import StackError  # noqa: PLC0415
    from stack.progress import TerminalProgress  # noqa: PLC0415

    try:
        rehearse(commit, TerminalProgress())
    except StackError as error:
        typer.echo(f"{error.problem}\n{error.advice}", err=True)
        sys.exit(1)


def _or_say(work: Callable[[], None]) -> None:
    try:
        work()
    except BackupError as error:
        typer.echo(str(error), err=True)
        sys.exit(1)


if __name__ == "__main__":
    app()
