"""The local stack as a whole: what the commands, the tests and the benchmarks work with."""

import json
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Protocol

from stack.errors import StackError
from stack.migrations import is_seeded, migration_digests, pending_migrations, push_migrations
from stack.progress import Progress
from stack.project import Project
from stack.running.lock import alone
from stack.running.ports import choose_ports
from stack.running.process import end, strays
from stack.running.supervisor import Service, Supervisor
from stack.services.functions.service import FUNCTIONS, functions_service
from stack.services.gateway.service import GATEWAY, gateway_service
from stack.services.mailbox import MAILBOX, mail_settings, mailbox_service, maildir
from stack.services.postgres import bootstrap
from stack.services.postgres.server import NAME as POSTGRES
from stack.services.postgres.server import Server
from stack.services.postgrest import FUNCTIONS_NAME as FUNCTIONS_POSTGREST
from stack.services.postgrest import NAME as POSTGREST
from stack.services.postgrest import functions_postgrest_service, postgrest_service
from stack.settings import Settings
from stack.state import State, forget_unreadable_state, load_state, new_state, save_state, write_private

_PORTS = {
    "db": POSTGRES,
    "postgrest": POSTGREST,
    "postgrest_admin": POSTGREST,
    "functions_postgrest": FUNCTIONS_POSTGREST,
    "functions_postgrest_admin": FUNCTIONS_POSTGREST,
    "api": GATEWAY,
    "functions": FUNCTIONS,
    "mailbox": MAILBOX,
}

# In the order in which they are stopped: whoever calls goes before whom it calls.
SERVICES = (FUNCTIONS, MAILBOX, GATEWAY, FUNCTIONS_POSTGREST, POSTGREST, POSTGRES)


class AnyStack(Protocol):
    """What can be asked of a stack, whether its database runs here or elsewhere."""

    @property
    def services(self) -> Sequence[str]:
        """The names of what runs on this machine, in the order in which it is stopped."""

    @property
    def supervisor(self) -> Supervisor:
        """Who knows whether it runs."""

    @property
    def project(self) -> Project:
        """Its addresses and keys, as a client of any Supabase project has them."""

    def up(self, *, migrate: bool = True, seed: bool = False, functions: bool = True) -> dict[str, str]:
        """Have it run, and return what was done to which service."""

    def down(self) -> list[str]:
        """Stop what runs here, and return the names of what ran."""

    def reset(self) -> None:
        """Stop it and drop its data."""


class Stack:
    """One stack, named by its state directory. Making the object starts nothing."""

    services = SERVICES

    def __init__(self, settings: Settings | None = None, progress: Progress | None = None) -> None:
        """Use the stack that settings name."""
        self.settings = settings or Settings()
        self.directory = self.settings.directory
        self.supervisor = Supervisor(self.directory)
        self._progress = progress or Progress()

    @classmethod
    def at(cls, directory: Path) -> "Stack":
        """Return the stack of another state directory than the environment's."""
        return cls(Settings(stack_dir=directory))

    @property
    def state(self) -> State:
        """Ports, keys and passwords.

        Raises:
            StackError: The stack was never started.
        """
        state = load_state(self.directory)
        if state is None:
            raise StackError(f"There is no stack in {self.directory} yet.", "Start it with `make stack`.")
        return state

    @property
    def project(self) -> Project:
        """Its addresses and keys, as a client of any Supabase project has them."""
        state = self.state
        return Project(
            supabase_url=state.api_url,
            publishable_key=state.publishable_key,
            db_url=state.database_url(),
            postgrest_url=state.postgrest_url,
            functions_url=state.functions_url,
            signing_key=state.signing_key,
            maildir=maildir(self.directory),
        )

    def up(self, *, migrate: bool = True, seed: bool = False, functions: bool = True) -> dict[str, str]:
        """Have everything run: start what is missing, bring back what died, restart what has changed.

        `migrate` applies pending migrations, `seed` runs supabase/seed.sql unless this database has had it.

        Returns:
            What was done to which service; empty when all was well.

        Raises:
            MigrationsChangedError: The database was migrated by other files than today's.
        """
        with alone(self.directory, self._progress):
            done: dict[str, str] = {}
            state = self._state_with_ports()
            # Python takes its time to start and needs no database for it: launched first, waited for last.
            services = [gateway_service(self.settings, state)]
            if functions:
                services.append(mailbox_service(self.directory, state.ports.mailbox))
                services.append(self._functions_service(state))
            for service in services:
                self._launch(service, done)
            server = Server.locate(self.settings)
            if reason := server.start(self.settings, state, self.supervisor, self._progress):
                done[POSTGRES] = reason
            if migrate or seed:
                self._migrate(state, seed=seed)
            postgrests = [postgrest_service(self.settings, state)]
            if functions:
                postgrests.append(functions_postgrest_service(self.settings, state))
            for service in postgrests:
                self._launch(service, done)
            for service in (*postgrests, *services):
                if service.name in done:
                    with self._progress.step(f"{service.title} {done[service.name]}"):
                        self.supervisor.wait_ready(service)
                elif POSTGRES in done:
                    # It ran on, and has to find the database again.
                    self.supervisor.wait_ready(service)
            return done

    def down(self) -> list[str]:
        """Stop exactly what `up` started, recorded or not.

        Returns:
            The names of the services that ran.
        """
        with alone(self.directory, self._progress):
            return self._stop_everything()

    def reset(self) -> None:
        """Stop the stack and drop its data. Ports and keys stay: others may have been told of them."""
        with alone(self.directory, self._progress):
            self._stop_everything()
            Server.locate(self.settings).clear(self.supervisor)
            shutil.rmtree(maildir(self.directory), ignore_errors=True)
            self._digests_file.unlink(missing_ok=True)
            forget_unreadable_state(self.directory)

    def destroy(self) -> None:
        """Stop the stack and leave nothing of it, its directory included."""
        self.reset()
        shutil.rmtree(self.directory)

    def functions_environment(self) -> Mapping[str, str]:
        """Return what the functions are told, wherever else they are started."""
        return self._functions_service(self.state).env

    def create_database(self, name: str, default_privileges: bootstrap.DefaultPrivileges = "2026") -> str:
        """Make a further database in the same cluster, as bare as a new project's; see `bootstrap`.

        Returns:
            Its connection string for `postgres`, which runs the migrations.
        """
        return bootstrap.create_database(self.state, name, default_privileges)

    def drop_database(self, name: str) -> None:
        """Remove a database that `create_database` made."""
        bootstrap.drop_database(self.state, name)

    def _state_with_ports(self) -> State:
        before = load_state(self.directory)
        if before is None and Server.locate(self.settings).is_complete:
            problem = f"{self.directory} has data but not the passwords to it: state.json is gone."
            raise StackError(problem, "Bring the file back, or drop the data with `make stack-reset`.")
        held = [port for port, service in _PORTS.items() if self.supervisor.is_alive(service)]
        ports = choose_ports(self.settings, before.ports if before else None, held)
        state = before.model_copy(update={"ports": ports}) if before else new_state(ports)
        if state != before:
            save_state(self.directory, state)
        return state

    def _functions_service(self, state: State) -> Service:
        project = {
            "SUPABASE_URL": state.api_url,
            "SUPABASE_PUBLISHABLE_KEY": state.publishable_key,
            "POSTGREST_URL": state.functions_postgrest_url,
        }
        mail = mail_settings(state.ports.mailbox)
        return functions_service(self.settings, state.ports.functions, state.signing_key, project, mail)

    def _launch(self, service: Service, done: dict[str, str]) -> None:
        if reason := self.supervisor.reason_to_start(service):
            self.supervisor.launch(service)
            done[service.name] = reason

    def _migrate(self, state: State, *, seed: bool) -> None:
        digests = json.loads(self._digests_file.read_text()) if self._digests_file.exists() else {}
        pending = pending_migrations(state.database_url(), digests)
        needs_seed = seed and not is_seeded(state.database_url())
        if pending or needs_seed:
            what = f"{len(pending)} migrations" + (" and the seed" if needs_seed else "")
            with self._progress.step(f"Applying {what}"):
                # PostgREST reads the schema as it starts, and so starts after them.
                self.supervisor.stop(POSTGREST)
                self.supervisor.stop(FUNCTIONS_POSTGREST)
                push_migrations(state.database_url(), seed=needs_seed)
            write_private(self._digests_file, json.dumps(migration_digests()))

    def _stop_everything(self) -> list[str]:
        stopped = [name for name in SERVICES if self.supervisor.stop(name)]
        # Then what no record tells of, as after `up` itself was killed.
        server = Server.locate(self.settings)
        server.end_orphans()
        for process in strays(server.data, self.directory):
            end(process)
        return stopped

    @property
    def _digests_file(self) -> Path:
        return self.directory / "migrations.json"
