"""A partner lists their own pages among everybody's: what row level security costs.

The limit is the same query by somebody whom row level security does not bind, with a `where` that says
whose pages.
"""

import json
from collections.abc import Callable
from typing import LiteralString

import httpx
import psycopg

from bench.ratio import Ratio, compare
from stack.progress import Progress
from stack.project import Project

_AIM = "≤ 1.2"
_PARTNER_ID = "be000000-0000-4000-8000-000000000021"
_COLUMNS: LiteralString = "id, path, status, title"

# Triggers are off while the rows are made: they guard what callers write, one row at a time.
_FILL: LiteralString = """
    insert into auth.users (id, email)
    select
      ('be000000-0000-4000-8000-' || lpad(i::text, 12, '0'))::uuid,
      'partner' || i || '@bench.voorbeeld.nl'
    from generate_series(1, %(partners)s) as i;

    insert into public.profiles (id, partner_slug)
    select ('be000000-0000-4000-8000-' || lpad(i::text, 12, '0'))::uuid, 'bench-' || i
    from generate_series(1, %(partners)s) as i;

    alter table public.partner_landing_pages disable trigger user;
    insert into public.partner_landing_pages (partner_id, path, title)
    select
      ('be000000-0000-4000-8000-' || lpad((1 + i %% %(partners)s)::text, 12, '0'))::uuid,
      '/partners/bench-' || (1 + i %% %(partners)s) || '/pagina-' || i,
      'Pagina ' || i
    from generate_series(1, %(pages)s) as i;
    alter table public.partner_landing_pages enable trigger user;
"""


def measure_listing(
    project: Project, progress: Progress, partners: int, pages: int, rounds: int
) -> list[Ratio]:
    """Fill the tables unless they are full, then compare over HTTP and in SQL, `rounds` times each way."""
    with psycopg.connect(project.db_url, autocommit=True) as connection:
        _fill(connection, progress, partners, pages)
    own = pages // partners
    with progress.step(f"A partner lists own pages among {pages:,}, {rounds} times each way"):
        return [_over_http(project, own, rounds), _in_sql(project, rounds)]


def _fill(connection: psycopg.Connection, progress: Progress, partners: int, pages: int) -> None:
    (found,) = connection.execute("select count(*) from public.partner_landing_pages").fetchone() or (0,)
    if found >= pages:
        return
    with progress.step(f"Making {pages:,} pages of {partners:,} partners"):
        with connection.transaction():
            psycopg.ClientCursor(connection).execute(_FILL, {"partners": partners, "pages": pages})
        connection.execute("vacuum (analyze) public.partner_landing_pages, public.profiles")


def _over_http(project: Project, own: int, rounds: int) -> Ratio:
    columns = _COLUMNS.replace(" ", "")
    url = f"{project.postgrest_url}/partner_landing_pages?select={columns}&order=created_at.desc"
    with httpx.Client() as http:
        claims = {"sub": _PARTNER_ID, "role": "authenticated"}
        partner = project.signing_key.sign(claims, issuer=f"{project.supabase_url}/auth/v1", expires_in=3600)
        as_partner = _get(http, url, partner, own)
        as_owner = _get(http, f"{url}&partner_id=eq.{_PARTNER_ID}", project.token("service_role"), own)
        return compare(
            "own pages through PostgREST / service_role with where", _AIM, as_partner, as_owner, rounds
        )


def _get(http: httpx.Client, url: str, token: str, own: int) -> Callable[[], object]:
    def call() -> None:
        answer = http.get(url, headers={"Authorization": f"Bearer {token}"})
        if len(answer.json()) != own:
            raise RuntimeError(f"Expected {own} pages: {answer.text[:200]}")

    return call


def _in_sql(project: Project, rounds: int) -> Ratio:
    with psycopg.connect(project.db_url) as owner, psycopg.connect(project.db_url) as partner:
        claims = json.dumps({"sub": _PARTNER_ID, "role": "authenticated"})
        partner.execute("select set_config('request.jwt.claims', %s, false)", [claims])
        partner.execute("set role authenticated")
        pages: LiteralString = f"select {_COLUMNS} from public.partner_landing_pages"  # noqa: S608 - constants.

        def as_partner() -> None:
            partner.execute(f"{pages} order by created_at desc").fetchall()

        def as_owner() -> None:
            owner.execute(f"{pages} where partner_id = %s order by created_at desc", [_PARTNER_ID]).fetchall()

        return compare("own pages in SQL / table owner with where", "", as_partner, as_owner, rounds)
