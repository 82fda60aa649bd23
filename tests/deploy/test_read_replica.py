"""Pages from a read replica: a hot standby with a PostgREST of its own, as Supabase's read replicas are."""

import os
import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import httpx
import psycopg
import pytest
from psycopg.rows import dict_row

from deploy.backup import program_path
from stack import Stack
from stack.running.ports import choose_port
from stack.running.process import wait_until
from stack.services.postgres.server import NAME as POSTGRES
from stack.services.postgres.server import Server
from stack.services.postgrest import answers
from stack.services.programs import postgrest_program
from stack.state import load_state
from tests.database import Database
from tests.flows.alone import Alone, own_settings, running
from tests.flows.scene import Scene
from tests.flows.visits import BROWSER, view


@dataclass(frozen=True)
class Site:
    """A primary, and landing_page, which knows of the replica alone."""

    primary: Stack
    scene: Scene
    replica_url: str
    page: Alone

    def is_served(self, path: str) -> bool:
        """Tell whether the replica has a page."""
        found = httpx.post(f"{self.replica_url}/rpc/live_landing_page", json={"path": path})
        return bool(found.json())


@pytest.fixture(scope="module")
def primary(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    stack = Stack.at(tmp_path_factory.mktemp("primary"))
    try:
        stack.up(seed=True)
        yield stack
    finally:
        if load_state(stack.directory):
            stack.destroy()


@pytest.fixture(scope="module")
def site(primary: Stack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    directory = tmp_path_factory.mktemp("replica")
    with ExitStack() as opened:
        connection = opened.enter_context(
            psycopg.connect(primary.project.db_url, autocommit=True, row_factory=dict_row)
        )
        http = opened.enter_context(httpx.Client(timeout=30))
        scene = Scene.build(primary.project, Database(connection), http)
        port = _start_replica(primary, opened)
        url = _start_postgrest(primary, port, directory, opened)
        settings = {**own_settings("landing_page", primary.project), "POSTGREST_URL": url}
        page = opened.enter_context(running("landing_page", settings, directory))
        yield Site(primary, scene, url, page)


def _start_replica(primary: Stack, opened: ExitStack) -> int:
    server, state = Server.locate(primary.settings), primary.state
    hba = server.home / "pg_hba.conf"
    hba.write_text(f"{hba.read_text()}\nhost replication all 127.0.0.1/32 scram-sha-256\n")
    with psycopg.connect(state.database_url("supabase_admin"), autocommit=True) as admin:
        admin.execute("select pg_reload_conf()")
    data, port = server.home / "replica", choose_port("", fixed=None, kept=None, is_held=False)
    pg_basebackup = shutil.which("pg_basebackup", path=program_path())
    assert pg_basebackup
    subprocess.run(
        [
            pg_basebackup,
            f"--dbname={state.database_url('supabase_admin')}",
            f"--pgdata={data}",
            "--write-recovery-conf",
            "--checkpoint=fast",
        ],
        check=True,
    )
    if account := server.account:
        for file in (data, *data.rglob("*")):
            os.chown(file, account.uid, account.gid)
    log = opened.enter_context((primary.directory / "replica.log").open("wb"))
    process = server.launch_beside(primary.settings, port, data, {}, log)
    opened.callback(process.wait, 20)
    opened.callback(process.send_signal, signal.SIGINT)
    return port


def _start_postgrest(primary: Stack, database_port: int, directory: Path, opened: ExitStack) -> str:
    state = primary.state
    own = {
        state.ports.db: database_port,
        state.ports.functions_postgrest: choose_port("", fixed=None, kept=None, is_held=False),
        state.ports.functions_postgrest_admin: choose_port("", fixed=None, kept=None, is_held=False),
    }
    configuration = (primary.directory / "functions_postgrest.conf").read_text()
    for port, other in own.items():
        configuration = configuration.replace(str(port), str(other))
    # A standby has nobody to listen to; its schema is read again by restarting it.
    (directory / "postgrest.conf").write_text(f"{configuration}db-channel-enabled = false\n")
    process = subprocess.Popen([postgrest_program(primary.settings), directory / "postgrest.conf"])
    opened.callback(process.wait, 20)
    opened.callback(process.terminate)
    _, url, admin = own.values()
    assert wait_until(lambda: answers(f"http://127.0.0.1:{admin}/ready"), 20)
    return f"http://127.0.0.1:{url}"


def test_pages_previews_and_sitemap_are_the_primarys(site: Site) -> None:
    paths = [site.scene.path("live"), "/sitemap.xml", "/partners/niemand/niets", "/previews/nergens"]
    for path in paths:
        primary, replica = (
            httpx.get(f"{url}{path}", headers={"Accept": "text/html"})
            for url in (site.primary.project.functions_url, site.page.url)
        )

        assert (replica.status_code, replica.headers.get("etag")) == (
            primary.status_code,
            primary.headers.get("etag"),
        )
    assert httpx.get(f"{site.page.url}{paths[0]}").status_code == 200
    assert httpx.get(f"{site.page.url}/readyz").json()["status"] == "ready"


def test_what_is_approved_is_on_the_replica_a_moment_later(site: Site) -> None:
    page_id = site.scene.publish_page()
    path = site.scene.path_of(page_id)

    assert wait_until(lambda: site.is_served(path), 5)
    assert httpx.get(f"{site.page.url}{path}").status_code == 200


def test_nothing_is_counted_on_a_replica(site: Site, tmp_path: Path) -> None:
    """Whoever points landing_page_track there as well hears of it, and browsers send again."""
    settings = {
        **own_settings("landing_page_track", site.primary.project),
        "POSTGREST_URL": site.replica_url,
    }
    with running("landing_page_track", settings, tmp_path) as track:
        sent = view(site.scene.pages["live"])
        answer = httpx.post(f"{track.url}/events", json=sent, headers={"User-Agent": BROWSER})

    assert answer.is_server_error


def test_pages_that_nobody_has_asked_for_are_served_while_the_primary_is_away(site: Site) -> None:
    page_id = site.scene.publish_page()
    path = site.scene.path_of(page_id)
    assert wait_until(lambda: site.is_served(path), 5)
    site.primary.supervisor.kill(POSTGRES)

    assert httpx.get(f"{site.primary.project.functions_url}{path}").status_code == 503
    assert httpx.get(f"{site.page.url}{path}").status_code == 200
