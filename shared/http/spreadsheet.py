"""Rows for a spreadsheet, as CSV (RFC 4180) in which nothing is run."""

import csv
import io
import re
from collections.abc import Iterable, Sequence
from typing import Literal

from starlette.responses import Response

# Where a spreadsheet could begin a cell, also one that separates by another sign than ours, before what it
# takes for a formula, in full width too (https://owasp.org/www-community/attacks/CSV_Injection).
_FORMULA = re.compile(r"""^(?=[\t\r\n])|(^|[,;\t\r\n"])(?=[\s"]*[=+\-@＝＋－＠])""")  # noqa: RUF001


def csv_response(
    name: str, header: Sequence[str], rows: Iterable[Sequence[object]], delimiter: Literal[",", ";"] = ","
) -> Response:
    """Answer with a file to save, called `name`.

    Text that could be a formula gets an apostrophe in front; numbers stay numbers. The byte order mark says
    that it is UTF-8, which Excel would not guess; a Dutch Excel separates by semicolons.
    """
    text = io.StringIO()
    writer = csv.writer(text, quoting=csv.QUOTE_ALL, delimiter=delimiter)
    writer.writerow(header)
    writer.writerows([_harmless(cell) for cell in row] for row in rows)
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return Response("\ufeff" + text.getvalue(), headers=headers, media_type="text/csv")


def _harmless(cell: object) -> object:
    return _FORMULA.sub(r"\g<1>'", cell) if isinstance(cell, str) else cell
