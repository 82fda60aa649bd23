"""Who is behind the page."""

from typing import Annotated

from pydantic import Field

from functions.landing_page_publish.block import Block, Href, Medium, Short


class Legal(Block):
    """Who is behind the page, as Dutch law wants it said (art. 3:15d BW)."""

    kind = "legal"
    is_required = True
    place = "last"

    company: Short
    kvk_number: Annotated[str, Field(pattern=r"^[0-9]{8}$")]
    vat_number: Annotated[str, Field(pattern=r"^NL[0-9]{9}B[0-9]{2}$")] | None = None
    address: Medium
    privacy_url: Href

    sample = {
        "company": "Dakwerken Van Dijk B.V.",
        "kvk_number": "17284950",
        "vat_number": "NL812345678B01",
        "address": "Ringbaan-Oost 102, 5013 CD Tilburg",
        "privacy_url": "/privacy",
    }
    template = """\
<footer>
<div class="wrap muted">
<b>{{ data.company }}</b> · {{ data.address }}<br>
KvK {{ data.kvk_number }}{{ ' · btw ' ~ data.vat_number if data.vat_number }} · <a href="{{ data.privacy_url }}">Privacy</a>
</div>
</footer>
"""
