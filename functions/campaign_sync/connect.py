"""Connect an ad account, as an admin: ask for its credentials, try them, and have them kept, sealed.

SUPABASE_URL=… SUPABASE_PUBLISHABLE_KEY=… SYNC_KEYS='["…"]' ADMIN_JWT=… \
    python -m functions.campaign_sync.connect google_ads 1234567890 --manager 1112223334

Credentials are asked for and not shown, or come as JSON by standard input, so that no token stands in a
shell's history. docs/platforms.md says what each platform has, and where to get it.
"""

import argparse
import asyncio
import datetime as dt
import getpass
import sys
from collections.abc import Callable, Mapping

import httpx
from pydantic import SecretStr, TypeAdapter, ValidationError

from functions.campaign_sync.asking import Asking, make_http
from functions.campaign_sync.credentials import Credentials, Sealer
from functions.campaign_sync.job import Account, Api, Campaign, Job
from functions.campaign_sync.platforms import PLATFORMS
from functions.campaign_sync.settings import SealingSettings
from functions.campaign_sync.trouble import Trouble
from shared.http.clock import utc_now
from shared.http.errors import Problem
from shared.http.settings import Secret
from shared.postgrest.client import Identity, PostgREST

NEEDED: Mapping[str, tuple[str, ...]] = {
    "google_ads": ("client_id", "client_secret", "refresh_token"),
    "meta_ads": ("client_secret", "access_token"),
    "linkedin_ads": ("client_id", "client_secret", "refresh_token"),
    "tiktok_ads": ("access_token",),
    "microsoft_ads": ("client_id", "client_secret", "refresh_token", "developer_token"),
}
"""What each platform is asked with."""

_APIS = TypeAdapter(dict[str, Api])

Say = Callable[[str], object]


class ConnectSettings(SealingSettings):
    """Settings of the command."""

    admin_jwt: Secret


class Connector:
    """Tries an account, and connects it if it can be read."""

    def __init__(
        self, admin: Identity, sealer: Sealer, say: Say, transport: httpx.AsyncBaseTransport | None = None
    ) -> None:
        """Do it as `admin`, and `say` what came of each step."""
        self._admin = admin
        self._sealer = sealer
        self._say = say
        self._transport = transport

    async def connect(self, connection: Mapping[str, str | None], credentials: Credentials) -> None:
        """Ask the platform for the account's campaigns; if it answers, keep the credentials.

        Raises:
            Trouble: The platform does not let us. Nothing is kept.
            Refusal: `connection_refused`, `not_allowed`.
        """
        channel, account_id = str(connection["channel"]), str(connection["account_id"])
        apis = await self._admin.call("read_platform_apis", platform=channel)
        job = Job.model_validate(
            {
                "id": 0,
                "platform": channel,
                "account_id": account_id,
                "kind": "campaigns",
                "status": "waiting",
                "apis": _APIS.validate_python(apis),
                "account": Account(manager_id=connection.get("manager_id"), sealed=SecretStr("not yet")),
            }
        )
        campaigns, fresh, ends_at = await self._try(job, credentials)
        self._say(f"✓ {channel} {account_id} can be read: {len(campaigns)} campaigns.")
        for campaign in campaigns[:5]:
            self._say(f"    {campaign.campaign_id}  {campaign.status:<10}  {campaign.name}")
        ends = {"consent_ends_at": ends_at.isoformat()} if ends_at else {}
        answer = await self._admin.call(
            "connect_ad_account", connection={**connection, **ends}, sealed=self._sealer.seal(fresh)
        )
        is_new = isinstance(answer, dict) and answer.get("is_new")
        self._say(f"✓ {'It is connected' if is_new else 'It has new credentials'}, sealed and kept in Vault.")
        self._say("Its figures come with the next run of /sync; private.sync_health shows how it goes.")
        self._say("Link its campaigns: the snippet platform_campaigns_to_link lists them.")

    async def _try(
        self, job: Job, credentials: Credentials
    ) -> tuple[list[Campaign], Credentials, dt.datetime | None]:
        fresh, consent_ends_at = credentials, None

        async def keep(refreshed: Credentials, ends_at: dt.datetime | None) -> None:
            nonlocal fresh, consent_ends_at
            fresh, consent_ends_at = refreshed, ends_at
            self._say("✓ The platform gave an access token.")

        campaigns: list[Campaign] = []
        async with make_http(self._transport) as http:
            asking = Asking(http, PLATFORMS[job.platform], job, credentials, keep, utc_now)
            async for page in PLATFORMS[job.platform].campaigns(asking, job):
                campaigns.extend(page.campaigns)
        return campaigns, fresh, consent_ends_at


def ask_for(channel: str) -> Credentials:
    """Ask for what a platform needs, without showing it; or read it as JSON where nobody types.

    Raises:
        ValidationError: It is no JSON, or has other members.
    """
    if not sys.stdin.isatty():
        return Credentials.model_validate_json(sys.stdin.read())
    given = {name: getpass.getpass(f"{name}: ").strip() for name in NEEDED[channel]}
    return Credentials.model_validate({name: value for name, value in given.items() if value})


async def _main(arguments: argparse.Namespace, credentials: Credentials) -> None:
    settings = ConnectSettings()
    connection = {
        "channel": arguments.channel,
        "account_id": arguments.account_id,
        "manager_id": arguments.manager,
        "consent_ends_at": arguments.consent_ends,
    }
    async with PostgREST(settings) as postgrest:
        admin = postgrest.as_caller(f"Bearer {settings.admin_jwt.get_secret_value()}")
        await Connector(admin, Sealer(settings.sync_keys), print).connect(connection, credentials)


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m functions.campaign_sync.connect")
    parser.add_argument("channel", choices=list(PLATFORMS))
    parser.add_argument("account_id", help="the platform's digits")
    parser.add_argument("--manager", help="Google's manager account, Microsoft's customer")
    parser.add_argument("--consent-ends", help="when a person has to consent anew, such as 2027-11-24")
    return parser.parse_args()


def main() -> int:
    """Do it, and say in one sentence why not."""
    arguments = _parse()
    try:
        asyncio.run(_main(arguments, ask_for(arguments.channel)))
    except ValidationError as error:
        # Which member is wrong, and never its value.
        wrong = ", ".join(".".join(map(str, item["loc"])).upper() or "the JSON" for item in error.errors())
        sys.stderr.write(f"Missing or wrong: {wrong}. docs/platforms.md says what is needed.\n")
    except Trouble as trouble:
        sys.stderr.write(
            f"✗ {arguments.channel} says no ({trouble.kind}): {trouble.error}. Nothing was kept; "
            "docs/platforms.md says what that may be.\n"
        )
    except Problem as problem:
        sys.stderr.write(f"✗ {problem.detail} {problem.hint or ''}\n")
    else:
        return 0
    return 1


if __name__ == "__main__":
    sys.exit(main())
