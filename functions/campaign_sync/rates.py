"""The ECB's euro reference rates, out of its own files.

https://www.ecb.europa.eu/stats/policy_and_exchange_rates/euro_reference_exchange_rates: one day, 90 days, and
a zip with all days since 1999. A rate is units of the currency for one EUR.
"""

import csv
import datetime as dt
import zipfile
from collections.abc import AsyncIterator, Iterator
from decimal import Decimal, InvalidOperation
from itertools import islice
from typing import NamedTuple, TextIO
from xml.etree import ElementTree as ET

import httpx

from functions.campaign_sync.asking import general_trouble, send
from functions.campaign_sync.csv_file import unzip_csv
from functions.campaign_sync.job import Job
from functions.campaign_sync.trouble import Trouble

_CUBE = "{http://www.ecb.int/vocabulary/2002-08-01/eurofxref}Cube"
# Published on a working day at about 16:00; 90 calendar days are in the middle file.
_MIDDLE_DAYS = 85
_AT_ONCE = 2000


class Rate(NamedTuple):
    """What a euro was worth."""

    currency: str
    day: dt.date
    per_eur: Decimal


async def fetch_rates(http: httpx.AsyncClient, job: Job, today: dt.date) -> AsyncIterator[dict[str, object]]:
    """Fetch the smallest file that holds all days from the job's on, as arguments of `store_rates()`.

    Raises:
        Trouble: The file is not to be had, or not what it was.
    """
    first = job.window_from
    if first is None:
        file = "eurofxref-hist-90d.xml"  # Nothing is there yet, and nobody has asked for earlier days.
    elif (today - first).days > _MIDDLE_DAYS:
        file = "eurofxref-hist.zip"
    else:
        file = "eurofxref-daily.xml" if first >= today else "eurofxref-hist-90d.xml"
    answer = await send(http, http.build_request("GET", f"{job.apis['rates'].url}/{file}"))
    if trouble := general_trouble(answer):
        raise trouble
    since = first or dt.date.min
    found = (rate for rate in _read(file, answer.content) if rate.day >= since)
    part = list(islice(found, _AT_ONCE))
    while True:
        following = list(islice(found, _AT_ONCE))
        rows = [[rate.currency, rate.day.isoformat(), format(rate.per_eur, "f")] for rate in part]
        yield {"rates": rows, "source": f"ECB {file} {today}", "is_last": not following}
        if not following:
            return
        part = following


def _read(file: str, content: bytes) -> Iterator[Rate]:
    try:
        yield from read_zip(content) if file.endswith(".zip") else read_xml(content)
    except (ET.ParseError, zipfile.BadZipFile, ValueError, KeyError, InvalidOperation, csv.Error):
        raise Trouble("transient", "unreadable rates") from None


def read_xml(content: bytes) -> Iterator[Rate]:
    """Read a file of one day or of 90: Cube/Cube[@time]/Cube[@currency, @rate]."""
    # The ECB writes no entities, by which a short document could become a long one.
    if b"<!ENTITY" in content:
        raise ValueError("The file has entities.")
    for day in ET.fromstring(content).iter(_CUBE):  # noqa: S314 - as above, and the ECB's own.
        if "time" in day.attrib:
            for rate in day:
                yield Rate(
                    rate.attrib["currency"],
                    dt.date.fromisoformat(day.attrib["time"]),
                    Decimal(rate.attrib["rate"]),
                )


def read_zip(content: bytes) -> Iterator[Rate]:
    """Read the file of all days, which has one CSV."""
    with unzip_csv(content) as file:
        yield from read_csv(file)


def read_csv(file: TextIO) -> Iterator[Rate]:
    """Read that CSV: the newest first, N/A where there is none, and a comma at the end of each line."""
    for row in csv.DictReader(file, skipinitialspace=True):
        day = dt.date.fromisoformat(row.pop("Date"))
        for currency, rate in row.items():
            if currency and rate not in {"", "N/A", None}:
                yield Rate(currency, day, Decimal(rate))
