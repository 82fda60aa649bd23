"""TikTok's file of leads: a CSV, in a zip if it is long, of what is known of a lead and a column a question.

https://business-api.tiktok.com/portal/docs?id=1701890942344193 has its columns in an example alone.
"""

import codecs
import csv
import datetime as dt
import io
import re
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager
from typing import TextIO

from functions.campaign_sync.csv_file import unzip_csv
from functions.campaign_sync.job import Job
from functions.campaign_sync.platforms.platform import FetchedLead
from functions.campaign_sync.trouble import Kind, Trouble
from shared.campaign_events.event import CampaignEvent
from shared.campaign_events.payload import unix_moment
from shared.campaign_events.person import read_person

# Written lead_id or Lead ID. Names are those of the advertiser's own campaigns, and not of the person.
_LEAD_ID, _CREATED, _CAMPAIGN, _AD = "leadid", "createdtime", "campaignid", "adid"
_KNOWN = {
    _LEAD_ID, _CREATED, _CAMPAIGN, _AD, "adname", "adgroupid", "adgroupname", "campaignname", "formid",
    "formname",
}  # fmt: skip
_BETWEEN = re.compile(r"[\W_]+")
_ZONE = re.compile(r"\s*\((?:UTC|GMT)(?P<offset>[+-][0-9:]+)?\)$")
_NOTHING = codecs.BOM_UTF8 + b" \t\r\n"
# Spreadsheets take 19 digits for a number, and cut it, unless something is before them.
_GUARDS = "'=\" \t"


def read_leads(content: bytes, job: Job, form: str) -> tuple[list[CampaignEvent], bool]:
    """Return the leads since the window's first day (UTC), and whether each row could be read.

    Raises:
        Trouble: It is no such file.
    """
    if not content.strip(_NOTHING):
        return [], True
    leads: list[CampaignEvent] = []
    is_whole = True
    try:
        with _open(content) as file:
            for known, answers in _read_rows(file):
                lead_id, submitted_at = _id(known.get(_LEAD_ID)), _moment(known.get(_CREATED, ""))
                if lead_id is None or submitted_at is None:
                    # Without its id it would count twice, and without its time it could be of last year.
                    is_whole = False
                elif submitted_at.date() >= job.window.first:
                    lead = FetchedLead(
                        lead_id,
                        campaign_id=_id(known.get(_CAMPAIGN)),
                        submitted_at=submitted_at,
                        payload={"page_id": form, "ad_id": _id(known.get(_AD))},
                        person=read_person((question, question, said) for question, said in answers),
                    )
                    leads.append(lead.event(job))
    except (zipfile.BadZipFile, ValueError, csv.Error):
        # A page of HTML is from something in between.
        kind: Kind = "transient" if content.lstrip(_NOTHING).startswith(b"<") else "permanent"
        raise Trouble(kind, "unreadable_leads") from None
    return leads, is_whole


def _open(content: bytes) -> AbstractContextManager[TextIO]:
    if zipfile.is_zipfile(io.BytesIO(content)):
        return unzip_csv(content)
    return io.StringIO(content.decode("utf-8-sig"), newline="")


def _read_rows(file: TextIO) -> Iterator[tuple[Mapping[str, str], list[tuple[str, str]]]]:
    """Return what is known of each lead, by our names of the columns, and its answers by their questions.

    Raises:
        ValueError: There is no column of ids.
    """
    rows = csv.reader(file)
    columns = next(rows, [])
    names: dict[str, int] = {}
    for number, column in enumerate(columns):
        # What is known comes before the questions, and somebody may ask for a lead ID.
        name = _BETWEEN.sub("", column.lower())
        if name in _KNOWN:
            names.setdefault(name, number)
    if _LEAD_ID not in names:
        raise ValueError("There is no column lead_id.")
    questions = [number for number in range(len(columns)) if number not in names.values()]
    for cells in rows:
        if any(cells):
            row = [*cells, *[""] * (len(columns) - len(cells))]
            known = {name: row[number] for name, number in names.items()}
            yield known, [(columns[number], row[number]) for number in questions if row[number].strip()]


def _id(text: str | None) -> str | None:
    """Return an id of digits; a campaign's is 0 or nothing where none brought the lead."""
    digits = (text or "").strip(_GUARDS)
    return digits if digits.isascii() and digits.isdigit() and digits != "0" else None


def _moment(text: str) -> dt.datetime | None:
    """Read 2026-11-20 10:20:35(UTC+00:00), in UTC if it does not say, or a Unix time."""
    text = text.strip(_GUARDS)
    if text.isdigit():
        return unix_moment(text)
    try:
        moment = dt.datetime.fromisoformat(_ZONE.sub(r"\g<offset>", text))
        return (moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)).astimezone(dt.UTC)
    except (ValueError, OverflowError):
        return None
