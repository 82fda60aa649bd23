"""Does what is due: takes a job, asks its platform page by page, keeps each, and notes what went wrong."""

import asyncio
import datetime as dt
from collections import Counter
from collections.abc import Callable
from uuid import UUID, uuid4

import httpx
import structlog

from functions.campaign_sync.asking import Asking, make_http
from functions.campaign_sync.credentials import Credentials, Sealer
from functions.campaign_sync.job import Conversion, Job, Result, Write
from functions.campaign_sync.platforms import PLATFORMS
from functions.campaign_sync.rates import fetch_rates
from functions.campaign_sync.trouble import Trouble
from shared.http.clock import AMSTERDAM, Clock
from shared.http.errors import InternalError, Problem, Refusal
from shared.postgrest.client import Identity

log = structlog.get_logger()

RUN_SECONDS = 45
"""A run begins nothing new after that: schedulers call every minute, and the next run goes on."""

_ACCOUNTS_AT_ONCE = 4


class Runner:
    """The jobs, and the ways to do them."""

    def __init__(
        self,
        identity: Identity,
        sealer: Sealer,
        transport: httpx.AsyncBaseTransport | None,
        clock: Clock,
        timer: Callable[[], float],
    ) -> None:
        """Take jobs as `identity`, and ask through `transport`, if it is not the network."""
        self._identity = identity
        self._sealer = sealer
        self._transport = transport
        self._clock = clock
        self._timer = timer

    async def run(self) -> dict[str, object]:
        """Do what is due, for RUN_SECONDS at most, in several accounts at once; other runs take other ones.

        Returns:
            How many jobs came to their end (`done`), have to wait (`waiting`) or failed, and how many pages.

        Raises:
            DatabaseUnavailable: What was kept stays, and the next run goes on.
        """
        end = self._timer() + RUN_SECONDS
        counts: Counter[str] = Counter()
        async with make_http(self._transport) as http:
            workers = (_Worker(self, http, end, counts).work() for _ in range(_ACCOUNTS_AT_ONCE))
            for result in await asyncio.gather(*workers, return_exceptions=True):
                if isinstance(result, BaseException):
                    raise result
        return {name: counts[name] for name in ("done", "waiting", "failed", "pages")}

    def today(self) -> dt.date:
        """Return the day in Frankfurt, which has Amsterdam's time."""
        return self._clock().astimezone(AMSTERDAM).date()

    def is_over(self, end: float) -> bool:
        """Tell whether the time of a run is over."""
        return self._timer() >= end

    async def call(self, function: str, /, **arguments: object) -> object:
        """Call the database."""
        return await self._identity.call(function, **arguments)

    def asking(self, http: httpx.AsyncClient, job: Job, lease: UUID) -> Asking:
        """Return what asks for a job.

        Raises:
            Trouble: Its credentials cannot be read.
        """
        if job.account is None:
            raise Trouble("permanent", "no_account")

        async def keep(credentials: Credentials, consent_ends_at: dt.datetime | None) -> None:
            await self.call(
                "keep_credentials",
                job_id=job.id,
                lease=str(lease),
                sealed=self._sealer.seal(credentials),
                consent_ends_at=consent_ends_at and consent_ends_at.isoformat(),
            )

        credentials = self._sealer.open(job.account.sealed)
        return Asking(http, PLATFORMS[job.platform], job, credentials, keep, self._clock)


class _Worker:
    """One account at a time."""

    def __init__(self, runner: Runner, http: httpx.AsyncClient, end: float, counts: Counter[str]) -> None:
        self._runner = runner
        self._http = http
        self._end = end
        self._counts = counts
        self._lease = uuid4()

    async def work(self) -> None:
        try:
            while not self._runner.is_over(self._end):
                answer = await self._runner.call("take_sync_job", lease=str(self._lease))
                if answer is None:
                    return
                await self._do(Job.model_validate(answer))
        finally:
            await self._runner.call("leave_sync", lease=str(self._lease))

    async def _do(self, job: Job) -> None:
        try:
            self._counts["done" if await self._finish(job) else "waiting"] += 1
        except Trouble as trouble:
            await self._fail(job, trouble)
        except Refusal as refusal:
            # Somebody else has it now, or had a lock that we wanted: it is still due, and taken again.
            if refusal.code in {"lease_lost", "retry"}:
                log.warning("sync_put_off", job=job.id, code=refusal.code)
            else:
                # What a platform said is too much for it: the other accounts do not wait for that.
                await self._fail(job, Trouble("transient", refusal.code))
        except InternalError:
            # The database cannot make a number or a day of what the platform said, as the log has it.
            # Whatever else it is, the other accounts do not wait for it.
            await self._fail(job, Trouble("transient", "page_refused"))
        except Problem:
            raise
        except Exception as error:  # noqa: BLE001 - said without its words, which may quote a token.
            log.error("sync_broke", job=job.id, error=type(error).__name__)  # noqa: TRY400 - as above.
            await self._fail(job, Trouble("transient", f"broke {type(error).__name__}"))

    async def _finish(self, job: Job) -> bool:
        """Return whether the job came to its end."""
        if job.kind == "rates":
            async for rates in fetch_rates(self._http, job, self._runner.today()):
                await self._call("store_rates", job, **rates)
            return True
        if job.kind == "writes":
            return await self._write(job)
        if job.kind == "conversions":
            return await self._tell(job)
        if job.status == "waiting" and not await self._fetch(job):
            return False
        while not self._runner.is_over(self._end):
            if await self._call("apply_sync_window", job):
                return True
        return False

    async def _fetch(self, job: Job) -> bool:
        """Return whether the last page is there."""
        asking = self._runner.asking(self._http, job, self._lease)
        adapter = PLATFORMS[job.platform]
        asks = {
            "days": adapter.days,
            "campaigns": adapter.campaigns,
            "leads": adapter.leads,
            "details": adapter.details,
        }
        async for page in asks[job.kind](asking, job):
            may_go_on = await self._call("store_sync_page", job, page=page.row())
            self._counts["pages"] += 1
            if page.is_last:
                return True
            if page.wait_seconds or not may_go_on or self._runner.is_over(self._end):
                return False
        raise Trouble("permanent", "no_last_page")

    async def _write(self, job: Job) -> bool:
        """Return whether all is written that was to be."""
        asking = self._runner.asking(self._http, job, self._lease)
        while not self._runner.is_over(self._end):
            answer = await self._call("take_campaign_write", job)
            if answer is None:
                return True
            write = Write.model_validate(answer)
            try:
                await self._write_one(job, asking, write)
            except Trouble as trouble:
                if trouble.kind != "permanent":
                    raise
                refusal = {"reason": trouble.error, "is_by_hand": trouble.is_forbidden}
                await self._call("refuse_campaign_write", job, write_id=write.id, **refusal)
        return False

    async def _write_one(self, job: Job, asking: Asking, write: Write) -> None:
        adapter = PLATFORMS[job.platform]
        campaign_id = write.external_campaign_id
        if not (campaign_id.isascii() and campaign_id.isdigit()):
            # Ids become part of addresses and queries.
            raise Trouble("permanent", "campaign_not_found")
        campaign = await adapter.campaign(asking, job, campaign_id)
        order = adapter.order(job, campaign, write)
        judged = {"write_id": write.id, "campaign": campaign.row(), "request": order.row()}
        if await self._call("judge_campaign_write", job, **judged, may_send=True) != "send":
            return
        await asking.change(order)
        campaign = await adapter.campaign(asking, job, campaign_id)
        judged |= {"campaign": campaign.row()}
        if await self._call("judge_campaign_write", job, **judged, may_send=False) == "wait":
            raise Trouble("transient", "not_taken_yet")

    async def _tell(self, job: Job) -> bool:
        """Return whether the platform has been told of all that it was to be."""
        asking, adapter = self._runner.asking(self._http, job, self._lease), PLATFORMS[job.platform]
        while not self._runner.is_over(self._end):
            answer = await self._call("take_conversion", job)
            if answer is None:
                return True
            conversion = Conversion.model_validate(answer)
            try:
                if conversion.reference is not None:
                    result = await adapter.result(asking, job, conversion)
                else:
                    result = adapter.told(await asking.change(adapter.conversion(job, conversion)))
            except Trouble as trouble:
                if trouble.kind != "permanent":
                    raise
                result = Result("refused", trouble.error)
            await self._call("note_conversion", job, conversion_id=conversion.id, result=result.row())
        return False

    async def _call(self, function: str, job: Job, **arguments: object) -> object:
        return await self._runner.call(function, job_id=job.id, lease=str(self._lease), **arguments)

    async def _fail(self, job: Job, trouble: Trouble) -> None:
        self._counts["failed"] += 1
        log.warning("sync_failed", job=job.id, platform=job.platform, kind=trouble.kind, error=trouble.error)
        try:
            await self._call("fail_sync_job", job, failure=trouble.row())
        except Refusal as refusal:
            if refusal.code != "lease_lost":
                raise
