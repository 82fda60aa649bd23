"""Who takes part in the main job, each with their own way in and their own credentials."""

import datetime as dt
import secrets
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID

import httpx
import orjson
from standardwebhooks import Webhook

from functions.landing_page_track.uuid7 import make_uuid7
from shared.landing_page.images import BUCKET
from stack.example_secrets import GOOGLE_ADS_KEYS, STANDARD_WEBHOOKS_SECRETS
from stack.project import Project
from supabase import AsyncClient, AsyncClientOptions, acreate_client

if TYPE_CHECKING:
    from storage3.types import FileOptions

Json = dict[str, Any]

_BROWSER = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/131.0.6778.{} Safari/537.36"
_CRAWLER = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"

SEED_PASSWORD = "lokaal-wachtwoord"  # noqa: S105 - of everybody in supabase/seed.sql.


class Person:
    """A partner or an admin, whose own program is written with `supabase` as anybody's would be."""

    def __init__(self, client: AsyncClient, project: Project, http: httpx.AsyncClient) -> None:
        """Go on with a client that is signed in."""
        self.table = client.table
        self._client = client
        self._functions = project.functions_url
        self._http = http

    @classmethod
    async def sign_in(cls, project: Project, http: httpx.AsyncClient, email: str) -> "Person":
        """Sign in as somebody of the seed."""
        client = await acreate_client(
            project.supabase_url, project.publishable_key, AsyncClientOptions(httpx_client=http)
        )
        await client.auth.sign_in_with_password({"email": email, "password": SEED_PASSWORD})
        return cls(client, project, http)

    async def show_pictures(self, files: Sequence[Path]) -> dict[str, str]:
        """Have pictures in one's own folder of the bucket, and return their addresses by name."""
        folder, images = await self._user_id(), self._client.storage.from_(BUCKET)
        there = {file["name"] for file in await images.list(folder, {"limit": 1000})}
        for file in files:
            if file.name not in there:  # A name is written once.
                options: FileOptions = {"content-type": "image/webp", "cache-control": "31536000"}
                await images.upload(f"{folder}/{file.name}", file.read_bytes(), options)
        return {file.name: await images.get_public_url(f"{folder}/{file.name}") for file in files}

    async def write_profile(self, **columns: object) -> None:
        """Change one's own profile."""
        await self.table("profiles").update(columns).eq("id", await self._user_id()).execute()

    async def _user_id(self) -> str:
        session = await self._client.auth.get_session()
        if session is None:
            raise RuntimeError("Nobody is signed in.")
        return session.user.id

    async def call(self, function: str, **arguments: object) -> None:
        """Call a database function."""
        await self._client.rpc(function, arguments).execute()

    async def step(self, page_id: str, action: str, **body: object) -> Json:
        """Take a page one step through the workflow."""
        answer = await self._ask("POST", f"/landing-pages/{page_id}/{action}", body or None)
        return dict(answer.json())

    async def read(self, path: str) -> str:
        """Open a page that functions show to whoever is signed in."""
        return (await self._ask("GET", path)).text

    async def _ask(self, method: str, path: str, body: Json | None = None) -> httpx.Response:
        session = await self._client.auth.get_session()
        if session is None:
            raise RuntimeError("Nobody is signed in.")
        headers = {"Authorization": f"Bearer {session.access_token}"}
        answer = await self._http.request(method, self._functions + path, json=body, headers=headers)
        if answer.is_error:
            raise RuntimeError(f"{path} answered {answer.status_code}: {answer.text}")
        return answer


class Visitors:
    """People and machines that open a page. A visitor is told from another by their browser."""

    def __init__(self, project: Project, http: httpx.AsyncClient, page_id: str) -> None:
        """Visit one page."""
        self._http = http
        self._functions = project.functions_url
        self._page_id = page_id

    def event_id(self, moment: dt.datetime) -> UUID:
        """Make the id of a page load, as the page's script does."""
        return make_uuid7(int(moment.timestamp() * 1000), secrets.token_bytes(10))

    def _phone(self, visitor: int) -> str:
        # Of somebody who has not asked before: who asks a sixth time in a day is held.
        return f"06 1{(int(self._page_id[:8], 16) + visitor) % 10**7:07}"

    async def send_beacon(self, event_id: UUID, visitor: int | None) -> str:
        """Send a page load's beacon and return its outcome. Without a visitor, as a crawler."""
        agent = _CRAWLER if visitor is None else _BROWSER.format(visitor)
        beacon = {"id": str(event_id), "page_id": self._page_id, "kind": "view"}
        headers = {"Content-Type": "text/plain;charset=UTF-8", "User-Agent": agent}
        answer = await self._http.post(
            f"{self._functions}/events", content=orjson.dumps(beacon), headers=headers
        )
        answer.raise_for_status()
        return answer.headers["Event-Outcome"]

    async def ask_for_quote(self, event_id: UUID, visitor: int) -> int:
        """Send the lead form as the page's script does, and return the status."""
        lead = {
            "id": str(event_id),
            "page_id": self._page_id,
            "name": f"Bezoeker {visitor}",
            "email": f"bezoeker{visitor}.{self._page_id[:8]}@voorbeeld.nl",
            "phone": self._phone(visitor),
            "postcode": "5013cd",
            "message": "Het lekt bij de schoorsteen.",
            "consent": True,
        }
        headers = {"User-Agent": _BROWSER.format(visitor)}
        answer = await self._http.post(f"{self._functions}/leads", json=lead, headers=headers)
        answer.raise_for_status()
        return answer.status_code

    async def send_form(self, visitor: int) -> int:
        """Send the lead form as a browser without JavaScript does, and return the status."""
        form = {
            "page_id": self._page_id,
            "name": f"Bezoeker {visitor}",
            "phone": self._phone(visitor),
            "email": "",
            "consent": "on",
        }
        headers = {"User-Agent": _BROWSER.format(visitor)}
        answer = await self._http.post(f"{self._functions}/leads", data=form, headers=headers)
        if answer.is_error:
            raise RuntimeError(f"The form was answered with {answer.status_code}: {answer.text}")
        return answer.status_code


class AdPlatforms:
    """Google Ads, and the marketplace's own script that reports a day's spend."""

    def __init__(self, project: Project, http: httpx.AsyncClient, campaign_id: int) -> None:
        """Report on one campaign, by the platform's id."""
        self._http = http
        self._webhooks = f"{project.functions_url}/webhooks"
        self._campaign_id = campaign_id

    async def deliver_lead(self, lead_id: str) -> int:
        """Deliver a lead as Google's lead form webhook does, and return the status."""
        body = {
            "lead_id": lead_id,
            "user_column_data": [
                {"column_id": "FULL_NAME", "column_name": "Full Name", "string_value": "Jürgen Øster-Łęcki"},
                {
                    "column_id": "PHONE_NUMBER",
                    "column_name": "User Phone",
                    "string_value": "+31 13 555 01 00",
                },
            ],
            "api_version": "1.0",
            "form_id": 52083961001,
            "campaign_id": self._campaign_id,
            "google_key": GOOGLE_ADS_KEYS[0],
            "is_test": False,
            "gcl_id": "Cj0KEQiAexAmPlE1-ClickId",
        }
        answer = await self._http.post(f"{self._webhooks}/google_ads", json=body)
        return answer.raise_for_status().status_code

    async def report_day(
        self, day: dt.date, as_of: dt.datetime, spend: str, clicks: int, impressions: int
    ) -> int:
        """Report a day's cumulative figures, signed as Standard Webhooks has it, and return the status."""
        event = {
            "type": "campaign.metrics",
            "timestamp": as_of.isoformat(),
            "data": {
                "platform": "google_ads",
                "account_id": "1234567890",
                "campaign_id": str(self._campaign_id),
                "date": day.isoformat(),
                "currency": "EUR",
                "spend": spend,
                "clicks": clicks,
                "impressions": impressions,
                "as_of": as_of.isoformat(),
            },
        }
        body = orjson.dumps(event)
        headers = _sign(f"msg_{self._campaign_id}_{as_of:%H%M}", body)
        answer = await self._http.post(f"{self._webhooks}/standard", content=body, headers=headers)
        return answer.raise_for_status().status_code


def _sign(message_id: str, body: bytes) -> dict[str, str]:
    now = dt.datetime.now(dt.UTC)
    return {
        "Content-Type": "application/json",
        "webhook-id": message_id,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": Webhook(STANDARD_WEBHOOKS_SECRETS[0]).sign(message_id, now, body.decode()),
    }
