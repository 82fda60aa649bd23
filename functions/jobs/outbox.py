"""Empties the outbox of leads: takes what is due, sends it, and notes at once what became of it."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable

import structlog

from functions.jobs.delivery import DELIVERIES, Delivery, Outcome, failed, refused
from functions.jobs.lead_mail import LeadMail
from functions.jobs.smtp import Mailer, SmtpServer
from functions.jobs.webhook import WebhookSender
from shared.lead.contact import as_email
from shared.postgrest.client import Identity

log = structlog.get_logger()

RUN_SECONDS = 45
"""A run takes nothing new after that: schedulers call every minute, and what is left is due then."""

_MAILS_AT_ONCE = 20
_WEBHOOKS_AT_ONCE = 20
_BREATH_SECONDS = 0.25
"""So long webhooks that are under way are waited for before others take the places of those that are done."""


class Outbox:
    """The outbox, and the ways out of it."""

    def __init__(
        self,
        identity: Identity,
        mail: LeadMail,
        server: SmtpServer,
        webhooks: WebhookSender,
        clock: Callable[[], float],
    ) -> None:
        """Take from the database as `identity`."""
        self._identity = identity
        self._mail = mail
        self._server = server
        self._webhooks = webhooks
        self._clock = clock

    async def deliver(self) -> dict[str, object]:
        """Send what is due, for RUN_SECONDS at most. Several runs at once take different deliveries.

        Returns:
            How many of each kind were delivered, failed (they are tried again) or refused.

        Raises:
            DatabaseUnavailable: What was sent and could not be noted is sent again, with the same Message-ID.
        """
        end = self._clock() + RUN_SECONDS
        counts: Counter[str] = Counter()
        # A partner's slow program keeps no mail waiting.
        results = await asyncio.gather(
            self._send_mails(end, counts), self._send_webhooks(end, counts), return_exceptions=True
        )
        for result in results:
            if isinstance(result, BaseException):
                raise result
        return {outcome: counts[outcome] for outcome in ("delivered", "failed", "refused")}

    async def _send_mails(self, end: float, counts: Counter[str]) -> None:
        async with self._server.open() as mailer:
            for kind in ("partner_mail", "visitor_mail"):
                while self._clock() < end and not mailer.why_down:
                    deliveries = await self._take(kind, _MAILS_AT_ONCE)
                    if not deliveries:
                        break
                    for delivery in deliveries:
                        if self._clock() >= end:
                            return  # Due again when their lease is over.
                        outcome = await _whatever_happens(self._send_mail(mailer, delivery))
                        await self._note([(delivery, outcome)], counts)

    async def _send_mail(self, mailer: Mailer, delivery: Delivery) -> Outcome:
        recipient = as_email(delivery.recipient)
        if recipient is None:
            return refused("no address")
        return await mailer.send(self._mail.write(delivery, recipient), recipient)

    async def _send_webhooks(self, end: float, counts: Counter[str]) -> None:
        async with self._webhooks.open() as network:

            async def send(delivery: Delivery) -> tuple[Delivery, Outcome]:
                return delivery, await _whatever_happens(network.send(delivery))

            under_way: set[asyncio.Task[tuple[Delivery, Outcome]]] = set()
            try:
                while self._clock() < end:
                    # A program that takes its time keeps its places, and others take those that are free.
                    if free := _WEBHOOKS_AT_ONCE - len(under_way):
                        deliveries = await self._take("webhook", free)
                        under_way |= {asyncio.create_task(send(delivery)) for delivery in deliveries}
                    if not under_way:
                        break
                    done, under_way = await asyncio.wait(under_way, timeout=_BREATH_SECONDS)
                    await self._note([task.result() for task in done], counts)
            finally:
                await self._note([await task for task in under_way], counts)

    async def _take(self, kind: str, most: int) -> list[Delivery]:
        return DELIVERIES.validate_python(await self._identity.call("take_deliveries", kind=kind, most=most))

    async def _note(self, results: list[tuple[Delivery, Outcome]], counts: Counter[str]) -> None:
        if not results:
            return
        told = [
            {"id": str(delivery.id), "attempts": delivery.attempts, **outcome.model_dump()}
            for delivery, outcome in results
        ]
        await self._identity.call("note_deliveries", results=told)
        for delivery, outcome in results:
            counts[outcome.outcome] += 1
            if outcome.error:
                log.warning("not_delivered", id=str(delivery.id), kind=delivery.kind, **outcome.model_dump())


async def _whatever_happens(attempt: Awaitable[Outcome]) -> Outcome:
    """Make an outcome of a bug too: what cannot be sent must not hold up what comes after it."""
    try:
        return await attempt
    except Exception as error:  # noqa: BLE001 - said without its words, which may be a person's.
        name = type(error).__name__
        log.error("delivery_broke", error=name)  # noqa: TRY400 - as above.
        return failed(f"broke {name}")
