"""The commands that put the functions on Cloud Run, written out to be read before they are run."""

import shlex
from collections.abc import Iterator, Mapping

from deploy.front import service_name
from deploy.manifest import Function, Setting, load, settings_of

ACK_SECONDS = 30
"""How long Pub/Sub waits for a push to be answered: longer than the database is waited for."""


class MissingSettingError(ValueError):
    """A setting that a function needs has no value."""


def commands(project: str, region: str, values: Mapping[str, str]) -> Iterator[str]:
    """Yield shell commands: accounts, the secrets each may read, functions, the scheduler's jobs, the log.

    `values` are settings that are no secrets. A secret is read from Secret Manager under its own name,
    written with hyphens, and only by the functions that need it.

    Raises:
        MissingSettingError: A function needs a setting that is not among them.
    """
    where = f"--project={shlex.quote(project)} --region={shlex.quote(region)}"
    yield "set -euo pipefail"
    functions = {
        name: function
        for name, function in load().items()
        if function.subscribes_to is None or function.subscribes_to in values
    }
    for name, function in functions.items():
        settings = settings_of(name)
        service, account = service_name(name), _account(name, project)
        yield f"\n# {name}"
        yield f"gcloud iam service-accounts create {service} --project={shlex.quote(project)}"
        for setting in settings:
            if setting.is_secret and _is_given(setting, values):
                yield (
                    f"gcloud secrets add-iam-policy-binding {_secret(setting)}"
                    f" --project={shlex.quote(project)} --member=serviceAccount:{account}"
                    " --role=roles/secretmanager.secretAccessor"
                )
        yield " \\\n  ".join(_deployment(name, function, where, account, values))
    yield "\n# What a scheduler posts to. Cloud Run's own addresses answer it; the load balancer need not."
    for name, function in functions.items():
        for path, schedule in function.schedule.items():
            yield " \\\n  ".join(_job(name, path, schedule, where))
    for name, function in functions.items():
        if function.subscribes_to:
            yield f"\n# What {name} is pushed."
            yield from _subscription(name, function.subscribes_to, where, values)


def _deployment(
    name: str, function: Function, where: str, account: str, values: Mapping[str, str]
) -> Iterator[str]:
    settings = settings_of(name)
    yield f"gcloud run deploy {service_name(name)} --source=build/functions/{name} {where}"
    yield f"--service-account={account} --allow-unauthenticated"
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


def _job(name: str, path: str, schedule: str, where: str) -> Iterator[str]:
    job = path.strip("/").replace("/", "-")
    yield f"gcloud scheduler jobs create http {job} {where.replace('--region', '--location')}"
    yield f"--schedule={shlex.quote(schedule)} --time-zone=Europe/Amsterdam --attempt-deadline=180s"
    yield f'--uri="{_url(name, where)}{path}" --http-method=POST'
    yield '--headers="Authorization=Bearer $JOBS_SECRET"'


def _subscription(name: str, setting: str, where: str, values: Mapping[str, str]) -> Iterator[str]:
    """Yield the topic, who may publish there, and the subscription that pushes.

    https://cloud.google.com/pubsub/docs/authenticate-push-subscriptions
    """
    topic, pusher = shlex.quote(values[setting]), values["PUSH_SERVICE_ACCOUNT"]
    project = where.split(maxsplit=1)[0]
    yield f"gcloud pubsub topics create {topic} {project}"
    for publisher in load():
        if setting in {one.name for one in settings_of(publisher)}:
            member = f"serviceAccount:{_account(publisher, project.partition('=')[2])}"
            yield (
                f"gcloud pubsub topics add-iam-policy-binding {topic} {project}"
                f" --member={member} --role=roles/pubsub.publisher"
            )
    yield f"gcloud iam service-accounts create {pusher.partition('@')[0]} {project}"
    (path,) = load()[name].paths
    yield " \\\n  ".join(
        (
            f"gcloud pubsub subscriptions create {service_name(name)} {project} --topic={topic}",
            f'--push-endpoint="{_url(name, where)}/{path}"',
            f"--push-auth-service-account={pusher}",
            f"--push-auth-token-audience={shlex.quote(values['PUSH_AUDIENCE'])}",
            # As long as record_events() believes, and remembers, that it was received.
            f"--message-retention-duration=7d --expiration-period=never --ack-deadline={ACK_SECONDS}",
            "--min-retry-delay=10s --max-retry-delay=600s",
        )
    )


def _account(name: str, project: str) -> str:
    return f"{service_name(name)}@{project}.iam.gserviceaccount.com"


def _url(name: str, where: str) -> str:
    return f"$(gcloud run services describe {service_name(name)} {where} --format='value(status.url)')"


def _is_given(setting: Setting, values: Mapping[str, str]) -> bool:
    # An optional secret is there once somebody says so: NAME=… in the file of values.
    return setting.is_required or setting.name in values


def _secret(setting: Setting) -> str:
    return setting.name.lower().replace("_", "-")
