"""The commands for Cloud Run. No cloud is asked: they are read, and bash reads them."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from deploy.cloud_run import MissingSettingError, commands
from deploy.manifest import REPOSITORY, load, settings_of

VALUES = {
    "SUPABASE_URL": "https://abc.supabase.co",
    "SITE_URL": "https://www.example.nl",
    "PAGE_PUBLIC_KEYS": '["a,b"]',
    "SMTP_HOST": "smtp.example.nl",
    "MAIL_FROM": "Voorbeeld <aanvragen@example.nl>",
    "META_APP_SECRETS": "in-secret-manager",
    "EVENT_LOG_TOPIC": "projects/my-project/topics/page-events",
    "PUSH_SERVICE_ACCOUNT": "event-pusher@my-project.iam.gserviceaccount.com",
    "PUSH_AUDIENCE": "landing-page-count",
}

_OF_THE_LOG = ("EVENT_LOG_TOPIC", "PUSH_SERVICE_ACCOUNT", "PUSH_AUDIENCE")


@pytest.fixture
def script() -> str:
    return "\n".join(commands("my-project", "europe-west4", VALUES))


def _block(script: str, function: str) -> str:
    return script.split(f"\n# {function}\n", 1)[1].split("\n\n# ", 1)[0]


def test_bash_can_read_them(script: str) -> None:
    subprocess.run(["bash", "-n"], input=script, text=True, check=True)


def test_function_may_read_its_own_secrets_and_no_others(script: str) -> None:
    for function in load():
        block = _block(script, function)
        needed = {one.name for one in settings_of(function) if one.is_secret and one.is_required}
        given = {"META_APP_SECRETS"} if function == "campaign_webhook" else set()

        allowed = set(re.findall(r"secrets add-iam-policy-binding ([a-z-]+)", block))
        (told,) = re.findall(r"--set-secrets=(\S+)", block)
        assert {pair.split("=")[0] for pair in told.split(",")} == needed | given
        assert {pair.split("=")[1].removesuffix(":latest") for pair in told.split(",")} == allowed


def test_no_secret_stands_in_a_command(script: str) -> None:
    assert "in-secret-manager" not in script
    assert re.findall(r"--set-env-vars='\^\|\^([^']*)'", script)
    for told in re.findall(r"--set-env-vars='\^\|\^([^']*)'", script):
        assert not re.search(r"(_JWT|_SECRET|_SECRETS|_PASSWORD|SIGNING_KEY|HMAC_KEY)=", told)


def test_what_only_a_scheduler_calls_is_reached_from_inside(script: str) -> None:
    for name, function in load().items():
        (ingress,) = re.findall(r"--ingress=(\S+)", _block(script, name))
        assert ingress == ("internal" if function.is_internal else "internal-and-cloud-load-balancing")
    assert len(re.findall(r"gcloud scheduler jobs create http (\S+)", script)) == 3


def test_log_is_there_for_who_says_so(script: str) -> None:
    """Publishing is for landing_page_track alone, and pushing in the name that landing_page_count knows."""
    (subscription,) = re.findall(r"pubsub subscriptions create .*(?:\n  .*)*", script)
    # A topic without a subscription keeps nothing, and one that is not there has browsers told of an error.
    assert script.index("pubsub subscriptions create") < script.index("run deploy landing-page-track")
    block = _block(script, "landing_page_count")

    assert re.findall(r"--member=serviceAccount:(\S+) --role=roles/pubsub.publisher", script) == [
        "landing-page-track@my-project.iam.gserviceaccount.com"
    ]
    assert "--format='value(status.url)')/event-batches\"" in subscription
    for option, setting in (("service-account", "PUSH_SERVICE_ACCOUNT"), ("token-audience", "PUSH_AUDIENCE")):
        assert f"--push-auth-{option}={VALUES[setting]}" in subscription
        assert f"{setting}={VALUES[setting]}" in block
    assert f"EVENT_LOG_TOPIC={VALUES['EVENT_LOG_TOPIC']}" in _block(script, "landing_page_track")

    without = {name: value for name, value in VALUES.items() if name not in _OF_THE_LOG}
    direct = "\n".join(commands("my-project", "europe-west4", without))
    assert not re.search("pubsub|landing.page.count|event-pusher", direct)


_GCLOUD = r"""#!/usr/bin/env bash
# As much of gcloud as the script needs: what is there is a file, and what is there is not made again.
cd "$(dirname "$0")/project"
echo "$*" >> calls
words=()
for word in "$@"; do [[ $word == --* ]] || words+=("$word"); done
name=${words[-1]%%@*}
thing="${words[0]}-${words[1]}-${name//\//-}"
case "${words[*]:0:3}" in
  "run deploy "*) touch "run-services-$name" ;;
  *" create") [[ ! -e $thing ]] && touch "$thing" ;;
  *" describe") [[ -e $thing ]] && echo "https://$name.run.app" ;;
  "pubsub topics add-iam-policy-binding") [[ -e $thing ]] ;;
esac
"""


def test_script_may_be_run_again(script: str, tmp_path: Path) -> None:
    """A new version is put up by the same script, and what broke off is gone on with."""
    (tmp_path / "project").mkdir()
    gcloud = tmp_path / "gcloud"
    gcloud.write_text(_GCLOUD)
    gcloud.chmod(0o755)
    environment = {"PATH": f"{tmp_path}:{os.environ['PATH']}", "JOBS_SECRET": "x" * 32}

    def run(text: str) -> list[str]:
        subprocess.run(["bash"], input=text, env=environment, text=True, check=True, capture_output=True)
        calls = tmp_path / "project" / "calls"
        done = calls.read_text().splitlines()
        calls.unlink()
        return done

    half = script[: script.index("\n# landing_page_report\n")]
    begun, finished, again = run(half), run(script), run(script)

    functions = len(load())
    for calls in (finished, again):
        assert sum(call.startswith("run deploy ") for call in calls) == functions
    made = [call for call in (*begun, *finished) if " create " in call]
    assert len(made) == len({*made}) == functions + 3 + 3
    assert [call for call in again if " create " in call] == []
    (pushed,) = [call for call in made if "subscriptions create" in call]
    assert "--push-endpoint=https://landing-page-count.run.app/event-batches" in pushed


def test_setting_that_is_missing_is_named() -> None:
    without = {name: value for name, value in VALUES.items() if name != "SMTP_HOST"}

    with pytest.raises(MissingSettingError, match="jobs needs SMTP_HOST"):
        list(commands("my-project", "europe-west4", without))


def test_command_reads_a_file_of_values(tmp_path: Path) -> None:
    (tmp_path / "production.env").write_text("".join(f"{name}={value!r}\n" for name, value in VALUES.items()))
    command = [
        sys.executable,
        "-m",
        "deploy",
        "cloud-run",
        "--project=p",
        f"--values={tmp_path}/production.env",
    ]

    done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=False)
    (tmp_path / "production.env").write_text("SITE_URL=https://www.example.nl\n")
    lacking = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=False)

    assert (done.returncode, done.stdout) == (0, "\n".join(commands("p", "europe-west4", VALUES)) + "\n")
    assert (lacking.returncode, lacking.stdout, "SUPABASE_URL" in lacking.stderr) == (1, "", True)
