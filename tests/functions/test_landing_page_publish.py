"""POST /landing-pages/{id}/{action}: as the caller, one step at a time; what is submitted is rendered."""

import base64
import hashlib
import random
import re
from typing import Any

import httpx
import pytest

from functions.landing_page_publish.actions import ACTIONS
from shared.landing_page.document import Document
from tests.documents import SIGNER
from tests.fake_postgrest import FakePostgREST, make_jwt, refuse
from tests.functions.content import HASH, IMAGES, content, snapshot
from tests.functions.senders import PAGE_ID

CALLER = f"Bearer {make_jwt('authenticated')}"
RENDERER = f"Bearer {make_jwt('page_renderer')}"
PAGE = {"id": PAGE_ID, "status": "review", "content_hash": HASH}


@pytest.fixture(autouse=True)
def _answers(database: FakePostgREST) -> None:
    database.answers = {
        "landing_page_snapshot": {"content_hash": HASH, "snapshot": snapshot()},
        "store_landing_page_document": None,
        "submit_landing_page": PAGE,
        "approve_landing_page": PAGE,
        "reject_landing_page": PAGE,
        "archive_landing_page": PAGE,
        "restore_landing_page": PAGE,
        "roll_back_landing_page": PAGE,
        "create_landing_page_preview": {"path": "/previews/ab", "version": 3, "content_hash": HASH},
        "revoke_landing_page_previews": PAGE,
    }


def url(action: str, page_id: str = PAGE_ID) -> str:
    return f"/landing-pages/{page_id}/{action}"


async def test_submitting_renders_stores_and_then_submits_the_hash(
    database: FakePostgREST, publish_client: httpx.AsyncClient
) -> None:
    response = await publish_client.post(url("submit"))

    assert (response.status_code, response.json()) == (200, PAGE)
    read, store, submit = database.calls
    assert [call.function for call in database.calls] == [
        "landing_page_snapshot",
        "store_landing_page_document",
        "submit_landing_page",
    ]
    assert [read.authorization, store.authorization, submit.authorization] == [CALLER, RENDERER, CALLER]
    assert store.arguments["content_hash"] == HASH
    assert store.arguments["template_version"] == read.arguments["template_version"]
    document = Document.model_validate(store.arguments)
    document.check_is_genuine([SIGNER.public_key])
    assert document.html.startswith(b"<!doctype html>")
    _check_policy(document)
    assert submit.arguments == {"page_id": PAGE_ID, "content_hash": HASH}


def _check_policy(document: Document) -> None:
    """It allows what is inline in the page, the pictures of our bucket, and nothing else."""
    directives = {name: values for name, *values in (item.split() for item in document.csp.split("; "))}
    for tag in ("style", "script"):
        (inline,) = re.findall(f"<{tag}>(.*?)</{tag}>", document.html.decode(), re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(inline.encode()).digest()).decode()
        assert directives[f"{tag}-src"] == [f"'sha256-{digest}'"]
    assert directives["default-src"] == ["'none'"]
    assert directives["img-src"] == ["data:", "'self'", IMAGES]
    assert directives["frame-ancestors"] == ["'none'"]


async def test_submitting_twice_stores_the_same_bytes(
    database: FakePostgREST, publish_client: httpx.AsyncClient
) -> None:
    for _ in range(2):
        await publish_client.post(url("submit"))

    one, other = (c.arguments for c in database.calls if c.function == "store_landing_page_document")
    assert one == other


@pytest.mark.parametrize(
    ("body", "version"), [(None, None), ({"version": 3}, 3), ({"version": 3.0}, 3), ({"version": None}, None)]
)
async def test_a_preview_is_a_link_on_the_site(
    database: FakePostgREST,
    publish_client: httpx.AsyncClient,
    body: dict[str, Any] | None,
    version: int | None,
) -> None:
    response = await publish_client.post(url("preview"), json=body)

    assert response.json() == {
        "url": "https://www.example.nl/previews/ab",
        "version": 3,
        "content_hash": HASH,
    }
    (call,) = database.calls
    assert (call.function, call.authorization) == ("create_landing_page_preview", CALLER)
    assert call.arguments == {"page_id": PAGE_ID, "version": version}


@pytest.mark.parametrize(
    ("action", "body", "function", "arguments"),
    [
        ("approve", {"content_hash": HASH}, "approve_landing_page", {"content_hash": HASH}),
        ("reject", {"reason": "Te vaag."}, "reject_landing_page", {"reason": "Te vaag."}),
        ("reject", None, "reject_landing_page", {"reason": None}),
        ("archive", None, "archive_landing_page", {"reason": None}),
        ("archive", {"reason": "Gestopt."}, "archive_landing_page", {"reason": "Gestopt."}),
        ("restore", {}, "restore_landing_page", {}),
        ("rollback", {"version": 3}, "roll_back_landing_page", {"version": 3}),
        ("rollback", {"version": 3.0}, "roll_back_landing_page", {"version": 3}),
        ("revoke-previews", None, "revoke_landing_page_previews", {}),
    ],
)
async def test_a_step_is_one_call_as_the_caller(  # noqa: PLR0913, PLR0917  # A table's row.
    database: FakePostgREST,
    publish_client: httpx.AsyncClient,
    action: str,
    body: dict[str, Any] | None,
    function: str,
    arguments: dict[str, Any],
) -> None:
    response = await publish_client.post(url(action), json=body)

    assert (response.status_code, response.json()) == (200, PAGE)
    (call,) = database.calls
    assert (call.function, call.authorization) == (function, CALLER)
    assert call.arguments == {"page_id": PAGE_ID} | arguments


async def test_the_gates_list_every_failure_and_nothing_is_stored(
    database: FakePostgREST, publish_client: httpx.AsyncClient
) -> None:
    broken = content()
    broken["blocks"][0]["data"]["headline"] = ""
    del broken["blocks"][11]
    page = snapshot(content=broken, path=None, seo_title="x" * 61, seo_description=None)
    database.answers["landing_page_snapshot"] = {"content_hash": HASH, "snapshot": page}

    response = await publish_client.post(url("submit"))

    assert (response.status_code, response.json()["code"]) == (422, "content_refused")
    assert [failure["path"] for failure in response.json()["errors"]] == [
        "blocks[0].data.headline",
        "blocks",
        "path",
        "seo_title",
        "seo_description",
    ]
    assert database.called == ["landing_page_snapshot"]


async def test_page_that_says_what_another_says_is_refused_with_everything_else(
    database: FakePostgREST, publish_client: httpx.AsyncClient
) -> None:
    database.answers["landing_page_snapshot"] = {
        "content_hash": HASH,
        "snapshot": snapshot(seo_title=None),
        "resembles": {"path": "/partners/jansen/breda", "likeness": 0.97},
    }

    response = await publish_client.post(url("submit"))

    assert response.status_code == 422
    assert [failure["path"] for failure in response.json()["errors"]] == ["seo_title", "blocks"]
    assert "97% is the same as /partners/jansen/breda" in response.json()["errors"][1]["message"]
    assert database.called == ["landing_page_snapshot"]


async def test_what_is_live_is_rendered_anew(
    database: FakePostgREST, publish_client: httpx.AsyncClient
) -> None:
    database.answers["live_landing_page_snapshot"] = {"content_hash": HASH, "snapshot": snapshot()}
    database.answers["rerender_landing_page"] = PAGE

    response = await publish_client.post(url("rerender"))

    assert (response.status_code, response.json()) == (200, PAGE)
    assert database.called == [
        "live_landing_page_snapshot",
        "store_landing_page_document",
        "rerender_landing_page",
    ]
    assert [call.authorization == CALLER for call in database.calls] == [True, False, True]


async def test_consent_to_old_words_is_refused(
    database: FakePostgREST, publish_client: httpx.AsyncClient
) -> None:
    old = content()
    old["blocks"][10]["data"]["consent_version"] = "1999"
    database.answers["landing_page_snapshot"] = {"content_hash": HASH, "snapshot": snapshot(content=old)}

    response = await publish_client.post(url("submit"))

    assert [failure["path"] for failure in response.json()["errors"]] == ["blocks[10].data.consent_version"]


STRANGE = [
    "https://images.example/1.jpg",
    "https://project.supabase.test.example/storage/v1/object/public/landing-page-images/1.jpg",
    "https://project.supabase.test@images.example/storage/v1/object/public/landing-page-images/1.jpg",
    "http://project.supabase.test/storage/v1/object/public/landing-page-images/1.jpg",
    "https://project.supabase.test:8443/storage/v1/object/public/landing-page-images/1.jpg",
    "https://project.supabase.test/storage/v1/object/public/other/1.jpg",
    "https://project.supabase.test/storage/v1/object/public/landing-page-images-2/1.jpg",
    f"{IMAGES}../other/1.jpg",
    f"{IMAGES}%2E%2e/other/1.jpg",
]


@pytest.mark.parametrize("url_of_picture", STRANGE)
async def test_pictures_of_strangers_are_refused_with_the_way_to_upload(
    database: FakePostgREST, publish_client: httpx.AsyncClient, url_of_picture: str
) -> None:
    strange = content()
    strange["blocks"][0]["data"]["image"]["src"] = url_of_picture
    strange["blocks"][5]["data"]["items"][0]["after"]["src"] = url_of_picture
    branding = {"brand_color": None, "logo_url": url_of_picture}
    page = snapshot(content=strange, branding=branding)
    database.answers["landing_page_snapshot"] = {"content_hash": HASH, "snapshot": page}

    response = await publish_client.post(url("submit"))

    assert (response.status_code, response.json()["code"]) == (422, "content_refused")
    assert response.json()["errors"] == [
        {"path": path, "message": f"must be a picture under {IMAGES}"}
        for path in ("logo_url", "blocks[0].data.image.src", "blocks[5].data.items[0].after.src")
    ]
    assert "supabase.storage.from" in response.json()["hint"]
    assert database.called == ["landing_page_snapshot"]


async def test_own_pictures_may_be_written_as_browsers_read_them(
    database: FakePostgREST, publish_client: httpx.AsyncClient
) -> None:
    page = content()
    page["blocks"][0]["data"]["image"]["src"] = IMAGES.replace("project", "Project") + "x/../1.jpg?v=2"
    branding = {"brand_color": None, "logo_url": f"{IMAGES}logo.png"}
    answer = {"content_hash": HASH, "snapshot": snapshot(content=page, branding=branding)}
    database.answers["landing_page_snapshot"] = answer

    assert (await publish_client.post(url("submit"))).status_code == 200


async def test_a_heavy_page_is_refused_with_all_else_that_is_wrong(
    database: FakePostgREST, publish_client: httpx.AsyncClient
) -> None:
    heavy = content()
    noise = base64.b64encode(random.Random(0).randbytes(40_000)).decode()  # noqa: S311  # It only has to compress badly.
    answers = [noise[n * 1400 : (n + 1) * 1400] for n in range(12)]
    heavy["blocks"][4]["data"]["items"] = [{"question": "?", "answer": text} for text in answers]
    heavy["blocks"][0]["data"]["image"]["src"] = "https://elders.voorbeeld.nl/1.jpg"
    heavy["blocks"][1]["id"] = "hero"
    page = snapshot(content=heavy, seo_title="")
    database.answers["landing_page_snapshot"] = {"content_hash": HASH, "snapshot": page}

    response = await publish_client.post(url("submit"))

    assert response.status_code == 422
    errors = response.json()["errors"]
    assert {error["path"] for error in errors} >= {"seo_title", "blocks[0].data.image.src", "blocks", ""}
    assert errors[-1]["message"].endswith("bytes compressed; at most 14600")
    assert database.called == ["landing_page_snapshot"]


async def test_the_size_of_what_cannot_be_rendered_is_not_asked_for(
    database: FakePostgREST, publish_client: httpx.AsyncClient
) -> None:
    headless = content()
    del headless["blocks"][0]
    page = snapshot(content=headless, seo_title="")
    database.answers["landing_page_snapshot"] = {"content_hash": HASH, "snapshot": page}

    response = await publish_client.post(url("submit"))

    assert [error["path"] for error in response.json()["errors"]] == ["blocks", "seo_title"]


@pytest.mark.parametrize(
    "failing", ["landing_page_snapshot", "store_landing_page_document", "submit_landing_page"]
)
async def test_after_an_outage_anywhere_a_retry_finishes(
    database: FakePostgREST, publish_client: httpx.AsyncClient, failing: str
) -> None:
    answer, database.answers[failing] = database.answers[failing], httpx.ConnectError("down")
    refused = await publish_client.post(url("submit"))
    database.answers[failing] = answer
    accepted = await publish_client.post(url("submit"))

    assert (refused.status_code, accepted.status_code) == (503, 200)
    assert int(refused.headers["Retry-After"]) > 0


@pytest.mark.parametrize(
    ("authorization", "code"),
    [
        (None, "missing_token"),
        ("", "invalid_token"),
        ("Basic YTpi", "invalid_token"),
        ("Bearer", "invalid_token"),
        ("Bearer a b", "invalid_token"),
        ("Bearer é", "invalid_token"),
    ],
)
async def test_without_a_token_the_database_is_not_asked(
    database: FakePostgREST, publish_client: httpx.AsyncClient, authorization: str | None, code: str
) -> None:
    request = publish_client.build_request("POST", url("submit"))
    del request.headers["Authorization"]
    if authorization is not None:
        request.headers.raw.append((b"Authorization", authorization.encode()))
        request.headers = httpx.Headers([*request.headers.raw, (b"Authorization", authorization.encode())])

    response = await publish_client.send(request)

    assert (response.status_code, response.json()["code"]) == (401, code)
    assert response.headers["WWW-Authenticate"].startswith("Bearer")
    assert database.calls == []


@pytest.mark.parametrize(
    ("answer", "status", "code"),
    [
        (refuse(401, "PGRST301", "JWT expired"), 401, "invalid_token"),
        (refuse(401, "42501", "permission denied for function submit_landing_page"), 401, "invalid_token"),
        (refuse(403, "PT403", "author_cannot_approve"), 403, "author_cannot_approve"),
        (refuse(404, "PT404", "page_not_found"), 404, "page_not_found"),
        (refuse(409, "PT409", "content_changed"), 409, "content_changed"),
        (refuse(503, "PT503", "retry"), 503, "retry"),
    ],
)
async def test_the_databases_no_is_passed_on(
    database: FakePostgREST,
    publish_client: httpx.AsyncClient,
    answer: httpx.Response,
    status: int,
    code: str,
) -> None:
    database.answers["approve_landing_page"] = answer

    response = await publish_client.post(url("approve"), json={"content_hash": HASH})

    assert (response.status_code, response.json()["code"]) == (status, code)
    assert response.headers["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize(
    ("action", "options", "code"),
    [
        ("rollback", {}, "invalid_body"),
        ("rollback", {"json": {"version": 0}}, "invalid_body"),
        ("rollback", {"json": {"version": "3"}}, "invalid_body"),
        ("rollback", {"json": {"version": 2**31}}, "invalid_body"),
        ("approve", {}, "invalid_body"),
        ("approve", {"json": {"content_hash": "x"}}, "invalid_body"),
        ("approve", {"json": []}, "invalid_body"),
        ("reject", {"json": {"reason": "x" * 2001}}, "invalid_body"),
        ("reject", {"json": {"reason": "a\x00b"}}, "invalid_body"),
        ("submit", {"json": {"html": "<h1>"}}, "invalid_body"),
        ("reject", {"content": b"{", "headers": {"Content-Type": "application/json"}}, "malformed_body"),
    ],
)
async def test_bad_input_changes_nothing(
    database: FakePostgREST,
    publish_client: httpx.AsyncClient,
    action: str,
    options: dict[str, Any],
    code: str,
) -> None:
    response = await publish_client.post(url(action), **options)

    assert (response.status_code, response.json()["code"]) == (400, code)
    assert database.calls == []


async def test_other_bad_requests_have_their_own_status(
    database: FakePostgREST, publish_client: httpx.AsyncClient
) -> None:
    form = await publish_client.post(url("reject"), data={"reason": "x"})
    large = await publish_client.post(url("reject"), json={"reason": "x" * 40_000})
    page = await publish_client.post(url("submit", "not-a-uuid"))
    action = await publish_client.post(url("publish"))
    method = await publish_client.get(url("submit"))
    elsewhere = await publish_client.post("/landing-pages")

    assert (form.status_code, large.status_code) == (415, 413)
    assert (page.status_code, page.json()["code"]) == (404, "page_not_found")
    assert (action.status_code, action.json()["code"]) == (404, "unknown_action")
    assert all(name in action.json()["detail"] for name in ACTIONS)
    assert (method.status_code, method.headers["Allow"]) == (405, "OPTIONS, POST")
    assert (elsewhere.status_code, elsewhere.json()["code"]) == (404, "not_found")
    assert database.calls == []


async def test_an_unexpected_answer_says_nothing_of_what_it_was(
    database: FakePostgREST, publish_client: httpx.AsyncClient
) -> None:
    database.answers["landing_page_snapshot"] = {"secret": "row"}

    response = await publish_client.post(url("submit"))

    assert (response.status_code, response.json()["code"]) == (500, "internal_error")
    assert "secret" not in response.text
