"""A running Supabase project as its clients see it, wherever it runs."""

from dataclasses import dataclass
from pathlib import Path

import psycopg
from psycopg.rows import class_row

from stack.errors import StackError
from stack.tokens import ACCESS_TOKEN_SECONDS, API_ROLES, NARROW_ROLES, SigningKey, User, user_claims


@dataclass(frozen=True)
class Project:
    """Where a project is, and the key that signs its tokens."""

    supabase_url: str
    publishable_key: str
    db_url: str
    postgrest_url: str
    functions_url: str
    signing_key: SigningKey
    maildir: Path | None = None
    """Where mail ends up, unless it goes to a provider."""

    def env(self) -> dict[str, str]:
        """Return the variables that everything outside the stack stands on."""
        return {
            "SUPABASE_URL": self.supabase_url,
            "SUPABASE_PUBLISHABLE_KEY": self.publishable_key,
            "SUPABASE_DB_URL": self.db_url,
            "POSTGREST_URL": self.postgrest_url,
            "FUNCTIONS_URL": self.functions_url,
        }

    def token(self, who: str, expires_in: int = ACCESS_TOKEN_SECONDS) -> str:
        """Sign a token for an e-mail address of auth.users, or for a role that needs no user.

        Raises:
            StackError: There is nobody of that name.
        """
        claims = {"role": who} if who in (*API_ROLES, *NARROW_ROLES) else user_claims(self._user(who))
        return self.signing_key.sign(claims, issuer=f"{self.supabase_url}/auth/v1", expires_in=expires_in)

    def _user(self, email: str) -> User:
        query = """
            select id, email, raw_app_meta_data, raw_user_meta_data, is_anonymous
            from auth.users where email = lower(%s) and not is_sso_user
        """
        try:
            with psycopg.connect(self.db_url, connect_timeout=5, row_factory=class_row(User)) as connection:
                user = connection.execute(query, [email]).fetchone()
        except psycopg.OperationalError as error:
            raise StackError("The database does not answer.", "Start it with `make stack`.") from error
        if user is None:
            roles = ", ".join((*API_ROLES, *NARROW_ROLES))
            advice = f"Name an email of auth.users, or one of: {roles}."
            raise StackError(f"No user has the address {email!r}.", advice)
        return user
