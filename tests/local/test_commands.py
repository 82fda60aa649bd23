"""The command line prints results to standard output and nothing else there."""

import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass

import jwt
import pytest

import commands
from stack import Project, Stack
from stack.example_secrets import TO_SIGN_WITH
from stack.settings import REPOSITORY
from stack.stack import SERVICES
from tests.local.conftest import Person


@dataclass(frozen=True)
class Outcome:
    """What a command did."""

    status: int
    output: str
    errors: str


Run = Callable[..., Outcome]


@pytest.fixture
def run(own_stack: Stack, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Give the command line in this process, for this module's stack."""
    monkeypatch.setenv("STACK_DIR", str(own_stack.directory))
    monkeypatch.setenv("STACK_FUNCTIONS_DIR", str(own_stack.settings.stack_functions_dir))

    def run_it(*arguments: str) -> Outcome:
        monkeypatch.setattr(sys, "argv", ["supabase/local", *arguments])
        with pytest.raises(SystemExit) as end:
            commands.main()
        return Outcome(int(end.value.code or 0), *capsys.readouterr())

    return run_it


def test_directory_runs_as_a_program(own_stack: Stack, project: Project) -> None:
    done = subprocess.run(
        [sys.executable, "supabase/local", "env"],
        cwd=REPOSITORY,
        env={**os.environ, "STACK_DIR": str(own_stack.directory)},
        capture_output=True,
        text=True,
        check=True,
    )

    told = dict(line.split("=", 1) for line in done.stdout.splitlines())
    # And secrets that do for this machine alone, to try webhooks with.
    assert told == project.env() | TO_SIGN_WITH


def test_env_prints_these_lines_and_nothing_else(run: Run) -> None:
    names = [line.split("=", 1)[0] for line in run("env").output.splitlines()]

    assert names == [
        "SUPABASE_URL",
        "SUPABASE_PUBLISHABLE_KEY",
        "SUPABASE_DB_URL",
        "POSTGREST_URL",
        "FUNCTIONS_URL",
        *TO_SIGN_WITH,
    ]


def test_token_prints_a_token_and_nothing_else(run: Run, person: Person) -> None:
    done = run("token", person.email, "--expires-in", "60")

    claims = jwt.decode(done.output.strip(), options={"verify_signature": False})
    assert done.output.count("\n") == 1
    assert (claims["sub"], claims["exp"] - claims["iat"]) == (person.id, 60)


@pytest.mark.parametrize("who", ["nobody@example.com", "two words; $(touch /tmp/x)", "--help", ""])
def test_token_for_nobody_fails_with_advice(run: Run, who: str) -> None:
    done = run("token", "--", who)

    assert (done.status, done.output) == (1, "")
    assert "Name an email of auth.users, or one of: anon" in done.errors


def test_up_says_when_there_was_nothing_to_do(run: Run) -> None:
    assert run("up", "--no-migrate") == Outcome(0, "", "The stack was up already.\n")


def test_status_shows_what_runs(run: Run) -> None:
    done = run("status")

    assert done.status == 0
    assert done.output.count("runs") == len(SERVICES)


def test_stack_that_never_ran_says_how_to_start_it(
    run: Run, own_stack: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STACK_DIR", str(own_stack.directory / "none"))

    done = run("env")

    assert (done.status, done.output) == (1, "")
    assert "make stack" in done.errors
    assert run("status").status == 1


def test_setting_that_is_no_port_is_named(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STACK_DB_PORT", "many")

    done = run("up")

    assert done.status == 1
    assert "STACK_DB_PORT" in done.errors


def test_reset_of_another_project_is_refused(
    run: Run, own_stack: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STACK_EXTERNAL", "1")
    monkeypatch.setenv("SUPABASE_SIGNING_KEY", own_stack.project.signing_key.model_dump_json())
    for name, value in own_stack.project.env().items():
        monkeypatch.setenv(name, value)

    done = run("reset")

    assert done.status == 1
    assert "another project's data" in done.errors
