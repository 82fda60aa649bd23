"""Leads that are asked for: the requests as documented, and each lead as a webhook would tell it."""

import datetime as dt
import json
from typing import Any
from urllib.parse import parse_qs

import httpx
import pytest

from functions.campaign_sync.job import Page
from functions.campaign_sync.platforms import PLATFORMS
from functions.campaign_sync.trouble import Trouble
from tests.functions.test_sync_platforms import Platform, answer, sample, zipped

WINDOW = {"kind": "leads", "window_from": dt.date(2026, 11, 17), "window_to": dt.date(2026, 11, 23)}
QUESTIONS = {
    "id": 3162,
    "content": {"questions": [{"questionId": 9244, "predefinedField": "EMAIL", "name": "E-mailadres"}]},
}


async def leads(
    platform: Platform,
    pages: list[Page] | None = None,
    **changes: Any,  # noqa: ANN401 - any member.
) -> list[Page]:
    """Ask for all pages; those before one that fails stand in `pages`."""
    job = platform.job(**(WINDOW | changes))
    pages = [] if pages is None else pages
    async for page in PLATFORMS[platform.name].leads(platform.asking(job), job):
        pages.append(page)
    return pages


async def details(platform: Platform, *announced: str) -> list[Page]:
    job = platform.job(kind="details", announced=list(announced))
    return [page async for page in PLATFORMS[platform.name].details(platform.asking(job), job)]


def told(pages: list[Page]) -> list[tuple[object, ...]]:
    """Return what the database is told of each lead."""
    rows: list[Any] = [row for page in pages for row in page.row()["leads"]]  # type: ignore[attr-defined]
    return [
        (
            row["facts"]["external_lead_id"],
            row["external_campaign_id"],
            row["facts"]["submitted_at"],
            row["person"] and (row["person"]["name"], row["person"]["email"], row["person"]["phone"]),
        )
        for row in rows
    ]


async def test_google() -> None:
    google = Platform("google_ads", [answer("google/search_lead_form_submissions.json")])

    pages = await leads(google)

    assert told(pages) == [
        # In the evening in New York it is the next day in UTC.
        ("L1", "21700100001", "2026-11-22T23:41:09-05:00", ("Jürgen Özdemir", "j@example.org", None)),
        ("L2", "21700100002", "2026-11-23T08:00:00-05:00", (None, None, "+4915550100")),
    ]
    person = pages[0].leads[0].person
    assert person is not None
    assert person.tags == {"gclid": "EAIaIQobTEST1"}
    assert person.answers["Wie viele Mitarbeitende?"] == "11-50"
    query = json.loads(google.requests[0].content)["query"]
    assert "FROM lead_form_submission_data" in query
    assert query.endswith("submission_date_time >= '2026-11-17 00:00:00'")
    assert [page.is_last for page in pages] == [True]


async def test_google_page_is_kept_in_parts_that_the_database_takes() -> None:
    row = json.loads(sample("google/search_lead_form_submissions.json"))["results"][0]
    first = httpx.Response(200, json={"results": [row] * 250, "nextPageToken": "p2"})
    google = Platform("google_ads", [first, httpx.Response(200, json={"results": [row]})])

    pages = await leads(google, cursor={"page_token": "p1"})

    assert [(len(page.leads), page.cursor, page.is_last) for page in pages] == [
        (100, {"page_token": "p1"}, False),
        (100, {"page_token": "p1"}, False),
        (50, {"page_token": "p2"}, False),
        (1, None, True),
    ]


async def test_meta_asks_each_form_of_each_page() -> None:
    last = httpx.Response(200, json={"data": [], "paging": {}})
    meta = Platform(
        "meta_ads",
        [
            httpx.Response(200, json={"data": [{"id": "11", "access_token": "never-kept"}]}),
            httpx.Response(200, json={"data": [{"id": "1234509876543210"}]}),
            answer("meta/form_leads_page1.json"),
            last,
        ],
    )

    pages = await leads(meta)

    assert told(pages) == [
        ("1298765432109876", "120210000000000100", "2026-11-22T23:50:01Z", (None, "zoe@example.org", None)),
        # Nobody's campaign brought it.
        ("1298765432109877", None, "2026-11-23T00:10:00Z", (None, "max@example.org", None)),
    ]
    paths = [request.url.path for request in meta.requests]
    assert paths == [
        "/v27.0/me/accounts",
        "/v27.0/11/leadgen_forms",
        "/v27.0/1234509876543210/leads",
        "/v27.0/1234509876543210/leads",
    ]
    first, second = (parse_qs(request.url.query.decode()) for request in meta.requests[2:])
    newer = {"field": "time_created", "operator": "GREATER_THAN", "value": 1794873600}
    assert json.loads(first["filtering"][0]) == [newer]
    assert second["after"] == ["QVFb"]
    assert [page.is_last for page in pages] == [False, True]
    assert "never-kept" not in str([page.row() for page in pages])
    assert parse_qs(meta.requests[0].url.query.decode())["fields"] == ["id"]


async def test_meta_goes_on_with_the_form_where_it_was() -> None:
    forms = [{"id": "1"}, {"id": "2"}]
    meta = Platform(
        "meta_ads",
        [
            httpx.Response(200, json={"data": [{"id": "11"}]}),
            httpx.Response(200, json={"data": forms}),
            httpx.Response(200, json={"data": []}),
        ],
    )

    pages = await leads(meta, cursor={"form": 1, "after": "QVFb"})

    assert meta.requests[-1].url.path == "/v27.0/2/leads"
    assert parse_qs(meta.requests[-1].url.query.decode())["after"] == ["QVFb"]
    assert pages[-1].is_last


async def test_meta_without_a_page_has_no_leads() -> None:
    pages = await leads(Platform("meta_ads", [httpx.Response(200, json={"data": []})]))

    assert [(page.leads, page.is_last) for page in pages] == [((), True)]


async def test_linkedin_page_by_page_with_what_its_questions_are_called() -> None:
    rest = {"elements": [], "paging": {"start": 2, "count": 2, "total": 2}}
    linkedin = Platform(
        "linkedin_ads",
        [
            answer("linkedin/lead_form_responses_page.json"),
            httpx.Response(200, json=QUESTIONS),
            httpx.Response(200, json=rest),
        ],
    )

    pages = await leads(linkedin)

    lead = "urn:li:leadGenFormResponse:0a1b2c3d-0000-4444-8888-0123456789a"
    assert told(pages) == [
        (f"{lead}b-5", "367378525", "2026-11-21T22:30:00.100000Z", (None, "soren@example.org", None)),
        (f"{lead}c-5", None, "2026-11-21T22:31:40.100000Z", None),
    ]
    assert [lead.facts["is_test"] for page in pages for lead in page.leads] == [False, True]
    first = str(linkedin.requests[0].url)
    assert first.startswith(
        "https://api.linkedin.com/rest/leadFormResponses?q=owner"
        "&owner=(sponsoredAccount:urn%3Ali%3AsponsoredAccount%3A520866471)&leadType=(leadType:SPONSORED)"
        "&limitedToTestLeads=false&submittedAtTimeRange=(start:1794873600000,end:"
    )
    assert first.endswith("&start=0&count=100")
    assert [request.url.path for request in linkedin.requests[1:]] == [
        "/rest/leadForms/3162",
        "/rest/leadFormResponses",
    ]
    assert str(linkedin.requests[2].url).endswith("&start=2&count=100")
    assert [page.is_last for page in pages] == [False, True]


async def test_linkedin_lead_whose_form_is_gone_keeps_its_answers() -> None:
    page = json.loads(sample("linkedin/lead_form_responses_page.json"))
    linkedin = Platform(
        "linkedin_ads",
        [
            httpx.Response(200, json={**page, "paging": {"total": 2}}),
            httpx.Response(404, json={"status": 404, "code": "NOT_FOUND"}),
        ],
    )

    (only,) = await leads(linkedin)

    person = only.leads[0].person
    assert person is not None
    assert (person.email, person.answers) == (None, {"#9244": "soren@example.org"})


FORM = "7400000000000000001"
"""One form, and what TikTok's own example of its file looks like."""
LEADS = (
    "\ufefflead_id,created_time,ad_id,ad_name,adgroup_id,adgroup_name,campaign_id,campaign_name,form_id,form_name,"
    "Name,Phone number,Email,Welke dienst?,Lead ID\r\n"
    "7012345678901234567,2026-11-22 23:50:01(UTC+00:00),11,Ad,12,Group,1780000000000000001,Herfst,"
    f'{FORM},Offerte,Zoë Özdemir,+31612345678,zoe@example.org,"Dak, plat\r\nen schuin",nr 5\r\n'
    "'7012345678901234568,2026-11-17 01:00:00,11,Ad,12,Group,0,--,,,Max,,max@example.org,,\r\n"
    '="7012345678901234569",2026-11-16 23:59:59(UTC+00:00),11,Ad,12,Group,0,--,,,Vroeg,,v@example.org,,\r\n'
)


def tiktok(*answers: httpx.Response, forms: tuple[str, ...] = (FORM,)) -> Platform:
    listed = {"list": [{"page_id": int(form)} for form in forms], "page_info": {"page": 1, "total_page": 1}}
    return Platform("tiktok_ads", [httpx.Response(200, json={"code": 0, "data": listed}), *answers])


def file(content: str | bytes = LEADS) -> httpx.Response:
    return httpx.Response(200, content=content)


def done() -> httpx.Response:
    return answer("tiktok/lead_task_done.json")


async def test_tiktok_has_a_file_made_and_reads_it_in_a_later_run() -> None:
    ordering = tiktok(answer("tiktok/lead_task_created.json"))

    (ordered,) = await leads(ordering)

    form_query = parse_qs(ordering.requests[0].url.query.decode())
    assert ordering.requests[0].url.path == "/open_api/v1.3/page/get/"
    assert form_query["business_type"] == ["LEAD_GEN"]
    order = ordering.requests[1]
    assert (order.method, order.url.path) == ("POST", "/open_api/v1.3/page/lead/task/")
    assert json.loads(order.content) == {"advertiser_id": "7020000000000000009", "page_id": FORM}
    assert (ordered.is_last, ordered.wait_seconds) == (False, 20)

    reading = Platform("tiktok_ads", [done(), file()])
    pages = await leads(reading, cursor=ordered.cursor)

    poll, download = reading.requests
    task = {"advertiser_id": "7020000000000000009", "task_id": "7440000000000000001"}
    assert (poll.url.path, json.loads(poll.content)) == ("/open_api/v1.3/page/lead/task/", task)
    assert (download.method, download.url.path) == ("GET", "/open_api/v1.3/page/lead/task/download/")
    assert dict(parse_qs(download.url.query.decode())) == {name: [value] for name, value in task.items()}
    assert told(pages) == [
        (
            "7012345678901234567",
            "1780000000000000001",
            "2026-11-22T23:50:01Z",
            ("Zoë Özdemir", "zoe@example.org", "+31612345678"),
        ),
        # Nobody's campaign brought it. What came before the window is left alone.
        ("7012345678901234568", None, "2026-11-17T01:00:00Z", ("Max", "max@example.org", None)),
    ]
    person = pages[0].leads[0].person
    assert person is not None
    assert person.answers == {
        "Name": "Zoë Özdemir",
        "Phone number": "+31612345678",
        "Email": "zoe@example.org",
        "Welke dienst?": "Dak, plat\r\nen schuin",
        # A question of that name does not take the place of the lead's id.
        "Lead ID": "nr 5",
    }
    assert pages[0].leads[0].payload == {"page_id": FORM, "ad_id": "11"}
    assert pages[-1].is_last


async def test_tiktok_is_asked_again_later_while_a_file_is_made() -> None:
    cursor: dict[str, object] | None = None
    waits = []
    for _ in range(4):
        running = tiktok(answer("tiktok/lead_task_created.json"))
        running.answers = running.answers[1:] if cursor else running.answers
        (page,) = await leads(running, cursor=cursor)
        cursor = dict(page.cursor or {})
        waits.append(page.wait_seconds)

    assert waits == [20, 60, 60, 60]
    assert cursor == {"forms": [FORM], "task": "7440000000000000001", "polls": 4, "missed": 0}


NO_FILE = {
    "failed": [httpx.Response(200, json={"code": 0, "data": {"task_id": 1, "status": "FAILED"}})],
    "gone": [done(), httpx.Response(200, json={"code": 40000, "message": "failed to download.", "data": {}})],
    "another": [done(), file("created_time,Email\n2026-11-20 10:00:00,a@example.org\n")],
    "bytes": [done(), file(b"lead_id,created_time\n\xff\xfe,\n")],
    "zip": [done(), file(zipped(b"no leads"))],
    "without id": [done(), file("lead_id,created_time,Email\n,2026-11-20 10:00:00,a@example.org\n")],
    "without time": [done(), file("lead_id,created_time,Email\n7012345678901234567,ooit,a@example.org\n")],
    "time out of range": [
        done(),
        file("lead_id,created_time\n7012345678901234567,0001-01-01 00:00:00(UTC+14:00)\n"),
    ],
}


@pytest.mark.parametrize("missing", NO_FILE.values(), ids=NO_FILE)
async def test_tiktok_form_without_a_file_keeps_none_from_the_others(missing: list[httpx.Response]) -> None:
    platform = tiktok(*missing, done(), file(), forms=("1", FORM))
    pages: list[Page] = []

    with pytest.raises(Trouble, match="permanent: lead_files_missing"):
        await leads(platform, pages)

    assert [lead[0] for lead in told(pages)] == ["7012345678901234567", "7012345678901234568"]
    assert not any(page.is_last for page in pages)


async def test_tiktok_file_that_is_never_made_is_given_up() -> None:
    cursor = {"forms": [FORM], "task": "1", "polls": 30, "missed": 0}

    with pytest.raises(Trouble, match="permanent: lead_files_missing"):
        await leads(Platform("tiktok_ads", [answer("tiktok/lead_task_created.json")]), cursor=cursor)


async def test_tiktok_page_of_html_is_no_file() -> None:
    with pytest.raises(Trouble, match="transient: unreadable_leads"):
        await leads(tiktok(done(), file("<html>Even geduld</html>")))


@pytest.mark.parametrize("content", [b"", b"\xef\xbb\xbf\r\n", b"lead_id,created_time,Email\r\n"])
async def test_tiktok_form_without_leads(content: bytes) -> None:
    pages = await leads(tiktok(done(), file(content)))

    assert [(page.leads, page.is_last) for page in pages] == [([], False), ((), True)]


async def test_tiktok_account_without_forms() -> None:
    pages = await leads(tiktok(forms=()))

    assert [(page.leads, page.is_last) for page in pages] == [((), True)]


async def test_tiktok_long_file_is_zipped_and_kept_in_parts() -> None:
    rows = (f"{7012345678901234567 + number},{1795651200 + number}\n" for number in range(250))
    content = zipped(("Lead ID,Created Time\n" + "".join(rows)).encode(), "leads.csv")

    pages = await leads(tiktok(done(), file(content)))

    assert [len(page.leads) for page in pages] == [100, 100, 50, 0]
    assert told(pages)[0][:3] == ("7012345678901234567", None, "2026-11-26T00:00:00Z")
    assert told(pages)[0][3] is None
    # Cut off, the file of that form is read again.
    assert [page.cursor and page.cursor["forms"] for page in pages] == [[FORM], [FORM], [], None]


async def test_tiktok_forms_are_listed_page_by_page() -> None:
    def listed(form: str) -> httpx.Response:
        rows = {"list": [{"page_id": form}], "page_info": {"page": 1, "total_page": 2}}
        return httpx.Response(200, json={"code": 0, "data": rows})

    platform = Platform("tiktok_ads", [listed("1"), listed("2"), answer("tiktok/lead_task_created.json")])

    (page,) = await leads(platform)

    assert page.cursor is not None
    assert page.cursor["forms"] == ["1", "2"]
    asked = [parse_qs(request.url.query.decode())["page"] for request in platform.requests[:2]]
    assert asked == [["1"], ["2"]]


@pytest.mark.parametrize("name", ["tiktok_ads", "microsoft_ads"])
async def test_no_details_where_nothing_is_announced(name: str) -> None:
    with pytest.raises(Trouble, match="permanent: no_leads"):
        await details(Platform(name), "1")


async def test_microsoft_has_none_to_ask_for() -> None:
    with pytest.raises(Trouble, match="permanent: no_leads"):
        await leads(Platform("microsoft_ads"))


# Announced ----------------------------------------------------------------------------------------------


async def test_meta_lead_that_was_announced() -> None:
    found = json.loads(sample("meta/form_leads_page1.json"))["data"][0]
    meta = Platform("meta_ads", [httpx.Response(200, json=found)])

    pages = await details(meta, "1298765432109876")

    assert told(pages)[0][:2] == ("1298765432109876", "120210000000000100")
    assert [(page.fetched, page.is_last) for page in pages] == [(["1298765432109876"], True)]
    assert meta.requests[0].url.path == "/v27.0/1298765432109876"


async def test_linkedin_lead_that_was_announced() -> None:
    found = json.loads(sample("linkedin/lead_form_responses_page.json"))["elements"][0]
    linkedin = Platform(
        "linkedin_ads", [httpx.Response(200, json=found), httpx.Response(200, json=QUESTIONS)]
    )
    urn = f"urn:li:leadGenFormResponse:{found['id']}"

    pages = await details(linkedin, urn)

    assert told(pages)[0][:2] == (urn, "367378525")
    assert pages[0].fetched == [urn]
    assert str(linkedin.requests[0].url) == f"https://api.linkedin.com/rest/leadFormResponses/{found['id']}"


async def test_lead_that_is_not_to_be_had_keeps_none_from_the_others() -> None:
    found = json.loads(sample("meta/form_leads_page1.json"))["data"][0]
    gone = httpx.Response(400, json={"error": {"code": 100, "error_subcode": 33}})
    meta = Platform("meta_ads", [gone, httpx.Response(200, json=found)])

    pages = await details(meta, "1", "1298765432109876")

    assert [(page.fetched, page.is_last) for page in pages] == [(["1298765432109876"], True)]


@pytest.mark.parametrize(("announced", "asked"), [(1, 1), (2, 2), (100, 5)])
async def test_account_without_a_right_to_leads_is_not_asked_for_all_of_them(
    announced: int, asked: int
) -> None:
    refused = Platform("meta_ads", [httpx.Response(400, json={"error": {"code": 200}})])

    with pytest.raises(Trouble, match="permanent: 200"):
        await details(refused, *map(str, range(announced)))

    assert len(refused.requests) == asked


async def test_leads_are_kept_twenty_at_a_time() -> None:
    found = json.loads(sample("meta/form_leads_page1.json"))["data"][0]
    meta = Platform("meta_ads", [httpx.Response(200, json=found)])

    pages = await details(meta, *map(str, range(45)))

    assert [len(page.fetched) for page in pages] == [20, 20, 5]
    assert [page.is_last for page in pages] == [False, False, True]


@pytest.mark.parametrize(
    ("name", "lead_id"),
    [
        ("meta_ads", "../me/accounts"),
        ("meta_ads", "hmac:ab"),
        ("linkedin_ads", "urn:li:leadGenFormResponse:../x"),
    ],
)
async def test_id_that_is_none_asks_for_nothing(name: str, lead_id: str) -> None:
    platform = Platform(name)

    pages = await details(platform, lead_id)

    assert platform.requests == []
    assert [page.fetched for page in pages] == [[lead_id]]


async def test_nothing_announced_is_nothing_asked() -> None:
    assert [page.is_last for page in await details(Platform("meta_ads"))] == [True]


async def test_what_people_write_can_be_stored() -> None:
    found = json.loads(sample("meta/form_leads_page1.json"))["data"][0]
    found["field_data"] = [{"name": "full_name", "values": ["A\x00na \ud800"]}]
    meta = Platform("meta_ads", [httpx.Response(200, content=json.dumps(found))])

    (page,) = await details(meta, "1298765432109876")

    row: Any = page.row()["leads"]
    assert row[0]["person"]["name"] == "A\ufffdna \ufffd"
