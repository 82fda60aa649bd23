"""A project that runs elsewhere: a hosted one, or `supabase start`. Only the functions run here."""

from pydantic import BaseModel

from stack.errors import StackError
from stack.migrations import is_seeded, pending_migrations, push_migrations
from stack.progress import Progress
from stack.project import Project
from stack.running.lock import alone
from stack.running.ports import choose_port
from stack.running.process import end, strays
from stack.running.supervisor import Supervisor
from stack.services.functions.service import FUNCTIONS, functions_service
from stack.services.mailbox import mail_settings
from stack.settings import Settings
from stack.state import write_private
from stack.tokens import SigningKey

# Where `supabase start` takes mail in, once `smtp_port` is set in its configuration.
_MAIL_CATCHER_PORT = 54325


class ExternalState(BaseModel):
    """What is kept between runs."""

    functions_port: int


class ExternalStack:
    """The functions here, everything else where the SUPABASE_… settings point."""

    services = (FUNCTIONS,)

    def __init__(self, settings: Settings, progress: Progress | None = None) -> None:
        """Use the project that settings name."""
        self.settings = settings
        # Beside the local stack's own records, so that the two can run at once.
        self.directory = settings.directory / "external"
        self.supervisor = Supervisor(self.directory)
        self._progress = progress or Progress()

    @property
    def project(self) -> Project:
        """Its addresses and keys."""
        return self._project(self._kept_port() or 0)

    def up(self, *, migrate: bool = True, seed: bool = False, functions: bool = True) -> dict[str, str]:
        """Apply pending migrations there and have the functions run here.

        Returns:
            What was done to which service; empty when all was well.
        """
        with alone(self.directory, self._progress):
            db_url = self.settings.supabase_db_url
            needs_seed = seed and not is_seeded(db_url)
            if needs_seed or (migrate and pending_migrations(db_url, {})):
                with self._progress.step("Applying the migrations"):
                    push_migrations(db_url, seed=needs_seed)
            return self._run_functions() if functions else {}

    def down(self) -> list[str]:
        """Stop the functions. The project itself is not ours to stop.

        Returns:
            The names of the services that ran.
        """
        with alone(self.directory, self._progress):
            stopped = [FUNCTIONS] if self.supervisor.stop(FUNCTIONS) else []
            for process in strays(self.directory, self.directory):
                end(process)
            return stopped

    def reset(self) -> None:
        """Refuse: the data is not ours to drop.

        Raises:
            StackError: Always.
        """
        advice = "Unset STACK_EXTERNAL to drop the local stack's."
        raise StackError("This would drop another project's data.", advice)

    def _run_functions(self) -> dict[str, str]:
        port = choose_port(
            "STACK_FUNCTIONS_PORT",
            fixed=self.settings.stack_functions_port,
            kept=self._kept_port(),
            is_held=self.supervisor.is_alive(FUNCTIONS),
        )
        write_private(self.directory / "state.json", ExternalState(functions_port=port).model_dump_json())
        project = self._project(port)
        given = {"SUPABASE_URL": project.supabase_url, "SUPABASE_PUBLISHABLE_KEY": project.publishable_key}
        mail = mail_settings(_MAIL_CATCHER_PORT)
        service = functions_service(self.settings, port, project.signing_key, given, mail)
        reason = self.supervisor.reason_to_start(service)
        if reason is None:
            return {}
        with self._progress.step(f"{service.title} {reason}"):
            self.supervisor.launch(service)
            self.supervisor.wait_ready(service)
        return {FUNCTIONS: reason}

    def _project(self, functions_port: int) -> Project:
        url = self.settings.supabase_url.rstrip("/")
        return Project(
            supabase_url=url,
            publishable_key=self.settings.supabase_publishable_key,
            db_url=self.settings.supabase_db_url,
            postgrest_url=f"{url}/rest/v1",
            functions_url=f"http://127.0.0.1:{functions_port}",
            signing_key=SigningKey.from_setting(self.settings.supabase_signing_key),
        )

    def _kept_port(self) -> int | None:
        try:
            text = (self.directory / "state.json").read_bytes()
        except FileNotFoundError:
            return None
        return ExternalState.model_validate_json(text).functions_port
