"""LinkedIn: ad analytics, a campaign and a day an element, without pages.

https://learn.microsoft.com/linkedin/marketing/integrations/ads-reporting/ads-reporting. Parentheses, colons
and commas of a Rest.li query stay as they are and the colons of a URN do not, so addresses are written out
and never encoded again.
"""

import datetime as dt
import re
from collections.abc import AsyncIterator, Iterator, Mapping
from decimal import Decimal

import httpx
from pydantic import Field

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
from functions.campaign_sync.trouble import Trouble
from shared.campaign_events.event import CampaignEvent
from shared.campaign_events.person import read_person
from shared.http.clock import utc_now

_FIELDS = (
    "dateRange,pivotValues,costInLocalCurrency,clicks,impressions,externalWebsiteConversions,oneClickLeads"
)
_STATUSES = "ACTIVE,PAUSED,ARCHIVED,COMPLETED,CANCELED,DRAFT"
_CAMPAIGN = "urn:li:sponsoredCampaign:"
# A draft is launched by whoever has written it.
_SWITCHES: Mapping[str, Switch] = {
    "ACTIVE": "on",
    "PAUSED": "off",
    "DRAFT": "ended",
    "ARCHIVED": "ended",
    "COMPLETED": "ended",
    "CANCELED": "ended",
    "PENDING_DELETION": "ended",
    "REMOVED": "ended",
}

# Conversions are refused in sentences alone, and a rule that there is not as if an account were missing.
_SENTENCES = {
    "Conversion time should be within": "CONVERSION_TIME_OUT_OF_WINDOW",
    "No ad accounts found": "UNKNOWN_CONVERSION_RULE",
    "ERROR ::": "UNPROCESSABLE",
}

_LEAD = "urn:li:leadGenFormResponse:"
_LEAD_ID = re.compile(r"[A-Za-z0-9-]{1,100}")
_FORM_ID = re.compile(r"urn:li:leadGenForm:(\d{1,20})")

MAX_ELEMENTS = 15_000
"""An answer has no more, and does not say that there would have been."""


class _Date(Told):
    year: int
    month: int
    day: int


class _Range(Told):
    start: _Date


class _Element(Told):
    date_range: _Range = Field(alias="dateRange")
    pivot_values: list[str] = Field(alias="pivotValues")
    cost: Decimal = Field(Decimal(0), alias="costInLocalCurrency")
    clicks: int = 0
    impressions: int = 0
    conversions: Decimal = Field(Decimal(0), alias="externalWebsiteConversions")

    def day(self, currency: str) -> Day:
        start = self.date_range.start
        return Day(
            self.pivot_values[0].removeprefix(_CAMPAIGN),
            dt.date(start.year, start.month, start.day),
            currency,
            self.cost,
            self.clicks,
            self.impressions,
            self.conversions,
        )


class _Analytics(Told):
    elements: list[_Element]


class _Account(Told):
    id: int
    currency: str
    name: str | None = None


class _Accounts(Told):
    elements: list[_Account]


class _Amount(Told):
    amount: Decimal


class _CampaignElement(Told):
    id: int
    name: str
    status: str
    daily_budget: _Amount | None = Field(None, alias="dailyBudget")

    def campaign(self) -> Campaign:
        budget = self.daily_budget.amount if self.daily_budget is not None else None
        note: BudgetNote | None = "total" if budget is None else None
        return Campaign(str(self.id), self.name, self.status, budget, note, _SWITCHES.get(self.status))


class _Metadata(Told):
    next_page_token: str | None = Field(None, alias="nextPageToken")


class _Campaigns(Told):
    elements: list[_CampaignElement]
    metadata: _Metadata = _Metadata()


class _TextAnswer(Told):
    answer: str | None = None


class _Choice(Told):
    options: list[int] = Field(default_factory=list)


class _AnswerDetails(Told):
    text: _TextAnswer | None = Field(None, alias="textQuestionAnswer")
    choice: _Choice = Field(_Choice(), alias="multipleChoiceAnswer")


class _QuestionAnswer(Told):
    question_id: int = Field(alias="questionId")
    details: _AnswerDetails = Field(_AnswerDetails(), alias="answerDetails")


class _FormResponse(Told):
    answers: list[_QuestionAnswer] = Field(default_factory=list)


class _SponsoredMetadata(Told):
    campaign: str | None = None


class _LeadMetadata(Told):
    sponsored: _SponsoredMetadata = Field(_SponsoredMetadata(), alias="sponsoredLeadMetadata")


class _Response(Told):
    id: str
    submitted_at: int = Field(alias="submittedAt")
    is_test: bool = Field(alias="testLead", default=False)
    form: str = Field("", alias="versionedLeadGenFormUrn")
    metadata: _LeadMetadata = Field(_LeadMetadata(), alias="leadMetadata")
    response: _FormResponse = Field(_FormResponse(), alias="formResponse")

    @property
    def form_id(self) -> str | None:
        found = _FORM_ID.search(self.form)
        return found[1] if found else None

    def event(self, job: Job, questions: Mapping[int, tuple[str, str]]) -> CampaignEvent:
        answers = []
        for answer in self.response.answers:
            field, question = questions.get(answer.question_id, ("", f"#{answer.question_id}"))
            details = answer.details
            answers.append((field, question, details.text.answer if details.text else details.choice.options))
        campaign = self.metadata.sponsored.campaign
        return FetchedLead(
            # As a webhook names it.
            f"{_LEAD}{self.id}",
            campaign_id=campaign.removeprefix(_CAMPAIGN) if campaign else None,
            submitted_at=dt.datetime.fromtimestamp(self.submitted_at / 1000, dt.UTC),
            payload={"form": self.form},
            person=read_person(answers),
            is_test=self.is_test,
        ).event(job)


class _Paged(Told):
    total: int = 0


class _Responses(Told):
    elements: list[_Response]
    paging: _Paged = _Paged()


class _Questions:
    """What the questions of forms are called, each form asked for once a run."""

    def __init__(self, asking: Asking, job: Job) -> None:
        self._asking = asking
        self._url = f"{job.apis['ads'].base_url}/leadForms"
        self._known: dict[str, dict[int, tuple[str, str]]] = {}

    async def of(self, form_id: str | None) -> Mapping[int, tuple[str, str]]:
        """Return the field and the words of each question; none if LinkedIn does not say."""
        if form_id is None:
            return {}
        if form_id not in self._known:
            try:
                told = (await self._asking.get(f"{self._url}/{form_id}")).perhaps_json()
            except Trouble as trouble:
                if trouble.kind != "permanent":
                    raise
                told = None
            self._known[form_id] = {number: (field, name) for number, field, name in _find_questions(told)}
        return self._known[form_id]


def _find_questions(value: object) -> Iterator[tuple[int, str, str]]:
    """Return every question of a form, wherever in it they stand."""
    if isinstance(value, dict):
        number, field = value.get("questionId"), value.get("predefinedField")
        if isinstance(number, int):
            name = value.get("name")
            yield (
                number,
                field if isinstance(field, str) else "",
                name if isinstance(name, str) else f"#{number}",
            )
        for member in value.values():
            yield from _find_questions(member)
    elif isinstance(value, list):
        for item in value:
            yield from _find_questions(item)


class _Refusal(Told):
    code: str = ""
    message: str = ""


class LinkedInAds(Adapter):
    """LinkedIn's Marketing API."""

    def headers(self, job: Job, credentials: Credentials) -> Mapping[str, str]:
        """Return the bearer token and the version, which is a header here."""
        headers = {
            "Linkedin-Version": job.apis["ads"].version or "",
            "X-Restli-Protocol-Version": "2.0.0",
        }
        if credentials.access_token is not None:
            headers["Authorization"] = f"Bearer {credentials.access_token.get_secret_value()}"
        return headers

    def trouble(self, answer: Answer) -> Trouble | None:
        """Read status and text: a 429 may mean five minutes, or all of the day."""
        if answer.is_success:
            return None
        try:
            refusal = read(_Refusal, answer)
        except Trouble:
            refusal = _Refusal()
        word = (refusal.code or f"http {answer.status}")[:100]
        for text, meaning in _SENTENCES.items():
            if text in refusal.message:
                return Trouble("permanent", meaning)
        if answer.status == httpx.codes.UNAUTHORIZED:
            return Trouble("expired", word)
        if answer.status == httpx.codes.TOO_MANY_REQUESTS:
            if "metric values" in refusal.message:
                return Trouble("throttled", "data_volume", seconds=6 * 60)
            return Trouble("throttled", "calls", seconds=_until_midnight(), scope="platform")
        is_theirs = answer.status >= httpx.codes.INTERNAL_SERVER_ERROR
        is_forbidden = answer.status == httpx.codes.FORBIDDEN
        return (
            Trouble("permanent", word, is_forbidden=is_forbidden) if refusal.code and not is_theirs else None
        )

    async def days(self, asking: Asking, job: Job) -> AsyncIterator[Page]:
        """Make sure of our rights first: without them the answer is empty, and would make everything 0."""
        span = Span.of(job)
        currency = text_of(job.cursor, "currency")
        if currency is None:
            account = await _find_account(asking, job)
            currency = account.currency
            yield Page(
                cursor={**span.cursor(), "currency": currency},
                account=AccountFacts(currency, "UTC", account.name),
            )
        while True:
            elements = read(_Analytics, await asking.get(_analytics_url(job, span))).elements
            if len(elements) >= MAX_ELEMENTS:
                if span.is_a_day:
                    raise Trouble("permanent", "too_many_campaigns")
                span = span.half()
                yield Page(cursor={**span.cursor(), "currency": currency})
                continue
            is_last = span.is_last
            span = span.next()
            cursor = {**span.cursor(), "currency": currency}
            yield Page([element.day(currency) for element in elements], cursor=cursor, is_last=is_last)
            if is_last:
                return

    async def campaigns(self, asking: Asking, job: Job) -> AsyncIterator[Page]:
        """Ask for those of every status, page by page."""
        token = text_of(job.cursor, "page_token")
        if token is None:
            await _find_account(asking, job)
        url = (
            f"{job.apis['ads'].base_url}/adAccounts/{job.account_id}/adCampaigns?q=search"
            f"&search=(status:(values:List({_STATUSES})))&pageSize=500"
        )
        while True:
            # A token is letters, digits, - and _, so that nothing in it has to be encoded.
            found = read(_Campaigns, await asking.get(f"{url}&pageToken={token}" if token else url))
            token = found.metadata.next_page_token
            campaigns = [element.campaign() for element in found.elements]
            yield Page(
                campaigns=campaigns, cursor={"page_token": token} if token else None, is_last=not token
            )
            if not token:
                return

    async def leads(self, asking: Asking, job: Job) -> AsyncIterator[Page]:
        """Ask for the account's sponsored leads: https://learn.microsoft.com/linkedin/marketing/lead-sync/leadsync."""
        start = number_of(job.cursor, "start", 0)
        since = int(dt.datetime.combine(job.window.first, dt.time(), dt.UTC).timestamp() * 1000)
        owner = f"(sponsoredAccount:urn%3Ali%3AsponsoredAccount%3A{job.account_id})"
        questions = _Questions(asking, job)
        while True:
            # The end of the range is now.
            url = (
                f"{job.apis['ads'].base_url}/leadFormResponses?q=owner&owner={owner}"
                f"&leadType=(leadType:SPONSORED)&limitedToTestLeads=false"
                f"&submittedAtTimeRange=(start:{since},end:{int(utc_now().timestamp() * 1000)})"
                f"&start={start}&count={LEADS_AT_ONCE}"
            )
            found = read(_Responses, await asking.get(url))
            start += len(found.elements)
            is_last = not found.elements or start >= found.paging.total
            leads = [response.event(job, await questions.of(response.form_id)) for response in found.elements]
            yield Page(leads=leads, cursor={"start": start}, is_last=is_last)
            if is_last:
                return

    async def lead(self, asking: Asking, job: Job, lead_id: str) -> CampaignEvent | None:
        """Ask for it by the id in its URN."""
        response_id = lead_id.removeprefix(_LEAD)
        if not _LEAD_ID.fullmatch(response_id):
            return None
        response = read(
            _Response, await asking.get(f"{job.apis['ads'].base_url}/leadFormResponses/{response_id}")
        )
        return response.event(job, await _Questions(asking, job).of(response.form_id))

    async def campaign(self, asking: Asking, job: Job, campaign_id: str) -> Campaign:
        """Ask for it by its address, under its account's."""
        element = read(_CampaignElement, await asking.get(_campaign_url(job, campaign_id)))
        return only([element.campaign()], campaign_id)

    def order(self, job: Job, campaign: Campaign, write: Write) -> Order:
        """Patch it: https://learn.microsoft.com/linkedin/marketing/integrations/ads/account-structure/create-and-manage-campaigns."""
        change: dict[str, object] = {"status": "ACTIVE" if write.is_active else "PAUSED"}
        if write.budget is not None:
            change = {"dailyBudget": {"amount": format(write.budget, "f"), "currencyCode": "EUR"}}
        headers = {"X-RestLi-Method": "PARTIAL_UPDATE"}
        url = _campaign_url(job, campaign.campaign_id)
        return Order("POST", url, {"patch": {"$set": change}}, headers=headers)

    def conversion(self, job: Job, conversion: Conversion) -> Order:
        """Create one event: https://learn.microsoft.com/linkedin/marketing/integrations/ads-reporting/conversions-api."""
        identifiers = {
            "SHA256_EMAIL": conversion.hashed("email"),
            "LINKEDIN_FIRST_PARTY_ADS_TRACKING_UUID": (conversion.click or {}).get("li_fat_id"),
        }
        event: dict[str, object] = {
            "conversion": f"urn:lla:llaPartnerConversion:{conversion.target_id}",
            "conversionHappenedAt": int(conversion.happened_at.timestamp() * 1000),
            "eventId": conversion.lead_id,
            "user": {"userIds": [{"idType": kind, "idValue": of} for kind, of in identifiers.items() if of]},
        }
        if conversion.value is not None:
            event["conversionValue"] = {"currencyCode": "EUR", "amount": format(conversion.value, "f")}
        return Order("POST", f"{job.apis['ads'].base_url}/conversionEvents", event)

    def told(self, answer: Answer) -> Result:
        """Read the status, which is all that there is: created, and no body."""
        if answer.status != httpx.codes.CREATED:
            raise Trouble("transient", f"unreadable {answer.status}")
        return Result("done")


def _campaign_url(job: Job, campaign_id: str) -> str:
    return f"{job.apis['ads'].base_url}/adAccounts/{job.account_id}/adCampaigns/{campaign_id}"


async def _find_account(asking: Asking, job: Job) -> _Account:
    urn = f"urn%3Ali%3AsponsoredAccount%3A{job.account_id}"
    url = f"{job.apis['ads'].base_url}/adAccounts?q=search&search=(id:(values:List({urn})))"
    found = read(_Accounts, await asking.get(url)).elements
    account = next((one for one in found if str(one.id) == job.account_id), None)
    if account is None:
        raise Trouble("permanent", "no_rights_on_account")
    return account


def _analytics_url(job: Job, span: Span) -> str:
    days = f"(start:{_date(span.first)},end:{_date(span.last)})"
    return (
        f"{job.apis['ads'].base_url}/adAnalytics?q=analytics&pivot=CAMPAIGN&timeGranularity=DAILY"
        f"&dateRange={days}&accounts=List(urn%3Ali%3AsponsoredAccount%3A{job.account_id})&fields={_FIELDS}"
    )


def _date(day: dt.date) -> str:
    return f"(year:{day.year},month:{day.month},day:{day.day})"


def _until_midnight() -> float:
    now = utc_now()
    midnight = (now + dt.timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
    return (midnight - now).total_seconds() + 60
