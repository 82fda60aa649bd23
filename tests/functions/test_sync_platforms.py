"""Each ad platform as its documentation has it: what is asked, what its samples say, and how it says no."""

import datetime as dt
import io
import json
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import parse_qs

import httpx
import pytest
from cryptography.fernet import Fernet
from pydantic import SecretStr

from functions.campaign_sync.asking import Asking
from functions.campaign_sync.credentials import Credentials, Sealer
from functions.campaign_sync.job import Account, Api, Day, Job, Page
from functions.campaign_sync.platforms import PLATFORMS, linkedin_ads
from functions.campaign_sync.rates import read_csv, read_xml
from functions.campaign_sync.trouble import Trouble

SAMPLES = Path(__file__).parents[1] / "sync_samples"
NOW = dt.datetime(2026, 11, 24, 5, 0, tzinfo=dt.UTC)

APIS = {
    "google_ads": {
        "ads": Api(base_url="https://googleads.googleapis.com", version="v26"),
        "tokens": Api(base_url="https://oauth2.googleapis.com"),
    },
    "meta_ads": {"ads": Api(base_url="https://graph.facebook.com", version="v27.0")},
    "linkedin_ads": {
        "ads": Api(base_url="https://api.linkedin.com/rest", version="202608"),
        "tokens": Api(base_url="https://www.linkedin.com/oauth/v2"),
    },
    "tiktok_ads": {"ads": Api(base_url="https://business-api.tiktok.com/open_api", version="v1.3")},
    "microsoft_ads": {
        "ads": Api(base_url="https://campaign.api.bingads.microsoft.com/CampaignManagement", version="v13"),
        "reports": Api(base_url="https://reporting.api.bingads.microsoft.com/Reporting", version="v13"),
        "tokens": Api(base_url="https://login.microsoftonline.com/common/oauth2/v2.0"),
    },
}
ACCOUNTS = {
    "google_ads": "1234567890",
    "meta_ads": "1234567890",
    "linkedin_ads": "520866471",
    "tiktok_ads": "7020000000000000009",
    "microsoft_ads": "180000001",
}
CREDENTIALS = Credentials(
    client_id="client",
    client_secret=SecretStr("client-secret"),
    developer_token=SecretStr("developer-token"),
    refresh_token=SecretStr("refresh-1"),
    access_token=SecretStr("access-1"),
)


def sample(name: str) -> bytes:
    return (SAMPLES / name).read_bytes()


def answer(name: str, status: int = 200, headers: Mapping[str, str] | None = None) -> httpx.Response:
    return httpx.Response(status, content=sample(name), headers=headers)


def zipped(content: bytes, name: str = "report.csv") -> bytes:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as bundle:
        bundle.writestr(name, content)
    return archive.getvalue()


@dataclass
class Platform:
    """A platform that gives its answers one after the other, and what it was asked."""

    name: str
    answers: list[httpx.Response] = field(default_factory=list)
    requests: list[httpx.Request] = field(default_factory=list)
    kept: list[tuple[Credentials, dt.datetime | None]] = field(default_factory=list)
    credentials: Credentials = CREDENTIALS

    def _answer(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        return self.answers[min(len(self.requests), len(self.answers)) - 1]

    def job(self, **changes: Any) -> Job:  # noqa: ANN401 - any member.
        told = {
            "id": 1,
            "platform": self.name,
            "account_id": ACCOUNTS[self.name],
            "kind": "days",
            "status": "waiting",
            "window_from": dt.date(2026, 11, 20),
            "window_to": dt.date(2026, 11, 23),
            "apis": APIS[self.name],
            "account": Account(manager_id="999", sealed=SecretStr("x")),
        }
        return Job.model_validate(told | changes)

    def asking(self, job: Job) -> Asking:
        async def keep(credentials: Credentials, ends_at: dt.datetime | None) -> None:
            self.kept.append((credentials, ends_at))

        http = httpx.AsyncClient(transport=httpx.MockTransport(self._answer))
        return Asking(http, PLATFORMS[self.name], job, self.credentials, keep, lambda: NOW)

    async def pages(self, **changes: Any) -> list[Page]:  # noqa: ANN401 - any member.
        job = self.job(**changes)
        return [page async for page in PLATFORMS[self.name].days(self.asking(job), job)]

    async def campaigns(self, **changes: Any) -> list[Page]:  # noqa: ANN401 - any member.
        job = self.job(kind="campaigns", **changes)
        return [page async for page in PLATFORMS[self.name].campaigns(self.asking(job), job)]

    async def trouble(self) -> Trouble:
        with pytest.raises(Trouble) as caught:
            await self.pages()
        return caught.value


def days_of(pages: list[Page]) -> list[Day]:
    return [day for page in pages for day in page.days]


def totals(days: list[Day]) -> tuple[int, str, int, int, Decimal]:
    return (
        len(days),
        format(sum((day.spend for day in days), Decimal(0)).quantize(Decimal("0.00001")).normalize(), "f"),
        sum(day.clicks for day in days),
        sum(day.impressions for day in days),
        sum((day.conversions for day in days), Decimal(0)).normalize(),
    )


# What comes out ---------------------------------------------------------------------------------------------


async def test_google_page_by_page() -> None:
    google = Platform(
        "google_ads", [answer("google/search_daily_page1.json"), answer("google/search_daily_page2.json")]
    )

    pages = await google.pages()

    assert totals(days_of(pages)) == (7, "1700.91679", 469, 36468, Decimal("22.75"))
    assert [page.is_last for page in pages] == [False, True]
    first, second = (json.loads(request.content) for request in google.requests)
    assert str(google.requests[0].url) == (
        "https://googleads.googleapis.com/v26/customers/1234567890/googleAds:search"
    )
    assert google.requests[0].headers["login-customer-id"] == "999"
    assert google.requests[0].headers["authorization"] == "Bearer access-1"
    assert "segments.date BETWEEN '2026-11-20' AND '2026-11-23'" in first["query"]
    assert "status =" not in first["query"]
    assert first.keys() == {"query"}  # pageSize would be refused.
    assert second == {"query": first["query"], "pageToken": "CPii5aS87vfFTBAKGJvk36qpLiIW"}
    day = next(day for day in days_of(pages) if day.spend == Decimal("33.333333"))
    assert (day.campaign_id, day.currency) == ("21700100002", "USD")


async def test_google_goes_on_where_it_was() -> None:
    google = Platform("google_ads", [answer("google/search_daily_page2.json")])

    pages = await google.pages(cursor={"page_token": "CPii5aS87vfFTBAKGJvk36qpLiIW"})

    assert len(days_of(pages)) == 3
    assert json.loads(google.requests[0].content)["pageToken"] == "CPii5aS87vfFTBAKGJvk36qpLiIW"


async def test_meta_counts_one_kind_of_lead() -> None:
    meta = Platform(
        "meta_ads", [answer("meta/insights_daily_page1.json"), answer("meta/insights_daily_page2.json")]
    )

    pages = await meta.pages()

    assert totals(days_of(pages)) == (5, "2075.42", 1637, 141043, Decimal(14))
    first, second = (parse_qs(request.url.query.decode()) for request in meta.requests)
    assert meta.requests[0].url.path == "/v27.0/act_1234567890/insights"
    assert first["level"] == ["campaign"]
    assert first["time_increment"] == ["1"]
    assert json.loads(first["time_range"][0]) == {"since": "2026-11-20", "until": "2026-11-23"}
    assert "ARCHIVED" in first["filtering"][0]
    assert second["after"] == ["MgZDZD"]
    assert len(first["appsecret_proof"][0]) == 64
    # A token in an address would be in every log on the way, and in the cursor.
    assert "access-1" not in str(meta.requests[0].url)
    assert meta.requests[0].headers["authorization"] == "Bearer access-1"


async def test_meta_day_that_is_too_much_is_ordered_as_a_report() -> None:
    day = dt.date(2026, 11, 22)
    too_much = {"error": {"code": 100, "error_subcode": 1487534, "message": "reduce the amount of data"}}
    started = Platform(
        "meta_ads", [httpx.Response(400, json=too_much), answer("meta/async_report_started.json")]
    )
    ordered = await started.pages(window_from=day, window_to=day)
    cursor = ordered[-1].cursor
    assert (cursor, ordered[-1].wait_seconds) == (
        {"from": "2026-11-22", "days": 1, "report": "6023920149050"},
        60,
    )
    order = started.requests[1]
    assert (order.method, order.url.path) == ("POST", "/v27.0/act_1234567890/insights")
    form = parse_qs(order.content.decode())
    assert json.loads(form["time_range"][0]) == {"since": "2026-11-22", "until": "2026-11-22"}

    running = Platform("meta_ads", [httpx.Response(200, json={"async_status": "Job Running"})])
    waiting = await running.pages(window_from=day, window_to=day, cursor=cursor)
    assert [(page.cursor, page.wait_seconds, page.is_last) for page in waiting] == [(cursor, 60, False)]
    failed = Platform("meta_ads", [httpx.Response(200, json={"async_status": "Job Failed"})])
    anew = await failed.pages(window_from=day, window_to=day, cursor=cursor)
    assert [page.cursor for page in anew] == [{"from": "2026-11-22", "days": 1}]

    done = Platform(
        "meta_ads",
        [
            answer("meta/async_report_status.json"),
            answer("meta/insights_daily_page1.json"),
            answer("meta/insights_daily_page2.json"),
        ],
    )
    pages = await done.pages(window_from=day, window_to=day, cursor=cursor)
    assert [request.url.path for request in done.requests] == [
        "/v27.0/6023920149050",
        "/v27.0/6023920149050/insights",
        "/v27.0/6023920149050/insights",
    ]
    assert "time_range" not in parse_qs(done.requests[1].url.query.decode())
    assert len(days_of(pages)) == 5
    # Cut off between its pages, it is gone on with in the report.
    assert pages[0].cursor == {**(cursor or {}), "after": "MgZDZD"}
    assert pages[-1].is_last


async def test_meta_goes_on_without_the_report_of_a_day() -> None:
    meta = Platform(
        "meta_ads",
        [
            answer("meta/async_report_status.json"),
            answer("meta/insights_daily_page2.json"),
            answer("meta/insights_daily_page2.json"),
        ],
    )
    cursor = {"from": "2026-11-22", "days": 1, "report": "6023920149050"}

    pages = await meta.pages(window_to=dt.date(2026, 11, 23), cursor=cursor)

    assert [request.url.path for request in meta.requests[1:]] == [
        "/v27.0/6023920149050/insights",
        "/v27.0/act_1234567890/insights",
    ]
    assert [page.is_last for page in pages] == [False, True]


async def test_meta_halves_what_is_too_much() -> None:
    too_much = {"error": {"code": 100, "error_subcode": 1487534, "message": "reduce the amount of data"}}
    page = answer("meta/insights_daily_page2.json")
    meta = Platform("meta_ads", [httpx.Response(400, json=too_much), page])

    pages = await meta.pages()

    asked = [json.loads(parse_qs(request.url.query.decode())["time_range"][0]) for request in meta.requests]
    assert asked == [
        {"since": "2026-11-20", "until": "2026-11-23"},
        {"since": "2026-11-20", "until": "2026-11-21"},
        {"since": "2026-11-22", "until": "2026-11-23"},
    ]
    assert [page.is_last for page in pages] == [False, False, True]


async def test_linkedin_is_asked_in_its_own_spelling() -> None:
    linkedin = Platform(
        "linkedin_ads", [answer("linkedin/ad_accounts_page.json"), answer("linkedin/ad_analytics_daily.json")]
    )

    pages = await linkedin.pages()

    count, _, clicks, impressions, conversions = totals(days_of(pages))
    assert (count, clicks, impressions, conversions) == (5, 495, 29769, Decimal(5))
    # The database rounds to millionths: 240.460000.
    assert sum(round(day.spend, 6) for day in days_of(pages)) == Decimal("240.46")
    assert {day.currency for day in days_of(pages)} == {"EUR"}
    assert linkedin.requests[1].url.raw_path.decode() == (
        "/rest/adAnalytics?q=analytics&pivot=CAMPAIGN&timeGranularity=DAILY"
        "&dateRange=(start:(year:2026,month:11,day:20),end:(year:2026,month:11,day:23))"
        "&accounts=List(urn%3Ali%3AsponsoredAccount%3A520866471)"
        "&fields=dateRange,pivotValues,costInLocalCurrency,clicks,impressions,externalWebsiteConversions,oneClickLeads"
    )
    assert linkedin.requests[1].headers["linkedin-version"] == "202608"
    assert linkedin.requests[1].headers["x-restli-protocol-version"] == "2.0.0"


async def test_linkedin_account_without_rights_is_no_empty_answer() -> None:
    linkedin = Platform("linkedin_ads", [httpx.Response(200, json={"elements": [], "metadata": {}})])

    trouble = await linkedin.trouble()

    assert (trouble.kind, trouble.error) == ("permanent", "no_rights_on_account")


async def test_linkedin_answer_that_was_cut_is_asked_for_in_halves(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(linkedin_ads, "MAX_ELEMENTS", 5)
    element = json.loads(sample("linkedin/ad_analytics_daily.json"))["elements"][0]
    few = httpx.Response(200, json={"elements": [element]})
    linkedin = Platform(
        "linkedin_ads",
        [answer("linkedin/ad_accounts_page.json"), answer("linkedin/ad_analytics_daily.json"), few, few],
    )

    pages = await linkedin.pages()

    assert len(days_of(pages)) == 2
    assert "start:(year:2026,month:11,day:22)" in str(linkedin.requests[-1].url)


async def test_tiktok_page_by_page() -> None:
    tiktok = Platform(
        "tiktok_ads",
        [
            answer("tiktok/advertiser_info.json"),
            answer("tiktok/report_daily_page1.json"),
            answer("tiktok/report_daily_page2.json"),
        ],
    )

    pages = await tiktok.pages()

    assert totals(days_of(pages)) == (5, "272.05", 831, 34893, Decimal(25))
    assert {day.currency for day in days_of(pages)} == {"USD"}
    request = tiktok.requests[1]
    query = {name: values[0] for name, values in parse_qs(request.url.query.decode()).items()}
    assert request.url.path == "/open_api/v1.3/report/integrated/get/"
    assert request.headers["access-token"] == "access-1"
    assert json.loads(query["dimensions"]) == ["campaign_id", "stat_time_day"]
    assert json.loads(json.loads(query["filtering"])[0]["filter_value"]) == ["STATUS_ALL"]
    assert (query["data_level"], query["start_date"], query["end_date"], query["page"]) == (
        "AUCTION_CAMPAIGN",
        "2026-11-20",
        "2026-11-23",
        "1",
    )


async def test_tiktok_is_asked_for_thirty_days_at_once() -> None:
    tiktok = Platform(
        "tiktok_ads", [answer("tiktok/advertiser_info.json"), answer("tiktok/report_empty.json")]
    )

    pages = await tiktok.pages(window_from=dt.date(2026, 9, 25), window_to=dt.date(2026, 11, 23))

    queries = [parse_qs(request.url.query.decode()) for request in tiktok.requests[1:]]
    assert [(query["start_date"], query["end_date"]) for query in queries] == [
        (["2026-09-25"], ["2026-10-24"]),
        (["2026-10-25"], ["2026-11-23"]),
    ]
    assert [page.is_last for page in pages] == [False, False, True]


async def test_tiktok_answer_that_was_cut_is_not_taken_for_whole() -> None:
    cut = answer("tiktok/report_daily_page1.json", headers={"X-Tt-Ads-Throttle": "true"})
    tiktok = Platform("tiktok_ads", [answer("tiktok/advertiser_info.json"), cut])

    assert (await tiktok.trouble()).error == "answer_truncated"


async def test_microsoft_report_is_ordered_and_then_left_alone() -> None:
    microsoft = Platform("microsoft_ads", [answer("microsoft/report_submit_ok.json")])

    (page,) = await microsoft.pages()

    assert (page.cursor, page.is_last) == ({"report": "30000000012345678"}, False)
    assert page.wait_seconds > 0
    (request,) = microsoft.requests
    assert str(request.url) == (
        "https://reporting.api.bingads.microsoft.com/Reporting/v13/GenerateReport/Submit"
    )
    order = json.loads(request.content)["ReportRequest"]
    assert order["Time"]["CustomDateRangeStart"] == {"Day": 20, "Month": 11, "Year": 2026}
    assert order["Time"]["ReportTimeZone"] != "PacificTimeUSCanadaTijuana"
    assert (order["Format"], order["FormatVersion"], order["ReturnOnlyCompleteData"]) == ("Csv", "2.0", False)
    assert "ConversionsQualified" in order["Columns"]
    assert request.headers["customeraccountid"] == "180000001"
    assert request.headers["customerid"] == "999"
    assert request.headers["developertoken"] == "developer-token"


async def test_microsoft_report_that_is_being_made_is_waited_for_longer_each_time() -> None:
    microsoft = Platform("microsoft_ads", [answer("microsoft/report_poll_pending.json")])

    waits = []
    cursor: dict[str, object] = {"report": "30000000012345678"}
    for _ in range(5):
        (page,) = await microsoft.pages(cursor=cursor)
        waits.append(page.wait_seconds)
        cursor = dict(page.cursor or {})

    assert waits == [120, 240, 480, 900, 900]
    assert json.loads(microsoft.requests[0].content) == {"ReportRequestId": "30000000012345678"}


async def test_microsoft_report_is_read_out_of_its_zip() -> None:
    poll = json.loads(sample("microsoft/report_poll_success.json"))
    poll["ReportRequestStatus"]["ReportDownloadUrl"] = (
        "https://reporting.api.bingads.microsoft.com/reports/1.zip?sig=x"
    )
    report = httpx.Response(200, content=zipped(sample("microsoft/campaign_performance_report.csv")))
    microsoft = Platform("microsoft_ads", [httpx.Response(200, json=poll), report])

    pages = await microsoft.pages(cursor={"report": "30000000012345678"})

    assert totals(days_of(pages)) == (5, "1146.42", 535, 15030, Decimal("17.5"))
    assert pages[-1].is_last
    assert "authorization" not in microsoft.requests[1].headers


async def test_microsoft_report_goes_on_after_the_parts_that_are_kept() -> None:
    header, row, *_ = sample("microsoft/campaign_performance_report.csv").decode().splitlines()
    content = "\n".join([header, *(row.replace("400000001", f"{number}") for number in range(12_000))])
    poll = {
        "ReportRequestStatus": {
            "Status": "Success",
            "ReportDownloadUrl": "https://reporting.api.bingads.microsoft.com/1.zip",
        }
    }
    report = httpx.Response(200, content=zipped(content.encode()))
    microsoft = Platform("microsoft_ads", [httpx.Response(200, json=poll), report])

    pages = await microsoft.pages(cursor={"report": "1", "parts": 1})

    assert [(len(page.days), page.is_last) for page in pages] == [(5000, False), (2000, True)]
    assert pages[0].days[0].campaign_id == "5000"
    assert pages[0].cursor == {"report": "1", "parts": 2}


async def test_microsoft_report_without_data_is_complete() -> None:
    microsoft = Platform("microsoft_ads", [answer("microsoft/report_poll_success_no_data.json")])

    (page,) = await microsoft.pages(cursor={"report": "30000000012345678"})

    assert (page.is_last, list(page.days)) == (True, [])


@pytest.mark.parametrize(
    "url",
    [
        "http://169.254.169.254/latest/meta-data",
        "https://169.254.169.254/latest/meta-data",
        "https://localhost/report.zip",
        "http://reporting.api.bingads.microsoft.com/report.zip",
        "file:///etc/passwd",
        "gopher://127.0.0.1:5432/",
        "https://",
        "",
    ],
)
async def test_report_is_fetched_from_nowhere_of_ours(url: str) -> None:
    poll = {"ReportRequestStatus": {"Status": "Success", "ReportDownloadUrl": url}}
    microsoft = Platform("microsoft_ads", [httpx.Response(200, json=poll)])

    with pytest.raises(Trouble) as caught:
        await microsoft.pages(cursor={"report": "1"})
    assert len(microsoft.requests) == 1
    # Also where nothing of ours would answer: what comes in the clear may be anybody's.
    assert url.startswith("https:") or caught.value.error == "download_refused"


@pytest.mark.parametrize(
    ("content", "kind", "error"),
    [
        (b"", "transient", "no report"),
        (b"<html>Even geduld</html>", "transient", "no report"),
        (zipped(b"\xff\xfe"), "permanent", "unreadable report"),
        (zipped(b'"TimePeriod"\n"x"\n'), "permanent", "unreadable report"),
    ],
)
async def test_report_that_cannot_be_read_is_refused(content: bytes, kind: str, error: str) -> None:
    poll = {
        "ReportRequestStatus": {
            "Status": "Success",
            "ReportDownloadUrl": "https://reporting.api.bingads.microsoft.com/1.zip",
        }
    }
    microsoft = Platform(
        "microsoft_ads", [httpx.Response(200, json=poll), httpx.Response(200, content=content)]
    )

    with pytest.raises(Trouble) as caught:
        await microsoft.pages(cursor={"report": "1"})
    assert (caught.value.kind, caught.value.error) == (kind, error)


# Campaigns as they are -----------------------------------------------------------------------------------


def _campaigns(pages: list[Page]) -> list[tuple[str, str, str | None, str | None]]:
    return [
        (
            campaign.campaign_id,
            campaign.status,
            None if campaign.daily_budget is None else f"{campaign.daily_budget:.2f}",
            campaign.budget_note,
        )
        for page in pages
        for campaign in page.campaigns
    ]


async def test_google_campaigns_and_whose_budget_is_shared() -> None:
    google = Platform("google_ads", [answer("google/search_campaigns_budgets.json")])

    pages = await google.campaigns()

    assert _campaigns(pages) == [
        ("21700100001", "ENABLED", "450.00", None),
        ("21700100002", "PAUSED", "60.00", "shared"),
        ("21700100003", "REMOVED", "10.00", None),
    ]
    assert "WHERE" not in json.loads(google.requests[0].content)["query"]


async def test_meta_budgets_are_in_metas_own_units() -> None:
    meta = Platform("meta_ads", [answer("meta/account.json"), answer("meta/campaigns.json")])

    pages = await meta.campaigns()

    assert _campaigns(pages) == [
        ("120210000000000100", "ACTIVE", "550.00", None),
        ("120210000000000101", "WITH_ISSUES", None, "total"),
        ("120210000000000102", "PAUSED", None, "lower_level"),
    ]
    assert meta.requests[1].url.path == "/v27.0/act_1234567890/campaigns"


@pytest.mark.parametrize(("currency", "budget"), [("JPY", "5000.00"), ("HUF", "5000.00"), ("EUR", "50.00")])
async def test_meta_counts_yen_and_forint_whole(currency: str, budget: str) -> None:
    account = httpx.Response(200, json={**json.loads(sample("meta/account.json")), "currency": currency})
    meta = Platform("meta_ads", [account, answer("meta/campaign_jpy_account.json")])

    assert _campaigns(await meta.campaigns()) == [("120299000000000001", "ACTIVE", budget, None)]


async def test_linkedin_campaigns_page_by_page() -> None:
    linkedin = Platform(
        "linkedin_ads",
        [
            answer("linkedin/ad_accounts_page.json"),
            answer("linkedin/ad_campaigns_page1.json"),
            answer("linkedin/ad_campaigns_page2.json"),
        ],
    )

    pages = await linkedin.campaigns()

    assert _campaigns(pages) == [
        ("367378525", "ACTIVE", "75.00", None),
        ("367378526", "PAUSED", "50.00", None),
        ("367378527", "ARCHIVED", None, "total"),
    ]
    assert str(linkedin.requests[2].url) == (
        "https://api.linkedin.com/rest/adAccounts/520866471/adCampaigns?q=search"
        "&search=(status:(values:List(ACTIVE,PAUSED,ARCHIVED,COMPLETED,CANCELED,DRAFT)))&pageSize=500"
        "&pageToken=DgGErr1iVQreCJVjZDOW_grcp63nueBDipsS4DJpvJo"
    )


async def test_tiktok_campaigns_and_whose_budget_is_where() -> None:
    tiktok = Platform("tiktok_ads", [answer("tiktok/campaign_get.json")])

    pages = await tiktok.campaigns()

    assert _campaigns(pages) == [
        ("1780000000000001", "CAMPAIGN_STATUS_ENABLE", "120.00", None),
        ("1780000000000002", "CAMPAIGN_STATUS_BUDGET_EXCEED", "50.00", "automated"),
        ("1780000000000003", "CAMPAIGN_STATUS_DISABLE", None, "lower_level"),
    ]


async def test_microsoft_campaigns_of_every_type() -> None:
    microsoft = Platform("microsoft_ads", [answer("microsoft/campaigns_by_account.json")])

    pages = await microsoft.campaigns()

    assert _campaigns(pages) == [
        ("400000001", "Active", "60.00", None),
        ("400000002", "BudgetAndManualPaused", "100.00", "shared"),
        ("400000003", "BudgetPaused", "20.00", None),
    ]
    asked = json.loads(microsoft.requests[0].content)
    assert asked["AccountId"] == "180000001"
    assert {"Search", "Shopping", "Audience", "PerformanceMax"} <= set(asked["CampaignType"].split(","))


# How they say no --------------------------------------------------------------------------------------------

_META_HEADERS = json.loads(sample("meta/error_80000_throttled.headers.json"))


class No(NamedTuple):
    """A sample that says no, and what is understood."""

    file: str
    status: int
    kind: str
    error: str
    seconds: float | None = None
    scope: str | None = None


_NOES = [
    No("google/error_429_quota.json", 429, "throttled", "RESOURCE_EXHAUSTED", 900, "platform"),
    No(
        "google/error_403_cloud_project_test_only.json",
        403,
        "permanent",
        "CLOUD_PROJECT_NOT_APPROVED_FOR_PRODUCTION",
    ),
    No(
        "google/error_403_upload_not_allowlisted.json",
        403,
        "permanent",
        "CUSTOMER_NOT_ALLOWLISTED_FOR_THIS_FEATURE",
    ),
    No("meta/error_80000_throttled.json", 400, "throttled", "80000/2446079", 19 * 60, "account"),
    No("meta/capi_error_old_event.json", 400, "permanent", "100/2804003"),
    No("linkedin/error_400_version_missing.json", 400, "permanent", "VERSION_MISSING"),
    No("linkedin/error_426_version_sunset.json", 426, "permanent", "NONEXISTENT_VERSION"),
    No("linkedin/error_400_campaign_budget.json", 400, "permanent", "VALUE_TOO_LOW"),
    No("linkedin/error_429_data_volume.json", 429, "throttled", "data_volume", 360, "account"),
    No("linkedin/conversion_error_403_unknown_rule.json", 403, "permanent", "UNKNOWN_CONVERSION_RULE"),
    No("tiktok/error_40100_throttled.json", 200, "throttled", "40100", 300, "platform"),
    No("tiktok/error_40105_bad_token.json", 200, "auth", "40105"),
    No("tiktok/error_40002_budget.json", 200, "permanent", "40002"),
    No("microsoft/error_117_throttled.json", 400, "throttled", "CallRateExceeded", 60, "account"),
    No("microsoft/error_117_wrapped.json", 400, "throttled", "CallRateExceeded", 60, "account"),
    No(
        "microsoft/error_207_reports_running.json",
        400,
        "throttled",
        "ConcurrentRequestOverLimit",
        300,
        "account",
    ),
]


@pytest.mark.parametrize("no", _NOES, ids=[no.file for no in _NOES])
async def test_error_is_told_by_its_body(no: No) -> None:
    headers = _META_HEADERS if no.file.startswith("meta/error") else None
    platform = Platform(f"{no.file.partition('/')[0]}_ads", [answer(no.file, no.status, headers)])

    trouble = await platform.trouble()

    assert (trouble.kind, trouble.error) == (no.kind, no.error)
    if no.seconds is not None:
        assert (trouble.seconds, trouble.scope) == (no.seconds, no.scope)


async def test_meta_throttle_without_a_header_lasts_ten_minutes() -> None:
    trouble = await Platform("meta_ads", [answer("meta/error_80000_throttled.json", 400)]).trouble()

    assert (trouble.kind, trouble.seconds) == ("throttled", 600)


async def test_meta_token_that_expired_needs_a_person() -> None:
    meta = Platform("meta_ads", [answer("meta/error_190_expired_token.json", 400)])

    trouble = await meta.trouble()

    assert (trouble.row()["kind"], trouble.error) == ("auth", "190/463")
    assert len(meta.requests) == 1


async def test_linkedin_limit_of_calls_lasts_until_midnight() -> None:
    trouble = await Platform("linkedin_ads", [answer("linkedin/error_429_calls.json", 429)]).trouble()

    midnight = dt.datetime.now(dt.UTC) + dt.timedelta(seconds=trouble.seconds)
    assert (trouble.kind, trouble.scope) == ("throttled", "platform")
    assert (midnight.hour, midnight.minute) in {(0, 0), (0, 1)}


@pytest.mark.parametrize("name", list(PLATFORMS))
@pytest.mark.parametrize(
    ("response", "kind"),
    [
        (httpx.Response(500), "transient"),
        (httpx.Response(503, text="<html>Service unavailable</html>"), "transient"),
        (httpx.Response(200, text="<html>Welcome to the airport</html>"), "transient"),
        (httpx.Response(400), "permanent"),
        (httpx.Response(429), "throttled"),
        (httpx.Response(200, json={"surprise": True}), "permanent"),
        (httpx.Response(302, headers={"Location": "http://127.0.0.1/"}), "permanent"),
    ],
)
async def test_answer_of_nobody_is_told_by_its_status(name: str, response: httpx.Response, kind: str) -> None:
    assert (await Platform(name, [response]).trouble()).kind == kind


# Tokens -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "expired", "url", "refresh_token"),
    [
        (
            "google_ads",
            "google/error_401_expired_access_token.json",
            "https://oauth2.googleapis.com/token",
            "refresh-1",
        ),
        (
            "linkedin_ads",
            "linkedin/error_401_expired.json",
            "https://www.linkedin.com/oauth/v2/accessToken",
            "AQWexample",
        ),
        (
            "microsoft_ads",
            "microsoft/error_109_token_expired.json",
            "https://login.microsoftonline.com/common/oauth2/v2.0/token",
            "M.C5_NEW_example",
        ),
    ],
)
async def test_expired_token_is_refreshed_once_and_the_question_asked_once_more(
    name: str, expired: str, url: str, refresh_token: str
) -> None:
    folder = expired.partition("/")[0]
    refreshed = answer(f"{folder}/oauth_refresh_ok.json")
    no = answer(expired, 400 if name == "microsoft_ads" else 401)
    platform = Platform(name, [no, refreshed, no])

    trouble = await platform.trouble()

    # Fresh and refused all the same: it is not the token's age.
    assert trouble.row()["kind"] == "auth"
    assert [str(request.url) for request in platform.requests][1] == url
    assert len(platform.requests) == 3
    form = parse_qs(platform.requests[1].content.decode())
    assert (form["grant_type"], form["refresh_token"]) == (["refresh_token"], ["refresh-1"])
    told = json.loads(sample(f"{folder}/oauth_refresh_ok.json"))
    assert platform.requests[2].headers["authorization"] == f"Bearer {told['access_token']}"
    ((credentials, ends_at),) = platform.kept
    assert credentials.refresh_token is not None
    assert credentials.refresh_token.get_secret_value() == refresh_token
    assert credentials.access_token_ends_at == NOW + dt.timedelta(seconds=told["expires_in"])
    # LinkedIn's consent ends on a fixed day, whatever is refreshed.
    assert ends_at == (NOW + dt.timedelta(seconds=26438400) if name == "linkedin_ads" else None)


@pytest.mark.parametrize("name", ["google_ads", "linkedin_ads", "microsoft_ads"])
async def test_refresh_that_is_refused_needs_a_person(name: str) -> None:
    folder = name.removesuffix("_ads")
    old = CREDENTIALS.model_copy(update={"access_token_ends_at": NOW + dt.timedelta(seconds=30)})
    platform = Platform(name, [answer(f"{folder}/oauth_invalid_grant.json", 400)], credentials=old)

    trouble = await platform.trouble()

    assert (trouble.kind, trouble.error) == ("auth", "invalid_grant")
    # It ends within the minute, so nothing was asked with it.
    assert len(platform.requests) == 1


def test_credentials_are_opened_by_their_key_alone() -> None:
    ours, theirs = (SecretStr(Fernet.generate_key().decode()) for _ in range(2))
    sealed = Sealer([ours]).seal(CREDENTIALS)

    assert Sealer([theirs, ours]).open(SecretStr(sealed)) == CREDENTIALS
    assert "access-1" not in sealed
    with pytest.raises(Trouble) as caught:
        Sealer([theirs]).open(SecretStr(sealed))
    assert caught.value.kind == "auth"
    assert "access-1" not in repr(CREDENTIALS)


# Rates ------------------------------------------------------------------------------------------------------


def test_rates_of_one_day_and_of_ninety() -> None:
    day = list(read_xml(sample("ecb/eurofxref-daily.xml")))
    days = list(read_xml(sample("ecb/eurofxref-hist-90d.xml")))

    assert {rate.currency: str(rate.per_eur) for rate in day} == {
        "USD": "1.1612",
        "JPY": "180.90",
        "GBP": "0.87520",
        "CHF": "0.9302",
    }
    assert {rate.day.isoformat() for rate in days} == {"2026-11-19", "2026-11-20", "2026-11-23"}
    assert len(days) == 12


def test_rates_of_all_days_leave_out_what_there_is_none_of() -> None:
    rates = list(read_csv(io.StringIO(sample("ecb/eurofxref-hist.csv").decode())))

    assert len(rates) == 4 * 4 + 1
    assert [str(rate.per_eur) for rate in rates if rate.currency == "BGN"] == ["1.9558"]
    assert all(rate.currency for rate in rates)
