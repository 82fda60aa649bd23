"""The long-running programs of a stack: started once, watched, brought back, and stopped."""

import os
import signal
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from stack.errors import failed_program, last_lines
from stack.running.account import Account
from stack.running.ports import wait_until_free
from stack.running.process import MARKER, ProcessId, end, spawn, wait_until
from stack.state import write_private

_LOG_LIMIT_BYTES = 10_000_000


@dataclass(frozen=True)
class Service:
    """One program and how to tell that it is well."""

    name: str
    title: str
    command: Sequence[str | Path]
    port: int
    env: Mapping[str, str]
    cwd: Path
    is_ready: Callable[[], bool]
    # Sums up what the program runs with. When it is another than that of the running one, `up` restarts it.
    fingerprint: str
    account: Account | None = None
    politely: signal.Signals = signal.SIGTERM
    ready_within_seconds: float = 30


class Record(BaseModel):
    """What is written down about a program that was started."""

    model_config = ConfigDict(frozen=True)

    process: ProcessId
    fingerprint: str
    politely: signal.Signals


class Supervisor:
    """Knows which programs of one stack run. It is not a process: all it knows is in files."""

    def __init__(self, directory: Path) -> None:
        """Use the records and logs of one stack."""
        self._directory = directory
        self._records = directory / "run"
        self._logs = directory / "logs"

    def log(self, name: str) -> Path:
        """Return where a program's output goes."""
        return self._logs / f"{name}.log"

    def record(self, name: str) -> Record | None:
        """Return what is known of a program, running or not."""
        try:
            return Record.model_validate_json((self._records / f"{name}.json").read_bytes())
        except (FileNotFoundError, ValidationError):
            return None

    def is_alive(self, name: str) -> bool:
        """Tell whether the program that was started still runs."""
        record = self.record(name)
        return record is not None and record.process.is_alive

    def reason_to_start(self, service: Service) -> str | None:
        """Say why a program has to be started, None when it runs as it should."""
        record = self.record(service.name)
        if record is None:
            return "started"
        if not record.process.is_alive:
            return "had ended; restarted"
        return None if record.fingerprint == service.fingerprint else "changed; restarted"

    def launch(self, service: Service) -> None:
        """Start a program, in place of the one that runs if any, without waiting for it."""
        self.stop(service.name)
        wait_until_free(service.port)
        for directory in (self._records, self._logs):
            directory.mkdir(exist_ok=True, mode=0o700)
        log = self.log(service.name)
        if log.exists() and log.stat().st_size > _LOG_LIMIT_BYTES:
            log.replace(log.with_suffix(".old.log"))
        env = {**service.env, MARKER: str(self._directory)}
        process = spawn(service.command, env=env, cwd=service.cwd, log=log, account=service.account)
        record = Record(
            process=process,
            fingerprint=service.fingerprint,
            politely=service.politely,
        )
        write_private(self._records / f"{service.name}.json", record.model_dump_json())

    def wait_ready(self, service: Service) -> None:
        """Wait until a program that was launched does its work."""
        ready = wait_until(
            lambda: not self.is_alive(service.name) or service.is_ready(), service.ready_within_seconds
        )
        log = self.log(service.name)
        if not self.is_alive(service.name):
            raise failed_program(f"{service.title} ended at once", last_lines(log), log)
        if not ready:
            problem = f"{service.title} gave no answer for {service.ready_within_seconds:.0f} s"
            raise failed_program(problem, last_lines(log), log)

    def kill(self, name: str, how: signal.Signals = signal.SIGKILL) -> None:
        """Break a program on purpose, to see that it is brought back."""
        record = self.record(name)
        if record is not None and record.process.is_alive:
            os.kill(record.process.pid, how)
            wait_until(lambda: not record.process.is_alive, 5)

    def stop(self, name: str) -> bool:
        """End a program if it runs, and forget it.

        Returns:
            Whether there was one to end.
        """
        record = self.record(name)
        if record is None:
            return False
        was_alive = record.process.is_alive
        end(record.process, record.politely)
        (self._records / f"{name}.json").unlink(missing_ok=True)
        return was_alive
