"""Files: kept and shown as Storage does it, as whoever the caller is, and gone when they are deleted."""

from collections.abc import Iterator

import httpx
import psycopg
import pytest

from stack import Project, Stack
from tests.local.conftest import Person


@pytest.fixture
def bucket(own_stack: Stack) -> Iterator[str]:
    """A public bucket in which everybody signed in does as they like, with a limit of ten bytes."""
    with psycopg.connect(own_stack.project.db_url, autocommit=True) as connection:
        connection.execute(
            "insert into storage.buckets values ('bak', 'bak', null, now(), now(), true, false, 10)"
        )
        connection.execute("create policy bak on storage.objects to authenticated using (bucket_id = 'bak')")
        yield "bak"
        connection.execute("drop policy bak on storage.objects")
        connection.execute("set storage.allow_delete_query = 'true'")
        connection.execute("delete from storage.objects where bucket_id = 'bak'")
        connection.execute("delete from storage.buckets where id = 'bak'")


@pytest.fixture
def storage(project: Project, own_stack: Stack, person: Person) -> Iterator[httpx.Client]:
    headers = {
        "apikey": own_stack.state.publishable_key,
        "Authorization": f"Bearer {project.token(person.email)}",
    }
    with httpx.Client(base_url=f"{project.supabase_url}/storage/v1/object", headers=headers) as client:
        yield client


def says(answer: httpx.Response) -> tuple[int, str, str]:
    return answer.status_code, answer.json()["statusCode"], answer.json()["message"]


def test_file_is_kept_listed_shown_and_removed(storage: httpx.Client, bucket: str, own_stack: Stack) -> None:
    kept = storage.post(f"/{bucket}/a/één.txt", content=b"hallo", headers={"Content-Type": "text/plain"})
    assert says(kept) == (400, "400", "Invalid key: a/één.txt")
    kept = storage.post(f"/{bucket}/a/b c.txt", content=b"hallo", headers={"Content-Type": "text/plain"})
    assert kept.json()["Key"] == "bak/a/b c.txt"

    (listed,) = storage.post(f"/list/{bucket}", json={"prefix": "a", "limit": 10}).json()
    shown = httpx.get(f"{storage.base_url}public/{bucket}/a/b%20c.txt")
    removed = storage.request("DELETE", f"/{bucket}", json={"prefixes": ["a/b c.txt", "a/other.txt"]}).json()

    assert (listed["name"], listed["metadata"]["size"]) == ("b c.txt", 5)
    assert (shown.content, shown.headers["content-type"]) == (b"hallo", "text/plain; charset=utf-8")
    assert [row["name"] for row in removed] == ["a/b c.txt"]
    assert says(httpx.get(str(shown.url))) == (400, "404", "Object not found")
    assert [*(own_stack.directory / "storage").iterdir()] == []


def test_form_is_read_too(storage: httpx.Client, bucket: str) -> None:
    file = {"": ("x.txt", b"hallo", "text/plain")}

    kept = storage.post(f"/{bucket}/x.txt", files=file, data={"cacheControl": "60"})

    assert kept.status_code == 200

    shown = httpx.get(f"{storage.base_url}public/{bucket}/x.txt")
    assert (shown.content, shown.headers["cache-control"]) == (b"hallo", "max-age=60")


def test_upsert_replaces(storage: httpx.Client, bucket: str) -> None:
    storage.post(f"/{bucket}/x.txt", content=b"een")
    assert says(storage.post(f"/{bucket}/x.txt", content=b"twee")) == (
        400,
        "409",
        "The resource already exists",
    )

    assert storage.post(f"/{bucket}/x.txt", content=b"twee", headers={"x-upsert": "true"}).status_code == 200

    assert httpx.get(f"{storage.base_url}public/{bucket}/x.txt").content == b"twee"


@pytest.mark.parametrize(
    ("method", "path", "body", "answer"),
    [
        ("POST", "/bak/x.txt", b"elf tekens!", (400, "413", "The object exceeded the maximum allowed size")),
        ("POST", "/weg/x.txt", b"x", (400, "404", "Bucket not found")),
        ("POST", "/list/bak", b"{", (400, "400", "The body is not JSON with the fields it needs")),
        ("DELETE", "/bak", b"[]", (400, "400", "The body is not JSON with the fields it needs")),
        ("PUT", "/bak/x.txt", b"x", (400, "404", "The local stack has no PUT /storage/v1/object/bak/x.txt.")),
        ("GET", "/public/bak/..%2f..%2fstate.json", b"", (400, "404", "Object not found")),
    ],
)
def test_bad_request_gets_storages_answer(  # noqa: PLR0913, PLR0917 - a table's row.
    storage: httpx.Client, bucket: str, method: str, path: str, body: bytes, answer: tuple[int, str, str]
) -> None:
    assert bucket
    url = httpx.URL(f"{storage.base_url}".rstrip("/") + path)

    assert says(storage.request(method, url, content=body)) == answer


def test_who_is_refused(storage: httpx.Client, bucket: str, own_stack: Stack) -> None:
    def upload(**headers: str) -> httpx.Response:
        return httpx.post(f"{storage.base_url}{bucket}/x.txt", content=b"x", headers=headers)

    key = own_stack.state.publishable_key

    assert upload().status_code == 401
    assert says(upload(apikey=key)) == (400, "403", "new row violates row-level security policy")
    assert says(upload(apikey=key, Authorization="Bearer x.y.z"))[:2] == (400, "403")
    renderer = own_stack.project.token("page_renderer")
    assert says(upload(apikey=key, Authorization=f"Bearer {renderer}"))[:2] == (400, "403")


def test_private_bucket_shows_nothing(storage: httpx.Client, bucket: str, own_stack: Stack) -> None:
    storage.post(f"/{bucket}/x.txt", content=b"x")
    with psycopg.connect(own_stack.project.db_url) as connection:
        connection.execute("update storage.buckets set public = false where id = 'bak'")

    assert says(httpx.get(f"{storage.base_url}public/{bucket}/x.txt")) == (400, "404", "Object not found")
