"""PostgREST believes tokens of the project's key and no others."""

import base64
import hmac
import json
import time
from typing import Any

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from stack import Project, StackError
from stack.running.process import wait_until
from stack.tokens import API_ROLES, SigningKey
from tests.local.conftest import Person


def whoami(project: Project, token: str) -> httpx.Response:
    headers = {"apikey": project.publishable_key, "Authorization": f"Bearer {token}"}
    return httpx.post(f"{project.supabase_url}/rest/v1/rpc/whoami", headers=headers)


def compact(header: dict[str, str], claims: dict[str, Any], secret: bytes | None = None) -> str:
    """Put a token together by hand, as a forger would: the library refuses to."""
    parts = [base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=") for part in (header, claims)]
    message = b".".join(parts)
    signature = hmac.digest(secret, message, "sha256") if secret else b""
    return (message + b"." + base64.urlsafe_b64encode(signature).rstrip(b"=")).decode()


def test_token_for_an_email_is_that_person(project: Project, person: Person) -> None:
    answer = whoami(project, project.token(person.email.upper()))

    assert answer.json() == {"role": "authenticated", "sub": person.id}


@pytest.mark.parametrize("role", [*API_ROLES, "page_renderer"])
def test_token_for_a_role_is_that_role(project: Project, role: str) -> None:
    assert whoami(project, project.token(role)).json() == {"role": role, "sub": None}


def test_token_for_nobody_says_whom_there_is(project: Project) -> None:
    with pytest.raises(
        StackError, match=r"No user has the address 'nobody@example\.com'(.|\n)*event_recorder"
    ):
        project.token("nobody@example.com")


def test_expired_token_is_refused(project: Project, person: Person) -> None:
    assert whoami(project, project.token(person.email, expires_in=-60)).status_code == 401


def test_token_that_was_good_runs_out(project: Project, person: Person) -> None:
    """PostgREST remembers good tokens, and allows clocks to differ by 30 s."""
    token = project.token(person.email, expires_in=-28)

    assert whoami(project, token).status_code == 200
    assert wait_until(lambda: whoami(project, token).status_code == 401, 5)


def test_unsigned_token_is_refused(project: Project) -> None:
    token = compact({"alg": "none", "typ": "JWT"}, {"role": "service_role", "exp": int(time.time()) + 60})

    assert whoami(project, token).status_code == 401


def test_token_of_another_key_is_refused_even_under_our_key_id(project: Project) -> None:
    forger = SigningKey.generate().model_copy(update={"kid": project.signing_key.kid})

    token = forger.sign({"role": "service_role"}, issuer=project.supabase_url, expires_in=60)

    assert whoami(project, token).status_code == 401


def test_public_key_is_no_shared_secret(project: Project) -> None:
    """The classic confusion: an HMAC made with the published key, announced as HS256."""
    jwk = project.signing_key.public_jwks()["keys"][0]
    header = {"alg": "HS256", "typ": "JWT", "kid": project.signing_key.kid}
    public_key = jwt.PyJWK.from_dict(jwk).key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)

    token = compact(header, {"role": "service_role", "exp": int(time.time()) + 60}, public_key)

    assert whoami(project, token).status_code == 401


@pytest.mark.parametrize("role", ["postgres", "supabase_admin", "supabase_auth_admin"])
def test_token_cannot_name_a_role_of_the_platform(project: Project, role: str) -> None:
    token = project.signing_key.sign({"role": role}, issuer=project.supabase_url, expires_in=60)

    assert whoami(project, token).status_code in {401, 403}


def test_published_keys_verify_tokens_and_keep_the_private_part(project: Project, person: Person) -> None:
    jwks = httpx.get(f"{project.supabase_url}/auth/v1/.well-known/jwks.json").json()

    claims = jwt.decode(
        project.token(person.email),
        jwt.PyJWKSet.from_dict(jwks)[project.signing_key.kid].key,
        algorithms=["ES256"],
        audience="authenticated",
        issuer=f"{project.supabase_url}/auth/v1",
    )

    assert claims["email"] == person.email
    assert all("d" not in key for key in jwks["keys"])


def test_signing_key_of_another_kind_is_refused() -> None:
    with pytest.raises(StackError, match="ES256"):
        SigningKey.from_setting('{"kty": "oct", "k": "c2VjcmV0"}')
