"""Microsoft Advertising: a report is ordered, asked about, and fetched as a zip with one CSV.

https://learn.microsoft.com/advertising/guides/request-download-report, by REST. What is wrong stands in the
body, under `Code` and `ErrorCode` at whatever depth: …/guides/operation-error-codes.
"""

import csv
import datetime as dt
import zipfile
from collections.abc import AsyncIterator, Iterator, Mapping
from decimal import Decimal
from itertools import islice

import httpx
from pydantic import Field, field_validator

from functions.campaign_sync.asking import Answer, Asking
from functions.campaign_sync.credentials import Credentials
from functions.campaign_sync.csv_file import unzip_csv
from functions.campaign_sync.job import (
    BudgetNote,
    Campaign,
    Conversion,
    Day,
    Job,
    Order,
    Page,
    Result,
    Switch,
    Write,
)
from functions.campaign_sync.platforms.platform import Adapter, Told, number_of, only, read, text_of
from functions.campaign_sync.trouble import Kind, Trouble

_COLUMNS = (
    "TimePeriod", "AccountId", "CampaignId", "CampaignName", "CampaignStatus", "CurrencyCode", "Impressions",
    "Clicks", "Spend", "ConversionsQualified",
)  # fmt: skip
_ROWS = 5000

# Polls are to be minutes apart; the first is a guess that small reports are quick.
_WAITS = (20, 120, 240, 480, 900)

_THROTTLED = {"117": 60, "CallRateExceeded": 60, "4204": 900, "207": 300, "ConcurrentRequestOverLimit": 300}
_KINDS: Mapping[str, Kind] = {
    "109": "expired",
    "AuthenticationTokenExpired": "expired",
    "105": "auth",
    "InvalidCredentials": "auth",
    "0": "transient",
    "InternalError": "transient",
}
_RIGHTS = {"106", "UserIsNotAuthorized"}
# What a used-up budget pauses is on nevertheless.
_SWITCHES: Mapping[str, Switch] = {
    "Active": "on",
    "BudgetPaused": "on",
    "Paused": "off",
    "BudgetAndManualPaused": "off",
    "Deleted": "ended",
}


class _Submitted(Told):
    report_id: str = Field(alias="ReportRequestId")


class _ReportStatus(Told):
    status: str = Field(alias="Status")
    url: str | None = Field(None, alias="ReportDownloadUrl")


class _Polled(Told):
    report: _ReportStatus = Field(alias="ReportRequestStatus")


class _Row(Told):
    day: dt.date = Field(alias="TimePeriod")
    campaign_id: str = Field(alias="CampaignId")
    currency: str = Field(alias="CurrencyCode")
    impressions: int = Field(alias="Impressions")
    clicks: int = Field(alias="Clicks")
    spend: Decimal = Field(alias="Spend")
    conversions: Decimal = Field(alias="ConversionsQualified")

    @field_validator("impressions", "clicks", "spend", "conversions", mode="before")
    @classmethod
    def _plain(cls, value: object) -> object:
        # 1,041.05, and nothing at all where there was nothing to count.
        return value.replace(",", "") or "0" if isinstance(value, str) else value


class _CampaignRow(Told):
    id: str = Field(alias="Id")
    name: str = Field(alias="Name")
    status: str = Field(alias="Status")
    daily_budget: Decimal | None = Field(None, alias="DailyBudget")
    budget_id: str | None = Field(None, alias="BudgetId")

    def campaign(self) -> Campaign:
        note: BudgetNote | None = "shared" if self.budget_id is not None else None
        switch = _SWITCHES.get(self.status)
        return Campaign(self.id, self.name, self.status, self.daily_budget, note, switch)


class _Applied(Told):
    errors: list[object] = Field(alias="PartialErrors", max_length=0)


class _Campaigns(Told):
    campaigns: list[_CampaignRow | None] | None = Field(alias="Campaigns")

    def known(self) -> list[Campaign]:
        # Of ids that there are not, null.
        return [row.campaign() for row in self.campaigns or [] if row is not None]


class MicrosoftAds(Adapter):
    """Microsoft's REST API, v13."""

    def headers(self, job: Job, credentials: Credentials) -> Mapping[str, str]:
        """Return the token, the developer's token, and whose account it is."""
        headers = {"CustomerAccountId": job.account_id}
        if job.account is not None and job.account.manager_id is not None:
            headers["CustomerId"] = job.account.manager_id
        if credentials.developer_token is not None:
            headers["DeveloperToken"] = credentials.developer_token.get_secret_value()
        if credentials.access_token is not None:
            headers["Authorization"] = f"Bearer {credentials.access_token.get_secret_value()}"
        return headers

    def trouble(self, answer: Answer) -> Trouble | None:
        """Look for codes anywhere in the body, which is the only thing that is documented."""
        # A success may have failed: https://learn.microsoft.com/advertising/guides/handle-service-errors-exceptions.
        if answer.is_success and b'"PartialErrors"' not in answer.content:
            return None
        codes = list(_find_codes(answer.perhaps_json()))
        word = next((code for code in reversed(codes) if not code.isdigit()), None) or next(iter(codes), "")
        for code in codes:
            if code in _THROTTLED:
                return Trouble("throttled", word, seconds=_THROTTLED[code])
            if kind := _KINDS.get(code):
                return Trouble(kind, word)
        if not codes or answer.status == httpx.codes.UNAUTHORIZED:
            return None
        return Trouble("permanent", word[:100], is_forbidden=not _RIGHTS.isdisjoint(codes))

    async def days(self, asking: Asking, job: Job) -> AsyncIterator[Page]:
        """Order the report, or ask about the one that was ordered, or read it."""
        report_id = text_of(job.cursor, "report")
        if report_id is None:
            submitted = read(_Submitted, await asking.post(_url(job, "Submit"), _order(job)))
            yield Page(cursor={"report": submitted.report_id}, wait_seconds=_WAITS[0])
            return
        report = read(_Polled, await asking.post(_url(job, "Poll"), {"ReportRequestId": report_id})).report
        if report.status == "Pending":
            polls = number_of(job.cursor, "polls", 0) + 1
            wait = _WAITS[min(polls, len(_WAITS) - 1)]
            yield Page(cursor={**(job.cursor or {}), "polls": polls}, wait_seconds=wait)
        elif report.status != "Success":
            # Ordered anew by the next run.
            yield Page(wait_seconds=_WAITS[1])
        elif report.url is None:
            yield Page(is_last=True)
        else:
            archive = await asking.download(report.url)
            done = number_of(job.cursor, "parts", 0)
            for part, (days, is_last) in enumerate(_read_parts(archive)):
                if part >= done:
                    yield Page(days, cursor={"report": report_id, "parts": part + 1}, is_last=is_last)

    async def campaigns(self, asking: Asking, job: Job) -> AsyncIterator[Page]:
        """Ask for those of every type: one answer has them all."""
        url = f"{job.apis['ads'].url}/Campaigns/QueryByAccountId"
        answer = await asking.post(url, {"AccountId": job.account_id, "CampaignType": _TYPES})
        yield Page(campaigns=read(_Campaigns, answer).known(), is_last=True)

    async def campaign(self, asking: Asking, job: Job, campaign_id: str) -> Campaign:
        """Ask for it by its id, whatever its type."""
        url = f"{job.apis['ads'].url}/Campaigns/QueryByIds"
        asked = {"AccountId": job.account_id, "CampaignIds": [campaign_id], "CampaignType": _TYPES}
        return only(read(_Campaigns, await asking.post(url, asked)).known(), campaign_id)

    def order(self, job: Job, campaign: Campaign, write: Write) -> Order:
        """Update it: https://learn.microsoft.com/advertising/campaign-management-service/updatecampaigns."""
        change: dict[str, object] = {"Status": "Active" if write.is_active else "Paused"}
        if write.budget is not None:
            change = {"DailyBudget": float(write.budget)}
        row = {"Id": campaign.campaign_id, **change}
        return Order(
            "PUT", f"{job.apis['ads'].url}/Campaigns", {"AccountId": job.account_id, "Campaigns": [row]}
        )

    def conversion(self, job: Job, conversion: Conversion) -> Order:
        """Apply one: https://learn.microsoft.com/advertising/campaign-management-service/applyofflineconversions.

        It has no place for an id of ours; the same click or person, goal and time count once.
        """
        happened_at = conversion.happened_at.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        event: dict[str, object] = {"ConversionName": conversion.target_id, "ConversionTime": happened_at}
        if conversion.click:
            event["MicrosoftClickId"] = conversion.click["msclkid"]
        else:
            event["HashedEmailAddress"] = conversion.hashed("email")
        if conversion.value is not None:
            event |= {"ConversionValue": float(conversion.value), "ConversionCurrencyCode": "EUR"}
        return Order(
            "POST", f"{job.apis['ads'].url}/OfflineConversions/Apply", {"OfflineConversions": [event]}
        )

    def told(self, answer: Answer) -> Result:
        """Read that there are no partial errors, which is what a success says."""
        read(_Applied, answer)
        return Result("done")


_TYPES = "Search,Shopping,DynamicSearchAds,Audience,Hotel,PerformanceMax,App"
"""Of which only the first is answered for unless it is said."""


def _url(job: Job, step: str) -> str:
    return f"{job.apis['reports'].url}/GenerateReport/{step}"


def _order(job: Job) -> dict[str, object]:
    window = job.window
    return {
        "ReportRequest": {
            "Type": "CampaignPerformanceReportRequest",
            "ReportName": f"days {window.first} {window.last}",
            "Aggregation": "Daily",
            "Columns": _COLUMNS,
            # No filter: days of campaigns that were deleted stay in.
            "Scope": {"AccountIds": [job.account_id]},
            "Time": {
                "CustomDateRangeStart": _date(window.first),
                "CustomDateRangeEnd": _date(window.last),
                # Pacific, unless it is said.
                "ReportTimeZone": "AmsterdamBerlinBernRomeStockholmVienna",
            },
            "Format": "Csv",
            "FormatVersion": "2.0",
            "ExcludeReportHeader": True,
            "ExcludeReportFooter": True,
            "ReturnOnlyCompleteData": False,
        }
    }


def _date(day: dt.date) -> dict[str, int]:
    return {"Day": day.day, "Month": day.month, "Year": day.year}


def _read_parts(archive: bytes) -> Iterator[tuple[list[Day], bool]]:
    """Read the CSV in parts, and say which is the last.

    Raises:
        Trouble: It is no zip with one CSV of these columns.
    """
    try:
        with unzip_csv(archive) as file:
            rows = csv.DictReader(file)
            part = [_read_day(row) for row in islice(rows, _ROWS)]
            while part:
                following = [_read_day(row) for row in islice(rows, _ROWS)]
                yield part, not following
                part = following
                if not following:
                    return
        yield [], True
    except zipfile.BadZipFile:
        raise Trouble("transient", "no report") from None
    except (ValueError, csv.Error):
        # pydantic's error is a ValueError too.
        raise Trouble("permanent", "unreadable report") from None


def _read_day(row: Mapping[str, str]) -> Day:
    told = _Row.model_validate(row)
    return Day(
        told.campaign_id, told.day, told.currency, told.spend, told.clicks, told.impressions, told.conversions
    )


def _find_codes(value: object) -> Iterator[str]:
    """Return every Code and ErrorCode, as text."""
    if isinstance(value, Mapping):
        for name, member in value.items():
            if name in {"Code", "ErrorCode"} and member is not None and not isinstance(member, dict | list):
                yield str(member)
            else:
                yield from _find_codes(member)
    elif isinstance(value, list):
        for item in value:
            yield from _find_codes(item)
