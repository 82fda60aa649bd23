"""Why a platform did not do what it was asked, told by what its answer says and not by its HTTP status."""

from typing import Literal

Kind = Literal["throttled", "expired", "auth", "transient", "permanent"]
"""expired: a fresh access token may do. auth: a person has to connect the account anew."""

Scope = Literal["account", "platform"]


class Trouble(Exception):  # noqa: N818 - it is named for what it is.
    """A refusal. `error` is the platform's own word, never its sentence, which may quote a token."""

    def __init__(
        self,
        kind: Kind,
        error: str,
        *,
        seconds: float = 60,
        scope: Scope = "account",
        is_forbidden: bool = False,
    ) -> None:
        """Say what kind it is; where `throttled`, how long and who is to ask for nothing.

        `is_forbidden`: permanent, since the account was connected without the right to this.
        """
        super().__init__(f"{kind}: {error}")
        self.kind = kind
        self.error = error
        self.seconds = seconds
        self.scope = scope
        self.is_forbidden = is_forbidden

    def row(self) -> dict[str, object]:
        """Return it as `fail_sync_job()` takes it."""
        kind = "auth" if self.kind == "expired" else self.kind
        return {"kind": kind, "error": self.error, "seconds": self.seconds, "scope": self.scope}
