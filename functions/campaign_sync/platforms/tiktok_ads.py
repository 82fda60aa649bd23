"""TikTok: the integrated report, a campaign and a day a row. All is HTTP 200, and `code` says what it is.

https://business-api.tiktok.com/portal/docs?id=1740302848100353: lists in a query are JSON, paths end in
a slash.
Return codes: https://business-api.tiktok.com/portal/docs?id=1737172488964097.
"""

import datetime as dt
import json
from collections.abc import AsyncIterator, Mapping, Sequence
from decimal import Decimal
from typing import NamedTuple, Self

from pydantic import Field, field_validator

from functions.campaign_sync.asking import Answer, Asking
from functions.campaign_sync.credentials import Credentials
from functions.campaign_sync.job import (
    AccountFacts,
    BudgetNote,
    Campaign,
    Conversion,
    Cursor,
    Day,
    Job,
    Order,
    Page,
    Result,
    Switch,
    Write,
)
from functions.campaign_sync.platforms.platform import (
    LEADS_AT_ONCE,
    Adapter,
    Told,
    number_of,
    only,
    read,
    text_of,
)
from functions.campaign_sync.platforms.spans import Span
from functions.campaign_sync.platforms.tiktok_leads import read_leads
from functions.campaign_sync.trouble import Scope, Trouble
from shared.campaign_events.event import CampaignEvent

MAX_DAYS = 30
"""More are refused where days are told apart."""

_ROWS = 1000
_METRICS = ("campaign_name", "spend", "impressions", "clicks", "conversion")
# Deleted campaigns fall out of past days unless they are asked for.
_EVERY_STATUS = {"field_name": "campaign_status", "filter_type": "IN", "filter_value": '["STATUS_ALL"]'}

_DAILY = {"BUDGET_MODE_DAY", "BUDGET_MODE_DYNAMIC_DAILY_BUDGET"}
_NOTES: Mapping[str, BudgetNote] = {
    "BUDGET_MODE_INFINITE": "lower_level",
    "BUDGET_MODE_TOTAL": "total",
    "BUDGET_MODE_DYNAMIC_DAILY_BUDGET": "automated",
}
_SWITCHES: Mapping[str, Switch] = {"ENABLE": "on", "DISABLE": "off"}
_DELETED = "CAMPAIGN_STATUS_DELETE"

# A file of leads is asked about for half an hour: most are small.
_FIRST_WAIT, _WAIT, _POLLS = 20, 60, 30

_OK = 0
_OF_APP = {40016, 40100}
_OF_ACCOUNT = {40133}
_TOKEN = {40102, 40104, 40105}
_SERVER = range(50000, 60000)
_DUPLICATE_REQUEST = 40050
_NO_RIGHT = 40001


class _Dimensions(Told):
    campaign_id: str
    stat_time_day: dt.date

    @field_validator("stat_time_day", mode="before")
    @classmethod
    def _cut(cls, value: object) -> object:
        return value[:10] if isinstance(value, str) else value  # 2026-11-20 00:00:00


class _Metrics(Told):
    spend: Decimal
    clicks: int
    impressions: int
    conversion: Decimal = Decimal(0)


class _Row(Told):
    dimensions: _Dimensions
    metrics: _Metrics

    def day(self, currency: str) -> Day:
        metrics = self.metrics
        return Day(
            self.dimensions.campaign_id,
            self.dimensions.stat_time_day,
            currency,
            metrics.spend,
            metrics.clicks,
            metrics.impressions,
            metrics.conversion,
        )


class _PageInfo(Told):
    page: int
    total_page: int


class _Report(Told):
    rows: list[_Row] = Field(alias="list")
    page_info: _PageInfo


class _ReportAnswer(Told):
    data: _Report


class _Advertiser(Told):
    advertiser_id: str
    currency: str
    timezone: str | None = None
    name: str | None = None


class _Advertisers(Told):
    rows: list[_Advertiser] = Field(alias="list")


class _AdvertiserAnswer(Told):
    data: _Advertisers


class _CampaignRow(Told):
    campaign_id: str
    campaign_name: str
    secondary_status: str
    operation_status: str = ""
    budget_mode: str = ""
    budget: Decimal | None = None
    campaign_automation_type: str = ""

    def campaign(self) -> Campaign:
        note = _NOTES.get(self.budget_mode)
        switch = _SWITCHES.get(self.operation_status)
        if self.campaign_automation_type == "UPGRADED_SMART_PLUS":
            # It has calls of its own, and refuses these.
            note, switch = "automated", None
        if self.secondary_status == _DELETED:
            switch = "ended"
        # 0 where there is none of its own.
        budget = self.budget if self.budget_mode in _DAILY else None
        return Campaign(self.campaign_id, self.campaign_name, self.secondary_status, budget, note, switch)


class _Campaigns(Told):
    rows: list[_CampaignRow] = Field(alias="list")
    page_info: _PageInfo


class _CampaignAnswer(Told):
    data: _Campaigns


class _Form(Told):
    page_id: str = Field(coerce_numbers_to_str=True)


class _Forms(Told):
    rows: list[_Form] = Field(alias="list")
    page_info: _PageInfo


class _FormAnswer(Told):
    data: _Forms


class _Task(Told):
    task_id: str = Field(coerce_numbers_to_str=True)
    status: str

    @property
    def is_done(self) -> bool:
        return self.status.startswith("SUCCE")

    @property
    def has_failed(self) -> bool:
        return self.status.startswith("FAIL")


class _TaskAnswer(Told):
    data: _Task


class _Export(NamedTuple):
    """How far the files of leads are: one form after the other, since a file lives for ten minutes."""

    forms: tuple[str, ...]
    task: str | None = None
    polls: int = 0
    missed: int = 0

    @classmethod
    def of(cls, cursor: Cursor | None) -> Self | None:
        forms = (cursor or {}).get("forms")
        if not isinstance(forms, list):
            return None
        polls, missed = number_of(cursor, "polls", 0), number_of(cursor, "missed", 0)
        return cls(tuple(forms), text_of(cursor, "task"), polls, missed)

    def cursor(self) -> Cursor:
        return {**self._asdict(), "forms": list(self.forms)}

    def waits(self, task: str) -> Self:
        return self._replace(task=task, polls=self.polls + 1)

    def next(self, *, is_whole: bool) -> Self:
        return self._replace(forms=self.forms[1:], task=None, polls=0, missed=self.missed + (not is_whole))


class _Envelope(Told):
    code: int


class TikTokAds(Adapter):
    """TikTok's Business API."""

    def headers(self, job: Job, credentials: Credentials) -> Mapping[str, str]:  # noqa: ARG002 - a job's account is in others' headers.
        """Return the token, in a header of TikTok's own."""
        token = credentials.access_token
        return {"Access-Token": token.get_secret_value()} if token is not None else {}

    def trouble(self, answer: Answer) -> Trouble | None:
        """Read `code`, whatever the HTTP status is."""
        try:
            code = read(_Envelope, answer).code
        except Trouble:
            # No JSON may be a file. Whoever asked for something else finds that it is not that.
            return None
        if code == _OK:
            return None
        if code in _OF_APP | _OF_ACCOUNT:
            # A breach of the minute is five minutes of silence.
            scope: Scope = "platform" if code in _OF_APP else "account"
            return Trouble("throttled", str(code), seconds=300, scope=scope)
        if code in _TOKEN:
            return Trouble("auth", str(code))
        if code in _SERVER or code == _DUPLICATE_REQUEST:
            return Trouble("transient", str(code))
        return Trouble("permanent", str(code), is_forbidden=code == _NO_RIGHT)

    async def days(self, asking: Asking, job: Job) -> AsyncIterator[Page]:
        """Ask page by page, in spans of 30 days. The currency stands with the account."""
        span = Span.of(job, MAX_DAYS)
        page = number_of(job.cursor, "page", 1)
        currency = text_of(job.cursor, "currency")
        if currency is None:
            account = await _find_account(asking, job)
            currency = account.currency
            facts = AccountFacts(currency, account.timezone, account.name)
            yield Page(cursor={**span.cursor(), "page": page, "currency": currency}, account=facts)
        while True:
            answer = await asking.get(
                f"{job.apis['ads'].url}/report/integrated/get/", _report_params(job, span, page)
            )
            if "x-tt-ads-throttle" in answer.headers:
                # More ads than TikTok answers for: what is missing must not be taken for nothing.
                raise Trouble("permanent", "answer_truncated")
            report = read(_ReportAnswer, answer).data
            days = [row.day(currency) for row in report.rows]
            is_last = False
            if page < report.page_info.total_page:
                page += 1
            else:
                is_last, span, page = span.is_last, span.next(), 1
            yield Page(days, cursor={**span.cursor(), "page": page, "currency": currency}, is_last=is_last)
            if is_last:
                return

    async def campaigns(self, asking: Asking, job: Job) -> AsyncIterator[Page]:
        """Ask for those of every status, page by page."""
        page = number_of(job.cursor, "page", 1)
        while True:
            params = {
                "advertiser_id": job.account_id,
                "filtering": json.dumps({"primary_status": "STATUS_ALL"}),
                "page": str(page),
                "page_size": str(_ROWS),
            }
            found = read(
                _CampaignAnswer, await asking.get(f"{job.apis['ads'].url}/campaign/get/", params)
            ).data
            page += 1
            is_last = page > found.page_info.total_page
            campaigns = [row.campaign() for row in found.rows]
            yield Page(campaigns=campaigns, cursor=None if is_last else {"page": page}, is_last=is_last)
            if is_last:
                return

    async def leads(self, asking: Asking, job: Job) -> AsyncIterator[Page]:
        """Have the leads of each form made into a file: https://business-api.tiktok.com/portal/docs?id=1701890942344193.

        It has all that the form ever brought. A form whose file is not to be had, or not to be read, keeps
        none from the others; the job fails once they have been asked.
        """
        export = _Export.of(job.cursor) or _Export(await _find_forms(asking, job))
        while export.forms:
            asked = {"task_id": export.task} if export.task else {"page_id": export.forms[0]}
            body = {"advertiser_id": job.account_id, **asked}
            answer = await asking.post(f"{job.apis['ads'].url}/page/lead/task/", body)
            task = read(_TaskAnswer, answer).data
            if not task.is_done and not task.has_failed and export.polls < _POLLS:
                wait = _FIRST_WAIT if export.polls == 0 else _WAIT
                yield Page(cursor=export.waits(task.task_id).cursor(), wait_seconds=wait)
                return
            leads, is_whole = await _fetch_leads(asking, job, export.forms[0], task)
            following = export.next(is_whole=is_whole)
            while len(leads) > LEADS_AT_ONCE:
                yield Page(leads=leads[:LEADS_AT_ONCE], cursor=export.cursor())
                leads = leads[LEADS_AT_ONCE:]
            yield Page(leads=leads, cursor=following.cursor())
            export = following
        if export.missed:
            raise Trouble("permanent", "lead_files_missing")
        yield Page(is_last=True)

    async def campaign(self, asking: Asking, job: Job, campaign_id: str) -> Campaign:
        """Ask for those of that id, deleted or not."""
        params = {
            "advertiser_id": job.account_id,
            "filtering": json.dumps({"campaign_ids": [campaign_id], "primary_status": "STATUS_ALL"}),
        }
        found = read(_CampaignAnswer, await asking.get(f"{job.apis['ads'].url}/campaign/get/", params)).data
        return only((row.campaign() for row in found.rows), campaign_id)

    def order(self, job: Job, campaign: Campaign, write: Write) -> Order:
        """Update its status, or its budget: they have calls of their own.

        https://business-api.tiktok.com/portal/docs?id=1739320994354178 and …?id=1739320422086657.
        """
        url = f"{job.apis['ads'].url}/campaign"
        if write.budget is None:
            body = {
                "campaign_ids": [campaign.campaign_id],
                "operation_status": "ENABLE" if write.is_active else "DISABLE",
            }
            return Order("POST", f"{url}/status/update/", {"advertiser_id": job.account_id, **body})
        change = {"campaign_id": campaign.campaign_id, "budget": float(write.budget)}
        return Order("POST", f"{url}/update/", {"advertiser_id": job.account_id, **change})

    def conversion(self, job: Job, conversion: Conversion) -> Order:
        """Track one event, of a CRM if the lead came from a form on TikTok.

        https://business-api.tiktok.com/portal/docs?id=1771101303285761.
        """
        person: dict[str, object] = dict(conversion.click or {})
        person |= {name: [value] for name, value in (conversion.hashes or {}).items()}
        event: dict[str, object] = {
            "event": conversion.event_name,
            "event_time": int(conversion.happened_at.timestamp()),
            "event_id": conversion.lead_id,
            "user": person,
        }
        if conversion.value is not None:
            properties = {"currency": "EUR", "value": float(conversion.value), "order_id": conversion.lead_id}
            event["properties"] = properties
        if conversion.platform_lead_id is not None:
            event["lead"] = {
                "lead_id": conversion.platform_lead_id,
                "lead_event_source": "lead marketplace",
            }
        body = {
            "event_source": "web" if conversion.platform_lead_id is None else "crm",
            "event_source_id": conversion.target_id,
            "data": [event],
        }
        return Order("POST", f"{job.apis['ads'].url}/event/track/", body)

    def told(self, answer: Answer) -> Result:
        """Read `code` once more: that it is 0 is all that TikTok says."""
        read(_Envelope, answer)
        return Result("done")


async def _find_account(asking: Asking, job: Job) -> _Advertiser:
    params = {"advertiser_ids": json.dumps([job.account_id])}
    found = read(_AdvertiserAnswer, await asking.get(f"{job.apis['ads'].url}/advertiser/info/", params))
    account = next((one for one in found.data.rows if one.advertiser_id == job.account_id), None)
    if account is None:
        raise Trouble("permanent", "no_rights_on_account")
    return account


async def _find_forms(asking: Asking, job: Job) -> tuple[str, ...]:
    """Find the account's forms, whatever became of them: https://business-api.tiktok.com/portal/docs?id=1701890945985537."""
    forms: list[str] = []
    page = 0
    while True:
        page += 1
        params = {"advertiser_id": job.account_id, "business_type": "LEAD_GEN"}
        params |= {"page": str(page), "page_size": "100"}
        found = read(_FormAnswer, await asking.get(f"{job.apis['ads'].url}/page/get/", params)).data
        forms += [row.page_id for row in found.rows]
        if page >= found.page_info.total_page:
            return tuple(dict.fromkeys(forms))


async def _fetch_leads(
    asking: Asking, job: Job, form: str, task: _Task
) -> tuple[Sequence[CampaignEvent], bool]:
    """Return the leads of a form that are in the window, and whether those are all."""
    if not task.is_done:
        return [], False
    params = {"advertiser_id": job.account_id, "task_id": task.task_id}
    try:
        file = await asking.get(f"{job.apis['ads'].url}/page/lead/task/download/", params)
        return read_leads(file.content, job, form)
    except Trouble as trouble:
        # Such as a file that is gone after its ten minutes.
        if trouble.kind != "permanent":
            raise
        return [], False


def _report_params(job: Job, span: Span, page: int) -> dict[str, str]:
    return {
        "advertiser_id": job.account_id,
        "report_type": "BASIC",
        "service_type": "AUCTION",
        "data_level": "AUCTION_CAMPAIGN",
        "dimensions": json.dumps(["campaign_id", "stat_time_day"]),
        "metrics": json.dumps(_METRICS),
        "filtering": json.dumps([_EVERY_STATUS]),
        "start_date": span.first.isoformat(),
        "end_date": span.last.isoformat(),
        "page": str(page),
        "page_size": str(_ROWS),
    }
