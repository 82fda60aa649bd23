"""Who is behind the page."""

import re
from typing import Annotated, Literal

import phonenumbers
from pydantic import AfterValidator, Field

from functions.landing_page_publish.block import Block, Href, Medium, Short


def _is_phone_number(text: str) -> str:
    try:
        is_valid = phonenumbers.is_valid_number(phonenumbers.parse(text))
    except phonenumbers.NumberParseException:
        is_valid = False  # Of no country that there is.
    if not is_valid:
        raise ValueError("must be a telephone number that exists")
    return text


PhoneNumber = Annotated[str, Field(pattern=r"^\+[1-9][0-9]{7,14}$"), AfterValidator(_is_phone_number)]
"""E.164, as in `tel:+31135550100`."""


_DUTCH_ADDRESS = re.compile(
    r"(?P<streetAddress>[^,]+), *(?P<postalCode>[1-9][0-9]{3} ?[A-Z]{2}),? +(?P<addressLocality>[^,]+)"
)


def _describe_address(text: str) -> dict[str, str]:
    """Take an address apart as https://schema.org/PostalAddress has it, if it is written as addresses here are."""
    parts = _DUTCH_ADDRESS.fullmatch(text)
    known = parts.groupdict() | {"addressCountry": "NL"} if parts else {"streetAddress": text}
    return {"@type": "PostalAddress", **known}


BusinessType = Literal[
    "LocalBusiness",
    "HomeAndConstructionBusiness",
    "Electrician",
    "GeneralContractor",
    "HVACBusiness",
    "HousePainter",
    "Locksmith",
    "MovingCompany",
    "Plumber",
    "RoofingContractor",
    "AutoRepair",
    "LegalService",
    "RealEstateAgent",
]
"""What search engines call a trade: types of https://schema.org/LocalBusiness."""


class Legal(Block):
    """Who is behind the page, as Dutch law wants it said (art. 3:15d BW)."""

    kind = "legal"
    is_required = True
    place = "last"

    company: Short
    kvk_number: Annotated[str, Field(pattern=r"^[0-9]{8}$")]
    vat_number: Annotated[str, Field(pattern=r"^NL[0-9]{9}B[0-9]{2}$")] | None = None
    address: Medium
    phone: PhoneNumber | None = None
    whatsapp: PhoneNumber | None = None
    business_type: BusinessType = "LocalBusiness"
    privacy_url: Href

    def describe_business(self) -> dict[str, object]:
        """Return who it is and how to reach them."""
        known = {
            "@type": self.business_type,
            "name": self.company,
            "address": _describe_address(self.address),
            "telephone": self.phone,
            "vatID": self.vat_number,
            "identifier": {"@type": "PropertyValue", "propertyID": "KvK", "value": self.kvk_number},
        }
        return {name: value for name, value in known.items() if value}

    sample = {
        "company": "Dakwerken Van Dijk B.V.",
        "kvk_number": "17284950",
        "vat_number": "NL812345678B01",
        "address": "Ringbaan-Oost 102, 5013 CD Tilburg",
        "phone": "+31135550100",
        "whatsapp": "+31612345678",
        "privacy_url": "/privacy",
    }
    english = {
        "btw": "VAT",
    }
    template = """\
<footer>
<div class="wrap muted">
<b>{{ data.company }}</b> · {{ data.address }}
{% if data.phone %}
 · <a {{ ('tel:' ~ data.phone) | link }}>{{ data.phone | national }}</a>
{% endif %}
<br>
KvK {{ data.kvk_number }}{{ ' · ' ~ _('btw') ~ ' ' ~ data.vat_number if data.vat_number }} · <a href="{{ data.privacy_url }}">Privacy</a>
</div>
</footer>
"""
