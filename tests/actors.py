"""Who acts in a test: people with a profile, and the roles that need none."""

from dataclasses import dataclass
from uuid import UUID

from stack.project import Project
from stack.tokens import API_ROLES, NARROW_ROLES, User, user_claims


@dataclass(frozen=True)
class Person:
    """A partner or an admin: a row in auth.users and one in profiles."""

    id: UUID
    email: str
    slug: str
    is_admin: bool = False

    def path(self, rest: str = "my-page") -> str:
        """Return a landing page path under the partner's slug."""
        return f"/partners/{self.slug}/{rest}"


# The dashboard is `postgres`; the others are named as in a JWT's role claim.
Actor = Person | str

DASHBOARD = "postgres"
ROLES = (*API_ROLES, *NARROW_ROLES)


def sign_token(project: Project, who: Actor, *, expires_in: int = 3600, **claims: object) -> str:
    """Return a JWT as the project's Auth would sign it, without asking the database who that is."""
    everything = user_claims(User(id=who.id, email=who.email)) if isinstance(who, Person) else {"role": who}
    issuer = f"{project.supabase_url}/auth/v1"
    return project.signing_key.sign({**everything, **claims}, issuer=issuer, expires_in=expires_in)
