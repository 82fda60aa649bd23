"""A partner's own program is told of a lead, as https://www.standardwebhooks.com has it."""

import asyncio
import datetime as dt
import json
import ssl
from types import TracebackType
from typing import Self

import httpcore
import httpx
from standardwebhooks import Webhook

from functions.jobs.delivery import DELIVERED, Delivery, Outcome, failed, refused
from shared.http.public_network import NotPublicError, PublicNetwork

SECONDS = 8
"""For all of an attempt: looking up, connecting, sending and the first line of the answer."""

_GONE = 410
_MAX_CONNECTIONS = 20


class WebhookSender:
    """Makes the connections of a run."""

    def __init__(
        self,
        site_origin: str,
        network: PublicNetwork | None = None,
        ssl_context: ssl.SSLContext | None = None,
    ) -> None:
        """Send links to pages under `site_origin`; a test brings a network and a certificate of its own."""
        self._site_origin = site_origin
        self._network = network or PublicNetwork()
        self._ssl_context = ssl_context or httpx.create_ssl_context(trust_env=False)

    def open(self) -> "WebhookConnections":
        """Return what sends, for one run. Close it with `async with`."""
        pool = httpcore.AsyncConnectionPool(
            ssl_context=self._ssl_context, network_backend=self._network, max_connections=_MAX_CONNECTIONS
        )
        return WebhookConnections(pool, self._site_origin)


class WebhookConnections:
    """Sends webhook after webhook."""

    def __init__(self, pool: httpcore.AsyncConnectionPool, site_origin: str) -> None:
        """Send through `pool`."""
        self._pool = pool
        self._site_origin = site_origin

    async def send(self, delivery: Delivery) -> Outcome:
        """Tell a partner's program, and say whether it took it: with 2xx. A redirect is not followed."""
        if not delivery.webhook_url or not delivery.webhook_secret:
            return refused("no webhook")
        body = write_event(delivery, self._site_origin)
        headers = sign(delivery, body)
        try:
            async with (
                asyncio.timeout(SECONDS),
                # Nothing but the status is read: the rest could be as long as they like.
                self._pool.stream("POST", delivery.webhook_url, headers=headers, content=body) as response,
            ):
                status = response.status
        except NotPublicError:
            return failed("webhook not public")
        except (TimeoutError, httpcore.TimeoutException):
            return failed("webhook timeout")
        except (httpcore.NetworkError, httpcore.ProtocolError, ssl.SSLError, OSError):
            return failed("webhook unreachable")
        if httpx.codes.is_success(status):
            return DELIVERED
        return refused("http 410") if status == _GONE else failed(f"http {status}")

    async def __aenter__(self) -> Self:
        """Return itself."""
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the connections."""
        await self._pool.aclose()


def write_event(delivery: Delivery, site_origin: str) -> bytes:
    """Write the event, `lead.created`."""
    page = delivery.page
    event = {
        "type": "lead.created",
        "timestamp": delivery.submitted_at.isoformat(),
        "data": {
            "lead_id": str(delivery.lead_id),
            "outcome": delivery.outcome,
            "submitted_at": delivery.submitted_at.isoformat(),
            "source": delivery.source or delivery.channel,
            "page": page and {"title": page.title, "url": page.path and f"{site_origin}{page.path}"},
            **delivery.person.model_dump(),
        },
    }
    return json.dumps(event, ensure_ascii=False).encode()


def sign(delivery: Delivery, body: bytes) -> dict[str | bytes, str | bytes]:
    """Return the headers of an attempt. Its time is now, its id that of the delivery."""
    if delivery.webhook_secret is None:
        raise ValueError("There is nothing to sign with.")
    now = dt.datetime.now(dt.UTC)
    signature = Webhook(delivery.webhook_secret.get_secret_value()).sign(str(delivery.id), now, body.decode())
    return {
        "Content-Type": "application/json",
        "User-Agent": "partner-marketing/1 (+standard webhooks)",
        "webhook-id": str(delivery.id),
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": signature,
    }
