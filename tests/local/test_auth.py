"""Unmodified clients sign in, stay signed in and sign out against the stand-in for Supabase Auth."""

import json
import subprocess
from collections.abc import Iterator
from typing import LiteralString

import httpx
import psycopg
import pytest
from psycopg import sql
from supabase.lib.client_options import SyncClientOptions
from supabase_auth.errors import AuthApiError

from stack import Project
from stack.settings import REPOSITORY
from supabase import Client, create_client
from tests.local.conftest import Person

JAVASCRIPT = """
import { createClient } from '@supabase/supabase-js'
const { url, key, email, password } = JSON.parse(process.argv[1])
// Node has had one of its own since 22, and the client insists on one although nothing here listens.
globalThis.WebSocket ??= class {}
const client = createClient(url, key)
const out = {}
out.before = (await client.rpc('whoami')).data
const wrong = await client.auth.signInWithPassword({ email, password: 'wrong' })
out.wrong = [wrong.error.code, wrong.error.status]
const signed = await client.auth.signInWithPassword({ email, password })
out.signedIn = signed.data.user.email
out.during = (await client.rpc('whoami')).data
out.user = (await client.auth.getUser()).data.user.id
out.claims = (await client.auth.getClaims()).data.claims.sub
const first = signed.data.session.refresh_token
out.rotated = (await client.auth.refreshSession()).data.session.refresh_token !== first
out.signOut = (await client.auth.signOut()).error
out.after = (await client.rpc('whoami')).data
console.log(JSON.stringify(out))
process.exit(0)
"""


# supabase-py passes its own postgrest-py a parameter that this one warns of.
pytestmark = pytest.mark.filterwarnings(
    "ignore:The '(timeout|verify)' parameter is deprecated:DeprecationWarning"
)


@pytest.fixture
def client(project: Project) -> Iterator[Client]:
    # The client never closes the connections that it makes itself.
    with httpx.Client() as connections:
        options = SyncClientOptions(httpx_client=connections, auto_refresh_token=False)
        yield create_client(project.supabase_url, project.publishable_key, options)


def sign_in(client: Client, person: Person) -> Person:
    client.auth.sign_in_with_password({"email": person.email, "password": person.password})
    return person


def test_supabase_js_goes_through_a_whole_session(project: Project, person: Person) -> None:
    given = {
        "url": project.supabase_url,
        "key": project.publishable_key,
        "email": person.email,
        "password": person.password,
    }
    done = subprocess.run(
        ["node", "--input-type=module", "--eval", JAVASCRIPT, json.dumps(given)],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == {
        "before": {"role": "anon", "sub": None},
        "wrong": ["invalid_credentials", 400],
        "signedIn": person.email,
        "during": {"role": "authenticated", "sub": person.id},
        "user": person.id,
        "claims": person.id,
        "rotated": True,
        "signOut": None,
        "after": {"role": "anon", "sub": None},
    }


def test_supabase_py_goes_through_a_whole_session(client: Client, person: Person) -> None:
    sign_in(client, person)
    during = client.rpc("whoami").execute().data
    user = client.auth.get_user()
    refreshed = client.auth.refresh_session().session
    client.auth.sign_out()

    assert during == {"role": "authenticated", "sub": person.id}
    assert user is not None
    assert user.user.email == person.email
    assert refreshed is not None
    assert client.rpc("whoami").execute().data == {"role": "anon", "sub": None}


@pytest.mark.parametrize(
    "change",
    [
        "banned_until = now() + interval '1 day'",
        "deleted_at = now()",
        "encrypted_password = null",
        "encrypted_password = ''",
    ],
)
def test_who_may_not_sign_in_looks_like_a_wrong_password(
    project: Project, client: Client, person: Person, change: LiteralString
) -> None:
    with psycopg.connect(project.db_url) as connection:
        update = sql.SQL("update auth.users set {} where id = %s").format(sql.SQL(change))
        connection.execute(update, [person.id])

    with pytest.raises(AuthApiError) as refusal:
        sign_in(client, person)

    assert (refusal.value.code, refusal.value.status) == ("invalid_credentials", 400)


def test_refresh_token_is_good_once(client: Client, person: Person) -> None:
    sign_in(client, person)
    session = client.auth.get_session()
    assert session is not None
    client.auth.refresh_session(session.refresh_token)

    with pytest.raises(AuthApiError) as again:
        client.auth.refresh_session(session.refresh_token)
    with pytest.raises(AuthApiError) as never:
        client.auth.refresh_session("never-given-out")

    assert str(again.value.code) == "refresh_token_already_used"
    assert str(never.value.code) == "refresh_token_not_found"


def test_signed_out_session_is_over(client: Client, person: Person) -> None:
    sign_in(client, person)
    session = client.auth.get_session()
    assert session is not None
    client.auth.sign_out()

    with pytest.raises(AuthApiError) as user:
        client.auth.get_user(session.access_token)
    with pytest.raises(AuthApiError) as refresh:
        client.auth.refresh_session(session.refresh_token)

    assert user.value.code == "session_not_found"
    assert str(refresh.value.code) == "refresh_token_not_found"


@pytest.mark.parametrize(
    ("request_line", "body", "refusal"),
    [
        ("POST token?grant_type=password", "not json", (400, "validation_failed")),
        ("POST token?grant_type=password", '{"email": 1}', (400, "validation_failed")),
        ("POST token?grant_type=magic", "{}", (400, "validation_failed")),
        ("GET user", "", (401, "no_authorization")),
        ("POST logout", "", (401, "no_authorization")),
        ("POST signup", "{}", (404, "not_found")),
    ],
)
def test_bad_requests_are_refused_as_auth_words_them(
    project: Project, request_line: str, body: str, refusal: tuple[int, str]
) -> None:
    method, path = request_line.split()
    headers = {"apikey": project.publishable_key, "Authorization": f"Bearer {project.publishable_key}"}

    answer = httpx.request(method, f"{project.supabase_url}/auth/v1/{path}", headers=headers, content=body)

    assert (answer.status_code, answer.json()["error_code"]) == refusal


def test_token_made_without_signing_in_is_known_too(project: Project, person: Person) -> None:
    headers = {"apikey": project.publishable_key, "Authorization": f"Bearer {project.token(person.email)}"}

    answer = httpx.get(f"{project.supabase_url}/auth/v1/user", headers=headers)

    assert answer.json()["id"] == person.id


def test_auth_asks_for_the_api_key_too(project: Project) -> None:
    assert httpx.get(f"{project.supabase_url}/auth/v1/user").status_code == 401
