"""One PostgreSQL server with its data directory."""

import hashlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import psycopg

from stack.errors import failed_program
from stack.progress import Progress
from stack.running.account import Account, make_directory, reachable_directory, server_account
from stack.running.process import end, strays
from stack.running.supervisor import Service, Supervisor
from stack.services.postgres.bootstrap import bootstrap_cluster
from stack.services.programs import postgres_programs
from stack.settings import REPOSITORY, Settings
from stack.state import State

NAME = "postgres"
_RESOURCES = Path(__file__).parent


@dataclass(frozen=True)
class Server:
    """Where one stack's PostgreSQL lives and whom it runs as."""

    directory: Path  # The stack's state directory.
    home: (
        Path  # Where the server keeps its files; elsewhere when its account can't get to the state directory.
    )
    account: Account | None

    @classmethod
    def locate(cls, settings: Settings) -> "Server":
        """Decide where the server's files are."""
        account = server_account()
        home = reachable_directory(settings.directory, account) / "postgres"
        return cls(settings.directory, home, account)

    @property
    def data(self) -> Path:
        """The data directory, which its server also works in."""
        return self.home / "data"

    @property
    def is_complete(self) -> bool:
        """Whether the data directory has been set up to its end."""
        return self._complete_mark.exists()

    @property
    def _complete_mark(self) -> Path:
        return self.home / "complete"

    def start(
        self, settings: Settings, state: State, supervisor: Supervisor, progress: Progress
    ) -> str | None:
        """Have the server run with everything that precedes the migrations.

        Returns:
            What was done, None when it ran already.
        """
        cache = reachable_directory(REPOSITORY / ".stack" / "programs", self.account)
        make_directory(cache)
        programs = postgres_programs(settings, cache)
        if not self.is_complete:
            with progress.step("Creating the PostgreSQL data directory"):
                self.clear(supervisor)
                self._initdb(programs, state)
        service = self._service(programs, state)
        reason = supervisor.reason_to_start(service)
        if reason:
            with progress.step(f"PostgreSQL {reason}"):
                supervisor.stop(NAME)
                self.end_orphans()
                self._write_configuration()
                supervisor.launch(service)
                supervisor.wait_ready(service)
        if not self.is_complete:
            with progress.step("Making the database look like a hosted project's"):
                bootstrap_cluster(state)
                self._complete_mark.touch()
        return reason

    def launch_beside(
        self, settings: Settings, port: int, data: Path, more: Mapping[str, str], log: IO[bytes]
    ) -> subprocess.Popen[bytes]:
        """Start a server that nobody supervises: a replica's, or one that is told another time by `more`.

        It has this stack's configuration, account and programs; whoever starts it ends it, with SIGINT.
        """
        cache = reachable_directory(REPOSITORY / ".stack" / "programs", self.account)
        make_directory(cache)
        return subprocess.Popen(  # noqa: S603 - our own command.
            self._command(postgres_programs(settings, cache), data, port),
            env={**self._env(), **more},
            cwd=self.home,
            user=self.account.uid if self.account else None,
            group=self.account.gid if self.account else None,
            extra_groups=[] if self.account else None,
            stderr=log,
        )

    def _command(self, programs: Path, data: Path, port: int) -> list[str | Path]:
        return [
            programs / "postgres",
            "-D",
            data,
            "-p",
            str(port),
            f"--config-file={self.home / 'postgresql.conf'}",
            f"--hba-file={self.home / 'pg_hba.conf'}",
        ]

    def end_orphans(self) -> None:
        """End what a killed server left behind, and its lock file.

        PostgreSQL refuses to start while one of its old processes holds the shared memory, and also when the
        number in the lock file is by now some other program's.
        """
        for process in strays(self.data):
            end(process, signal.SIGQUIT, patience_seconds=5)
        # No server works in this directory now.
        (self.data / "postmaster.pid").unlink(missing_ok=True)

    def clear(self, supervisor: Supervisor) -> None:
        """Remove the data directory."""
        supervisor.stop(NAME)
        self.end_orphans()
        if self.home.exists():
            shutil.rmtree(self.home)
        stand_in = self.home.parent
        if stand_in != self.directory and stand_in.exists():
            stand_in.rmdir()

    def _initdb(self, programs: Path, state: State) -> None:
        make_directory(self.home)
        self.data.mkdir(mode=0o700)
        self._give(self.data)
        with tempfile.NamedTemporaryFile("w", dir=self.home) as password:
            password.write(state.passwords["supabase_admin"])
            password.flush()
            self._give(Path(password.name))
            # The built-in locale sorts the same on every system; macOS has no C.UTF-8 of its own.
            locale = "C.UTF-8" if sys.platform.startswith("linux") else "C"
            done = subprocess.run(  # noqa: S603 - our own command.
                [
                    programs / "initdb",
                    f"--pgdata={self.data}",
                    "--username=supabase_admin",
                    f"--pwfile={password.name}",
                    "--auth=scram-sha-256",
                    "--encoding=UTF8",
                    "--locale-provider=builtin",
                    "--builtin-locale=C.UTF-8",
                    f"--locale={locale}",
                    "--no-instructions",
                ],
                cwd=self.home,
                env=self._env(),
                user=self.account.uid if self.account else None,
                group=self.account.gid if self.account else None,
                extra_groups=[] if self.account else None,
                capture_output=True,
                text=True,
                check=False,
            )
        if done.returncode:
            raise failed_program("initdb failed", f"{done.stdout}\n{done.stderr}")

    def _service(self, programs: Path, state: State) -> Service:
        def is_ready() -> bool:
            try:
                psycopg.connect(state.database_url("supabase_admin"), connect_timeout=2).close()
            except psycopg.OperationalError:
                return False
            return True

        command = self._command(programs, self.data, state.ports.db)
        configuration = b"".join(
            (_RESOURCES / name).read_bytes() for name in ("postgresql.conf", "pg_hba.conf")
        )
        return Service(
            name=NAME,
            title="PostgreSQL",
            command=command,
            port=state.ports.db,
            env=self._env(),
            cwd=self.home,
            is_ready=is_ready,
            fingerprint=hashlib.sha256(repr(command).encode() + configuration).hexdigest(),
            account=self.account,
            politely=signal.SIGINT,  # PostgreSQL's fast shutdown: it does not wait for clients to leave.
            ready_within_seconds=60,  # After a crash it first replays what it had acknowledged.
        )

    def _write_configuration(self) -> None:
        for name in ("postgresql.conf", "pg_hba.conf"):
            (self.home / name).write_bytes((_RESOURCES / name).read_bytes())
            (self.home / name).chmod(0o644)

    def _env(self) -> dict[str, str]:
        return {
            "PATH": os.environ.get("PATH", os.defpath),
            "HOME": str(self.home),
            "LC_ALL": "C",
            "TZ": "UTC",
        }

    def _give(self, path: Path) -> None:
        if self.account:
            os.chown(path, self.account.uid, self.account.gid)
