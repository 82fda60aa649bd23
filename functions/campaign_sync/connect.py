"""Connect an ad account, as an admin: seals its credentials and has the database keep them.

SUPABASE_URL=… SUPABASE_PUBLISHABLE_KEY=… SYNC_KEYS='["…"]' ADMIN_JWT=… \
    python -m functions.campaign_sync.connect google_ads 1234567890 --manager 1112223334 < credentials.json

docs/platforms.md says what credentials each platform has. They come by standard input, so that no token
stands in a shell's history.
"""

import argparse
import asyncio
import sys

from pydantic import ValidationError

from functions.campaign_sync.credentials import Credentials, Sealer
from functions.campaign_sync.platforms import PLATFORMS
from functions.campaign_sync.settings import SealingSettings
from shared.http.errors import Problem
from shared.http.settings import Secret
from shared.postgrest.client import Identity, PostgREST


class ConnectSettings(SealingSettings):
    """Settings of the command."""

    admin_jwt: Secret


async def connect(admin: Identity, sealer: Sealer, connection: dict[str, object], given: str) -> str:
    """Keep an account's credentials, given as JSON, and say what became of it.

    Raises:
        ValidationError: They are no JSON, or have other members.
        Refusal: `connection_refused`, `not_allowed`.
    """
    credentials = Credentials.model_validate_json(given)
    answer = await admin.call("connect_ad_account", connection=connection, sealed=sealer.seal(credentials))
    is_new = isinstance(answer, dict) and answer.get("is_new")
    done = "is connected" if is_new else "has new credentials"
    return (
        f"{connection['channel']} {connection['account_id']} {done}. private.sync_health shows how it goes."
    )


async def _main(arguments: argparse.Namespace) -> int:
    settings = ConnectSettings()
    connection: dict[str, object] = {
        "channel": arguments.channel,
        "account_id": arguments.account_id,
        "manager_id": arguments.manager,
        "consent_ends_at": arguments.consent_ends,
    }
    async with PostgREST(settings) as postgrest:
        admin = postgrest.as_caller(f"Bearer {settings.admin_jwt.get_secret_value()}")
        try:
            done = await connect(admin, Sealer(settings.sync_keys), connection, sys.stdin.read())
        except ValidationError as error:
            # Which member is wrong, and never its value.
            wrong = ", ".join(".".join(map(str, item["loc"])) or "the JSON" for item in error.errors())
            sys.stderr.write(
                f"The credentials cannot be read: {wrong}. docs/platforms.md says what they are.\n"
            )
            return 1
        except Problem as problem:
            sys.stderr.write(f"{problem.detail} {problem.hint or ''}\n")
            return 1
    sys.stdout.write(f"{done}\n")
    return 0


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m functions.campaign_sync.connect")
    parser.add_argument("channel", choices=list(PLATFORMS))
    parser.add_argument("account_id", help="the platform's digits")
    parser.add_argument("--manager", help="Google's manager account, Microsoft's customer")
    parser.add_argument("--consent-ends", help="when a person has to consent anew, such as 2027-11-24")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(asyncio.run(_main(_parse())))
