"""What docs/webhooks.md gives to senders and operators is run as it stands there."""

import json
import os
import re
import secrets
import subprocess
import sys
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

from stack.example_secrets import STANDARD_WEBHOOKS_SECRETS
from tests.conftest import REPOSITORY
from tests.database import Database
from tests.flows.scene import Scene
from tests.samples import ACCEPTED

GUIDE = (REPOSITORY / "docs" / "webhooks.md").read_text()
SCHEMA = REPOSITORY / "docs" / "campaign-events.schema.json"
SCRIPT = REPOSITORY / "docs" / "google-ads-script.js"
HARNESS = Path(__file__).with_name("google_ads_script.js")
SECRET = STANDARD_WEBHOOKS_SECRETS[0]


def _block(language: str, word: str) -> str:
    blocks = re.findall(rf"```{language}\n(.*?)```", GUIDE, flags=re.DOTALL)
    (block,) = [str(block) for block in blocks if word in block]
    return block


def _run(*command: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command, capture_output=True, text=True, check=False, timeout=60, env={**os.environ, **environment}
    )


def _rows(platform: Database, campaign_id: str) -> list[dict[str, Any]]:
    return platform.rows(
        "select * from private.campaign_inbox where external_campaign_id = %s order by id", [campaign_id]
    )


@pytest.fixture
def url(scene: Scene) -> str:
    return f"{scene.project.functions_url}/webhooks/standard"


@pytest.fixture
def campaign_id() -> str:
    return str(secrets.randbelow(10**15))


def test_shell_of_the_guide_reports_a_day(url: str, campaign_id: str, platform: Database) -> None:
    shell = _block("sh", "openssl").replace("whsec_…", SECRET)
    shell = shell.replace("https://functions.example.nl/webhooks/standard", url)
    shell = shell.replace("21700100001", campaign_id)

    ran = _run("bash", "-euo", "pipefail", "-c", shell)

    assert json.loads(ran.stdout)["outcomes"][0]["reason"] == "unknown_campaign", ran.stderr
    (row,) = _rows(platform, campaign_id)
    assert (row["kind"], row["facts"]["spend"], row["account_id"]) == ("metrics", "421.37", "1234567890")


def _google_row(campaign_id: str, **metrics: str) -> dict[str, object]:
    return {
        "customer": {"id": "1234567890", "currencyCode": "EUR"},
        "campaign": {"id": campaign_id},
        "segments": {"date": "2026-11-20"},
        "metrics": metrics,
    }


def test_google_ads_script_reports_what_was_spent(url: str, campaign_id: str, platform: Database) -> None:
    rows = [
        _google_row(campaign_id, costMicros="421370000", clicks="118", impressions="9042"),
        _google_row(f"{campaign_id}1", impressions="3"),
    ]

    ran = json.loads(_run("node", str(HARNESS), str(SCRIPT), url, SECRET, json.dumps(rows)).stdout)

    assert (ran["error"], ran["log"]) == (None, ["2 of 2 reports are stored."])
    (row,) = _rows(platform, campaign_id)
    (quiet,) = _rows(platform, f"{campaign_id}1")
    assert (row["reason"], quiet["reason"]) == ("unknown_campaign", "unknown_campaign")
    assert row["facts"].items() >= {"spend": "421.370000", "clicks": 118, "impressions": 9042}.items()
    assert quiet["facts"].items() >= {"spend": "0.000000", "clicks": 0, "impressions": 3}.items()


def test_google_ads_script_says_when_it_is_refused(url: str, campaign_id: str) -> None:
    other = "whsec_c3RyYW5nZXItc3RyYW5nZXItc3RyYW5nZXItMDAwMDE="
    rows = json.dumps([_google_row(campaign_id, clicks="1")])

    ran = json.loads(_run("node", str(HARNESS), str(SCRIPT), url, other, rows).stdout)

    assert ran["error"] == "1 reports were not accepted; the log says why."
    assert ran["log"].count("slept") == 2
    assert "401" in ran["log"][0]
    assert "signature_mismatch" in ran["log"][0]


def test_n8n_code_of_the_guide_signs(url: str, campaign_id: str, platform: Database) -> None:
    item = {
        "platform": "google_ads",
        "account_id": "1",
        "campaign_id": campaign_id,
        "date": "2026-11-20",
        "currency": "EUR",
        "spend": "1.50",
        "clicks": 1,
        "impressions": 2,
    }
    code = (
        f"const $env = {json.dumps({'MARKETPLACE_SECRET': SECRET})}, $execution = {{id: '7'}};"
        f"const $input = {{all: () => [{{json: {json.dumps(item)}}}]}};"
        f"console.log(JSON.stringify((() => {{{_block('js', '$execution')}}})()))"
    )

    ((sent,),) = [[made["json"] for made in json.loads(_run("node", "-e", code).stdout)]]
    headers = {
        "webhook-id": sent["id"],
        "webhook-timestamp": sent["now"],
        "webhook-signature": sent["signature"],
    }
    given = [part for name, value in headers.items() for part in ("-H", f"{name}: {value}")]
    answer = _run(
        "curl", "-sS", url, "-H", "Content-Type: application/json", "--data-binary", sent["body"], *given
    )

    assert json.loads(answer.stdout)["outcomes"][0]["outcome"] == "parked"
    assert len(_rows(platform, campaign_id)) == 1


def test_schema_of_own_events_is_that_of_the_models() -> None:
    """Made anew with `python -m functions.campaign_webhook.own_events > docs/campaign-events.schema.json`."""
    made = _run(sys.executable, "-m", "functions.campaign_webhook.own_events")

    assert json.loads((REPOSITORY / "docs/campaign-events.schema.json").read_text()) == json.loads(
        made.stdout
    )


def test_own_samples_are_as_the_schema_has_them() -> None:
    validator = jsonschema_rs.validator_for(json.loads(SCHEMA.read_text()))
    own = [json.loads(sample.body) for sample in ACCEPTED if sample.source == "standard"]

    # The one that only shows signatures has no figures.
    valid = [event for event in own if validator.is_valid(event)]
    assert len(valid) == len(own) - 1
    for change in (
        {"type": "campaign.paused"},
        {"timestamp": None},
        {"data": None},
        {"data": {"currency": "euro"}},
    ):
        assert not validator.is_valid({**valid[0], **change})


def test_replay_is_a_command(scene: Scene, url: str, campaign_id: str, platform: Database) -> None:
    test_shell_of_the_guide_reports_a_day(url, campaign_id, platform)
    project = scene.project
    environment = {
        "SUPABASE_URL": project.supabase_url,
        "SUPABASE_PUBLISHABLE_KEY": project.publishable_key,
        "JOB_RUNNER_JWT": project.token("job_runner"),
    }
    command = (sys.executable, "-m", "functions.campaign_webhook.replay")

    ran = _run(*command, json.dumps({"external_campaign_id": campaign_id}), **environment)
    misspelt = _run(*command, '{"reasons": "unknown_status"}', **environment)
    unread = _run(*command, "reason=unknown_status", **environment)
    other = _run(*command, "{}", **{**environment, "JOB_RUNNER_JWT": project.token("campaign_ingester")})

    assert json.loads(ran.stdout) == {"replayed": 1, "applied": 0, "superseded": 0, "parked": 1}
    assert (misspelt.returncode, misspelt.stdout) == (1, "")
    assert "selection_refused" in misspelt.stderr
    assert (unread.returncode, other.returncode) == (1, 1)
    assert "JSON object" in unread.stderr
    assert "job_runner_jwt" in other.stderr
