"""Requests that each function refuses, and with what.

One table a function. A path or a body may name `{concept}`, `{review}`, `{live}` and `{archived}`, which are
pages of the scene, and `{unknown}`, nobody's. `who` names an Authorization header of `test_bad_input.py`.
"""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any

import orjson

from stack.example_secrets import GOOGLE_ADS_FORM_KEYS
from tests.flows.visits import lead, view
from tests.flows.webhooks import STRANGERS_SECRET, encode, google_lead, signed

JSON = "application/json"
FORM = "application/x-www-form-urlencoded"
UNKNOWN = str(uuid.uuid4())
LIVE = "{live}"

NOT_UTF8 = b'{"reason": "\xff\xfe"}'
DEEP = b'{"reason": ' + b"[" * 100 + b"]" * 100 + b"}"
VERY_DEEP = b"[" * 8_000
HUGE_NUMBER = b'{"reason": ' + b"9" * 5_000 + b"}"


@dataclass(frozen=True)
class BadRequest:
    """A request, and the refusal that it gets."""

    name: str
    method: str
    path: str
    status: int
    code: str
    body: bytes | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    who: str | None = None
    is_chunked: bool = False
    # With the secret that signs it, as Standard Webhooks has it.
    secret: str | None = None


def refused(  # noqa: PLR0913 - a row of a table.
    name: str,
    path: str,
    status: int,
    code: str,
    body: object = None,
    *,
    media_type: str | None = JSON,
    **more: Any,  # noqa: ANN401 - other fields of BadRequest.
) -> BadRequest:
    """Return a POST; a body that is not bytes is written as JSON."""
    content = body if isinstance(body, bytes) or body is None else orjson.dumps(body)
    headers = {"Content-Type": media_type} if media_type and content is not None else {}
    return BadRequest(
        name, "POST", path, status, code, content, {**headers, **more.pop("headers", {})}, **more
    )


def wrong_methods(path: str, methods: str) -> list[BadRequest]:
    return [BadRequest(f"method {m} {path}", m, path, 405, "method_not_allowed") for m in methods.split()]


def oversized(path: str, limit: int, media_type: str = JSON, **more: Any) -> list[BadRequest]:  # noqa: ANN401
    """Return a body of one byte too many, with its length declared and without."""
    body = b'{"reason": "' + b"x" * (limit - 13) + b'"}'
    declared = refused(f"oversized {path}", path, 413, "body_too_large", body, media_type=media_type, **more)
    assert len(body) == limit + 1
    return [declared, replace(declared, name=f"oversized and chunked {path}", is_chunked=True)]


def unreadable(path: str, **more: Any) -> list[BadRequest]:  # noqa: ANN401
    """Return bodies that are no JSON, each in its own way."""
    bodies = {
        "broken JSON": b'{"reason": ',
        "two values": b"{} {}",
        "not UTF-8": NOT_UTF8,
        "NaN": b'{"reason": NaN}',
        "infinity": b'{"reason": -Infinity}',
        "a number beyond all floats": b'{"reason": 1e999}',
        "a number of 5,000 digits": HUGE_NUMBER,
        "nested 100 levels": DEEP,
        "nested 8,000 levels": VERY_DEEP,
    }
    return [
        refused(f"{name} {path}", path, 400, "malformed_body", body, **more) for name, body in bodies.items()
    ]


def unfitting(path: str, bodies: Mapping[str, object], **more: Any) -> list[BadRequest]:  # noqa: ANN401
    return [
        refused(f"{name} {path}", path, more.get("status", 400), "invalid_body", body, who=more.get("who"))
        for name, body in bodies.items()
    ]


# landing_page_publish ---------------------------------------------------------------------------------------

ACTIONS = ("submit", "approve", "reject", "archive", "restore", "rollback", "rerender")
# What makes an action's body complete, so that only the rest of the request is wrong.
COMPLETE: Mapping[str, dict[str, object]] = MappingProxyType(
    {"rollback": {"version": 1}, "approve": {"content_hash": "0" * 64}}
)

_REJECT = "/landing-pages/{review}/reject"
_ROLLBACK = "/landing-pages/{live}/rollback"

PUBLISH = [
    *unreadable(_REJECT, who="admin"),
    *oversized(_REJECT, 32 * 1024, who="admin"),
    *unfitting(
        _REJECT,
        {
            "reason is a number": {"reason": 5},
            "reason is empty": {"reason": " "},
            "reason is too long": {"reason": "x" * 2001},
            "reason has a NUL": {"reason": "a\0b"},
            "reason has half a character": b'{"reason": "\\ud800"}',
            "an unknown member": {"reason": "Nee.", "status": "live"},
            "a list": [],
            "null": b"null",
            "text": "reason",
        },
        who="admin",
    ),
    *unfitting(
        "/landing-pages/{review}/approve",
        {
            "no hash": {},
            "a hash that is none": {"content_hash": "0"},
            "null for a hash": {"content_hash": None},
        },
        who="admin",
    ),
    *unfitting(
        _ROLLBACK,
        {
            "no version": {},
            "version is text": {"version": "1"},
            "version is true": {"version": True},
            "version is a fraction": {"version": 1.5},
            "version is 0": {"version": 0},
            "version is beyond an integer": {"version": 2**31},
        },
        who="partner",
    ),
    *unfitting(
        "/landing-pages/{review}/approve",
        {"a short hash": {"content_hash": "abc"}, "HTML": {"html": "<h1>Hoi</h1>"}},
        who="admin",
    ),
    *unfitting("/landing-pages/{concept}/submit", {"HTML": {"html": "<h1>Hoi</h1>"}}, who="partner"),
    refused("no version at all", _ROLLBACK, 400, "invalid_body", who="partner"),
    refused("no reason", _REJECT, 400, "reason_required", who="admin"),
    refused(
        "body as text",
        _REJECT,
        415,
        "unsupported_media_type",
        {"reason": "Nee."},
        media_type="text/plain",
        who="admin",
    ),
    refused(
        "body without a type",
        _REJECT,
        415,
        "unsupported_media_type",
        {"reason": "Nee."},
        media_type=None,
        who="admin",
    ),
    *[
        refused(
            f"unknown page {a}",
            f"/landing-pages/{{unknown}}/{a}",
            404,
            "page_not_found",
            COMPLETE.get(a),
            who="partner",
        )
        for a in ACTIONS
    ],
    refused("a page id that is none", "/landing-pages/1/submit", 404, "page_not_found", who="partner"),
    refused("unknown action", "/landing-pages/{live}/delete", 404, "unknown_action", who="partner"),
    refused("action in capitals", "/landing-pages/{concept}/Submit", 404, "unknown_action", who="partner"),
    refused("no action", "/landing-pages/{live}", 404, "not_found", who="partner"),
    refused("a path below", "/landing-pages/{live}/archive/now", 404, "not_found", who="partner"),
    refused("a version that is none", _ROLLBACK, 404, "version_not_found", {"version": 99}, who="partner"),
    *[
        refused(f"{who} {a}", f"/landing-pages/{{{state}}}/{a}", 401, code, COMPLETE.get(a), who=who)
        for a, state in zip(
            ACTIONS, ("concept", "review", "review", "live", "archived", "live", "live"), strict=True
        )
        for who, code in (
            ("nobody", "missing_token"),
            ("anon", "invalid_token"),
            ("expired", "invalid_token"),
            ("unsigned", "invalid_token"),
            ("wrongly signed", "invalid_token"),
            ("without a role", "invalid_token"),
            ("of an unknown role", "invalid_token"),
        )
    ],
    *[
        refused(f"{who} submit", "/landing-pages/{concept}/submit", 401, "invalid_token", who=who)
        for who in ("with a password", "with an empty token", "with two tokens", "with nonsense")
    ],
    refused(
        "the page's owner approves",
        "/landing-pages/{review}/approve",
        403,
        "not_allowed",
        COMPLETE["approve"],
        who="partner",
    ),
    refused(
        "a narrow role archives", "/landing-pages/{live}/archive", 403, "not_allowed", who="event_recorder"
    ),
    refused(
        "another narrow role submits",
        "/landing-pages/{concept}/submit",
        403,
        "not_allowed",
        who="page_renderer",
    ),
    refused("a stranger archives", "/landing-pages/{live}/archive", 404, "page_not_found", who="stranger"),
    refused(
        "archive a concept", "/landing-pages/{concept}/archive", 409, "transition_not_allowed", who="partner"
    ),
    refused(
        "restore a live page", "/landing-pages/{live}/restore", 409, "transition_not_allowed", who="partner"
    ),
    refused(
        "approve a concept",
        "/landing-pages/{concept}/approve",
        409,
        "transition_not_allowed",
        COMPLETE["approve"],
        who="admin",
    ),
    refused(
        "reject a concept",
        "/landing-pages/{concept}/reject",
        409,
        "transition_not_allowed",
        {"reason": "Nee."},
        who="admin",
    ),
    refused(
        "submit an archived page",
        "/landing-pages/{archived}/submit",
        409,
        "transition_not_allowed",
        who="partner",
    ),
    refused(
        "roll an archived page back",
        "/landing-pages/{archived}/rollback",
        409,
        "transition_not_allowed",
        {"version": 1},
        who="partner",
    ),
    refused(
        "approve something else",
        "/landing-pages/{review}/approve",
        409,
        "content_changed",
        {"content_hash": "0" * 64},
        who="admin",
    ),
    refused(
        "submit an unfinished page",
        "/landing-pages/{unfinished}/submit",
        422,
        "content_refused",
        who="partner",
    ),
    *wrong_methods("/landing-pages/{concept}/submit", "GET HEAD PUT PATCH DELETE"),
]

# landing_page -----------------------------------------------------------------------------------------------

_AS_JSON = {"Accept": JSON}
SERVE = [
    BadRequest("unknown path", "GET", "/partners/niemand/niets", 404, "page_not_found", headers=_AS_JSON),
    BadRequest("path of a concept", "GET", "{concept_path}", 404, "page_not_found", headers=_AS_JSON),
    BadRequest("path of an archived page", "GET", "{archived_path}", 410, "page_gone", headers=_AS_JSON),
    BadRequest("path in capitals", "GET", "/partners/NIEMAND/niets", 404, "page_not_found", headers=_AS_JSON),
    BadRequest("path with a NUL", "GET", "/partners/a/%00", 404, "page_not_found", headers=_AS_JSON),
    BadRequest(
        "path that is not UTF-8", "GET", "/partners/a/%ff%fe", 404, "page_not_found", headers=_AS_JSON
    ),
    BadRequest(
        "path of 10,000 characters",
        "GET",
        "/partners/a/" + "b" * 10_000,
        404,
        "page_not_found",
        headers=_AS_JSON,
    ),
    BadRequest(
        "path that climbs", "GET", "/partners/..%2f..%2fetc%2fpasswd", 404, "page_not_found", headers=_AS_JSON
    ),
    BadRequest(
        "path that asks", "GET", "/partners/a'%20or%20'1'='1", 404, "page_not_found", headers=_AS_JSON
    ),
    *[
        replace(request, headers=_AS_JSON)
        for request in wrong_methods("/partners/niemand/niets", "POST PUT PATCH DELETE OPTIONS")
    ],
]

# landing_page_track -----------------------------------------------------------------------------------------


TRACK = [
    *unreadable("/events"),
    *unreadable("/events", media_type="text/plain")[:1],
    *oversized("/events", 32 * 1024),
    *oversized("/events", 32 * 1024, "text/plain;charset=UTF-8"),
    refused("no body /events", "/events", 400, "malformed_body"),
    *unfitting(
        "/events",
        {
            "nothing in it": {},
            "null": b"null",
            "a number": 5,
            "text": "view",
            "no id": {"page_id": UNKNOWN, "kind": "view"},
            "id is a number": view(LIVE, id=5),
            "id is no UUIDv7": view(LIVE, id=str(uuid.uuid4())),
            "id is of another variant": view(LIVE, id="019a0000-0000-7000-0000-000000000000"),
            "page_id is no UUID": view("1"),
            "page_id is a list": {**view(LIVE), "page_id": []},
            "a conversion, which only a lead makes": view(LIVE, kind="conversion"),
            "a count": view(LIVE, count=100),
            "a visitor": view(LIVE, visitor="0" * 32),
            "101 of them": [view(LIVE) for _ in range(101)],
        },
    ),
    refused("unknown page /events", "/events", 404, "page_not_found", view(UNKNOWN)),
    refused("an image /events", "/events", 415, "unsupported_media_type", b"GIF89a", media_type="image/gif"),
    refused("a form /events", "/events", 415, "unsupported_media_type", b"id=1", media_type=FORM),
    refused("a path below /events", "/events/1", 404, "not_found", view(LIVE)),
    *wrong_methods("/events", "GET HEAD PUT PATCH DELETE"),
    *unreadable("/leads"),
    *oversized("/leads", 64 * 1024),
    refused("no body /leads", "/leads", 415, "unsupported_media_type"),
    refused("nothing in the body /leads", "/leads", 400, "malformed_body", b""),
    *unfitting(
        "/leads",
        {
            "nothing in it": {},
            "a list": [lead(LIVE)],
            "a name of blanks": lead(LIVE, name="  "),
            "a name of two lines": lead(LIVE, name="Marieke\nBcc: iedereen@voorbeeld.nl"),
            "a name of 121 characters": lead(LIVE, name="x" * 121),
            "half a character": b'{"name": "\\ud800"}',
            "a NUL": lead(LIVE, name="a\0b"),
            "neither email nor phone": lead(LIVE, email=None),
            "an email that is none": lead(LIVE, email="marieke"),
            "a phone number that is none": lead(LIVE, phone="123"),
            "no consent": lead(LIVE, consent=None),
            "consent refused": lead(LIVE, consent=False),
            "consent to other words": lead(LIVE, consent="1999-01"),
            "a message of 3,001 characters": lead(LIVE, message="x" * 3001),
            "a date that is none": lead(LIVE, preferred_date="2026-02-30"),
            "a date that is a number": lead(LIVE, preferred_date=86400),
            "a status": lead(LIVE, status="sold"),
            "an id that is no UUIDv7": lead(LIVE, id=str(uuid.uuid4())),
        },
    ),
    refused("unknown page /leads", "/leads", 404, "page_not_found", lead(UNKNOWN)),
    refused("a concept /leads", "/leads", 410, "page_not_live", lead("{concept}")),
    refused("an archived page /leads", "/leads", 410, "page_not_live", lead("{archived}")),
    refused("another page's lead /leads", "/leads", 409, "lead_conflict", lead("{review}", id="{lead}")),
    refused("text /leads", "/leads", 415, "unsupported_media_type", lead(LIVE), media_type="text/plain"),
    refused(
        "parts /leads",
        "/leads",
        415,
        "unsupported_media_type",
        b"--x--",
        media_type="multipart/form-data; boundary=x",
    ),
    *wrong_methods("/leads", "GET HEAD PUT PATCH DELETE"),
]

# jobs ------------------------------------------------------------------------------------------------------

JOBS = [
    *[
        request
        for path in ("/jobs/deliveries", "/jobs/upkeep")
        for request in (
            *wrong_methods(path, "GET PUT PATCH DELETE"),
            refused(f"nobody {path}", path, 401, "missing_token"),
            refused(f"a partner {path}", path, 401, "invalid_token", who="partner"),
            refused(
                f"not the secret {path}", path, 401, "invalid_token", headers={"Authorization": "Bearer x"}
            ),
        )
    ],
    refused("no such job", "/jobs/coffee", 404, "not_found"),
]

# landing_page_count -----------------------------------------------------------------------------------------

COUNT = [
    *wrong_methods("/event-batches", "GET PUT PATCH DELETE"),
    refused("nobody /event-batches", "/event-batches", 401, "missing_token"),
]

# partner_leads ----------------------------------------------------------------------------------------------

_STATUS = "/partner-leads/{lead}/status"

LEADS = [
    *wrong_methods("/partner-leads", "POST PUT PATCH DELETE"),
    *wrong_methods(_STATUS, "GET PUT PATCH DELETE"),
    BadRequest("nobody /partner-leads", "GET", "/partner-leads", 401, "missing_token"),
    BadRequest("no such page", "GET", "/partner-leads?before_at=x", 400, "invalid_body", who="partner"),
    refused("no form", _STATUS, 415, "unsupported_media_type", {"status": "won"}, who="partner"),
    refused("no such status", _STATUS, 400, "invalid_body", b"status=sold", media_type=FORM, who="partner"),
    refused(
        "lost for weather",
        _STATUS,
        400,
        "invalid_body",
        b"status=lost&lost_reason=rain",
        media_type=FORM,
        who="partner",
    ),
    refused(
        "a stranger's lead", _STATUS, 404, "lead_not_found", b"status=won", media_type=FORM, who="stranger"
    ),
    refused(
        "from another site",
        _STATUS,
        403,
        "foreign_origin",
        b"status=won",
        media_type=FORM,
        who="partner",
        headers={"Origin": "https://evil.example"},
    ),
    refused("no token", "/partner-leads/session", 401, "invalid_token", b"access_token=x", media_type=FORM),
]

# campaign_webhook -------------------------------------------------------------------------------------------

_GOOGLE, _STANDARD = "/webhooks/google_ads", "/webhooks/standard"
_LEAD = google_lead("never-stored", "1")
(_FORM_ID,) = GOOGLE_ADS_FORM_KEYS
_EVENT = encode(
    {"type": "campaign.status", "timestamp": "2026-11-01T12:00:00Z", "data": {"platform": "google_ads"}}
)
_STANDARD_SECRET = "own"  # noqa: S105 - stands for the marketplace's.

WEBHOOK = [
    # Nothing of it is read before its key is found.
    *[replace(request, status=401, code="signature_mismatch") for request in unreadable(_GOOGLE)],
    refused("broken JSON with the key", _GOOGLE, 400, "malformed_body", orjson.dumps(_LEAD)[:-1]),
    *oversized(_GOOGLE, 64 * 1024),
    refused("no body /webhooks/google_ads", _GOOGLE, 401, "signature_mismatch"),
    refused(
        "the key of one form for another",
        _GOOGLE,
        401,
        "signature_mismatch",
        {**_LEAD, "form_id": 1, "google_key": GOOGLE_ADS_FORM_KEYS[_FORM_ID][0]},
    ),
    refused(
        "the key of all forms for one with its own",
        _GOOGLE,
        401,
        "signature_mismatch",
        {**_LEAD, "form_id": int(_FORM_ID)},
    ),
    refused(
        "wrong key", _GOOGLE, 401, "signature_mismatch", {**_LEAD, "google_key": "another-key-altogether"}
    ),
    refused(
        "a key that begins right",
        _GOOGLE,
        401,
        "signature_mismatch",
        {**_LEAD, "google_key": "example-google"},
    ),
    refused("no key", _GOOGLE, 401, "signature_mismatch", {**_LEAD, "google_key": None}),
    refused("an empty key", _GOOGLE, 401, "signature_mismatch", {**_LEAD, "google_key": ""}),
    refused(
        "a list of keys", _GOOGLE, 401, "signature_mismatch", {**_LEAD, "google_key": [_LEAD["google_key"]]}
    ),
    refused("a key deeper down", _GOOGLE, 401, "signature_mismatch", {"lead": _LEAD}),
    refused("a list of leads", _GOOGLE, 401, "signature_mismatch", [_LEAD]),
    refused("a form /webhooks/google_ads", _GOOGLE, 415, "unsupported_media_type", b"a=1", media_type=FORM),
    *[
        replace(request, secret=_STANDARD_SECRET)
        for request in unreadable(_STANDARD)
        if request.body != NOT_UTF8
    ],
    refused("not UTF-8 /webhooks/standard", _STANDARD, 401, "signature_mismatch", NOT_UTF8),
    *oversized(_STANDARD, 1024 * 1024),
    refused("no body /webhooks/standard", _STANDARD, 401, "signature_mismatch"),
    refused("a signed list", _STANDARD, 400, "malformed_body", [_EVENT.decode()], secret=_STANDARD_SECRET),
    refused("no signature", _STANDARD, 401, "signature_mismatch", _EVENT),
    refused("a stranger's signature", _STANDARD, 401, "signature_mismatch", _EVENT, secret=STRANGERS_SECRET),
    refused(
        "another body's signature",
        _STANDARD,
        401,
        "signature_mismatch",
        _EVENT,
        headers=signed(_EVENT + b" "),
    ),
    refused(
        "a signature of an hour ago",
        _STANDARD,
        401,
        "signature_mismatch",
        _EVENT,
        headers=signed(_EVENT, age_seconds=3600),
    ),
    refused(
        "a signature of tomorrow",
        _STANDARD,
        401,
        "signature_mismatch",
        _EVENT,
        headers=signed(_EVENT, age_seconds=-86400),
    ),
    refused(
        "an id that was not signed",
        _STANDARD,
        401,
        "signature_mismatch",
        _EVENT,
        headers={**signed(_EVENT), "webhook-id": "msg_other"},
    ),
    refused(
        "a signature that is none",
        _STANDARD,
        401,
        "signature_mismatch",
        _EVENT,
        headers={**signed(_EVENT), "webhook-signature": "v1,***"},
    ),
    refused(
        "a time that is none",
        _STANDARD,
        401,
        "signature_mismatch",
        _EVENT,
        headers={**signed(_EVENT), "webhook-timestamp": "noon"},
    ),
    refused("unknown channel", "/webhooks/geocities", 404, "unknown_source", _LEAD),
    refused("closed channel", "/webhooks/microsoft_ads", 404, "unknown_source", _LEAD),
    BadRequest("closed channel, GET", "GET", "/webhooks/microsoft_ads", 404, "unknown_source"),
    *[
        request
        for path in ("/webhooks/meta_ads", "/webhooks/linkedin_ads", "/webhooks/tiktok_ads")
        for request in (
            *[replace(request, status=401, code="signature_mismatch") for request in unreadable(path)],
            refused(f"no signature {path}", path, 401, "signature_mismatch", _LEAD),
            refused(f"a form {path}", path, 415, "unsupported_media_type", b"a=1", media_type=FORM),
            *wrong_methods(path, "HEAD PUT PATCH DELETE OPTIONS"),
        )
    ],
    *oversized("/webhooks/meta_ads", 1024 * 1024),
    *oversized("/webhooks/linkedin_ads", 64 * 1024),
    *oversized("/webhooks/tiktok_ads", 256 * 1024),
    BadRequest("no handshake of Meta's", "GET", "/webhooks/meta_ads", 403, "handshake_refused"),
    BadRequest("no handshake of LinkedIn's", "GET", "/webhooks/linkedin_ads", 403, "handshake_refused"),
    *wrong_methods("/webhooks/tiktok_ads", "GET"),
    refused("no channel", "/webhooks", 404, "not_found", _LEAD),
    *wrong_methods(_GOOGLE, "GET HEAD PUT PATCH DELETE OPTIONS"),
    *wrong_methods(_STANDARD, "GET HEAD PUT PATCH DELETE OPTIONS"),
]
