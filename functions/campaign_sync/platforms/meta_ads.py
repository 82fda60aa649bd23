"""Meta: insights of an ad account, a campaign and a day a row.

https://developers.facebook.com/docs/marketing-api/insights. All numbers are text; `spend` is in the account's
currency and not scaled. Limits: https://developers.facebook.com/docs/marketing-api/overview/rate-limiting.
"""

import datetime as dt
import hmac
import json
from collections.abc import AsyncIterator, Mapping
from decimal import Decimal

from pydantic import Field, ValidationError

from functions.campaign_sync.asking import Answer, Asking
from functions.campaign_sync.credentials import Credentials
from functions.campaign_sync.job import (
    AccountFacts,
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
from functions.campaign_sync.platforms.platform import (
    LEADS_AT_ONCE,
    Adapter,
    FetchedLead,
    Told,
    number_of,
    only,
    read,
    text_of,
)
from functions.campaign_sync.platforms.spans import Span
from functions.campaign_sync.trouble import Scope, Trouble
from shared.campaign_events.event import CampaignEvent
from shared.campaign_events.person import read_person

_FIELDS = "campaign_id,campaign_name,account_currency,spend,impressions,clicks,actions"
# Unless they are asked for, days of campaigns that were deleted or archived since may be left out.
_STATUSES = ("ACTIVE", "PAUSED", "DELETED", "ARCHIVED", "IN_PROCESS", "WITH_ISSUES")
# They overlap: `lead` is the sum of the others. The first that there is counts, and never two.
_LEADS = ("lead", "onsite_conversion.lead_grouped", "offsite_conversion.fb_pixel_lead")
_CAMPAIGN_FIELDS = "id,name,status,effective_status,daily_budget,lifetime_budget"
_SWITCHES: Mapping[str, Switch] = {"ACTIVE": "on", "PAUSED": "off", "ARCHIVED": "ended", "DELETED": "ended"}
_LEAD_FIELDS = "id,created_time,ad_id,campaign_id,form_id,is_organic,platform,field_data"
_ROWS = "500"
# What Meta counts budgets in is the hundredth, but for these, whatever ISO 4217 has:
# https://developers.facebook.com/docs/marketing-api/currencies
_WHOLE = frozenset({"CLP", "COP", "CRC", "HUF", "ISK", "IDR", "JPY", "KRW", "PYG", "TWD", "VND"})

_OF_ACCOUNT = {17, 32, 613, 80000, 80003, 80004, 80005, 80014}
_OF_APP = {4}
_TRANSIENT = {1, 2}
_TOKEN = {102, 190}
_RIGHTS = {10, *range(200, 300)}
_TOO_MUCH = (100, 1487534)
_COMPLETED = "Job Completed"
_FAILED = {"Job Failed", "Job Skipped"}
_REPORT_SECONDS = 60.0
# Where no header says how long: https://developers.facebook.com/docs/marketing-api/overview/rate-limiting
_SECONDS = 600.0


class _Action(Told):
    action_type: str
    value: Decimal


class _Row(Told):
    campaign_id: str
    account_currency: str
    date_start: dt.date
    spend: Decimal = Decimal(0)
    clicks: int = 0
    impressions: int = 0
    actions: list[_Action] = Field(default_factory=list)

    def day(self) -> Day:
        values = {action.action_type: action.value for action in self.actions}
        leads = next((values[kind] for kind in _LEADS if kind in values), Decimal(0))
        return Day(
            self.campaign_id,
            self.date_start,
            self.account_currency,
            self.spend,
            self.clicks,
            self.impressions,
            leads,
        )


class _Cursors(Told):
    after: str | None = None


class _Paging(Told):
    cursors: _Cursors = _Cursors()
    next: str | None = None


class _Found(Told):
    data: list[_Row]
    paging: _Paging = _Paging()


class _Ordered(Told):
    report_run_id: str


class _ReportRun(Told):
    async_status: str


class _Account(Told):
    currency: str
    timezone_name: str | None = None
    name: str | None = None


class _CampaignRow(Told):
    id: str
    name: str
    status: str = ""
    effective_status: str
    account_id: str | None = None
    daily_budget: Decimal | None = None
    lifetime_budget: Decimal | None = None

    def campaign(self, currency: str) -> Campaign:
        note: BudgetNote | None = None
        if self.daily_budget is None:
            note = "total" if self.lifetime_budget is not None else "lower_level"
        budget = self.daily_budget.scaleb(-_places(currency)) if self.daily_budget is not None else None
        switch = _SWITCHES.get(self.status)
        return Campaign(self.id, self.name, self.effective_status, budget, note, switch)


class _FoundCampaigns(Told):
    data: list[_CampaignRow]
    paging: _Paging = _Paging()


class _Listed(Told):
    id: str


class _List(Told):
    data: list[_Listed]
    paging: _Paging = _Paging()


class _LeadField(Told):
    name: str
    values: list[object] = Field(default_factory=list)


class _Lead(Told):
    id: str
    created_time: dt.datetime
    ad_id: str | None = None
    campaign_id: str | None = None
    form_id: str | None = None
    is_organic: bool | None = None
    platform: str | None = None
    field_data: list[_LeadField] = Field(default_factory=list)

    def event(self, job: Job) -> CampaignEvent:
        return FetchedLead(
            self.id,
            campaign_id=self.campaign_id,
            submitted_at=self.created_time,
            payload={
                "ad_id": self.ad_id,
                "form_id": self.form_id,
                "is_organic": self.is_organic,
                "platform": self.platform,
            },
            person=read_person([(one.name, one.name, one.values) for one in self.field_data]),
        ).event(job)


class _FoundLeads(Told):
    data: list[_Lead]
    paging: _Paging = _Paging()


class _Received(Told):
    events_received: int


class _Error(Told):
    code: int
    error_subcode: int = 0
    is_transient: bool = False


class _Refusal(Told):
    error: _Error


class _Usage(Told):
    estimated_time_to_regain_access: float = 0


class MetaAds(Adapter):
    """Meta's Marketing API."""

    def headers(self, job: Job, credentials: Credentials) -> Mapping[str, str]:  # noqa: ARG002 - a job's account is in others' headers.
        """Return the bearer token: in a header, since addresses are logged."""
        token = credentials.access_token
        return {"Authorization": f"Bearer {token.get_secret_value()}"} if token is not None else {}

    def params(self, credentials: Credentials) -> Mapping[str, str]:
        """Prove that the token is used by its app: https://developers.facebook.com/docs/graph-api/guides/secure-requests."""
        secret, token = credentials.client_secret, credentials.access_token
        if secret is None or token is None:
            return {}
        proof = hmac.digest(secret.get_secret_value().encode(), token.get_secret_value().encode(), "sha256")
        return {"appsecret_proof": proof.hex()}

    def trouble(self, answer: Answer) -> Trouble | None:
        """Read `error.code`; how long to wait stands in minutes in a header."""
        if answer.is_success:
            return None
        try:
            error = read(_Refusal, answer).error
        except Trouble:
            return None
        word = f"{error.code}/{error.error_subcode}" if error.error_subcode else str(error.code)
        if error.code in _OF_APP | _OF_ACCOUNT:
            scope: Scope = "platform" if error.code in _OF_APP else "account"
            return Trouble("throttled", word, seconds=_wait(answer) or _SECONDS, scope=scope)
        if error.code in _TOKEN:
            return Trouble("expired", word)
        if error.is_transient or error.code in _TRANSIENT:
            return Trouble("transient", word)
        return Trouble("permanent", word, is_forbidden=error.code in _RIGHTS)

    async def days(self, asking: Asking, job: Job) -> AsyncIterator[Page]:
        """Ask span by span. What is too much is halved; a day that is too much is ordered as a report."""
        span = Span.of(job)
        after, report = text_of(job.cursor, "after"), text_of(job.cursor, "report")
        if report is not None and after is None:
            status = await self._report_status(asking, job, report)
            if status != _COMPLETED:
                # One that failed is ordered anew by the next run.
                cursor = span.cursor() if status in _FAILED else {**span.cursor(), "report": report}
                yield Page(cursor=cursor, wait_seconds=_REPORT_SECONDS)
                return
        while True:
            try:
                found = read(_Found, await self._ask(asking, job, span, after, report))
            except Trouble as trouble:
                if trouble.error != f"{_TOO_MUCH[0]}/{_TOO_MUCH[1]}" or report is not None:
                    raise
                if span.is_a_day:
                    report = await self._order_report(asking, job, span)
                    yield Page(cursor={**span.cursor(), "report": report}, wait_seconds=_REPORT_SECONDS)
                    return
                span, after = span.half(), None
                yield Page(cursor=span.cursor())
                continue
            # An empty page may have a next one. Its address may hold the token, so the cursor alone is kept.
            after = found.paging.cursors.after if found.paging.next else None
            facts = AccountFacts(found.data[0].account_currency) if found.data else None
            days = [row.day() for row in found.data]
            if after:
                at = {**span.cursor(), "after": after}
                yield Page(days, cursor={**at, "report": report} if report else at, account=facts)
                continue
            is_last = span.is_last
            span, report = span.next(), None
            yield Page(days, cursor=span.cursor(), is_last=is_last, account=facts)
            if is_last:
                return

    async def campaigns(self, asking: Asking, job: Job) -> AsyncIterator[Page]:
        """Ask for the account first: what a budget counts in hangs on its currency."""
        account_url = _account_url(job)
        account = await _find_account(asking, job)
        facts = AccountFacts(account.currency, account.timezone_name, account.name)
        after = text_of(job.cursor, "after")
        while True:
            params = {"fields": _CAMPAIGN_FIELDS, "limit": _ROWS, "effective_status": json.dumps(_STATUSES)}
            answer = await asking.get(
                f"{account_url}/campaigns", {**params, "after": after} if after else params
            )
            found = read(_FoundCampaigns, answer)
            after = found.paging.cursors.after if found.paging.next else None
            campaigns = [row.campaign(account.currency) for row in found.data]
            cursor = {"after": after} if after else None
            yield Page(campaigns=campaigns, cursor=cursor, is_last=not after, account=facts)
            if not after:
                return

    async def _ask(
        self, asking: Asking, job: Job, span: Span, after: str | None, report: str | None
    ) -> Answer:
        params = self._params(span) if report is None else {"limit": _ROWS}
        if after:
            params["after"] = after
        url = _account_url(job) if report is None else f"{job.apis['ads'].url}/{report}"
        return await asking.get(f"{url}/insights", params)

    async def _order_report(self, asking: Asking, job: Job, span: Span) -> str:
        """Have a report made: https://developers.facebook.com/docs/marketing-api/insights/best-practices#asynchronous."""
        order = Order("POST", f"{_account_url(job)}/insights", self._params(span), is_form=True)
        return read(_Ordered, await asking.change(order)).report_run_id

    async def _report_status(self, asking: Asking, job: Job, report: str) -> str:
        fields = {"fields": "async_status"}
        return read(_ReportRun, await asking.get(f"{job.apis['ads'].url}/{report}", fields)).async_status

    def _params(self, span: Span) -> dict[str, str]:
        return {
            "level": "campaign",
            "time_increment": "1",
            "time_range": json.dumps({"since": str(span.first), "until": str(span.last)}),
            "fields": _FIELDS,
            "filtering": json.dumps(
                [{"field": "campaign.effective_status", "operator": "IN", "value": _STATUSES}]
            ),
            "limit": _ROWS,
        }

    async def leads(self, asking: Asking, job: Job) -> AsyncIterator[Page]:
        """Ask each form of each page that the token reaches: https://developers.facebook.com/docs/marketing-api/guides/lead-ads/retrieving."""
        forms = [
            form.id
            for page in await _list(asking, f"{job.apis['ads'].url}/me/accounts")
            for form in await _list(asking, f"{job.apis['ads'].url}/{page.id}/leadgen_forms")
        ]
        since = int(dt.datetime.combine(job.window.first, dt.time(), dt.UTC).timestamp())
        newer = [{"field": "time_created", "operator": "GREATER_THAN", "value": since}]
        number, after = number_of(job.cursor, "form", 0), text_of(job.cursor, "after")
        while number < len(forms):
            params = {"fields": _LEAD_FIELDS, "filtering": json.dumps(newer), "limit": str(LEADS_AT_ONCE)}
            answer = await asking.get(
                f"{job.apis['ads'].url}/{forms[number]}/leads",
                {**params, "after": after} if after else params,
            )
            found = read(_FoundLeads, answer)
            after = found.paging.cursors.after if found.paging.next else None
            number += after is None
            yield Page(
                leads=[row.event(job) for row in found.data],
                cursor={"form": number, "after": after},
                is_last=number == len(forms),
            )
        if not forms:
            yield Page(is_last=True)

    async def lead(self, asking: Asking, job: Job, lead_id: str) -> CampaignEvent | None:
        """Ask for it by its id."""
        if not (lead_id.isascii() and lead_id.isdigit()):
            return None
        answer = await asking.get(f"{job.apis['ads'].url}/{lead_id}", {"fields": _LEAD_FIELDS})
        return read(_Lead, answer).event(job)

    async def campaign(self, asking: Asking, job: Job, campaign_id: str) -> Campaign:
        """Ask for it by its id, which may be one of another account that the token reaches too."""
        account = await _find_account(asking, job)
        fields = {"fields": f"{_CAMPAIGN_FIELDS},account_id"}
        row = read(_CampaignRow, await asking.get(f"{job.apis['ads'].url}/{campaign_id}", fields))
        own = [row.campaign(account.currency)] if row.account_id == job.account_id else []
        return only(own, campaign_id)

    def order(self, job: Job, campaign: Campaign, write: Write) -> Order:
        """Update it, as a form: https://developers.facebook.com/docs/marketing-api/reference/ad-campaign-group."""
        form = {"status": "ACTIVE" if write.is_active else "PAUSED"}
        if write.budget is not None:
            # Budgets are written in EUR accounts only: the database sees to that.
            form = {"daily_budget": str(int(write.budget.scaleb(_places("EUR"))))}
        return Order("POST", f"{job.apis['ads'].url}/{campaign.campaign_id}", form, is_form=True)

    def conversion(self, job: Job, conversion: Conversion) -> Order:
        """Send a lead of a CRM: https://developers.facebook.com/docs/marketing-api/conversions-api/conversion-leads-integration."""
        person: dict[str, object] = {
            "em": [conversion.hashed("email")],
            "ph": [conversion.hashed("phone")],
        }
        person = {name: values for name, values in person.items() if values != [None]}
        if conversion.platform_lead_id is not None and conversion.platform_lead_id.isdecimal():
            person["lead_id"] = int(conversion.platform_lead_id)
        if click_id := (conversion.click or {}).get("fbclid"):
            # https://developers.facebook.com/docs/marketing-api/conversions-api/parameters/fbp-and-fbc
            person["fbc"] = f"fb.1.{_milliseconds(conversion.submitted_at)}.{click_id}"
        about: dict[str, object] = {"event_source": "crm", "lead_event_source": "lead marketplace"}
        if conversion.value is not None:
            about |= {"currency": "EUR", "value": float(conversion.value)}
        event = {
            "event_name": conversion.event_name,
            "event_time": int(conversion.happened_at.timestamp()),
            "event_id": conversion.lead_id,
            "action_source": "system_generated",
            "user_data": person,
            "custom_data": {**about, "order_id": conversion.lead_id},
        }
        return Order("POST", f"{job.apis['ads'].url}/{conversion.target_id}/events", {"data": [event]})

    def told(self, answer: Answer) -> Result:
        """Read how many events were received."""
        return (
            Result("done")
            if read(_Received, answer).events_received == 1
            else Result("refused", "not_received")
        )


def _milliseconds(moment: dt.datetime) -> int:
    return int(moment.timestamp() * 1000)


async def _list(asking: Asking, url: str) -> list[_Listed]:
    """Return all of what an edge lists, by their ids: no page's own token is asked for."""
    listed: list[_Listed] = []
    after: str | None = None
    while True:
        params = {"fields": "id", "limit": _ROWS}
        found = read(_List, await asking.get(url, {**params, "after": after} if after else params))
        listed += found.data
        after = found.paging.cursors.after if found.paging.next else None
        if not after:
            return listed


def _account_url(job: Job) -> str:
    return f"{job.apis['ads'].url}/act_{job.account_id}"


async def _find_account(asking: Asking, job: Job) -> _Account:
    fields = {"fields": "currency,timezone_name,name"}
    return read(_Account, await asking.get(_account_url(job), fields))


def _places(currency: str) -> int:
    return 0 if currency in _WHOLE else 2


def _wait(answer: Answer) -> float:
    """Return for how many seconds Meta wants to hear nothing, by X-Business-Use-Case-Usage."""
    try:
        told = json.loads(answer.headers.get("x-business-use-case-usage", "{}"))
        usages = [_Usage.model_validate(usage) for usages in told.values() for usage in usages]
    except (ValueError, AttributeError, TypeError, ValidationError):
        return 0
    return 60 * max((usage.estimated_time_to_regain_access for usage in usages), default=0)
