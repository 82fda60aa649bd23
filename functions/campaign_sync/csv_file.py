"""A CSV in a zip, as platforms and the ECB pack what is long."""

import io
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO

from functions.campaign_sync.trouble import Trouble

MAX_BYTES = 1024 * 1024 * 1024
"""A zip may say that it holds more than any file does."""


@contextmanager
def unzip_csv(archive: bytes) -> Iterator[TextIO]:
    """Open the one CSV of a zip.

    Raises:
        zipfile.BadZipFile: It is no zip.
        ValueError: It has none, or more than one.
        Trouble: It is longer than MAX_BYTES.
    """
    with zipfile.ZipFile(io.BytesIO(archive)) as bundle:
        (entry,) = bundle.infolist()
        if entry.file_size > MAX_BYTES:
            raise Trouble("permanent", "file_too_large")
        with bundle.open(entry) as file:
            yield io.TextIOWrapper(file, encoding="utf-8-sig", newline="")
