"""A partner leaves: nothing of theirs stays live, persons go, and every figure stays."""

import datetime as dt
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait
from uuid import UUID, uuid4

import psycopg
import pytest
from psycopg.rows import dict_row
from psycopg.types.json import Jsonb

from stack import Stack
from tests.actors import Person
from tests.conftest import Connect
from tests.database import Database
from tests.uuid7 import uuid7_at

Leave = Callable[[Database, Person], None]


class Belongings:
    """One of everything that a partner can have."""

    def __init__(self, db: Database) -> None:
        self.partner, self.admin = db.add_partner(), db.add_admin()
        self.external = f"leaving-{db.prefix}-{self.partner.slug}"
        self.live_page = db.add_live_page(self.partner, self.admin, title="Uniek van deze firma")
        db.run(
            "update public.partner_landing_pages set title = 'Uniek vervolg' where id = %s", [self.live_page]
        )
        db.submit(self.live_page, self.partner)
        self.concept = db.add_page(self.partner, title="Uniek, maar nooit ingediend")
        db.render(self.concept, self.partner)
        self.in_review = db.add_page(self.partner)
        db.submit(self.in_review, self.partner)
        self.campaign = db.add_campaign(self.partner, monthly_budget="100.00")
        db.run(
            "update public.partner_marketing_campaigns set status = 'active' where id = %s", [self.campaign]
        )
        db.run(
            "insert into public.partner_segments (partner_id, segment_id, is_primary) values (%s, %s, true)",
            [self.partner.id, db.add_segment()],
        )
        with db.acting_as(self.admin):
            db.run("select public.link_campaign(%s, %s)", [self.campaign, self.external])
        moment = db.value("select now()")
        view = {"id": uuid7_at(moment), "page_id": self.live_page}
        lead = {"id": str(uuid4()), "page_id": str(self.live_page), "name": f"Klant van {self.partner.slug}"}
        with db.acting_as("event_recorder"):
            db.record_events([view], drops=[{**view, "reason": "bot", "attempts": 2}])
            db.run("select public.record_lead(%s)", [Jsonb(lead)])
        self.ingest(db, "1")

    def ingest(self, db: Database, key: str) -> list[dict[str, str]]:
        common = {"body_hmac": key * 64, "channel": "google_ads", "external_campaign_id": self.external}
        events = [
            {
                **common,
                "event_key": f"{self.external}-lead-{key}",
                "facts": {"kind": "lead", "external_lead_id": f"{self.external}-{key}"},
                "person": {"name": "B. Klant"},
            },
            {
                **common,
                "event_key": f"{self.external}-metrics-{key}",
                "facts": {
                    "kind": "metrics",
                    "day": f"2026-11-0{key}",
                    "as_of": "2026-11-20T12:00:00Z",
                    "spend": "10.00",
                    "currency": "EUR",
                    "clicks": 1,
                    "impressions": 1,
                },
            },
        ]
        with db.acting_as("campaign_ingester"):
            answers: list[dict[str, str]] = db.value(
                "select public.ingest_campaign_events('standard', %s)", [Jsonb(events)]
            )
        return answers

    @property
    def pages(self) -> list[UUID]:
        return [self.live_page, self.concept, self.in_review]


def _account_deleted(db: Database, partner: Person) -> None:
    db.run("delete from auth.users where id = %s", [partner.id])


def _profile_deleted(db: Database, partner: Person) -> None:
    db.run("delete from public.profiles where id = %s", [partner.id])


def _profile_deleted_by_service_role(db: Database, partner: Person) -> None:
    with db.acting_as("service_role"):
        db.run("delete from public.profiles where id = %s", [partner.id])


_WAYS = [_account_deleted, _profile_deleted, _profile_deleted_by_service_role]


@pytest.fixture
def belongings(db: Database) -> Belongings:
    return Belongings(db)


@pytest.mark.parametrize("leave", _WAYS)
def test_nothing_stays_live(db: Database, belongings: Belongings, leave: Leave) -> None:
    path = db.page(belongings.live_page)["live_path"]

    leave(db, belongings.partner)

    with db.acting_as("anon"):
        served = db.rows("select * from public.live_landing_page(%s)", [path])
    pages = [db.page(page_id) for page_id in belongings.pages]
    campaign = db.campaign(belongings.campaign)
    assert served == []
    assert {(page["status"], page["partner_id"], page["path"]) for page in pages} == {
        ("archived", None, None)
    }
    assert (campaign["status"], campaign["partner_id"], campaign["committed_budget"]) == ("archived", None, 0)
    assert campaign["ended_at"] is not None


@pytest.mark.parametrize("leave", _WAYS)
def test_persons_and_the_firms_words_go(db: Database, belongings: Belongings, leave: Leave) -> None:
    leads = db.value(
        "select count(*) from public.partner_leads where partner_id = %s", [belongings.partner.id]
    )

    leave(db, belongings.partner)

    remains = db.row(
        "select (select count(*) from public.partner_lead_contacts where partner_id = %(id)s or lead_id in"
        "   (select l.id from public.partner_leads as l where l.page_id = any (%(pages)s) or l.campaign_id = %(campaign)s)) as contacts,"
        " (select count(*) from public.partner_landing_page_versions where page_id = any (%(pages)s)) as versions,"
        " (select count(*) from public.partner_landing_page_submissions where page_id = any (%(pages)s)) as submissions,"
        " (select count(*) from private.landing_page_documents where page_id = any (%(pages)s)) as documents,"
        " (select count(*) from public.partner_segments where partner_id = %(id)s) as links,"
        " (select count(*) from private.partner_commitments where partner_id = %(id)s) as commitments",
        {"id": belongings.partner.id, "pages": belongings.pages, "campaign": belongings.campaign},
    )
    words = db.value(
        "select string_agg(to_jsonb(p)::text, ' ') from public.partner_landing_pages as p where id = any (%s)",
        [belongings.pages],
    )
    assert leads == 2
    assert set(remains.values()) == {0}
    assert "Uniek" not in words
    assert str(belongings.partner.id) not in words
    assert belongings.partner.slug not in words


def test_history_stays_as_dates_and_names_the_leaving(db: Database, belongings: Belongings) -> None:
    with db.acting_as(belongings.admin):
        db.run("select public.archive_landing_page(%s, 'Klant belde: 06 12345678')", [belongings.live_page])
    _account_deleted(db, belongings.partner)

    history = db.rows(
        "select * from public.partner_landing_page_transitions where page_id = any (%s) order by id",
        [belongings.pages],
    )
    by_page = [row["to_status"] for row in history if row["page_id"] == belongings.live_page]
    assert by_page == ["review", "live", "archived"]
    assert {row["reason"] for row in history} == {None, "partner left"}
    assert {row["actor_id"] for row in history} == {None}


@pytest.mark.parametrize("leave", _WAYS)
def test_every_figure_stays(db: Database, belongings: Belongings, leave: Leave) -> None:
    figures = """
      select (select jsonb_agg(jsonb_build_array(p.id, p.views_count, p.conversions_count) order by p.id)
          from public.partner_landing_pages as p where p.id = any (%(pages)s)) as pages,
        (select jsonb_agg(jsonb_build_array(s.day, s.views, s.visitors, s.conversions) order by s.day)
          from public.partner_landing_page_stats as s where s.page_id = any (%(pages)s)) as stats,
        (select jsonb_build_array(c.total_spend, c.total_clicks, c.total_leads, c.avg_cpl)
          from public.partner_marketing_campaigns as c where c.id = %(campaign)s) as campaign,
        (select count(*) from public.partner_leads as l where l.campaign_id = %(campaign)s or l.page_id = any (%(pages)s)) as leads,
        (select count(*) from public.partner_campaign_metrics as m where m.campaign_id = %(campaign)s) as metrics
    """
    parameters = {"pages": belongings.pages, "campaign": belongings.campaign}
    before = db.row(figures, parameters)

    leave(db, belongings.partner)

    assert db.row(figures, parameters) == before
    assert db.drift(*belongings.pages, belongings.campaign, belongings.partner.id) == []


def test_rebuild_after_a_leaving_changes_nothing(db: Database, belongings: Belongings) -> None:
    _account_deleted(db, belongings.partner)

    with db.acting_as("job_runner"):
        assert db.value("select public.rebuild_counters()") == 0


def test_leads_that_still_come_for_a_departed_partner_are_nobodys(
    db: Database, belongings: Belongings
) -> None:
    """The platform goes on reporting for a while. The figures are facts; the person is not kept for anybody."""
    _account_deleted(db, belongings.partner)

    answers = belongings.ingest(db, "2")

    campaign = db.campaign(belongings.campaign)
    contacts = db.value(
        "select count(*) from public.partner_lead_contacts as k join public.partner_leads as l on l.id = k.lead_id"
        " where l.campaign_id = %s",
        [belongings.campaign],
    )
    assert [answer["outcome"] for answer in answers] == ["applied", "applied"]
    assert (campaign["total_leads"], campaign["total_clicks"]) == (2, 2)
    assert contacts == 0
    assert db.drift(belongings.campaign) == []


def test_others_notice_nothing(db: Database, belongings: Belongings) -> None:
    neighbour = Belongings(db)
    before = (db.page(neighbour.live_page), db.campaign(neighbour.campaign))

    _account_deleted(db, belongings.partner)

    assert (db.page(neighbour.live_page), db.campaign(neighbour.campaign)) == before


def test_address_that_visitors_know_goes_to_nobody_else(db: Database, belongings: Belongings) -> None:
    slug, other = belongings.partner.slug, db.add_partner(slug=None)
    _account_deleted(db, belongings.partner)

    with db.refused("PT409", "partner_slug_retired"):
        db.add_partner(slug=slug)
    with db.refused("PT409", "partner_slug_retired"), db.acting_as(other):
        db.run("update public.profiles set partner_slug = %s where id = %s", [slug, other.id])


def test_operator_gives_an_address_back(db: Database, belongings: Belongings) -> None:
    path, slug = db.page(belongings.live_page)["live_path"], belongings.partner.slug
    _account_deleted(db, belongings.partner)
    db.run("delete from private.retired_slugs where slug_sha256 = sha256(convert_to(%s, 'UTF8'))", [slug])

    successor = db.add_partner(slug=slug)
    page_id = db.add_live_page(successor, belongings.admin, path=path)

    assert db.page(page_id)["live_path"] == path


def test_slug_that_nobody_visited_is_free_again(db: Database) -> None:
    partner = db.add_partner()
    db.add_page(partner)
    _account_deleted(db, partner)

    assert db.add_partner(slug=partner.slug)


def test_no_table_says_anything_of_them(db: Database, belongings: Belongings) -> None:
    """All of them, those that somebody adds tomorrow included."""
    with db.acting_as(belongings.admin):
        reason = f"Klant van {belongings.partner.slug} belde"
        db.run("select public.archive_landing_page(%s, %s)", [belongings.live_page, reason])
    before = _everything(db)
    traces = [str(belongings.partner.id), belongings.partner.slug]
    assert [trace for trace in (*traces, reason) if trace not in before] == []

    _account_deleted(db, belongings.partner)

    # The marketplace's own name of its ad campaign happens to have the slug in it here.
    after = _everything(db).replace(belongings.external, "")
    assert [trace for trace in traces if trace in after] == []


def _everything(db: Database) -> str:
    tables = db.rows(
        "select c.oid::regclass::text as name from pg_class as c where c.relkind in ('r', 'p') and not c.relispartition"
        " and c.relnamespace in ('public'::regnamespace, 'private'::regnamespace)"
    )
    return "\n".join(
        db.value(f"select coalesce(string_agg(to_jsonb(t)::text, ' '), '') from {table['name']} as t")
        for table in tables
    )


def test_auth_deletes_an_account_with_its_own_rights(platform: Database, stack: Stack) -> None:
    """On a hosted project it is supabase_auth_admin who deletes, with no right on any table of ours."""
    belongings = Belongings(platform)

    with psycopg.connect(
        stack.state.database_url("supabase_auth_admin"), autocommit=True, row_factory=dict_row
    ) as auth:
        auth.execute("delete from auth.users where id = %s", [belongings.partner.id])

    assert {platform.page(page_id)["status"] for page_id in belongings.pages} == {"archived"}
    assert platform.drift(*belongings.pages, belongings.campaign, belongings.partner.id) == []


def test_departed_page_does_not_come_back(db: Database, belongings: Belongings) -> None:
    _account_deleted(db, belongings.partner)

    for who in ("service_role", belongings.admin):
        with db.refused("PT404", "page_not_found"), db.acting_as(who):
            db.run("select public.restore_landing_page(%s)", [belongings.concept])
    with db.refused("23514") as refusal:
        db.run(
            "update public.partner_landing_pages set status = 'concept' where id = %s", [belongings.concept]
        )
    assert refusal.constraint == "partner_landing_pages_owned_or_archived"


def _view(db: Database, page_id: UUID) -> None:
    with db.acting_as("event_recorder"):
        assert db.record_events([{"id": uuid7_at(dt.datetime.now(dt.UTC)), "page_id": page_id}]) == [
            "counted"
        ]


def test_leaving_waits_for_a_view_and_holds_up_none(platform: Database, connect: Connect) -> None:
    """It takes the pages in the order in which a batch of views does: until it has one, it holds none after it."""
    partner, admin = platform.add_partner(), platform.add_admin()
    first, last = sorted(platform.add_live_page(partner, admin) for _ in range(2))
    viewing, leaving, visitor = connect(), connect(), connect()
    viewing.begin()
    _view(viewing, first)

    with ThreadPoolExecutor(2) as pool:
        gone = pool.submit(leaving.run, "delete from auth.users where id = %s", [partner.id])
        try:
            assert wait([gone], timeout=0.3).not_done, "it should wait for the view"
            pool.submit(_view, visitor, last).result(timeout=5)
            _view(viewing, last)
        finally:
            viewing.connection.commit()
        assert gone.result(timeout=10) == 1

    assert platform.page(first)["views_count"] == 1
    assert platform.page(last)["views_count"] == 2


def test_lead_that_comes_while_the_partner_leaves_hears_that_the_page_is_gone(
    platform: Database, connect: Connect
) -> None:
    partner = platform.add_partner()
    page_id = platform.add_live_page(partner, platform.add_admin())
    leaving, visitor = connect(), connect()
    leaving.begin()
    leaving.run("delete from auth.users where id = %s", [partner.id])
    lead = Jsonb({"id": str(uuid4()), "page_id": str(page_id), "name": "Marieke"})

    def ask() -> None:
        with visitor.acting_as("event_recorder"):
            visitor.run("select public.record_lead(%s)", [lead])

    with ThreadPoolExecutor(1) as pool:
        asking = pool.submit(ask)
        assert wait([asking], timeout=0.3).not_done, "it should wait for the leaving"
        leaving.connection.commit()
        with pytest.raises(psycopg.Error) as caught:
            asking.result(timeout=10)

    assert (caught.value.sqlstate, caught.value.diag.message_primary) == ("PT410", "page_not_live")
