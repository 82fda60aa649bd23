"""What a token has to be before anybody believes it."""

import base64
import hmac
import json
import time
from collections.abc import Mapping
from typing import Any
from uuid import uuid4

import httpx
import pytest

from stack import Stack
from stack.tokens import SigningKey
from tests.access.world import World
from tests.actors import sign_token
from tests.api import Api


def _claims(world: World, **changes: object) -> dict[str, Any]:
    now = int(time.time())
    return {"role": "authenticated", "sub": str(world.partner.id), "iat": now, "exp": now + 600, **changes}


def _encoded(part: Mapping[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode()


def _own_pages(postgrest: httpx.Client, token: str | None) -> httpx.Response:
    return Api(postgrest, token).send("GET", "/partner_landing_pages", params={"select": "id"})


def _approval(world: World) -> dict[str, str]:
    return {"page_id": str(world.live_page_id), "content_hash": "0" * 64}


def test_good_token_is_believed(world: World, stack: Stack, postgrest: httpx.Client) -> None:
    """The yardstick of this file: the same request with nothing wrong about it."""
    token = sign_token(stack.project, world.partner)

    assert len(_own_pages(postgrest, token).json()) > 0


def test_expired_token_is_refused(world: World, stack: Stack, postgrest: httpx.Client) -> None:
    token = sign_token(stack.project, world.partner, expires_in=-60)

    answer = _own_pages(postgrest, token)

    assert answer.status_code == 401
    assert answer.json()["code"] in {"PGRST301", "PGRST303"}


def test_token_that_is_not_valid_yet_is_refused(world: World, stack: Stack, postgrest: httpx.Client) -> None:
    token = sign_token(stack.project, world.partner, nbf=int(time.time()) + 600)

    assert _own_pages(postgrest, token).status_code == 401


@pytest.mark.parametrize("role", ["authenticated", "service_role"])
@pytest.mark.parametrize("algorithm", ["none", "None", "NONE"])
def test_unsigned_token_is_refused(world: World, postgrest: httpx.Client, role: str, algorithm: str) -> None:
    token = f"{_encoded({'alg': algorithm, 'typ': 'JWT'})}.{_encoded(_claims(world, role=role))}."

    assert _own_pages(postgrest, token).status_code == 401


@pytest.mark.parametrize("role", ["authenticated", "service_role"])
def test_token_signed_with_another_key_is_refused(
    world: World, stack: Stack, postgrest: httpx.Client, role: str
) -> None:
    ours = stack.project.signing_key
    theirs = SigningKey.generate().model_copy(update={"kid": ours.kid})

    token = theirs.sign(_claims(world, role=role), issuer="https://elsewhere.example", expires_in=600)

    assert _own_pages(postgrest, token).status_code == 401


def test_public_key_is_no_shared_secret(world: World, stack: Stack, postgrest: httpx.Client) -> None:
    """The classic confusion: HS256 with the published key as its secret. PyJWT will not sign that, so by hand."""
    key = stack.project.signing_key
    published = json.dumps(key.public_jwks()["keys"][0])
    message = f"{_encoded({'alg': 'HS256', 'kid': key.kid})}.{_encoded(_claims(world, role='service_role'))}"
    signature = hmac.digest(published.encode(), message.encode(), "sha256")

    token = f"{message}.{base64.urlsafe_b64encode(signature).rstrip(b'=').decode()}"

    assert _own_pages(postgrest, token).status_code == 401


def test_changed_claims_break_the_signature(world: World, stack: Stack, postgrest: httpx.Client) -> None:
    header, _, signature = sign_token(stack.project, world.partner).split(".")

    token = f"{header}.{_encoded(_claims(world, sub=str(world.stranger.id)))}.{signature}"

    assert _own_pages(postgrest, token).status_code == 401


@pytest.mark.parametrize("token", ["garbage", "a.b.c", "e30.e30.e30", "sb_secret_x", "null"])
def test_garbage_is_refused(postgrest: httpx.Client, token: str) -> None:
    assert _own_pages(postgrest, token).status_code == 401


def test_token_without_a_role_is_anon(world: World, stack: Stack, postgrest: httpx.Client) -> None:
    """Its subject still is somebody's, so no grant or policy of anon may ask auth.uid()."""
    key = stack.project.signing_key
    claims = _claims(world, sub=str(world.admin.id))
    del claims["role"]
    token = key.sign(claims, issuer="x", expires_in=600)

    pages = _own_pages(postgrest, token)
    approval = Api(postgrest, token).call("approve_landing_page", _approval(world))
    visited = Api(postgrest, token).call("live_landing_page", {"path": "/nowhere"})

    # PostgREST 12 says 401 for anon, with a token or without.
    assert (pages.status_code, pages.json()["code"]) == (401, "42501")
    assert (approval.status_code, approval.json()["code"]) == (401, "42501")
    assert (visited.status_code, visited.json()) == (200, [])


def test_anon_token_with_a_subject_reads_nothing(world: World, stack: Stack, postgrest: httpx.Client) -> None:
    token = sign_token(stack.project, "anon", sub=str(world.admin.id))

    answer = _own_pages(postgrest, token)

    assert (answer.status_code, answer.json()["code"]) == (401, "42501")


def test_unknown_role_is_refused(world: World, stack: Stack, postgrest: httpx.Client) -> None:
    token = sign_token(stack.project, "nobody_has_this_name", sub=str(world.partner.id))

    # 400 in PostgREST 12, 401 since 13.0.1.
    assert _own_pages(postgrest, token).status_code in {400, 401}


@pytest.mark.parametrize(
    "role",
    [
        "postgres",
        "supabase_admin",
        "supabase_auth_admin",
        "dashboard_user",
        "pg_read_all_data",
        "none",
        "authenticator",
    ],
)
def test_role_that_tokens_may_not_name_is_refused(
    world: World, stack: Stack, postgrest: httpx.Client, role: str
) -> None:
    token = sign_token(stack.project, role, sub=str(world.admin.id))

    pages = _own_pages(postgrest, token)
    drift = Api(postgrest, token).call("counter_drift", {})

    assert pages.is_client_error, pages.text
    assert drift.is_client_error, drift.text


def test_signed_in_without_a_subject_is_nobody(world: World, stack: Stack, postgrest: httpx.Client) -> None:
    """A null uid is not the dashboard: the workflow asks for the role, not for the absence of a person."""
    api = Api(postgrest, sign_token(stack.project, "authenticated"))

    pages = api.send("GET", "/partner_landing_pages")
    inserted = api.insert("partner_marketing_campaigns", {"channel": "seo"})
    approval = api.call("approve_landing_page", _approval(world))
    promoted = api.update("profiles", {"tone_of_voice": "x"}, id=world.partner.id)

    assert (pages.status_code, pages.json()) == (200, [])
    assert inserted.is_client_error
    assert (approval.status_code, approval.json()["message"]) == (404, "page_not_found")
    assert promoted.json() == []


def test_somebody_without_a_profile_reads_and_writes_nothing(
    world: World, stack: Stack, postgrest: httpx.Client
) -> None:
    """A JWT outlives its account; so does nothing that it could do."""
    token = sign_token(stack.project, "authenticated", sub=str(uuid4()))

    pages = _own_pages(postgrest, token)
    page = Api(postgrest, token).insert(
        "partner_landing_pages", {"path": world.partner.path("x"), "title": "x"}
    )
    campaign = Api(postgrest, token).insert("partner_marketing_campaigns", {"channel": "seo"})

    assert (pages.status_code, pages.json()) == (200, [])
    assert page.is_client_error
    assert campaign.is_client_error


def test_user_metadata_makes_no_admin(world: World, stack: Stack, postgrest: httpx.Client) -> None:
    """Users write their own user_metadata; the right is read from the table alone."""
    token = sign_token(
        stack.project,
        world.stranger,
        user_metadata={"is_admin": True},
        app_metadata={"is_admin": True, "role": "admin"},
        is_admin=True,
    )

    answer = Api(postgrest, token).send(
        "GET", "/partner_landing_pages", params={"id": f"eq.{world.live_page_id}"}
    )

    assert answer.json() == []


def test_admin_right_that_is_taken_away_ends_at_once(
    world: World, stack: Stack, postgrest: httpx.Client
) -> None:
    admin = world.database.add_admin()
    api = Api(postgrest, sign_token(stack.project, admin))
    before = api.send("GET", "/partner_landing_pages", params={"id": f"eq.{world.live_page_id}"})

    world.database.run("update public.profiles set is_admin = false where id = %s", [admin.id])

    after = api.send("GET", "/partner_landing_pages", params={"id": f"eq.{world.live_page_id}"})
    assert (len(before.json()), len(after.json())) == (1, 0)


def test_gateway_reads_as_postgrest_does(world: World, stack: Stack, gateway: httpx.Client) -> None:
    """Through `SUPABASE_URL` with the publishable key, the caller's own token still decides."""
    token = sign_token(stack.project, world.stranger)

    own = gateway.get("/rest/v1/profiles?select=id", headers={"Authorization": f"Bearer {token}"})
    visitor = gateway.get("/rest/v1/profiles?select=id")

    assert own.json() == [{"id": str(world.stranger.id)}]
    assert visitor.status_code == 401
