"""A connection to the database under test, with the words that tests are written in."""

import itertools
import json
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, LiteralString
from uuid import UUID

import psycopg
import pytest
from psycopg.rows import DictRow
from psycopg.types.json import Jsonb

from tests.actors import DASHBOARD, Actor, Person
from tests.documents import make_document
from tests.events import RECORD, columns

Parameters = Sequence[Any] | Mapping[str, Any] | None

TEMPLATE = "test-1"

# The least that a page is submitted with.
BLOCKS: list[dict[str, object]] = [
    {"id": kind, "type": kind, "data": {}} for kind in ("hero", "lead_form", "legal")
]
CONTENT = {"v": 1, "blocks": BLOCKS}

_numbers = itertools.count(1)


@dataclass
class Refusal:
    """What the database said no with."""

    sqlstate: str | None = None
    word: str | None = None
    detail: str | None = None
    hint: str | None = None
    constraint: str | None = None


@dataclass
class Database:
    """One connection, logged in as `postgres` as Studio is, that can act as somebody else for a while."""

    connection: psycopg.Connection[DictRow]
    # Each test makes its own people; the prefix keeps those of two connections apart.
    prefix: str = field(default_factory=lambda: uuid.uuid4().hex[:8])

    # Asking -------------------------------------------------------------------------------------------------

    def rows(self, query: LiteralString, parameters: Parameters = None) -> list[DictRow]:
        return self.connection.execute(query, parameters).fetchall()

    def row(self, query: LiteralString, parameters: Parameters = None) -> DictRow:
        (only,) = self.rows(query, parameters)
        return only

    def value(self, query: LiteralString, parameters: Parameters = None) -> Any:  # noqa: ANN401 - any column.
        (only,) = self.row(query, parameters).values()
        return only

    def run(self, query: LiteralString, parameters: Parameters = None) -> int:
        """Execute a statement and return how many rows it touched."""
        return self.connection.execute(query, parameters).rowcount

    def begin(self, level: psycopg.IsolationLevel = psycopg.IsolationLevel.READ_COMMITTED) -> None:
        """Open a transaction that stays open, its snapshot taken where the level has one."""
        self.connection.autocommit = False
        self.connection.isolation_level = level
        self.run("select count(*) from public.partner_marketing_campaigns")

    # Acting -------------------------------------------------------------------------------------------------

    @contextmanager
    def acting_as(self, who: Actor) -> Iterator[None]:
        """Be somebody else, as PostgREST would make it so, and the dashboard again afterwards.

        What fails inside is undone, so that the connection can be used to look at what is left.
        """
        with self.connection.transaction():
            if who != DASHBOARD:
                role = "authenticated" if isinstance(who, Person) else who
                subject = {"sub": str(who.id)} if isinstance(who, Person) else {}
                self.connection.execute(
                    "select set_config('request.jwt.claims', %s, true), set_config('role', %s, true)",
                    [json.dumps({"role": role, **subject}), role],
                )
            yield
            self.connection.execute(
                "select set_config('role', 'none', true), set_config('request.jwt.claims', '', true)"
            )

    @contextmanager
    def refused(self, sqlstate: str, word: str | None = None) -> Iterator[Refusal]:
        """Expect exactly this no from what is done inside, and undo whatever came before it."""
        refusal = Refusal()
        with pytest.raises(psycopg.Error) as caught, self.connection.transaction():
            yield refusal
        diagnostics = caught.value.diag
        refusal.sqlstate = caught.value.sqlstate
        refusal.word = diagnostics.message_primary
        refusal.detail = diagnostics.message_detail
        refusal.hint = diagnostics.message_hint
        refusal.constraint = diagnostics.constraint_name
        assert refusal.sqlstate == sqlstate, refusal
        assert word is None or refusal.word == word, refusal

    # Making -------------------------------------------------------------------------------------------------

    def add_user(self) -> Person:
        """Make an account that has no profile yet."""
        number = next(_numbers)
        person = Person(
            id=uuid.uuid4(), email=f"{self.prefix}-{number}@test.example", slug=f"{self.prefix}-{number}"
        )
        self.run(
            "insert into auth.users (id, aud, role, email) values (%s, 'authenticated', 'authenticated', %s)",
            [person.id, person.email],
        )
        return person

    def add_partner(
        self,
        *,
        budget: float | str | None = 1000,
        mode: str = "hybrid",
        is_admin: bool = False,
        slug: str | None = "own",
    ) -> Person:
        """Make an account with a profile."""
        user = self.add_user()
        self.run(
            "insert into public.profiles"
            " (id, is_admin, partner_slug, marketing_mode, monthly_marketing_budget)"
            " values (%s, %s, %s, %s, %s)",
            [user.id, is_admin, user.slug if slug == "own" else slug, mode, budget],
        )
        return Person(id=user.id, email=user.email, slug=user.slug, is_admin=is_admin)

    def add_admin(self) -> Person:
        return self.add_partner(is_admin=True, budget=None, mode="leads_only")

    def add_segment(self) -> UUID:
        made: UUID = self.value(
            "insert into public.lead_segments (trade, region) values (%s, %s) returning id",
            [f"Trade {next(_numbers)}", f"Region {self.prefix}"],
        )
        return made

    def add_campaign(self, partner: Person, **columns: object) -> UUID:
        values = {"channel": "google_ads", **columns}
        return self._insert("partner_marketing_campaigns", {"partner_id": partner.id, **values})

    def add_page(self, partner: Person, *, author: Actor | None = None, **columns: object) -> UUID:
        """Make a concept, as the partner unless another author is named."""
        values = {
            "path": partner.path(f"page-{next(_numbers)}"),
            "title": "Schilderwerk",
            "content_json": CONTENT,
            **columns,
        }
        with self.acting_as(author or partner):
            return self._insert("partner_landing_pages", {"partner_id": partner.id, **values})

    def _insert(self, table: LiteralString, values: Mapping[str, object]) -> UUID:
        columns = ", ".join(values)
        marks = ", ".join(f"%({name})s" for name in values)
        made: UUID = self.value(
            f"insert into public.{table} ({columns}) values ({marks}) returning id",  # noqa: S608 - our own names.
            {name: Jsonb(value) if isinstance(value, dict) else value for name, value in values.items()},
        )
        return made

    def allow_likeness(self, partner: Person, likeness: float) -> None:
        """Let a partner's pages say so much of the same, 0 to 1."""
        self.run(
            "insert into private.partner_quotas (partner_id, max_likeness) values (%s, %s)"
            " on conflict (partner_id) do update set max_likeness = excluded.max_likeness",
            [partner.id, likeness],
        )

    # Walking ------------------------------------------------------------------------------------------------

    def render(self, page_id: UUID, by: Actor, template: str = TEMPLATE) -> str:
        """Store the document of what the page says now, as landing_page_publish does, and return its hash."""
        with self.acting_as(by):
            content_hash: str = self.value(
                "select public.landing_page_snapshot(%s, %s) ->> 'content_hash'", [page_id, template]
            )
        with self.acting_as("page_renderer"):
            self.store_document(page_id, content_hash, template_version=template)
        return content_hash

    def store_document(self, page_id: UUID, content_hash: str, **changes: object) -> None:
        """Store a document, as whoever is acting; `changes` name what is otherwise than usual."""
        self.run(
            "select public.store_landing_page_document(%(page_id)s, %(content_hash)s, %(template_version)s,"
            " %(html_gzip)s, %(csp)s, %(signature)s)",
            {
                "page_id": page_id,
                "template_version": TEMPLATE,
                **dict(make_document(content_hash)),
                **changes,
            },
        )

    def submit(self, page_id: UUID, by: Actor) -> str:
        """Render and submit a page, and return the hash that was submitted."""
        content_hash = self.render(page_id, by)
        with self.acting_as(by):
            self.run("select public.submit_landing_page(%s, %s)", [page_id, content_hash])
        return content_hash

    def approve(self, page_id: UUID, by: Actor) -> None:
        with self.acting_as(by):
            hash_waiting = self.value(
                "select v.content_hash from public.partner_landing_pages as p"
                " join public.partner_landing_page_versions as v on v.id = p.submitted_version_id"
                " where p.id = %s",
                [page_id],
            )
            self.run("select public.approve_landing_page(%s, %s)", [page_id, hash_waiting])

    def add_live_page(self, partner: Person, admin: Person, **columns: Any) -> UUID:  # noqa: ANN401
        page_id = self.add_page(partner, **columns)
        self.submit(page_id, partner)
        self.approve(page_id, admin)
        return page_id

    def let_pass(self, time: timedelta) -> None:
        """Make everything that is planned of pages so much nearer, since a test cannot wait."""
        self.run("alter table public.partner_landing_pages disable trigger user")
        self.run(
            "update public.partner_landing_pages set publish_at = publish_at - %(time)s,"
            " unpublish_at = unpublish_at - %(time)s, published_at = published_at - %(time)s",
            {"time": time},
        )
        self.run("alter table public.partner_landing_pages enable trigger user")
        # Nobody asks for what a later owner has replaced, and ten thousand steps would go by all of it.
        self.run(
            "delete from private.landing_page_addresses as a using private.landing_page_addresses as later"
            " where later.path = a.path and later.since > a.since and later.since <= now()"
        )
        self.run("update private.landing_page_addresses set since = since - %s", [time])

    # Looking ------------------------------------------------------------------------------------------------

    def page(self, page_id: UUID) -> DictRow:
        return self.row("select * from public.partner_landing_pages where id = %s", [page_id])

    def campaign(self, campaign_id: UUID) -> DictRow:
        return self.row("select * from public.partner_marketing_campaigns where id = %s", [campaign_id])

    def miscount(self, page_id: UUID) -> None:
        """Make a page's counter wrong, so that there is something to rebuild."""
        with self.connection.transaction():
            self.run("select private.begin_ledger_write()")
            self.run(
                "update public.partner_landing_pages set views_count = views_count + 7 where id = %s",
                [page_id],
            )
            self.run("select private.end_ledger_write()")

    def record_events(
        self,
        views: Sequence[Mapping[str, object]],
        drops: Sequence[Mapping[str, object]] = (),
        batch_id: UUID | None = None,
        received_at: datetime | None = None,
    ) -> list[str]:
        """Have views counted as whoever acts now, and return what became of each."""
        arguments = columns(views, drops)
        of_log = {"batch_id": batch_id, "received_at": received_at}
        outcomes: list[str] = self.value(RECORD, {**arguments, **of_log, "drops": Jsonb(arguments["drops"])})
        return outcomes

    def drift(self, *keys: object) -> list[DictRow]:
        """Return the counters of these rows that are not what their ledgers add up to."""
        return self.rows(
            "select * from private.find_counter_drift() as d where d.key like any (%s)",
            [[f"{key}%" for key in keys]],
        )
