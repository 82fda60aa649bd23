"""What each ad platform is told of a lead that was won, and what it makes of that."""

import datetime as dt
import json
from decimal import Decimal
from typing import Any

import httpx
import pytest

from functions.campaign_sync.job import Api, Conversion, Result
from functions.campaign_sync.platforms import PLATFORMS
from functions.campaign_sync.trouble import Trouble
from tests.functions.test_sync_platforms import APIS, Platform, answer, sample

HASH = "4e344a1de952add02b8862a18f19ddaa5898c7c5b17f0772e5b88cded805b657"
HAPPENED = dt.datetime(2026, 11, 22, 14, 35, tzinfo=dt.UTC)
DATA_MANAGER = Api(base_url="https://datamanager.googleapis.com", version="v1")


def won(**changes: Any) -> Conversion:  # noqa: ANN401 - any member.
    told = {
        "id": 1,
        "lead_id": "order-1001",
        "happened_at": HAPPENED,
        "target_id": "7712337565",
        "event_name": "Purchase",
        "value": Decimal("249.90"),
        "submitted_at": dt.datetime.fromtimestamp(1795000000.123, dt.UTC),
    }
    return Conversion.model_validate(told | changes)


async def tell(platform: Platform, conversion: Conversion) -> Result:
    """Tell of a lead, as a run does."""
    apis = APIS[platform.name] | {"conversions": DATA_MANAGER}
    job, adapter = platform.job(kind="conversions", apis=apis), PLATFORMS[platform.name]
    asking = platform.asking(job)
    if conversion.reference is not None:
        return await adapter.result(asking, job, conversion)
    return adapter.told(await asking.change(adapter.conversion(job, conversion)))


def body(platform: Platform) -> Any:  # noqa: ANN401 - any JSON.
    return json.loads(platform.requests[-1].content)


# Google -------------------------------------------------------------------------------------------------


async def test_google_is_told_by_the_click() -> None:
    google = Platform("google_ads", [answer("google/datamanager_ingest_ok.json")])

    result = await tell(google, won(click={"gclid": "EAIaIQobTEST1"}))

    assert result == Result("accepted", reference="dm-req-0001")
    request = google.requests[0]
    assert str(request.url) == "https://datamanager.googleapis.com/v1/events:ingest"
    assert request.headers["authorization"] == "Bearer access-1"
    assert not {"login-customer-id", "developer-token"} & set(request.headers)
    told, expected = body(google), json.loads(sample("google/datamanager_ingest_request.json"))
    assert told["consent"] == expected["consent"]
    account = {"accountType": "GOOGLE_ADS", "accountId": "999"}
    assert told["destinations"] == [{**expected["destinations"][0], "loginAccount": account}]
    # The same moment, in another spelling.
    assert told["events"] == [{**expected["events"][0], "eventTimestamp": "2026-11-22T14:35:00+00:00"}]
    # Nobody hears more than the click.
    assert "encoding" not in told


async def test_google_is_told_by_what_stands_for_a_person() -> None:
    google = Platform("google_ads", [answer("google/datamanager_ingest_ok.json")])

    await tell(google, won(hashes={"email": HASH, "phone": "ab" * 32}, value=None, platform_lead_id="x"))

    told = body(google)
    assert told["encoding"] == "HEX"
    (event,) = told["events"]
    assert event["userData"] == {"userIdentifiers": [{"emailAddress": HASH}, {"phoneNumber": "ab" * 32}]}
    assert event["eventSource"] == "OTHER"
    assert not {"adIdentifiers", "currency", "conversionValue"} & event.keys()


@pytest.mark.parametrize(
    ("told", "is_repeated", "result"),
    [
        ("google/datamanager_status_processing.json", False, Result("accepted")),
        ("google/datamanager_status_partial.json", False, Result("refused", "DUPLICATE_TRANSACTION_ID")),
        # Sent again, since nobody knew whether it had arrived: it had.
        ("google/datamanager_status_partial.json", True, Result("done")),
        ({"requestStatusPerDestination": [{"requestStatus": "SUCCESS"}]}, False, Result("done")),
        ({"requestStatusPerDestination": [{"requestStatus": "FAILED"}]}, False, Result("refused", "FAILED")),
        ({"requestStatusPerDestination": [{"requestStatus": "FAILURE"}]}, False, Result("refused", "FAILED")),
        ({}, False, Result("accepted")),
    ],
)
async def test_google_says_later_what_became_of_it(
    told: str | dict[str, Any], *, is_repeated: bool, result: Result
) -> None:
    response = answer(told) if isinstance(told, str) else httpx.Response(200, json=told)
    google = Platform("google_ads", [response])

    assert await tell(google, won(reference="dm-req-0001", is_repeated=is_repeated)) == result

    assert str(google.requests[0].url) == (
        "https://datamanager.googleapis.com/v1/requestStatus:retrieve?requestId=dm-req-0001"
    )


# The others ---------------------------------------------------------------------------------------------


async def test_meta_is_told_of_a_lead_of_its_own_form() -> None:
    meta = Platform("meta_ads", [answer("meta/capi_ok.json")])

    result = await tell(
        meta,
        won(
            platform_lead_id="1298765432109876",
            click={"fbclid": "IwAR1test"},
            hashes={"email": HASH},
            target_id="77",
        ),
    )

    assert result == Result("done")
    assert meta.requests[0].url.path == "/v27.0/77/events"
    expected = json.loads(sample("meta/capi_request.json"))
    expected["data"][0]["custom_data"]["lead_event_source"] = "lead marketplace"
    assert body(meta) == expected


async def test_linkedin_is_told() -> None:
    linkedin = Platform("linkedin_ads", [httpx.Response(201)])

    result = await tell(
        linkedin,
        won(target_id="104012", hashes={"email": HASH}, click={"li_fat_id": "df5gf5-gh6t7-ph4j7h-fgf6n1"}),
    )

    assert result == Result("done")
    assert str(linkedin.requests[0].url) == "https://api.linkedin.com/rest/conversionEvents"
    assert body(linkedin) == json.loads(sample("linkedin/conversion_event_request.json"))


async def test_tiktok_is_told_of_a_lead_of_its_own_form() -> None:
    tiktok = Platform("tiktok_ads", [answer("tiktok/event_track_ok.json")])

    result = await tell(
        tiktok,
        won(
            lead_id="lead-7431234567890123456-qualified",
            target_id="7690863133832822804",
            event_name="QualifiedLead",
            platform_lead_id="7431234567890123456",
            hashes={"email": HASH},
            value=None,
        ),
    )

    assert result == Result("done")
    assert str(tiktok.requests[0].url) == "https://business-api.tiktok.com/open_api/v1.3/event/track/"
    expected = json.loads(sample("tiktok/event_track_request.json"))
    expected["data"][0]["lead"]["lead_event_source"] = "lead marketplace"
    assert body(tiktok) == expected


async def test_tiktok_is_told_of_a_landing_page() -> None:
    tiktok = Platform("tiktok_ads", [answer("tiktok/event_track_ok.json")])

    await tell(tiktok, won(click={"ttclid": "E.C.P.x"}))

    told = body(tiktok)
    assert told["event_source"] == "web"
    (event,) = told["data"]
    assert event["user"] == {"ttclid": "E.C.P.x"}
    assert event["properties"] == {"currency": "EUR", "value": 249.9, "order_id": "order-1001"}
    assert "lead" not in event


@pytest.mark.parametrize(
    ("index", "changes"),
    [
        (0, {"click": {"msclkid": "dd4afcccb1c94a4cad9544dd7e5006ab"}}),
        (
            1,
            {
                "happened_at": dt.datetime(2026, 7, 1, 2, tzinfo=dt.timezone(dt.timedelta(hours=2))),
                "value": Decimal("80.00"),
                "hashes": {"email": "1763c758c09a8e6db400562ecd27c5f6ef6d3cefb5c88c0164adf2e4d79802c1"},
            },
        ),
    ],
)
async def test_microsoft_is_told(index: int, changes: dict[str, Any]) -> None:
    microsoft = Platform("microsoft_ads", [httpx.Response(200, json={"PartialErrors": []})])

    result = await tell(microsoft, won(target_id="CRM Sale", **changes))

    assert result == Result("done")
    assert microsoft.requests[0].url.path == "/CampaignManagement/v13/OfflineConversions/Apply"
    assert microsoft.requests[0].headers["developertoken"] == "developer-token"
    events = json.loads(sample("microsoft/offline_conversions_request.json"))["OfflineConversions"]
    assert body(microsoft) == {"OfflineConversions": [events[index]]}


# Saying no ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "response", "error"),
    [
        ("google_ads", answer("google/datamanager_ingest_400.json", 400), "INVALID_SHA256_FORMAT"),
        (
            "google_ads",
            answer("google/error_403_upload_not_allowlisted.json", 403),
            "CUSTOMER_NOT_ALLOWLISTED_FOR_THIS_FEATURE",
        ),
        ("meta_ads", answer("meta/capi_error_old_event.json", 400), "100/2804003"),
        (
            "linkedin_ads",
            answer("linkedin/conversion_error_400_window.json", 400),
            "CONVERSION_TIME_OUT_OF_WINDOW",
        ),
        ("linkedin_ads", answer("linkedin/conversion_error_422.json", 422), "UNPROCESSABLE"),
        (
            "linkedin_ads",
            answer("linkedin/conversion_error_403_unknown_rule.json", 403),
            "UNKNOWN_CONVERSION_RULE",
        ),
        ("tiktok_ads", httpx.Response(200, json={"code": 40001, "data": {}}), "40001"),
        (
            "microsoft_ads",
            answer("microsoft/offline_conversions_partial.json"),
            "OfflineConversionTimeOutOfWindow",
        ),
    ],
)
async def test_refusal_is_for_good(name: str, response: httpx.Response, error: str) -> None:
    click = {"google_ads": "gclid", "microsoft_ads": "msclkid"}.get(name, "x")

    with pytest.raises(Trouble) as caught:
        await tell(Platform(name, [response]), won(click={click: "x"}))

    assert (caught.value.kind, caught.value.error) == ("permanent", error)


async def test_only_google_says_later() -> None:
    for name in PLATFORMS.keys() - {"google_ads"}:
        with pytest.raises(Trouble, match="permanent: no_result"):
            await tell(Platform(name), won(reference="x"))


@pytest.mark.parametrize("name", PLATFORMS)
async def test_page_of_somebody_in_between_is_no_success(name: str) -> None:
    click = {"google_ads": "gclid", "microsoft_ads": "msclkid"}.get(name, "x")
    page = httpx.Response(200, html="<html>Even geduld</html>")

    with pytest.raises(Trouble, match="transient: unreadable"):
        await tell(Platform(name, [page]), won(click={click: "x"}))


async def test_event_that_meta_does_not_count_is_said() -> None:
    meta = Platform("meta_ads", [httpx.Response(200, json={"events_received": 0})])

    assert await tell(meta, won(click={"fbclid": "x"})) == Result("refused", "not_received")
