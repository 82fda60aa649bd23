"""JSON Web Tokens as a hosted project signs them: ES256, with the public key published as a JWKS."""

import time
import uuid
from typing import Any, Self

import jwt
from cryptography.hazmat.primitives.asymmetric import ec
from jwt.algorithms import ECAlgorithm
from pydantic import BaseModel, ConfigDict, ValidationError

from stack.errors import StackError

# Roles that a token may name without there being a user.
API_ROLES = ("anon", "service_role")
NARROW_ROLES = ("page_renderer", "event_recorder", "campaign_ingester", "job_runner")

ACCESS_TOKEN_SECONDS = 3600


class SigningKey(BaseModel):
    """A private ES256 key in JWK form, as `supabase gen signing-key` prints it."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    kty: str = "EC"
    crv: str = "P-256"
    alg: str = "ES256"
    kid: str
    x: str
    y: str
    d: str

    @classmethod
    def generate(cls) -> Self:
        """Make a new key."""
        private = ECAlgorithm.to_jwk(ec.generate_private_key(ec.SECP256R1()), as_dict=True)
        return cls(kid=str(uuid.uuid4()), **{part: private[part] for part in ("x", "y", "d")})

    @classmethod
    def from_setting(cls, text: str) -> Self:
        """Read a key from SUPABASE_SIGNING_KEY."""
        try:
            return cls.model_validate_json(text)
        except ValidationError as error:
            problem = "SUPABASE_SIGNING_KEY is not a private ES256 key in JWK form."
            advice = "It is what `supabase gen signing-key --algorithm ES256` prints, `d` and `kid` included."
            raise StackError(problem, advice) from error

    def public_jwks(self) -> dict[str, list[dict[str, Any]]]:
        """Return what verifiers need, without the private part."""
        public = self.model_dump(exclude={"d"})
        return {"keys": [{**public, "use": "sig", "key_ops": ["verify"], "ext": True}]}

    def sign(self, claims: dict[str, Any], *, issuer: str, expires_in: int) -> str:
        """Sign a token of these claims; `iss`, `iat` and `exp` are added.

        With a negative `expires_in`, in seconds, it is refused already.
        """
        now = int(time.time())
        everything = {"iss": issuer, "iat": now, "exp": now + expires_in, **claims}
        return jwt.encode(everything, self._private, algorithm="ES256", headers={"kid": self.kid})

    def verify(self, token: str) -> dict[str, Any]:
        """Return the claims of a token of ours that is still good.

        Raises:
            jwt.InvalidTokenError: It is not ours, or not good any more.
        """
        options: Any = {"verify_aud": False}
        claims: dict[str, Any] = jwt.decode(
            token, self._private.public_key(), algorithms=["ES256"], options=options
        )
        return claims

    @property
    def _private(self) -> ec.EllipticCurvePrivateKey:
        key = ECAlgorithm.from_jwk(self.model_dump_json())
        if not isinstance(key, ec.EllipticCurvePrivateKey):
            advice = "Set SUPABASE_SIGNING_KEY to the private JWK."
            raise StackError("The signing key has no private part.", advice)
        return key


class User(BaseModel):
    """What a token says about a person, as in auth.users."""

    model_config = ConfigDict(frozen=True)

    id: uuid.UUID
    email: str
    raw_app_meta_data: dict[str, Any] | None = None
    raw_user_meta_data: dict[str, Any] | None = None
    is_anonymous: bool = False


def user_claims(user: User, session_id: uuid.UUID | None = None) -> dict[str, Any]:
    """Return the claims that Auth puts into a person's access token."""
    return {
        "aud": "authenticated",
        "role": "authenticated",
        "sub": str(user.id),
        "email": user.email,
        "phone": "",
        "app_metadata": user.raw_app_meta_data or {},
        "user_metadata": user.raw_user_meta_data or {},
        "aal": "aal1",
        "amr": [{"method": "password", "timestamp": int(time.time())}],
        **({"session_id": str(session_id)} if session_id else {}),
        "is_anonymous": user.is_anonymous,
    }
