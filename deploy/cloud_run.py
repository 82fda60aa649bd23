"""The commands that put the functions on Cloud Run, written out to be read before they are run."""

import shlex
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from deploy.front import service_name
from deploy.manifest import Function, Setting, load, settings_of

ACK_SECONDS = 30
"""How long Pub/Sub waits for a push to be answered: longer than the database is waited for."""


_THERE = """\
set -euo pipefail
there() {
  local kind=$1 group=$2 name=$3
  gcloud "$kind" "$group" describe "$name" "${@:4}" >/dev/null 2>&1
}"""


class _Place(NamedTuple):
    """Google's project and region."""

    project: str
    region: str

    @property
    def in_project(self) -> str:
        return f"--project={self.project}"

    @property
    def in_region(self) -> str:
        return f"{self.in_project} --region={self.region}"

    def account(self, name: str) -> str:
        """Return a function's service account."""
        return f"{service_name(name)}@{self.project}.iam.gserviceaccount.com"

    def url(self, name: str) -> str:
        """Return what finds out where Cloud Run itself answers for a function."""
        describe = f"gcloud run services describe {service_name(name)} {self.in_region}"
        return f"$({describe} --format='value(status.url)')"


class MissingSettingError(ValueError):
    """A setting that a function needs has no value."""


def commands(project: str, region: str, values: Mapping[str, str]) -> Iterator[str]:
    """Yield shell commands: accounts, the secrets each may read, functions, the log, the scheduler's jobs.

    `values` are settings that are no secrets. A secret is read from Secret Manager under its own name,
    written with hyphens, and only by the functions that need it. Run again, they make what is missing and
    deploy what has changed.

    Raises:
        MissingSettingError: A function needs a setting that is not among them.
    """
    place = _Place(shlex.quote(project), shlex.quote(region))
    yield _THERE
    # Who is pushed goes before who publishes: a topic without a subscription keeps nothing.
    functions = sorted(load().items(), key=lambda each: each[1].subscribes_to is None)
    given = {name: function for name, function in functions if _is_wanted(function, values)}
    for name, function in given.items():
        yield f"\n# {name}"
        yield from _account_of(name, place, values)
        yield " \\\n  ".join(_deployment(name, function, place, values))
        if function.subscribes_to:
            yield from _subscription(name, function, place, values)
    yield "\n# What a scheduler posts to. Cloud Run's own addresses answer it; the load balancer need not."
    for name, function in given.items():
        for path, schedule in function.schedule.items():
            yield from _job(name, path, schedule, place)


def _is_wanted(function: Function, values: Mapping[str, str]) -> bool:
    return function.subscribes_to is None or function.subscribes_to in values


def _account_of(name: str, place: _Place, values: Mapping[str, str]) -> Iterator[str]:
    """Yield a function's service account, the secrets it may read, and the topics it may publish to."""
    account, settings = place.account(name), settings_of(name)
    yield _make("iam service-accounts", account, service_name(name), place.in_project)
    for setting in settings:
        if setting.is_secret and _is_given(setting, values):
            yield (
                f"gcloud secrets add-iam-policy-binding {_secret(setting)} {place.in_project}"
                f" --member=serviceAccount:{account} --role=roles/secretmanager.secretAccessor"
            )
    topics = {function.subscribes_to for function in load().values()}
    for topic in [values[one.name] for one in settings if one.name in topics and one.name in values]:
        yield (
            f"gcloud pubsub topics add-iam-policy-binding {shlex.quote(topic)} {place.in_project}"
            f" --member=serviceAccount:{account} --role=roles/pubsub.publisher"
        )


def _deployment(name: str, function: Function, place: _Place, values: Mapping[str, str]) -> Iterator[str]:
    settings = settings_of(name)
    yield f"gcloud run deploy {service_name(name)} --source=build/functions/{name} {place.in_region}"
    yield f"--service-account={place.account(name)} --allow-unauthenticated --quiet"
    ingress = "internal" if function.is_internal else "internal-and-cloud-load-balancing"
    yield f"--ingress={ingress}"
    yield (
        f"--cpu=1 --memory={function.memory} --concurrency={function.concurrency}"
        f" --min-instances={function.min_instances} --max-instances={function.max_instances}"
        f" --timeout={function.timeout_seconds}s"
    )
    yield "--startup-probe=httpGet.path=/readyz,initialDelaySeconds=0,periodSeconds=2,failureThreshold=15"
    yield "--liveness-probe=httpGet.path=/healthz,periodSeconds=30"
    plain = [one for one in settings if not one.is_secret]
    missing = [one.name for one in plain if one.is_required and one.name not in values]
    if missing:
        raise MissingSettingError(f"{name} needs {', '.join(missing)}. docs/settings.md explains each.")
    # Values have commas in them, so another character parts them: `gcloud topic escaping`.
    given = "|".join(f"{one.name}={values[one.name]}" for one in plain if one.name in values)
    yield f"--set-env-vars={shlex.quote('^|^' + given)}"
    secrets = [one for one in settings if one.is_secret and _is_given(one, values)]
    yield f"--set-secrets={','.join(f'{one.name}={_secret(one)}:latest' for one in secrets)}"


def _job(name: str, path: str, schedule: str, place: _Place) -> Iterator[str]:
    job = path.strip("/").replace("/", "-")
    yield _make(
        "scheduler jobs",
        job,
        f"http {job}",
        place.in_region.replace("--region", "--location"),
        f"--schedule={shlex.quote(schedule)} --time-zone=Europe/Amsterdam --attempt-deadline=180s",
        f'--uri="{place.url(name)}{path}" --http-method=POST',
        '--headers="Authorization=Bearer $JOBS_SECRET"',
    )


def _subscription(name: str, function: Function, place: _Place, values: Mapping[str, str]) -> Iterator[str]:
    """Yield the topic, and the subscription that pushes what is published there.

    https://cloud.google.com/pubsub/docs/authenticate-push-subscriptions
    """
    topic = shlex.quote(values[function.subscribes_to or ""])
    pusher = shlex.quote(values["PUSH_SERVICE_ACCOUNT"])
    yield _make("pubsub topics", topic, topic, place.in_project)
    yield _make("iam service-accounts", pusher, pusher.partition("@")[0], place.in_project)
    yield _make(
        "pubsub subscriptions",
        service_name(name),
        service_name(name),
        place.in_project,
        f"--topic={topic}",
        f'--push-endpoint="{place.url(name)}/{function.paths[0]}"',
        f"--push-auth-service-account={pusher}",
        f"--push-auth-token-audience={shlex.quote(values['PUSH_AUDIENCE'])}",
        # As long as record_events() believes, and remembers, that it was received.
        f"--message-retention-duration=7d --expiration-period=never --ack-deadline={ACK_SECONDS}",
        "--min-retry-delay=10s --max-retry-delay=600s",
    )


def _make(kind: str, known_as: str, new: str, where: str, *options: str) -> str:
    """Make something unless it is there: `gcloud … create` refuses what is."""
    create = f"there {kind} {known_as} {where} || gcloud {kind} create {new} {where}"
    return " \\\n  ".join((create, *options))


def _is_given(setting: Setting, values: Mapping[str, str]) -> bool:
    # An optional secret is there once somebody says so: NAME=… in the file of values.
    return setting.is_required or setting.name in values


def _secret(setting: Setting) -> str:
    return setting.name.lower().replace("_", "-")
