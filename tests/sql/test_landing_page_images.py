"""The bucket of pictures, on storage.objects itself: one's own folder, each name once, and so many."""

from typing import LiteralString
from uuid import uuid4

import pytest

from tests.actors import DASHBOARD, Actor, Person
from tests.conftest import REPOSITORY
from tests.database import Database

BUCKET = "landing-page-images"
UPLOAD = "insert into storage.objects (bucket_id, name, version) values (%s, %s, '1')"
EVERYBODY: LiteralString = (
    "create policy everybody on storage.objects for all to public using (true) with check (true)"
)


def upload(db: Database, who: Actor, name: str, bucket: str = BUCKET) -> None:
    with db.acting_as(who):
        db.run(UPLOAD, [bucket, name])


def names(db: Database, who: Actor) -> list[str]:
    with db.acting_as(who):
        rows = db.rows("select name from storage.objects where bucket_id = %s order by name", [BUCKET])
    return [row["name"] for row in rows]


def delete(db: Database, who: Actor, name: str) -> int:
    """Delete as Storage does, which alone may."""
    with db.acting_as(who):
        db.run("select set_config('storage.allow_delete_query', 'true', true)")
        return db.run("delete from storage.objects where bucket_id = %s and name = %s", [BUCKET, name])


def test_bucket_is_public_and_takes_small_pictures_only(db: Database) -> None:
    bucket = db.row("select * from storage.buckets where id = %s", [BUCKET])

    assert (bucket["public"], bucket["file_size_limit"]) == (True, 2 * 2**20)
    assert bucket["allowed_mime_types"] == ["image/avif", "image/jpeg", "image/png", "image/webp"]


@pytest.mark.parametrize("file", ["dak.webp", "Foto_1-2.JPG", "a.b.png", "1.avif", "x.jpeg"])
def test_partner_uploads_under_their_own_id(db: Database, file: str) -> None:
    partner = db.add_partner()

    upload(db, partner, f"{partner.id}/{file}")

    assert names(db, partner) == [f"{partner.id}/{file}"]


@pytest.mark.parametrize(
    "file",
    ["logo.svg", "page.html", "dak", ".webp", "a/b.webp", "../b.webp", "a b.webp", "", "x" * 120 + ".png"],
)
def test_partner_uploads_nothing_but_pictures_with_a_plain_name(db: Database, file: str) -> None:
    partner = db.add_partner()

    with db.refused("42501"):
        upload(db, partner, f"{partner.id}/{file}")


@pytest.mark.parametrize("platform", ["has no policies", "lets everybody do everything"])
def test_nobody_writes_sees_or_deletes_in_anothers_folder(db: Database, platform: str) -> None:
    partner, stranger = db.add_partner(), db.add_partner()
    name = f"{partner.id}/dak.webp"
    upload(db, partner, name)
    if platform == "lets everybody do everything":
        db.run(EVERYBODY)

    others: tuple[Actor, ...] = (stranger, "anon", "page_renderer")
    for who in others:
        with db.refused("42501"):
            upload(db, who, f"{partner.id}/anders.webp")
        with db.refused("42501"):
            upload(db, who, "anders.webp")
    for who in (stranger, "anon"):
        assert names(db, who) == []
        assert delete(db, who, name) == 0
        with db.acting_as(who):
            assert db.run("update storage.objects set name = %s where name = %s", ["x.webp", name]) == 0
    assert names(db, partner) == [name]


@pytest.mark.parametrize("disguise", ["{id}", "{id}x/a.webp", "./{id}/a.webp", "/{id}/a.webp", "{ID}/a.webp"])
def test_what_only_looks_like_ones_folder_is_not(db: Database, disguise: str) -> None:
    partner = db.add_partner()

    with db.refused("42501"):
        upload(db, partner, disguise.format(id=partner.id, ID=str(partner.id).upper()))


def test_other_buckets_are_as_open_as_they_were(db: Database) -> None:
    partner = db.add_partner()
    db.run("insert into storage.buckets (id, name) values ('docs', 'docs')")
    db.run(EVERYBODY)

    for who in (partner, "anon"):
        upload(db, who, f"{uuid4()}.pdf", "docs")
    with db.acting_as("anon"):
        assert db.run("update storage.objects set version = '2' where bucket_id = 'docs'") == 2


def test_account_without_a_profile_has_no_pictures(db: Database) -> None:
    user = db.add_user()

    with db.refused("42501") as refusal:
        upload(db, user, f"{user.id}/dak.webp")

    assert refusal.word == "profile_required: only partners have pictures"


# Storage ends an upload as service_role, whoever began it: the trigger is what holds then.
@pytest.mark.parametrize("who", ["partner", "admin", "service_role", DASHBOARD])
def test_name_is_written_once(db: Database, who: str) -> None:
    partner = db.add_partner()
    actor = {"partner": partner, "admin": db.add_admin()}.get(who, who)
    name = f"{partner.id}/dak.webp"
    upload(db, partner, name)

    with db.refused("23505"):
        upload(db, actor, name)
    with db.refused("23505"), db.acting_as("service_role"):
        db.run(UPLOAD + " on conflict (bucket_id, name) do update set version = '2'", [BUCKET, name])

    assert delete(db, "service_role", name) == 1
    with db.refused("23505"):
        upload(db, actor, name)


@pytest.mark.parametrize("change", ["version = '2'", "name = name || '.webp'", "bucket_id = 'other'"])
def test_picture_is_never_replaced_or_moved(db: Database, change: LiteralString) -> None:
    partner = db.add_partner()
    db.run("insert into storage.buckets (id, name) values ('other', 'other')")
    upload(db, partner, f"{partner.id}/dak.webp")
    upload(db, "service_role", "b.webp", "other")
    update: LiteralString = "update storage.objects set " + change

    with db.refused("42501") as refusal, db.acting_as("service_role"):
        db.run(update + " where bucket_id = %s", [BUCKET])
    with db.refused("42501"), db.acting_as("service_role"):
        db.run("update storage.objects set bucket_id = %s where bucket_id = 'other'", [BUCKET])

    assert refusal.word == "image_is_final: a picture is never replaced or moved; use another name"


def test_storage_keeps_its_books_about_a_picture(db: Database) -> None:
    partner = db.add_partner()
    name = f"{partner.id}/dak.webp"
    upload(db, partner, name)

    with db.acting_as("service_role"):
        query: LiteralString = (
            "update storage.objects set last_accessed_at = now(), metadata = '{}' where name = %s"
        )
        assert db.run(query, [name]) == 1


def test_partner_and_admin_delete(db: Database) -> None:
    partner, admin = db.add_partner(), db.add_admin()
    for who, file in ((partner, "a.webp"), (admin, "b.webp")):
        upload(db, partner, f"{partner.id}/{file}")
        assert delete(db, who, f"{partner.id}/{file}") == 1

    assert names(db, partner) == []


def test_partner_has_so_many_deleted_ones_included(db: Database) -> None:
    partner = db.add_partner()
    upload(db, partner, f"{partner.id}/een.webp")
    delete(db, partner, f"{partner.id}/een.webp")
    db.run("update private.partner_quotas set max_images = 2 where partner_id = %s", [partner.id])
    upload(db, partner, f"{partner.id}/twee.webp")

    with db.refused("42501") as refusal:
        upload(db, partner, f"{partner.id}/drie.webp")

    assert refusal.word == "quota_exceeded: A partner has at most 2 images."
    assert db.drift(partner.id) == []


def test_rebuild_counts_pictures_anew(db: Database) -> None:
    partner = db.add_partner()
    upload(db, partner, f"{partner.id}/een.webp")
    db.run("update private.partner_quotas set images = 7 where partner_id = %s", [partner.id])

    with db.acting_as("job_runner"):
        db.run("select public.rebuild_counters()")

    assert db.value("select images from private.partner_quotas where partner_id = %s", [partner.id]) == 1


def test_names_go_with_the_partner_and_their_folder_is_shown(db: Database) -> None:
    partner: Person = db.add_partner()
    upload(db, partner, f"{partner.id}/dak.webp")
    upload(db, "service_role", "huisstijl/logo.png")
    snippet = (REPOSITORY / "supabase" / "snippets" / "images_of_partners_who_left.sql").read_bytes()
    others = db.connection.execute(snippet).fetchall()

    db.run("delete from auth.users where id = %s", [partner.id])

    (found,) = (row for row in db.connection.execute(snippet).fetchall() if row not in others)
    assert (found["folder"], found["pictures"]) == (str(partner.id), 1)
    assert db.rows("select from private.image_names where partner_id = %s", [partner.id]) == []
