"""docs/openapi.yaml says what the functions do: what is asked by it is answered by it, right or wrong."""

import re
import zlib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from http import HTTPStatus
from typing import Any
from urllib.parse import unquote

import httpx
import pytest
import requests
import schemathesis
from hypothesis import assume
from hypothesis import strategies as st
from pydantic import SecretStr
from pytest_mock import MockerFixture
from requests.auth import AuthBase
from schemathesis.config import SchemathesisConfig
from schemathesis.core.parameters import ParameterLocation

from functions.campaign_sync import routes as sync_routes
from functions.campaign_webhook import routes as webhook_routes
from functions.campaign_webhook.settings import WebhookSettings
from functions.campaign_webhook.sources import make_sources
from functions.campaign_webhook.sources.source import Source
from functions.jobs import routes as job_routes
from functions.landing_page import routes as page_routes
from functions.landing_page_count import routes as count_routes
from functions.landing_page_publish import routes as publish_routes
from functions.landing_page_publish.actions import ACTIONS
from functions.landing_page_report import routes as report_routes
from functions.landing_page_track import routes as track_routes
from functions.partner_leads import routes as leads_routes
from shared.landing_page.plain_text import fault_of
from stack import Stack
from stack.example_secrets import (
    GOOGLE_ADS_KEYS,
    JOBS_SECRET,
    LINKEDIN_CLIENT_SECRETS,
    META_APP_SECRETS,
    META_VERIFY_TOKENS,
    PAGE_SIGNING_KEY,
    SYNC_KEYS,
    TIKTOK_APP_SECRETS,
    WEBHOOK_SETTINGS,
)
from tests.conftest import REPOSITORY
from tests.database import Database
from tests.fake_postgrest import make_jwt
from tests.flows.bad_input import UNKNOWN
from tests.flows.scene import Scene
from tests.flows.visits import BROWSER, event_id, lead
from tests.flows.webhooks import signed
from tests.functions.conftest import PROJECT
from tests.generated import generated
from tests.samples import linkedin_headers, meta_headers, tiktok_headers

FILE = REPOSITORY / "docs" / "openapi.yaml"
UNKNOWN_PREVIEW = "/previews/" + "0" * 64
METHODS = {"get", "post", "put", "patch", "delete", "options"}


# What a schema cannot say of a text, said to who makes one from it.
def _is_plain(text: str) -> bool:
    return bool(text.strip()) and fault_of(text) is None


def _make_email(length: int) -> str:
    # A part before the @ has 64 characters at most, and one between two dots 63.
    return f"{'a' * 64}@{'.'.join(['b' * 63] * 3)}"[: length - 3] + ".nl"


# Short ones, and such that are as long as a text may be or longer by one, since nobody finds those by chance.
_LETTERS = st.characters(codec="utf-8", exclude_categories=["C", "Z"])
_WORDS = st.text(_LETTERS, min_size=1, max_size=16).filter(_is_plain)
_LIMITS = {int(limit) for limit in re.findall(r"maxLength: (\d+)", FILE.read_text())}
_LENGTHS = st.sampled_from(sorted({limit + more for limit in _LIMITS for more in (-1, 0, 1)}))
_LONG = _LENGTHS.map("é".__mul__)
schemathesis.openapi.format("line", _WORDS | _LONG)
schemathesis.openapi.format("paragraph", st.lists(_WORDS, min_size=1, max_size=3).map("\n".join) | _LONG)
schemathesis.openapi.format("uuid7", st.builds(event_id, st.integers(0, 100_000)))
schemathesis.openapi.format(
    "email",
    st.from_regex(r"[a-z0-9]{1,20}@[a-z]{1,20}\.(nl|be|example\.com)", fullmatch=True)
    | st.sampled_from([253, 254, 255]).map(_make_email),
)
schemathesis.openapi.format(
    "phone",
    st.from_regex(r"(06|\+316)[1-5][0-9]{7}", fullmatch=True)
    | st.sampled_from([39, 40, 41]).map(lambda length: f"06{' ' * (length - 10)}12345678"),
)

_REFUSED = [400, 401, 403, 404, 405, 409, 415, 422]
_ACCEPTED = ["2xx", 303, 304, 403, 404, 409, 410, 422, 429]
schema = schemathesis.openapi.from_path(
    FILE,
    config=SchemathesisConfig.from_dict(
        {
            "checks": {
                # The page may be unknown or taken down, the lead another page's, the step not to be taken.
                "positive_data_acceptance": {"expected-statuses": _ACCEPTED},
                "negative_data_rejection": {"expected-statuses": [*_REFUSED, 413]},
            },
            "operations": [
                {
                    # Without a reason, which only a partner need not give.
                    "include-operation-id": "rejectLandingPage",
                    "checks": {"positive_data_acceptance": {"expected-statuses": [*_ACCEPTED, 400]}},
                }
            ],
        }
    ),
)


def test_description_is_openapi() -> None:
    schema.validate()


def test_every_route_is_described_and_no_other(
    mocker: MockerFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in WEBHOOK_SETTINGS.items():
        monkeypatch.setenv(name, value)
    token = make_jwt("campaign_ingester")
    sources = make_sources(WebhookSettings.model_validate({**PROJECT, "campaign_ingester_jwt": token}))
    served: set[tuple[str, str]] = set()
    for rooms in (
        job_routes,
        sync_routes,
        count_routes,
        leads_routes,
        page_routes,
        publish_routes,
        report_routes,
        track_routes,
        webhook_routes,
    ):
        serve = mocker.patch.object(rooms, "serve")
        settings = mocker.MagicMock()
        settings.page_signing_key.get_secret_value.return_value = PAGE_SIGNING_KEY
        settings.sync_keys = [SecretStr(SYNC_KEYS[0])]
        rooms.build(settings, mocker.MagicMock())
        # A browser's question whether it may ask is answered the same everywhere: docs/settings.md.
        served |= {
            (route.path, method)
            for route in serve.call_args.args[0]
            for method in route.methods - {"OPTIONS"}
        }

    described = {
        (path, method.upper())
        for path, item in schema.raw_schema["paths"].items()
        for method in METHODS & item.keys() - {"options"}
    }

    assert described == set(_spelled_out(served, sources))


def _spelled_out(routes: set[tuple[str, str]], sources: Mapping[str, Source]) -> Iterator[tuple[str, str]]:
    for path, method in routes - {(path, "HEAD") for path, _ in routes}:
        if path == "/landing-pages/{id}/{action}":
            yield from ((path.replace("{action}", action), method) for action in ACTIONS)
        elif path == "/webhooks/{source}":
            # It takes every method, to say of most that they are not allowed.
            yield from (
                (path.replace("{source}", name), method)
                for name, source in sources.items()
                for method in source.methods
            )
        elif path == "/partners/{path:path}":
            yield "/partners/{partner_slug}/{page}", method
        else:
            yield path, method


def test_every_word_of_a_refusal_is_described_and_no_other() -> None:
    words = re.findall(r"^### (\w+)$", (REPOSITORY / "docs" / "errors.md").read_text(), re.MULTILINE)

    assert schema.raw_schema["components"]["schemas"]["ProblemCode"]["enum"] == words


@pytest.fixture(scope="module")
def scene(stack: Stack, functions: str, platform: Database, http: httpx.Client) -> Scene:
    """People and pages of this module's own, since the requests take every step there is."""
    assert functions
    return Scene.build(stack.project, platform, http)


@dataclass(frozen=True)
class Pages:
    """What requests are about. An operation's own page is one for which it succeeds."""

    various: list[dict[str, Any]]
    own: dict[str, dict[str, Any]]
    lead_id: str


@pytest.fixture(scope="module")
def pages(scene: Scene, platform: Database) -> Pages:
    """Pages of all kinds, whose partner may submit as often as they like, and one that nobody has."""
    platform.run(
        "update private.partner_quotas set max_submissions_a_day = 1000000 where partner_id = %s",
        [scene.partner.id],
    )
    archived = scene.publish_page()
    scene.client(scene.partner).step(archived, "archive")
    own = {
        "/partners/{partner_slug}/{page}": scene.publish_page(),
        "/leads": scene.publish_page(),
        "/landing-pages/{id}/submit": scene.write_page(),
        "/landing-pages/{id}/approve": scene.submit(scene.write_page()),
        "/landing-pages/{id}/reject": scene.submit(scene.write_page()),
        "/landing-pages/{id}/rollback": scene.publish_page(),
        "/landing-pages/{id}/rerender": scene.publish_page(),
        "/landing-pages/{id}/archive": scene.publish_page(),
        "/landing-pages/{id}/restore": archived,
        "/landing-pages/{id}/preview": scene.publish_page(),
        "/landing-pages/{id}/revoke-previews": scene.publish_page(),
        "/previews/{token}": scene.submit(scene.write_page()),
    }
    scene.write_page(content_json={"v": 1, "blocks": []})  # Which is refused with all that has to be mended.
    found = platform.rows(
        "select p.id::text as page_id, p.path, v.content_hash,"
        " private.preview_path(p.id, v.id) as preview_path from public.partner_landing_pages as p"
        " left join public.partner_landing_page_versions as v on v.page_id = p.id"
        " where p.partner_id = %s order by p.created_at, v.created_at",
        [scene.partner.id],
    )
    by_id = {page["page_id"]: page for page in found}
    nobodys = {
        "page_id": UNKNOWN,
        "path": "/partners/niemand/niets",
        "content_hash": None,
        "preview_path": None,
    }
    return Pages(
        [*(page for name, page in by_id.items() if name not in own.values()), nobodys],
        {path: by_id[page_id] for path, page_id in own.items()},
        _ask(scene),
    )


def _ask(scene: Scene) -> str:
    form = lead(scene.pages["live"])
    url = f"{scene.project.functions_url}/leads"
    return str(scene.http.post(url, json=form, headers={"User-Agent": BROWSER}).json()["lead_id"])


@pytest.fixture(scope="module")
def answered() -> Iterator[Counter[tuple[str, int]]]:
    """How often each operation was answered with what; with all refused, little would have been tried."""
    count: Counter[tuple[str, int]] = Counter()
    yield count
    operations = {operation for operation, _ in count}
    assert operations == {operation for operation, status in count if status < HTTPStatus.BAD_REQUEST}
    # Seen with -s.
    print(f"\n{count.total()} generated requests: {dict(sorted(count.items()))}")  # noqa: T201


# The stack knows Google's word alone: tests/functions/test_landing_page_count.py has its own keys.
@schema.exclude(path="/event-batches").parametrize()
@generated
def test_request_is_answered_as_described(
    case: schemathesis.Case[Any],
    scene: Scene,
    pages: Pages,
    answered: Counter[tuple[str, int]],
) -> None:
    # By what is in it, so that a failing request is the same one when it is tried again.
    chosen = zlib.crc32(repr((case.path_parameters, case.query, case.body)).encode())
    own = pages.own.get(case.operation.path) if chosen % 2 else None
    # An admin may take every step, but to reject without a reason.
    able = scene.partner if case.operation.path.endswith("/reject") else scene.admin
    who = able if own else (scene.partner, scene.admin, scene.stranger)[chosen % 3]
    authorization = scene.authorization(who)
    page = own or pages.various[chosen % len(pages.various)]
    known = {"access_token": authorization["Authorization"].removeprefix("Bearer ")}
    if case.operation.path.startswith("/partner-leads"):
        known["id"] = pages.lead_id
    _be_about(case, page, known, is_own=own is not None)
    # A path with a line break in it is answered by functions-framework, before any function of ours.
    assume("\n" not in unquote(case.formatted_path))

    answer = case.call_and_validate(
        base_url=scene.project.functions_url,
        headers={"User-Agent": BROWSER},
        auth=_Proof(case, authorization, site=scene.project.functions_url),
    )
    answered[case.operation.label, answer.status_code] += 1


def _be_about(
    case: schemathesis.Case[Any], page: dict[str, Any], more: dict[str, str], *, is_own: bool
) -> None:
    """Put what exists where the description only says of what form it is; a version, if it has to succeed."""
    assert case.meta
    _, _, slug, rest = page["path"].split("/", 3)
    known = {
        "id": page["page_id"],
        "page_id": page["page_id"],
        "partner_slug": slug,
        "page": rest,
        "google_key": GOOGLE_ADS_KEYS[0],
        "hub.verify_token": META_VERIFY_TOKENS[0],
        "token": (page["preview_path"] or UNKNOWN_PREVIEW).removeprefix("/previews/"),
        **more,
    }
    if is_own:
        known |= {"content_hash": page["content_hash"], "version": 1}
    if not case.meta.is_negative_at(ParameterLocation.PATH):
        case.path_parameters.update({name: known[name] for name in case.path_parameters})
    if not case.meta.is_negative_at(ParameterLocation.QUERY):
        case.query.update({name: known[name] for name in case.query if name in known})
    if case.meta.is_negative_at(ParameterLocation.BODY):
        return
    for item in case.body if isinstance(case.body, list) else [case.body]:
        if isinstance(item, dict):
            # The id in a body is of what is new.
            item.update(
                {name: value for name, value in known.items() if name in item and name != "id" and value}
            )


class _Proof(AuthBase):
    """Says who is asking, in each route's own way, unless the case is about just that."""

    def __init__(self, case: schemathesis.Case[Any], authorization: dict[str, str], site: str) -> None:
        assert case.meta
        self._site = site
        self._path = case.operation.path
        self._authorization = authorization
        self._is_about_headers = case.meta.is_negative_at(ParameterLocation.HEADER)

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        if self._is_about_headers:
            return request
        if self._path.startswith(("/landing-pages/", "/reports/", "/partner-leads")):
            request.headers.update(self._authorization)
        if self._path.startswith(("/jobs/", "/sync")):
            request.headers["Authorization"] = f"Bearer {JOBS_SECRET}"
        if self._path == "/events/p.gif":
            request.headers["Referer"] = f"{self._site}/partners/a/b"
        if self._path in _SIGNERS:
            media_type = request.headers.get("Content-Type", "")
            request.headers.update({**_sign(self._path, request.body), "Content-Type": media_type})
        return request


_SIGNERS: dict[str, Callable[[bytes], dict[str, str]]] = {
    "/webhooks/standard": signed,
    "/webhooks/meta_ads": partial(meta_headers, META_APP_SECRETS[0]),
    "/webhooks/linkedin_ads": partial(linkedin_headers, LINKEDIN_CLIENT_SECRETS[0]),
    "/webhooks/tiktok_ads": partial(tiktok_headers, TIKTOK_APP_SECRETS[0]),
}


def _sign(path: str, body: object) -> dict[str, str]:
    content = body.encode() if isinstance(body, str) else body if isinstance(body, bytes) else b""
    try:
        return _SIGNERS[path](content)
    except UnicodeDecodeError:
        return {}  # Which nobody's library signs.
