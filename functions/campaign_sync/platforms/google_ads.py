"""Google Ads: one POST a page of 10,000 rows.

Rows and paging: https://developers.google.com/google-ads/api/rest/common/search. int64 are text, what is
0 is left out: https://developers.google.com/google-ads/api/rest/design/json-mappings. Money is in millionths.
"""

import datetime as dt
from collections.abc import AsyncIterator, Mapping
from decimal import Decimal

from pydantic import Field, model_validator
from pydantic.alias_generators import to_camel

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
    FetchedLead,
    Told,
    only,
    read,
    text_of,
)
from functions.campaign_sync.trouble import Trouble
from shared.campaign_events.event import CampaignEvent
from shared.campaign_events.person import read_person

_FIELDS = (
    "customer.id, customer.currency_code, customer.time_zone, campaign.id, campaign.name, campaign.status, "
    "segments.date, metrics.cost_micros, metrics.clicks, metrics.impressions, metrics.conversions"
)

_CAMPAIGN_FIELDS = (
    "campaign.id, campaign.name, campaign.status, campaign.primary_status, "
    "campaign_budget.id, campaign_budget.amount_micros, campaign_budget.explicitly_shared, "
    "campaign_budget.period"
)
_LEAD_FIELDS = ", ".join(
    f"lead_form_submission_data.{name}"
    for name in (
        "id", "asset", "campaign", "gclid", "submission_date_time", "lead_form_submission_fields",
        "custom_lead_form_submission_fields",
    )
)  # fmt: skip
_SWITCHES: Mapping[str, Switch] = {"ENABLED": "on", "PAUSED": "off", "REMOVED": "ended"}

_MICROS = 6
_REASON = "PROCESSING_ERROR_REASON_"


class _Told(Told, alias_generator=to_camel):
    pass


class _Customer(_Told):
    currency_code: str
    time_zone: str | None = None


class _Campaign(_Told):
    id: str


class _Metrics(_Told):
    cost_micros: int = 0
    clicks: int = 0
    impressions: int = 0
    conversions: Decimal = Decimal(0)


class _Segments(_Told):
    date: dt.date


class _Row(_Told):
    customer: _Customer
    campaign: _Campaign
    segments: _Segments
    # All of them may be 0, and then there is none.
    metrics: _Metrics = _Metrics()

    def day(self) -> Day:
        return Day(
            self.campaign.id,
            self.segments.date,
            self.customer.currency_code,
            Decimal(self.metrics.cost_micros).scaleb(-_MICROS),
            self.metrics.clicks,
            self.metrics.impressions,
            self.metrics.conversions,
        )


class _Answer(_Told):
    next_page_token: str | None = None

    @model_validator(mode="before")
    @classmethod
    def _is_search(cls, value: object) -> object:
        # No rows are no member at all, so something else would read as a window in which nothing was spent.
        if isinstance(value, dict) and value and not value.keys() & {"results", "fieldMask"}:
            raise ValueError("is no answer of a search")
        return value


class _Found(_Answer):
    results: list[_Row] = Field(default_factory=list)


class _NamedCampaign(_Campaign):
    name: str
    status: str


class _Budget(_Told):
    id: str | None = None
    amount_micros: int | None = None
    explicitly_shared: bool = False
    period: str = "DAILY"

    @property
    def note(self) -> BudgetNote | None:
        if self.explicitly_shared:
            return "shared"
        return None if self.period == "DAILY" else "total"


class _CampaignRow(_Told):
    campaign: _NamedCampaign
    campaign_budget: _Budget = _Budget()

    def campaign_as_it_is(self) -> Campaign:
        micros = self.campaign_budget.amount_micros
        return Campaign(
            self.campaign.id,
            self.campaign.name,
            self.campaign.status,
            Decimal(micros).scaleb(-_MICROS) if micros is not None else None,
            self.campaign_budget.note,
            _SWITCHES.get(self.campaign.status),
            self.campaign_budget.id,
        )


class _FoundCampaigns(_Answer):
    results: list[_CampaignRow] = Field(default_factory=list)


class _Field(_Told):
    field_type: str
    field_value: str | None = None


class _CustomField(_Told):
    question_text: str
    field_value: str | None = None


class _Submission(_Told):
    id: str
    campaign: str | None = None
    gclid: str | None = None
    submission_date_time: dt.datetime
    asset: str | None = None
    lead_form_submission_fields: list[_Field] = Field(default_factory=list)
    custom_lead_form_submission_fields: list[_CustomField] = Field(default_factory=list)

    def event(self, job: Job) -> CampaignEvent:
        answers = [
            (one.field_type, one.field_type, one.field_value) for one in self.lead_form_submission_fields
        ]
        asked = [("", one.question_text, one.field_value) for one in self.custom_lead_form_submission_fields]
        return FetchedLead(
            self.id,
            campaign_id=self.campaign.rpartition("/")[2] if self.campaign else None,
            submitted_at=self.submission_date_time,
            payload={"asset": self.asset},
            person=read_person([*answers, *asked], {"gclid": self.gclid} if self.gclid else None),
        ).event(job)


class _LeadRow(_Told):
    lead_form_submission_data: _Submission


class _FoundLeads(_Answer):
    results: list[_LeadRow] = Field(default_factory=list)


class _QuotaDetails(_Told):
    rate_scope: str | None = None
    retry_delay: str | None = None


class _ErrorDetails(_Told):
    quota_error_details: _QuotaDetails = _QuotaDetails()


class _Error(_Told):
    error_code: dict[str, str] = Field(default_factory=dict)
    details: _ErrorDetails = _ErrorDetails()


class _Violation(_Told):
    reason: str = ""


class _Failure(_Told):
    errors: list[_Error] = Field(default_factory=list)
    # Data Manager's.
    field_violations: list[_Violation] = Field(default_factory=list)


class _Status(_Told):
    code: int = 0
    status: str = ""
    details: list[_Failure] = Field(default_factory=list)


class _Refusal(_Told):
    error: _Status


class _Ingested(_Told):
    request_id: str


class _ErrorCount(_Told):
    reason: str = ""


class _ErrorInfo(_Told):
    error_counts: list[_ErrorCount] = Field(default_factory=list)


class _DestinationStatus(_Told):
    request_status: str
    error_info: _ErrorInfo = _ErrorInfo()


class _Statuses(_Told):
    request_status_per_destination: list[_DestinationStatus] = Field(default_factory=list)

    def result(self, *, is_repeated: bool) -> Result:
        """Return what became of the one event of a request."""
        statuses = {one.request_status for one in self.request_status_per_destination}
        if statuses == {"SUCCESS"}:
            return Result("done")
        if not statuses or statuses & {"PROCESSING", "REQUEST_STATUS_UNKNOWN"}:
            return Result("accepted")
        counts = [
            count for one in self.request_status_per_destination for count in one.error_info.error_counts
        ]
        reason = next((count.reason for count in counts), "FAILED").removeprefix(_REASON)
        # Sent again since nobody knew what became of it, it had arrived.
        if reason == "DUPLICATE_TRANSACTION_ID" and is_repeated:
            return Result("done")
        return Result("refused", reason)


class GoogleAds(Adapter):
    """Google's REST API."""

    def headers(self, job: Job, credentials: Credentials) -> Mapping[str, str]:
        """Return the bearer token, and the manager account that it goes through, if it goes through one.

        Data Manager, which is told of conversions, has the account in the body.
        """
        is_ads = job.kind != "conversions"
        manager = job.account and job.account.manager_id
        headers = {"login-customer-id": manager} if manager and is_ads else {}
        if credentials.developer_token is not None and is_ads:
            # Optional and ignored since September 2026; some accounts' projects are older.
            headers["developer-token"] = credentials.developer_token.get_secret_value()
        if credentials.access_token is not None:
            headers["Authorization"] = f"Bearer {credentials.access_token.get_secret_value()}"
        return headers

    def trouble(self, answer: Answer) -> Trouble | None:
        """Read google.rpc.Status; its `retryDelay` stands with the quota that is used up."""
        if answer.is_success:
            return None
        try:
            error = read(_Refusal, answer).error
        except Trouble:
            return None
        errors = [one for failure in error.details for one in failure.errors]
        violations = [one.reason for failure in error.details for one in failure.field_violations]
        words = [word for one in errors for word in one.error_code.values()]
        word = next((word for word in (*words, *violations) if word), error.status)[:100]
        if error.status == "RESOURCE_EXHAUSTED" or any("quotaError" in one.error_code for one in errors):
            quotas = [one.details.quota_error_details for one in errors]
            seconds = max((_seconds(quota.retry_delay) for quota in quotas), default=0)
            is_ours = any(quota.rate_scope == "DEVELOPER" for quota in quotas)
            return Trouble(
                "throttled", word, seconds=seconds or 300, scope="platform" if is_ours else "account"
            )
        if error.status == "UNAUTHENTICATED":
            return Trouble("expired", word)
        if error.status in {"UNAVAILABLE", "INTERNAL", "DEADLINE_EXCEEDED", "ABORTED", "UNKNOWN"}:
            return Trouble("transient", word)
        is_forbidden = error.status == "PERMISSION_DENIED"
        return Trouble("permanent", word or f"http {answer.status}", is_forbidden=is_forbidden)

    async def days(self, asking: Asking, job: Job) -> AsyncIterator[Page]:
        """Ask without a filter of status, so that the days of removed campaigns stay in."""
        query = (
            f"SELECT {_FIELDS} FROM campaign "  # noqa: S608 - our own fields, and days.
            f"WHERE segments.date BETWEEN '{job.window.first}' AND '{job.window.last}'"
        )
        async for answer in _search(asking, job, query):
            found = read(_Found, answer)
            yield Page(
                [row.day() for row in found.results],
                cursor={"page_token": found.next_page_token} if found.next_page_token else None,
                is_last=not found.next_page_token,
                account=_facts(found.results),
            )

    async def campaigns(self, asking: Asking, job: Job) -> AsyncIterator[Page]:
        """Ask for all of them, removed ones too."""
        async for answer in _search(asking, job, f"SELECT {_CAMPAIGN_FIELDS} FROM campaign"):  # noqa: S608 - ours.
            found = read(_FoundCampaigns, answer)
            yield Page(
                campaigns=[row.campaign_as_it_is() for row in found.results],
                cursor={"page_token": found.next_page_token} if found.next_page_token else None,
                is_last=not found.next_page_token,
            )

    async def leads(self, asking: Asking, job: Job) -> AsyncIterator[Page]:
        """Search what people sent in lead forms: https://developers.google.com/google-ads/api/fields/v26/lead_form_submission_data."""
        query = (
            f"SELECT {_LEAD_FIELDS} FROM lead_form_submission_data "  # noqa: S608 - our own fields, and a day.
            f"WHERE lead_form_submission_data.submission_date_time >= '{job.window.first} 00:00:00'"
        )
        at: Cursor | None = job.cursor
        async for answer in _search(asking, job, query):
            found = read(_FoundLeads, answer)
            following = {"page_token": found.next_page_token} if found.next_page_token else None
            leads = [row.lead_form_submission_data.event(job) for row in found.results]
            # A page of Google's is more than the database takes at once. Cut off, it is asked for again.
            while len(leads) > LEADS_AT_ONCE:
                yield Page(leads=leads[:LEADS_AT_ONCE], cursor=at)
                leads = leads[LEADS_AT_ONCE:]
            yield Page(leads=leads, cursor=following, is_last=following is None)
            at = following

    async def campaign(self, asking: Asking, job: Job, campaign_id: str) -> Campaign:
        """Search for it: it has no address of its own."""
        query = f"SELECT {_CAMPAIGN_FIELDS} FROM campaign WHERE campaign.id = {campaign_id}"  # noqa: S608 - digits.
        answer = await asking.post(_search_url(job), {"query": query})
        return only((row.campaign_as_it_is() for row in read(_FoundCampaigns, answer).results), campaign_id)

    def order(self, job: Job, campaign: Campaign, write: Write) -> Order:
        """Mutate one campaign, or the budget that is its own: https://developers.google.com/google-ads/api/rest/common/mutate."""
        if write.budget is None:
            status = "ENABLED" if write.is_active else "PAUSED"
            return _mutation(job, "campaigns", campaign.campaign_id, "status", status)
        if campaign.budget_id is None:
            raise Trouble("permanent", "no_daily_budget")
        micros = str(int(write.budget.scaleb(_MICROS)))
        return _mutation(job, "campaignBudgets", campaign.budget_id, "amountMicros", micros)

    def conversion(self, job: Job, conversion: Conversion) -> Order:
        """Ingest one event: https://developers.google.com/data-manager/api/devguides/events/google-ads/offline/send-events.

        A request is refused as a whole, and its result later counts events without saying which.
        """
        event: dict[str, object] = {
            "transactionId": conversion.lead_id,
            "eventTimestamp": conversion.happened_at.isoformat(),
            "eventSource": "WEB" if conversion.platform_lead_id is None else "OTHER",
        }
        if conversion.value is not None:
            event |= {"currency": "EUR", "conversionValue": float(conversion.value)}
        body: dict[str, object] = {}
        if conversion.click:
            event["adIdentifiers"] = conversion.click
        else:
            body["encoding"] = "HEX"
            identifiers = {
                "emailAddress": conversion.hashed("email"),
                "phoneNumber": conversion.hashed("phone"),
            }
            event["userData"] = {"userIdentifiers": [{k: v} for k, v in identifiers.items() if v]}
        destination: dict[str, object] = {
            "operatingAccount": _account(job.account_id),
            "productDestinationId": conversion.target_id,
        }
        if job.account is not None and job.account.manager_id is not None:
            destination["loginAccount"] = _account(job.account.manager_id)
        body |= {
            "destinations": [destination],
            # What our box says: to be measured, and not to be shown advertisements by.
            "consent": {"adUserData": "CONSENT_GRANTED", "adPersonalization": "CONSENT_DENIED"},
            "events": [event],
        }
        return Order("POST", f"{job.apis['conversions'].url}/events:ingest", body)

    def told(self, answer: Answer) -> Result:
        """Keep the id of the request: that it was accepted says nothing of whether it counts."""
        return Result("accepted", reference=read(_Ingested, answer).request_id)

    async def result(self, asking: Asking, job: Job, conversion: Conversion) -> Result:
        """Retrieve the request's status: https://developers.google.com/data-manager/api/diagnostics."""
        url = f"{job.apis['conversions'].url}/requestStatus:retrieve"
        found = read(_Statuses, await asking.get(url, {"requestId": conversion.reference or ""}))
        return found.result(is_repeated=conversion.is_repeated)


def _account(account_id: str) -> dict[str, str]:
    return {"accountType": "GOOGLE_ADS", "accountId": account_id}


def _mutation(job: Job, resource: str, resource_id: str, field: str, value: str) -> Order:
    customer = f"customers/{job.account_id}"
    update = {"resourceName": f"{customer}/{resource}/{resource_id}", field: value}
    url = f"{job.apis['ads'].url}/{customer}/{resource}:mutate"
    return Order("POST", url, {"operations": [{"updateMask": field, "update": update}]})


def _search_url(job: Job) -> str:
    return f"{job.apis['ads'].url}/customers/{job.account_id}/googleAds:search"


async def _search(asking: Asking, job: Job, query: str) -> AsyncIterator[Answer]:
    url = _search_url(job)
    token = text_of(job.cursor, "page_token")
    while True:
        answer = await asking.post(url, {"query": query, "pageToken": token} if token else {"query": query})
        token = read(_Answer, answer).next_page_token
        yield answer
        if not token:
            return


def _facts(rows: list[_Row]) -> AccountFacts | None:
    return AccountFacts(rows[0].customer.currency_code, rows[0].customer.time_zone) if rows else None


def _seconds(delay: str | None) -> float:
    """Read a google.protobuf.Duration such as 900s."""
    try:
        return float((delay or "").removesuffix("s"))
    except ValueError:
        return 0
