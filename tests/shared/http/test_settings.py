"""Settings: what is missing or wrong stops the start, and no secret is printed while saying so."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import ValidationError
from pydantic_settings.exceptions import SettingsError

from functions.campaign_sync.settings import SyncSettings
from functions.campaign_webhook.settings import WebhookSettings
from functions.jobs.settings import JobSettings
from functions.landing_page.settings import LandingPageSettings
from functions.landing_page_publish.settings import PublishSettings
from functions.landing_page_report.settings import ReportSettings
from functions.landing_page_track.settings import TrackSettings
from functions.partner_leads.settings import PartnerLeadsSettings
from shared.http.settings import Settings, SiteSettings, claimed_role
from stack.example_secrets import JOBS_SECRET, PAGE_SIGNING_KEY, SYNC_KEYS
from tests.documents import SIGNER
from tests.fake_postgrest import make_jwt

REPOSITORY = Path(__file__).parents[3]
FUNCTIONS: tuple[type[Settings], ...] = (
    JobSettings,
    LandingPageSettings,
    PublishSettings,
    ReportSettings,
    TrackSettings,
    PartnerLeadsSettings,
    SyncSettings,
    WebhookSettings,
)

ENVIRONMENT = {
    "SUPABASE_URL": "https://project.supabase.test",
    "SUPABASE_PUBLISHABLE_KEY": "sb_publishable_test",
    "SITE_URL": "https://www.example.nl",
    "PAGE_RENDERER_JWT": make_jwt("page_renderer"),
    "EVENT_RECORDER_JWT": make_jwt("event_recorder"),
    "CAMPAIGN_INGESTER_JWT": make_jwt("campaign_ingester"),
    "BODY_HMAC_KEY": "k" * 32,
    "JOB_RUNNER_JWT": make_jwt("job_runner"),
    "JOBS_SECRET": JOBS_SECRET,
    "SYNC_KEYS": json.dumps(SYNC_KEYS),
    "SMTP_HOST": "smtp.example.nl",
    "MAIL_FROM": "Voorbeeld <aanvragen@example.nl>",
    "PAGE_SIGNING_KEY": PAGE_SIGNING_KEY,
    "PAGE_PUBLIC_KEYS": f'["{SIGNER.public_key}"]',
}


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in {field.upper() for kind in FUNCTIONS for field in kind.model_fields}:
        monkeypatch.delenv(name, raising=False)
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)


def required_settings() -> Iterator[tuple[type[Settings], str]]:
    for kind in FUNCTIONS:
        for name, field in kind.model_fields.items():
            if field.is_required():
                yield kind, name.upper()


@pytest.mark.parametrize("kind", FUNCTIONS)
def test_a_function_starts_with_what_it_needs(kind: type[Settings]) -> None:
    assert kind().rest_url == "https://project.supabase.test/rest/v1"


@pytest.mark.parametrize(("kind", "name"), [*required_settings()])
@pytest.mark.parametrize("value", [None, "", "   "])
def test_a_missing_or_empty_setting_stops_the_start(
    monkeypatch: pytest.MonkeyPatch, kind: type[Settings], name: str, value: str | None
) -> None:
    if value is None:
        monkeypatch.delenv(name)
    else:
        monkeypatch.setenv(name, value)

    with pytest.raises((ValidationError, SettingsError), match=name.lower()):
        kind()


@pytest.mark.parametrize(
    ("kind", "name", "value"),
    [
        (TrackSettings, "EVENT_RECORDER_JWT", make_jwt("service_role")),
        (TrackSettings, "EVENT_RECORDER_JWT", make_jwt(None)),
        (TrackSettings, "EVENT_RECORDER_JWT", "sb_secret_0123456789abcdef"),
        (TrackSettings, "EVENT_RECORDER_JWT", "a.%%%.c"),
        (TrackSettings, "TRUSTED_PROXY_COUNT", "-1"),
        (TrackSettings, "SITE_URL", "www.example.nl"),
        (PublishSettings, "IMAGE_SOURCES", '["https://cdn.example.nl/a"]'),
        (PublishSettings, "IMAGE_SOURCES", '["https://cdn.example.nl/a;/"]'),
        (PublishSettings, "IMAGE_SOURCES", '["https://*.example.nl/"]'),
        (PublishSettings, "IMAGE_SOURCES", '["https://cdn.example.nl/?a/"]'),
        (PublishSettings, "IMAGE_SOURCES", '["https://cdn.example.nl/#a/"]'),
        (PublishSettings, "IMAGE_SOURCES", '["https://me@cdn.example.nl/"]'),
        (PublishSettings, "IMAGE_SOURCES", '["data:/"]'),
        (PublishSettings, "PAGE_SIGNING_KEY", "c2hvcnQ="),
        (PublishSettings, "PAGE_SIGNING_KEY", "no base64, though of 32 bytes and more"),
        (LandingPageSettings, "PAGE_PUBLIC_KEYS", '["c2hvcnQ="]'),
        (JobSettings, "JOB_RUNNER_JWT", make_jwt("service_role")),
        (JobSettings, "JOBS_SECRET", "too short"),
        (JobSettings, "MAIL_FROM", "nobody at all"),
        (JobSettings, "MAIL_FROM", "a@example.nl\nBcc: b@example.nl"),
        (JobSettings, "SMTP_TLS", "perhaps"),
        (SyncSettings, "SYNC_KEYS", "[]"),
        (SyncSettings, "SYNC_KEYS", '["c2hvcnQ="]'),
        (PartnerLeadsSettings, "PARTNER_APP_URL", "app.example.nl"),
        (WebhookSettings, "GOOGLE_ADS_WEBHOOK_KEYS", '[""]'),
        (WebhookSettings, "GOOGLE_ADS_WEBHOOK_KEYS", '["123"]'),
        (WebhookSettings, "STANDARD_WEBHOOKS_SECRETS", '["whsec_"]'),
        (WebhookSettings, "STANDARD_WEBHOOKS_SECRETS", '["whsec_aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaé"]'),
    ],
)
def test_a_malformed_setting_stops_the_start_and_is_not_printed(
    monkeypatch: pytest.MonkeyPatch, kind: type[Settings], name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)

    with pytest.raises(ValidationError) as raised:
        kind()

    assert name.lower() in str(raised.value)
    assert value not in str(raised.value)
    assert ENVIRONMENT["SUPABASE_PUBLISHABLE_KEY"] not in str(raised.value)


@pytest.mark.parametrize(
    ("host", "starts"), [("127.0.0.1", True), ("::1", True), ("localhost", True), ("smtp.example.nl", False)]
)
def test_people_travel_in_the_clear_to_this_machine_alone(
    monkeypatch: pytest.MonkeyPatch, host: str, *, starts: bool
) -> None:
    monkeypatch.setenv("SMTP_TLS", "none")
    monkeypatch.setenv("SMTP_HOST", host)

    if starts:
        assert JobSettings().smtp_tls == "none"
    else:
        with pytest.raises(ValidationError, match="SMTP_TLS"):
            JobSettings()


def test_a_list_that_is_not_json_stops_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GOOGLE_ADS_WEBHOOK_KEYS", "my-secret-google-key")

    with pytest.raises(SettingsError) as raised:
        WebhookSettings()

    assert "my-secret" not in str(raised.value)


def test_an_empty_optional_setting_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("POSTGREST_URL", "GOOGLE_ADS_WEBHOOK_KEYS"):
        monkeypatch.setenv(name, "")

    settings = WebhookSettings()

    assert (settings.postgrest_url, settings.google_ads_webhook_keys) == (None, ())


def test_a_secret_does_not_keep_its_files_newline(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EVENT_RECORDER_JWT", ENVIRONMENT["EVENT_RECORDER_JWT"] + "\n")

    assert TrackSettings().event_recorder_jwt.get_secret_value() == ENVIRONMENT["EVENT_RECORDER_JWT"]


def test_postgrest_itself_is_preferred_over_the_gateway(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("POSTGREST_URL", "http://127.0.0.1:3000/")

    assert LandingPageSettings().rest_url == "http://127.0.0.1:3000"


@pytest.mark.parametrize(
    ("url", "origin"),
    [
        ("https://www.example.nl/", "https://www.example.nl"),
        ("https://WWW.example.nl:443", "https://www.example.nl"),
        ("http://127.0.0.1:8080/x", "http://127.0.0.1:8080"),
    ],
)
def test_the_sites_origin_is_written_as_browsers_do(
    monkeypatch: pytest.MonkeyPatch, url: str, origin: str
) -> None:
    monkeypatch.setenv("SITE_URL", url)

    assert SiteSettings().site_origin == origin


def test_pictures_come_from_the_projects_own_bucket_unless_told_otherwise(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (bucket,) = PublishSettings().allowed_images

    monkeypatch.setenv("IMAGE_SOURCES", '["https://CDN.example.nl", "https://img.example/partners/"]')

    assert bucket == "https://project.supabase.test/storage/v1/object/public/landing-page-images/"
    assert PublishSettings().allowed_images == ("https://cdn.example.nl/", "https://img.example/partners/")


def test_no_function_holds_anothers_secret() -> None:
    # Everybody may know the public ones; and two functions do what a scheduler sets going.
    common = {*Settings.model_fields, "page_public_keys", "job_runner_jwt", "jobs_secret"}
    secrets = [
        {
            name
            for name in kind.model_fields
            if name.endswith(("_jwt", "_key", "_keys", "_secret", "_secrets", "_password"))
        }
        - common
        for kind in FUNCTIONS
    ]

    assert sum(map(len, secrets)) == len(set().union(*secrets))


@pytest.mark.parametrize("document", [".env.example", "docs/settings.md"])
def test_every_setting_is_documented(document: str) -> None:
    text = (REPOSITORY / document).read_text()
    settings = {name.upper() for kind in FUNCTIONS for name in kind.model_fields}

    assert settings <= set(re.findall(r"[A-Z][A-Z_]+", text))


@pytest.mark.parametrize("token", ["", "a", "a.b.c", "a..c", "a.W10.c", "a.MQ.c"])
def test_what_is_no_jwt_claims_no_role(token: str) -> None:
    assert claimed_role(token) is None
