"""The stack's settings, read once from environment variables of the same names in capitals."""

from pathlib import Path
from typing import Self

from pydantic import Field, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from stack.errors import StackError

REPOSITORY = Path(__file__).resolve().parents[3]


class Settings(BaseSettings):
    """Where the stack lives, what it listens on, and which programs it runs."""

    model_config = SettingsConfigDict(frozen=True, env_ignore_empty=True, extra="ignore")

    # Everything that one stack keeps is in this directory, so two directories are two stacks.
    stack_dir: Path = REPOSITORY / ".stack" / "dev"

    # A port that is named here is used or the start fails; others are picked once and then kept.
    stack_db_port: int | None = Field(default=None, ge=1, le=65535)
    stack_postgrest_port: int | None = Field(default=None, ge=1, le=65535)
    stack_api_port: int | None = Field(default=None, ge=1, le=65535)
    stack_functions_port: int | None = Field(default=None, ge=1, le=65535)
    stack_mailbox_port: int | None = Field(default=None, ge=1, le=65535)

    # How many connections PostgREST keeps. Hosted projects start with about as many.
    stack_postgrest_pool: int = Field(default=15, ge=1, le=80)

    # Programs to use where npm has no build for this machine.
    postgres_bin_dir: Path | None = None
    postgrest_bin: Path | None = None

    # The functions are looked for here; tests point it at stubs.
    stack_functions_dir: Path = REPOSITORY / "functions"

    # A hosted project, or `supabase start`, in place of the local programs. One switch decides, because
    # the other three are also what `make stack-env` prints and many a shell will have exported.
    stack_external: bool = False
    supabase_url: str = ""
    supabase_publishable_key: str = ""
    supabase_db_url: str = ""
    supabase_signing_key: str = ""

    @model_validator(mode="after")
    def _complete(self) -> Self:
        """Refuse half of an external project: the stack would mix two databases."""
        wanted = ("supabase_url", "supabase_publishable_key", "supabase_db_url", "supabase_signing_key")
        missing = [name.upper() for name in wanted if not getattr(self, name)]
        if self.stack_external and missing:
            advice = "Set them, or unset STACK_EXTERNAL to use the local stack."
            raise StackError(f"STACK_EXTERNAL is set but {', '.join(missing)} is not.", advice)
        return self

    @property
    def directory(self) -> Path:
        """The state directory, absolute, so that every process means the same one."""
        return self.stack_dir.expanduser().absolute()
