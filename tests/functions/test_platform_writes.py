"""What is written on each ad platform: the request as documented, what is read around it, each refusal."""

import json
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qs

import httpx
import pytest

from functions.campaign_sync.job import Campaign, Order, Write
from functions.campaign_sync.platforms import PLATFORMS
from functions.campaign_sync.trouble import Trouble
from tests.functions.test_sync_platforms import Platform, answer, sample

PAUSE = Write(id=1, external_campaign_id="1", field="status", value="paused")
START = Write(id=1, external_campaign_id="1", field="status", value="active")
BUDGET = Write(id=1, external_campaign_id="1", field="daily_budget", value="80.00")


async def campaign(platform: Platform, campaign_id: str) -> Campaign:
    job = platform.job(kind="writes")
    return await PLATFORMS[platform.name].campaign(platform.asking(job), job, campaign_id)


async def change(platform: Platform, write: Write, known: Campaign) -> httpx.Request:
    """Send what makes it so, and return the request."""
    job = platform.job(kind="writes")
    await platform.asking(job).change(PLATFORMS[platform.name].order(job, known, write))
    return platform.requests[-1]


def known(campaign_id: str, budget_id: str | None = None) -> Campaign:
    return Campaign(campaign_id, "c", "on", Decimal(50), None, "on", budget_id)


def only_row(name: str, *path: str, index: int) -> bytes:
    """Return a sample with one of its rows alone, as a platform answers about one campaign."""
    told = json.loads(sample(name))
    place = told
    for part in path[:-1]:
        place = place[part]
    place[path[-1]] = [place[path[-1]][index]]
    return json.dumps(told).encode()


# Google -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("index", "found"),
    [
        (0, ("on", Decimal(450), None, "9900001")),
        (1, ("off", Decimal(60), "shared", "9900002")),
        (2, ("ended", Decimal(10), None, "9900003")),
    ],
)
async def test_google_campaign(index: int, found: tuple[object, ...]) -> None:
    told = only_row("google/search_campaigns_budgets.json", "results", index=index)
    google = Platform("google_ads", [httpx.Response(200, content=told)])

    read = await campaign(google, f"2170010000{index + 1}")

    assert (read.switch, read.daily_budget, read.budget_note, read.budget_id) == found
    query = json.loads(google.requests[0].content)["query"]
    assert query.endswith(f" FROM campaign WHERE campaign.id = 2170010000{index + 1}")


@pytest.mark.parametrize(
    ("write", "path", "mask", "update"),
    [
        (
            PAUSE,
            "campaigns",
            "status",
            {"resourceName": "customers/1234567890/campaigns/7", "status": "PAUSED"},
        ),
        (
            START,
            "campaigns",
            "status",
            {"resourceName": "customers/1234567890/campaigns/7", "status": "ENABLED"},
        ),
        (
            BUDGET,
            "campaignBudgets",
            "amountMicros",
            {"resourceName": "customers/1234567890/campaignBudgets/9", "amountMicros": "80000000"},
        ),
    ],
)
async def test_google_mutation(write: Write, path: str, mask: str, update: dict[str, str]) -> None:
    google = Platform("google_ads", [answer("google/mutate_campaign_pause_ok.json")])

    request = await change(google, write, known("7", "9"))

    assert str(request.url) == f"https://googleads.googleapis.com/v26/customers/1234567890/{path}:mutate"
    assert json.loads(request.content) == {"operations": [{"updateMask": mask, "update": update}]}
    assert request.headers["login-customer-id"] == "999"


async def test_google_budget_that_there_is_not() -> None:
    with pytest.raises(Trouble, match="permanent: no_daily_budget"):
        await change(Platform("google_ads", []), BUDGET, known("7"))


async def test_google_budget_for_all_of_a_campaigns_time() -> None:
    told = json.loads(only_row("google/search_campaigns_budgets.json", "results", index=0))
    told["results"][0]["campaignBudget"]["period"] = "CUSTOM_PERIOD"

    read = await campaign(Platform("google_ads", [httpx.Response(200, json=told)]), "21700100001")

    assert read.budget_note == "total"


# Meta ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("index", "found"),
    [
        (0, ("on", Decimal(550), None)),
        # What has issues is on all the same.
        (1, ("on", None, "total")),
        (2, ("off", None, "lower_level")),
    ],
)
async def test_meta_campaign(index: int, found: tuple[object, ...]) -> None:
    row = {**json.loads(sample("meta/campaigns.json"))["data"][index], "account_id": "1234567890"}
    meta = Platform("meta_ads", [answer("meta/account.json"), httpx.Response(200, json=row)])

    read = await campaign(meta, f"12021000000000010{index}")

    assert (read.switch, read.daily_budget, read.budget_note) == found
    assert meta.requests[1].url.path == f"/v27.0/12021000000000010{index}"
    assert "account_id" in parse_qs(meta.requests[1].url.query.decode())["fields"][0].split(",")


async def test_meta_campaign_of_another_account_that_the_token_reaches_too() -> None:
    row = {**json.loads(sample("meta/campaigns.json"))["data"][0], "account_id": "999"}
    meta = Platform("meta_ads", [answer("meta/account.json"), httpx.Response(200, json=row)])

    with pytest.raises(Trouble, match="permanent: campaign_not_found"):
        await campaign(meta, "120210000000000100")


@pytest.mark.parametrize(
    ("write", "form"),
    [(PAUSE, b"status=PAUSED"), (START, b"status=ACTIVE"), (BUDGET, b"daily_budget=8000")],
)
async def test_meta_update(write: Write, form: bytes) -> None:
    meta = Platform("meta_ads", [answer("meta/campaign_update_ok.json")])

    request = await change(meta, write, known("120210000000000100"))

    assert request.method == "POST"
    assert request.url.path == "/v27.0/120210000000000100"
    assert request.content == form
    assert request.headers["content-type"] == "application/x-www-form-urlencoded"
    assert len(parse_qs(request.url.query.decode())["appsecret_proof"][0]) == 64


# LinkedIn -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("page", "index", "found"),
    [(1, 0, ("on", Decimal(75), None)), (1, 1, ("off", Decimal(50), None)), (2, 0, ("ended", None, "total"))],
)
async def test_linkedin_campaign(page: int, index: int, found: tuple[object, ...]) -> None:
    row = json.loads(sample(f"linkedin/ad_campaigns_page{page}.json"))["elements"][index]
    linkedin = Platform("linkedin_ads", [httpx.Response(200, json=row)])

    read = await campaign(linkedin, str(row["id"]))

    assert (read.switch, read.daily_budget, read.budget_note) == found
    assert str(linkedin.requests[0].url) == (
        f"https://api.linkedin.com/rest/adAccounts/520866471/adCampaigns/{row['id']}"
    )


@pytest.mark.parametrize(
    ("write", "patch"),
    [
        (PAUSE, {"status": "PAUSED"}),
        (START, {"status": "ACTIVE"}),
        (BUDGET, {"dailyBudget": {"amount": "80.00", "currencyCode": "EUR"}}),
    ],
)
async def test_linkedin_patch(write: Write, patch: dict[str, object]) -> None:
    linkedin = Platform("linkedin_ads", [httpx.Response(204)])

    request = await change(linkedin, write, known("367378525"))

    assert str(request.url) == "https://api.linkedin.com/rest/adAccounts/520866471/adCampaigns/367378525"
    assert request.headers["x-restli-method"] == "PARTIAL_UPDATE"
    assert request.headers["linkedin-version"] == "202608"
    told = json.loads(request.content)
    assert told == {"patch": {"$set": patch}}
    # As the sample has it, which does both at once.
    both = json.loads(sample("linkedin/campaign_partial_update_request.json"))["patch"]["$set"]
    assert patch == {name: both[name] for name in patch} or write is START


# TikTok -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("index", "found"),
    [
        (0, ("on", Decimal(120), None)),
        # Smart+ campaigns have calls of their own, and refuse these.
        (1, (None, Decimal(50), "automated")),
        (2, ("off", None, "lower_level")),
    ],
)
async def test_tiktok_campaign(index: int, found: tuple[object, ...]) -> None:
    told = only_row("tiktok/campaign_get.json", "data", "list", index=index)
    tiktok = Platform("tiktok_ads", [httpx.Response(200, content=told)])

    read = await campaign(tiktok, f"178000000000000{index + 1}")

    assert (read.switch, read.daily_budget, read.budget_note) == found
    asked = parse_qs(tiktok.requests[0].url.query.decode())
    assert json.loads(asked["filtering"][0])["campaign_ids"] == [f"178000000000000{index + 1}"]


@pytest.mark.parametrize(
    ("write", "path", "body"),
    [
        (PAUSE, "/campaign/status/update/", {"campaign_ids": ["178"], "operation_status": "DISABLE"}),
        (START, "/campaign/status/update/", {"campaign_ids": ["178"], "operation_status": "ENABLE"}),
        (BUDGET, "/campaign/update/", {"campaign_id": "178", "budget": 80}),
    ],
)
async def test_tiktok_update(write: Write, path: str, body: dict[str, object]) -> None:
    tiktok = Platform("tiktok_ads", [answer("tiktok/status_update_ok.json")])

    request = await change(tiktok, write, known("178"))

    assert str(request.url) == f"https://business-api.tiktok.com/open_api/v1.3{path}"
    assert json.loads(request.content) == {"advertiser_id": "7020000000000000009", **body}


# Microsoft ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("index", "found"),
    [
        (0, ("on", Decimal(60), None)),
        (1, ("off", Decimal(100), "shared")),
        # A budget that is used up pauses what is on.
        (2, ("on", Decimal(20), None)),
    ],
)
async def test_microsoft_campaign(index: int, found: tuple[object, ...]) -> None:
    told = only_row("microsoft/campaigns_by_account.json", "Campaigns", index=index)
    microsoft = Platform("microsoft_ads", [httpx.Response(200, content=told)])

    read = await campaign(microsoft, f"40000000{index + 1}")

    assert (read.switch, read.daily_budget, read.budget_note) == found
    assert microsoft.requests[0].url.path == "/CampaignManagement/v13/Campaigns/QueryByIds"
    asked = json.loads(microsoft.requests[0].content)
    assert (asked["AccountId"], asked["CampaignIds"]) == ("180000001", [f"40000000{index + 1}"])
    assert "PerformanceMax" in asked["CampaignType"]


@pytest.mark.parametrize(
    ("write", "row"),
    [(PAUSE, {"Status": "Paused"}), (START, {"Status": "Active"}), (BUDGET, {"DailyBudget": 80})],
)
async def test_microsoft_update(write: Write, row: dict[str, object]) -> None:
    microsoft = Platform("microsoft_ads", [answer("microsoft/update_campaigns_ok.json")])

    request = await change(microsoft, write, known("400000001"))

    assert request.method == "PUT"
    assert request.url.path == "/CampaignManagement/v13/Campaigns"
    told = json.loads(request.content)
    assert told == {"AccountId": "180000001", "Campaigns": [{"Id": "400000001", **row}]}
    assert told.keys() == json.loads(sample("microsoft/update_campaigns_request.json")).keys()


# Saying no ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "response", "kind", "word", "is_forbidden"),
    [
        ("google_ads", answer("google/error_429_quota.json", 429), "throttled", "RESOURCE_EXHAUSTED", False),
        (
            "google_ads",
            httpx.Response(403, json={"error": {"code": 403, "status": "PERMISSION_DENIED"}}),
            "permanent",
            "PERMISSION_DENIED",
            True,
        ),
        ("meta_ads", httpx.Response(400, json={"error": {"code": 294}}), "permanent", "294", True),
        (
            "meta_ads",
            httpx.Response(400, json={"error": {"code": 100, "error_subcode": 1885272}}),
            "permanent",
            "100/1885272",
            False,
        ),
        (
            "linkedin_ads",
            answer("linkedin/error_400_campaign_budget.json", 400),
            "permanent",
            "VALUE_TOO_LOW",
            False,
        ),
        (
            "linkedin_ads",
            httpx.Response(403, json={"code": "ACCESS_DENIED"}),
            "permanent",
            "ACCESS_DENIED",
            True,
        ),
        ("tiktok_ads", answer("tiktok/error_40002_budget.json"), "permanent", "40002", False),
        ("tiktok_ads", answer("tiktok/error_20001_partial.json"), "permanent", "20001", False),
        ("tiktok_ads", httpx.Response(200, json={"code": 40001, "data": {}}), "permanent", "40001", True),
        (
            "microsoft_ads",
            answer("microsoft/update_campaigns_partial.json"),
            "permanent",
            "CampaignServiceCannotUpdateSharedBudget",
            False,
        ),
        (
            "microsoft_ads",
            httpx.Response(400, json={"Errors": [{"Code": 106, "ErrorCode": "UserIsNotAuthorized"}]}),
            "permanent",
            "UserIsNotAuthorized",
            True,
        ),
        ("microsoft_ads", httpx.Response(403, text="no"), "permanent", "http 403", True),
        ("meta_ads", httpx.Response(503), "transient", "http 503", False),
    ],
)
async def test_refusal_of_a_write(
    name: str, response: httpx.Response, kind: str, word: str, *, is_forbidden: bool
) -> None:
    with pytest.raises(Trouble) as caught:
        await change(Platform(name, [response]), PAUSE, known("1", "2"))

    assert (caught.value.kind, caught.value.error, caught.value.is_forbidden) == (kind, word, is_forbidden)


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("google_ads", {"fieldMask": "campaign.id"}),
        ("google_ads", json.loads(sample("google/search_campaigns_budgets.json"))),
        ("linkedin_ads", json.loads(sample("linkedin/ad_campaigns_page1.json"))["elements"][0]),
        ("tiktok_ads", json.loads(sample("tiktok/campaign_get.json"))),
        ("microsoft_ads", {"Campaigns": [None]}),
        ("microsoft_ads", json.loads(sample("microsoft/campaigns_by_account.json"))),
    ],
)
async def test_another_campaign_is_not_taken_for_it(name: str, told: dict[str, Any]) -> None:
    with pytest.raises(Trouble, match="permanent: campaign_not_found"):
        await campaign(Platform(name, [httpx.Response(200, json=told)]), "4")


def test_no_order_has_a_token_or_a_final_state() -> None:
    for name, adapter in PLATFORMS.items():
        job = Platform(name).job(kind="writes")
        for write in (PAUSE, START, BUDGET):
            order: Order = adapter.order(job, known("7", "9"), write)
            text = json.dumps(order.row())
            assert "access-1" not in text
            assert not any(word in text.upper() for word in ("DELETE", "REMOVE", "ARCHIVE", "CANCEL"))
