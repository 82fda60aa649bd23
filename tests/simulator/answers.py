"""How each platform says it: paths, pages, spellings and refusals as documented."""

import csv
import datetime as dt
import io
import json
import re
import zipfile
from collections.abc import Mapping
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qs

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from tests.simulator.world import Account, Figures, World

Row = tuple[str, dt.date, Figures]


def throttled(platform: str) -> Response:
    """Refuse for a while, by the platform's own signal."""
    match platform:
        case "google_ads":
            quota = {"rateScope": "ACCOUNT", "rateName": "operations", "retryDelay": "900s"}
            failure = {
                "errors": [
                    {
                        "errorCode": {"quotaError": "RESOURCE_EXHAUSTED"},
                        "details": {"quotaErrorDetails": quota},
                    }
                ]
            }
            return JSONResponse(
                {"error": {"code": 429, "status": "RESOURCE_EXHAUSTED", "details": [failure]}}, 429
            )
        case "meta_ads":
            usage = {"1": [{"type": "ads_insights", "estimated_time_to_regain_access": 19}]}
            error = {
                "code": 80000,
                "error_subcode": 2446079,
                "is_transient": True,
                "message": "too many calls",
            }
            return JSONResponse({"error": error}, 400, {"X-Business-Use-Case-Usage": json.dumps(usage)})
        case "linkedin_ads":
            message = (
                "The data request limit has been exceeded. More than 45 million metric values were requested."
            )
            return JSONResponse({"status": 429, "message": message}, 429)
        case "tiktok_ads":
            return JSONResponse({"code": 40133, "message": "Requests made too frequently.", "data": {}})
        case _:
            error = {"Code": 117, "ErrorCode": "CallRateExceeded", "Message": "too many"}
            return JSONResponse(
                {"TrackingId": "t", "Type": "ApiFaultDetail", "OperationErrors": [error]}, 400
            )


def expired(platform: str) -> Response:
    """Refuse a token that is no longer good."""
    match platform:
        case "google_ads":
            return JSONResponse({"error": {"code": 401, "status": "UNAUTHENTICATED"}}, 401)
        case "meta_ads":
            return JSONResponse({"error": {"code": 190, "error_subcode": 463, "message": "expired"}}, 400)
        case "linkedin_ads":
            return JSONResponse({"status": 401, "code": "EXPIRED_ACCESS_TOKEN"}, 401)
        case "tiktok_ads":
            return JSONResponse({"code": 40105, "message": "Access token is incorrect.", "data": {}})
        case _:
            error = {"Code": 109, "ErrorCode": "AuthenticationTokenExpired"}
            return JSONResponse({"TrackingId": "t", "Type": "AdApiFaultDetail", "Errors": [error]}, 400)


def token_of(request: Request) -> str:
    """Return the access token that a request brings."""
    bearer = request.headers.get("authorization", "").removeprefix("Bearer ")
    return request.headers.get("access-token", bearer)


def account_id_of(request: Request, body: Mapping[str, Any]) -> str:
    """Return which account a request is about."""
    asked = f"{request.url.path}?{request.scope['query_string'].decode()}"
    for pattern in (
        r"/customers/(\d+)/",
        r"/adAccounts/(\d+)/",
        r"/act_(\d+)",
        r"/ads/v[\d.]+/(\d+)/events",
        r"requestId=(\d+)-",
        r"sponsoredAccount%3A(\d+)",
        r"advertiser_ids?=(?:%5B%22)?(\d+)",
    ):
        if found := re.search(pattern, asked):
            return found[1]
    told = json.dumps(body)
    # A conversion's target is named as its account is here.
    if found := re.search(
        r'"accountId": "(\d+)"|llaPartnerConversion:(\d+)|"event_source_id": "(\d+)"', told
    ):
        return next(group for group in found.groups() if group)
    return request.headers.get("customeraccountid", "") or str(body.get("advertiser_id", ""))


_WORDS = {
    "google_ads": ("ENABLED", "PAUSED", "REMOVED"),
    "meta_ads": ("ACTIVE", "PAUSED", "DELETED"),
    "linkedin_ads": ("ACTIVE", "PAUSED", "ARCHIVED"),
    "tiktok_ads": ("CAMPAIGN_STATUS_ENABLE", "CAMPAIGN_STATUS_DISABLE", "CAMPAIGN_STATUS_DELETE"),
    "microsoft_ads": ("Active", "Paused", "Deleted"),
}


_SWITCHES = {
    "google_ads": ("ENABLED", "PAUSED"),
    "meta_ads": ("ACTIVE", "PAUSED"),
    "linkedin_ads": ("ACTIVE", "PAUSED"),
    "tiktok_ads": ("ENABLE", "DISABLE"),
    "microsoft_ads": ("Active", "Paused"),
}


def write(
    world: World, account: Account, campaign: str, status: str | None, budget: Decimal | None = None
) -> Response | None:
    """Do as a request says, and return None; or the platform's own refusal.

    Nothing but on and off is understood: what is final is never written.
    """
    if not account.may_write:
        return forbidden(account.platform)
    known = campaign in account.campaigns() and campaign not in account.deleted
    on, off = _SWITCHES[account.platform]
    if not known or (budget is not None and campaign in account.shared) or status not in {None, on, off}:
        return refused(account.platform)
    account.write(campaign, status and ("active" if status == on else "paused"), budget)
    world.written()
    return None


def forbidden(platform: str) -> Response:
    """Refuse what there is no right to."""
    match platform:
        case "google_ads":
            failure = {"errors": [{"errorCode": {"authorizationError": "USER_PERMISSION_DENIED"}}]}
            return JSONResponse(
                {"error": {"code": 403, "status": "PERMISSION_DENIED", "details": [failure]}}, 403
            )
        case "meta_ads":
            return JSONResponse({"error": {"code": 294, "message": "needs ads_management"}}, 400)
        case "linkedin_ads":
            return JSONResponse({"status": 403, "code": "ACCESS_DENIED", "message": "Not enough"}, 403)
        case "tiktok_ads":
            return JSONResponse({"code": 40001, "message": "No permission.", "data": {}})
        case _:
            error = {"Code": 106, "ErrorCode": "UserIsNotAuthorized"}
            return JSONResponse({"TrackingId": "t", "Errors": [error]}, 400)


def refused(platform: str) -> Response:
    """Refuse for good."""
    match platform:
        case "google_ads":
            failure = {"errors": [{"errorCode": {"campaignBudgetError": "CAMPAIGN_BUDGET_REMOVED"}}]}
            return JSONResponse(
                {"error": {"code": 400, "status": "INVALID_ARGUMENT", "details": [failure]}}, 400
            )
        case "meta_ads":
            return JSONResponse({"error": {"code": 100, "error_subcode": 1885272}}, 400)
        case "linkedin_ads":
            return JSONResponse({"status": 400, "code": "VALUE_TOO_LOW", "message": "too low"}, 400)
        case "tiktok_ads":
            return JSONResponse({"code": 40002, "message": "no", "data": {}})
        case _:
            error = {"Code": 1030, "ErrorCode": "CampaignServiceCannotUpdateSharedBudget", "Index": 0}
            return JSONResponse({"PartialErrors": [error]})


def switch(account: Account, campaign: str) -> str:
    """Return whether somebody has it on, in the platform's own word."""
    on, off = _SWITCHES[account.platform]
    return off if campaign in account.paused else on


def word(account: Account, campaign: str) -> str:
    """Return a campaign's status in the platform's own word."""
    active, paused, deleted = _WORDS[account.platform]
    if campaign in account.deleted:
        return deleted
    return paused if campaign in account.paused else active


# Google -----------------------------------------------------------------------------------------------


def google(world: World, account: Account, path: str, body: Mapping[str, Any]) -> Response:
    assert "pageSize" not in body
    if path.endswith(":mutate"):
        (operation,) = body["operations"]
        update = operation["update"]
        resource = update["resourceName"].rpartition("/")[2]
        assert update.keys() == {"resourceName", operation["updateMask"]}
        assert f"customers/{account.account_id}/" in update["resourceName"]
        if path.endswith("/campaignBudgets:mutate"):
            refusal = write(world, account, resource[1:], None, Decimal(update["amountMicros"]) / 1_000_000)
        else:
            refusal = write(world, account, resource, update["status"])
        return refusal or JSONResponse({"results": [{"resourceName": update["resourceName"]}]})
    if "segments.date" not in body["query"]:
        listed = [
            {
                "campaign": {
                    "id": campaign,
                    "name": f"Campagne {campaign}",
                    "status": word(account, campaign),
                },
                "campaignBudget": {
                    "id": f"9{campaign}",
                    "amountMicros": str(int(account.budget(campaign) * 1_000_000)),
                    "explicitlyShared": campaign in account.shared,
                    "period": "DAILY",
                },
            }
            for campaign in account.campaigns()
            if f"campaign.id = {campaign}" in body["query"] or "WHERE" not in body["query"]
        ]
        return JSONResponse({"fieldMask": "campaign.id", "results": listed})
    first, last = map(dt.date.fromisoformat, re.findall(r"\d{4}-\d\d-\d\d", body["query"]))
    rows = account.between(first, last)
    start = int(str(body.get("pageToken", "p0")).removeprefix("p"))
    page = rows[start : start + world.page_size]
    answer: dict[str, Any] = {"fieldMask": "campaign.id"}
    if page:
        answer["results"] = [_google_row(account, row) for row in page]
    if start + len(page) < len(rows):
        answer["nextPageToken"] = f"p{start + len(page)}"
    return _given(world, account, page, JSONResponse(answer))


def _google_row(account: Account, row: Row) -> dict[str, Any]:
    campaign, day, figures = row
    metrics: dict[str, Any] = {
        "costMicros": str(int(figures.spend * 1_000_000)),
        "clicks": str(figures.clicks),
        "impressions": str(figures.impressions),
        "conversions": float(figures.conversions),
    }
    return {
        "customer": {
            "id": account.account_id,
            "currencyCode": account.currency,
            "timeZone": account.time_zone,
        },
        "campaign": {"id": campaign, "name": f"Campagne {campaign}", "status": "ENABLED"},
        # What is 0 is left out.
        "metrics": {name: value for name, value in metrics.items() if float(value)},
        "segments": {"date": day.isoformat()},
    }


# Meta ---------------------------------------------------------------------------------------------------


def _meta_budget(account: Account, campaign: str) -> str:
    return str(int(account.budget(campaign) * (1 if account.currency == "JPY" else 100)))


def meta(world: World, account: Account, request: Request, form: Mapping[str, str]) -> Response:
    query = request.query_params
    campaign = request.url.path.rpartition("/")[2]
    if request.method == "POST":
        budget = Decimal(form["daily_budget"]) / 100 if "daily_budget" in form else None
        return write(world, account, campaign, form.get("status"), budget) or JSONResponse({"success": True})
    if campaign.isdigit():
        return JSONResponse(
            {
                "id": campaign,
                "name": f"Campagne {campaign}",
                "status": word(account, campaign),
                "effective_status": word(account, campaign),
                "daily_budget": _meta_budget(account, campaign),
                "account_id": account.account_id,
            }
        )
    if request.url.path.endswith("/campaigns"):
        listed = [
            {
                "id": campaign,
                "name": f"Campagne {campaign}",
                "status": word(account, campaign),
                "effective_status": word(account, campaign),
                "daily_budget": _meta_budget(account, campaign),
            }
            for campaign in account.campaigns()
        ]
        return JSONResponse({"data": listed, "paging": {"cursors": {"after": "x"}}})
    if not request.url.path.endswith("/insights"):
        return JSONResponse({"id": account.account_id, "currency": account.currency, "name": account.name})
    days = json.loads(query["time_range"])
    first, last = dt.date.fromisoformat(days["since"]), dt.date.fromisoformat(days["until"])
    with_archived = "ARCHIVED" in query.get("filtering", "")
    rows = [row for row in account.between(first, last) if with_archived or row[0] not in account.deleted]
    start = int(query.get("after", "0"))
    page = rows[start : start + min(world.page_size, int(query["limit"]))]
    end = start + len(page)
    paging: dict[str, Any] = {"cursors": {"before": str(start), "after": str(end)}}
    if end < len(rows):
        paging["next"] = f"https://graph.facebook.com/next?after={end}&access_token=never-follow-this"
    data = [
        {
            "account_id": account.account_id,
            "account_currency": account.currency,
            "campaign_id": campaign,
            "date_start": day.isoformat(),
            "date_stop": day.isoformat(),
            "impressions": str(figures.impressions),
            "clicks": str(figures.clicks),
            "spend": str(figures.spend),
            "actions": [
                {"action_type": "link_click", "value": str(figures.clicks)},
                {"action_type": "lead", "value": str(figures.conversions)},
                {"action_type": "onsite_conversion.lead_grouped", "value": str(figures.conversions)},
            ],
        }
        for campaign, day, figures in page
    ]
    return _given(world, account, page, JSONResponse({"data": data, "paging": paging}))


# LinkedIn -----------------------------------------------------------------------------------------------


def _linkedin_campaign(account: Account, campaign: str) -> dict[str, Any]:
    amount = {"amount": str(account.budget(campaign)), "currencyCode": account.currency}
    return {
        "id": int(campaign),
        "name": f"Campagne {campaign}",
        "account": f"urn:li:sponsoredAccount:{account.account_id}",
        "status": word(account, campaign),
        "dailyBudget": amount,
    }


def _linkedin_campaigns(
    world: World, account: Account, request: Request, body: Mapping[str, Any]
) -> Response:
    campaign = request.url.path.rpartition("/adCampaigns/")[2]
    if request.method == "POST":
        assert request.headers["x-restli-method"] == "PARTIAL_UPDATE"
        change = body["patch"]["$set"]
        budget = Decimal(change["dailyBudget"]["amount"]) if "dailyBudget" in change else None
        return write(world, account, campaign, change.get("status"), budget) or Response(status_code=204)
    if campaign.isdigit():
        return JSONResponse(_linkedin_campaign(account, campaign))
    listed = [_linkedin_campaign(account, campaign) for campaign in account.campaigns()]
    return JSONResponse({"elements": listed, "metadata": {}})


def linkedin(world: World, account: Account, request: Request, body: Mapping[str, Any]) -> Response:
    raw = request.scope["query_string"].decode()
    if not request.headers.get("linkedin-version"):
        return JSONResponse({"status": 400, "code": "VERSION_MISSING"}, 400)
    if request.url.path.endswith("/adAccounts"):
        found = {"id": int(account.account_id), "name": account.name, "currency": account.currency}
        return JSONResponse({"elements": [found] if account.has_rights else [], "metadata": {}})
    if "/adCampaigns" in request.url.path:
        return _linkedin_campaigns(world, account, request, body)
    found_days = re.findall(r"\(year:(\d+),month:(\d+),day:(\d+)\)", raw)
    if len(found_days) != 2 or "costInLocalCurrency" not in raw or not account.has_rights:
        return JSONResponse({"elements": []})
    first, last = (dt.date(*map(int, parts)) for parts in found_days)
    page = account.between(first, last)[:15_000]
    elements = [
        {
            "dateRange": {"start": _parts(day), "end": _parts(day)},
            "pivotValues": [f"urn:li:sponsoredCampaign:{campaign}"],
            "impressions": figures.impressions,
            "clicks": figures.clicks,
            # Decimal text, with what floats leave behind.
            "costInLocalCurrency": f"{figures.spend}0000000000335"
            if "." in str(figures.spend)
            else str(figures.spend),
            "externalWebsiteConversions": float(figures.conversions),
            "oneClickLeads": 0,
        }
        for campaign, day, figures in page
    ]
    return _given(
        world, account, page, JSONResponse({"elements": elements, "paging": {"start": 0, "count": 10}})
    )


def _parts(day: dt.date) -> dict[str, int]:
    return {"year": day.year, "month": day.month, "day": day.day}


# TikTok -------------------------------------------------------------------------------------------------


def tiktok(world: World, account: Account, request: Request, body: Mapping[str, Any]) -> Response:
    if request.method == "POST":
        assert body["advertiser_id"] == account.account_id
        if request.url.path.endswith("/campaign/status/update/"):
            (campaign,) = body["campaign_ids"]
            refusal = write(world, account, campaign, body["operation_status"])
        else:
            refusal = write(world, account, body["campaign_id"], None, Decimal(str(body["budget"])))
        return refusal or JSONResponse({"code": 0, "message": "OK", "data": {}})
    if request.url.path.endswith("/advertiser/info/"):
        found = {
            "advertiser_id": account.account_id,
            "name": account.name,
            "currency": account.currency,
            "timezone": account.time_zone,
        }
        return JSONResponse({"code": 0, "message": "OK", "data": {"list": [found]}})
    if request.url.path.endswith("/campaign/get/"):
        campaigns = [
            {
                "campaign_id": campaign,
                "campaign_name": f"Campagne {campaign}",
                "secondary_status": word(account, campaign),
                "operation_status": switch(account, campaign),
                "budget_mode": "BUDGET_MODE_DAY",
                "budget": float(account.budget(campaign)),
            }
            for campaign in account.campaigns()
            if f'"{campaign}"' in request.query_params["filtering"]
            or "campaign_ids" not in request.query_params["filtering"]
        ]
        pages = {"page": 1, "page_size": 1000, "total_number": len(campaigns), "total_page": 1}
        return JSONResponse({"code": 0, "data": {"list": campaigns, "page_info": pages}})
    query = {name: values[0] for name, values in parse_qs(request.scope["query_string"].decode()).items()}
    first, last = dt.date.fromisoformat(query["start_date"]), dt.date.fromisoformat(query["end_date"])
    if (last - first).days >= 30:
        return JSONResponse({"code": 40002, "message": "The time range is too large.", "data": {}})
    with_deleted = "STATUS_ALL" in query.get("filtering", "")
    rows = [row for row in account.between(first, last) if with_deleted or row[0] not in account.deleted]
    size = min(world.page_size, int(query["page_size"]))
    number = int(query["page"])
    page = rows[(number - 1) * size : number * size]
    listed = [
        {
            "dimensions": {"campaign_id": campaign, "stat_time_day": f"{day} 00:00:00"},
            "metrics": {
                "spend": str(figures.spend),
                "clicks": str(figures.clicks),
                "impressions": str(figures.impressions),
                "conversion": str(figures.conversions),
            },
        }
        for campaign, day, figures in page
    ]
    info = {"page": number, "page_size": size, "total_number": len(rows), "total_page": -(-len(rows) // size)}
    return _given(
        world, account, page, JSONResponse({"code": 0, "data": {"list": listed, "page_info": info}})
    )


# Microsoft ----------------------------------------------------------------------------------------------


def microsoft(world: World, account: Account, request: Request, body: Mapping[str, Any]) -> Response:
    if request.method == "PUT":
        (row,) = body["Campaigns"]
        budget = Decimal(str(row["DailyBudget"])) if "DailyBudget" in row else None
        refusal = write(world, account, row["Id"], row.get("Status"), budget)
        return refusal or JSONResponse({"PartialErrors": []})
    if "/Campaigns/" in request.url.path:
        listed = [
            {
                "Id": campaign,
                "Name": f"Campagne {campaign}",
                "Status": word(account, campaign),
                "DailyBudget": float(account.budget(campaign)),
                "BudgetId": "8600001" if campaign in account.shared else None,
            }
            for campaign in account.campaigns()
            if campaign in body.get("CampaignIds", [campaign])
        ]
        return JSONResponse({"Campaigns": listed})
    if request.url.path.endswith("/Submit"):
        time = body["ReportRequest"]["Time"]
        first, last = (
            dt.date(*(time[f"CustomDateRange{end}"][part] for part in ("Year", "Month", "Day")))
            for end in ("Start", "End")
        )
        report_id = f"3{len(world.reports):010}"
        world.reports[report_id] = (account.account_id, first, last, world.polls)
        return JSONResponse({"ReportRequestId": report_id})
    report_id = body["ReportRequestId"]
    account_id, first, last, polls = world.reports[report_id]
    if polls > 0:
        world.reports[report_id] = (account_id, first, last, polls - 1)
        return JSONResponse({"ReportRequestStatus": {"Status": "Pending", "ReportDownloadUrl": None}})
    url = str(request.url).partition("/microsoft_ads/")[0] + f"/microsoft_ads/reports/files/{report_id}"
    is_empty = not account.between(first, last)
    return JSONResponse(
        {"ReportRequestStatus": {"Status": "Success", "ReportDownloadUrl": None if is_empty else url}}
    )


_COLUMNS = (
    "TimePeriod", "AccountId", "CampaignId", "CampaignName", "CampaignStatus", "CurrencyCode", "Impressions",
    "Clicks", "Spend", "ConversionsQualified",
)  # fmt: skip


def microsoft_file(world: World, report_id: str) -> Response:
    account_id, first, last, _ = world.reports[report_id]
    account = world.accounts["microsoft_ads", account_id]
    text = io.StringIO()
    writer = csv.writer(text, quoting=csv.QUOTE_ALL)
    writer.writerow(
        [
            "TimePeriod",
            "AccountId",
            "CampaignId",
            "CampaignName",
            "CampaignStatus",
            "CurrencyCode",
            "Impressions",
            "Clicks",
            "Spend",
            "ConversionsQualified",
        ]
    )
    rows = account.between(first, last)
    for campaign, day, figures in rows:
        # Thousands with commas.
        writer.writerow(
            [
                day,
                account_id,
                campaign,
                f"Campagne {campaign}",
                "Active",
                account.currency,
                figures.impressions,
                figures.clicks,
                f"{figures.spend:,}",
                f"{figures.conversions:.2f}",
            ]
        )
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as bundle:
        bundle.writestr(f"{report_id}.csv", b"\xef\xbb\xbf" + text.getvalue().encode())
    return _given(world, account, rows, Response(archive.getvalue(), media_type="application/zip"))


# Conversions --------------------------------------------------------------------------------------------


def _google_conversions(
    world: World, account: Account, request: Request, body: Mapping[str, Any]
) -> Response:
    """Data Manager: a request is accepted, and what became of it is said later."""
    if request.method == "GET":
        result = account.results[request.query_params["requestId"]]
        status: dict[str, Any] = {"requestStatus": result}
        if result not in {"PROCESSING", "SUCCESS"}:
            counts = [{"recordCount": "1", "reason": f"PROCESSING_ERROR_REASON_{result}"}]
            status = {"requestStatus": "PARTIAL_SUCCESS", "errorInfo": {"errorCounts": counts}}
        return JSONResponse({"requestStatusPerDestination": [status]})
    assert not {"login-customer-id", "developer-token"} & set(request.headers)
    assert body["consent"]["adUserData"] == "CONSENT_GRANTED"
    (event,) = body["events"]
    moment = dt.datetime.fromisoformat(event["eventTimestamp"])
    is_known = event["transactionId"] in account.conversions
    if refusal := _hear(account, event["transactionId"], moment, 90):
        return refusal
    request_id = f"{account.account_id}-{len(account.results)}"
    account.results[request_id] = "DUPLICATE_TRANSACTION_ID" if is_known else world.conversion_result
    return JSONResponse({"requestId": request_id})


def conversions(world: World, account: Account, request: Request, body: Mapping[str, Any]) -> Response:
    """Take in one event, or refuse it for its age."""
    match account.platform:
        case "google_ads":
            return _google_conversions(world, account, request, body)
        case "meta_ads":
            (event,) = body["data"]
            moment = dt.datetime.fromtimestamp(event["event_time"], dt.UTC)
            answer: Response = JSONResponse({"events_received": 1, "messages": []})
            return _hear(account, event["event_id"], moment, 7) or answer
        case "linkedin_ads":
            moment = dt.datetime.fromtimestamp(body["conversionHappenedAt"] / 1000, dt.UTC)
            return _hear(account, body["eventId"], moment, 90) or Response(status_code=201)
        case "tiktok_ads":
            (event,) = body["data"]
            moment = dt.datetime.fromtimestamp(event["event_time"], dt.UTC)
            answer = JSONResponse({"code": 0, "message": "OK", "data": {}})
            return _hear(account, event["event_id"], moment, 28) or answer
        case _:
            (event,) = body["OfflineConversions"]
            moment = dt.datetime.fromisoformat(event["ConversionTime"])
            person = event.get("MicrosoftClickId") or event["HashedEmailAddress"]
            key = f"{person} {event['ConversionName']} {event['ConversionTime']}"
            return _hear(account, key, moment, 90) or JSONResponse({"PartialErrors": []})


def _hear(account: Account, key: str, moment: dt.datetime, days: int) -> Response | None:
    if not dt.datetime.now(dt.UTC) - dt.timedelta(days=days) < moment <= dt.datetime.now(dt.UTC):
        return refused(account.platform)
    account.hear(key)
    return None


# Tokens and rates ---------------------------------------------------------------------------------------


def refresh(world: World, platform: str, form: Mapping[str, str]) -> Response:
    """Exchange a refresh token. Microsoft's rotates; the one before stays good until the new one is used."""
    given = form.get("refresh_token", "")
    account = next(
        (a for (p, _), a in world.accounts.items() if p == platform and given in a.refresh_tokens), None
    )
    if account is None:
        return JSONResponse({"error": "invalid_grant", "error_description": "expired or revoked"}, 400)
    account.is_token_used = False
    number = int(account.access_token.rpartition("-")[2]) + 1
    account.access_token = f"access-{account.account_id}-{number}"
    answer: dict[str, Any] = {
        "access_token": account.access_token,
        "expires_in": 3600,
        "token_type": "Bearer",
    }
    if platform == "microsoft_ads":
        answer["refresh_token"] = f"refresh-{account.account_id}-{number}"
        account.refresh_tokens = {given, answer["refresh_token"]}
    if platform == "linkedin_ads":
        answer |= {"refresh_token": given, "refresh_token_expires_in": 26_438_400}
    return JSONResponse(answer)


def rates(world: World, file: str) -> Response:
    """Write one of the ECB's files."""
    days = sorted(world.rates, reverse=True)
    if file == "eurofxref-hist.zip":
        return Response(_rates_zip(world.rates, days))
    if file == "eurofxref-daily.xml":
        days = days[:1]
    cubes = "".join(
        f'<Cube time="{day}">'
        + "".join(f'<Cube currency="{name}" rate="{rate}"/>' for name, rate in world.rates[day].items())
        + "</Cube>"
        for day in days[:64]
    )
    return Response(
        '<?xml version="1.0" encoding="UTF-8"?><gesmes:Envelope'
        ' xmlns:gesmes="http://www.gesmes.org/xml/2002-08-01"'
        ' xmlns="http://www.ecb.int/vocabulary/2002-08-01/eurofxref">'
        f"<gesmes:subject>Reference rates</gesmes:subject><Cube>{cubes}</Cube></gesmes:Envelope>",
        media_type="text/xml",
    )


def _rates_zip(known: Mapping[dt.date, Mapping[str, Decimal]], days: list[dt.date]) -> bytes:
    names = ["USD", "JPY", "BGN", "GBP", "CHF"]
    lines = [",".join(["Date", *names, ""])]
    lines += [",".join([str(day), *(str(known[day].get(name, "N/A")) for name in names), ""]) for day in days]
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as bundle:
        bundle.writestr("eurofxref-hist.csv", "\n".join(lines) + "\n")
    return archive.getvalue()


def _given(world: World, account: Account, rows: list[Row], response: Response) -> Response:
    """Count the rows that are given, to see how many are asked for twice."""
    with world.lock:
        for campaign, day, _ in rows:
            world.rows_given[account.platform, campaign, str(day)] += 1
    return response
