"""What the firm does."""

from decimal import Decimal
from typing import Annotated

from pydantic import Field

from functions.landing_page_publish.block import Block, Body, Part, Short
from shared.landing_page.plain_text import Line


class Service(Part):
    """Something that the firm does, in EUR where it says a price."""

    name: Short
    description: Body | None = None
    price_from: Decimal | None = Field(default=None, ge=0, max_digits=9, decimal_places=2)
    unit: Annotated[str, Line(20)] | None = None


def _describe(service: Service) -> dict[str, object]:
    offer: dict[str, object] = {
        "@type": "Offer",
        "itemOffered": {"@type": "Service", "name": service.name},
    }
    if service.price_from is not None:
        price = {"@type": "PriceSpecification", "minPrice": str(service.price_from), "priceCurrency": "EUR"}
        offer["priceSpecification"] = price
    return offer


class Services(Block):
    """What the firm does."""

    kind = "services"

    headline: Short | None = None
    items: list[Service] = Field(min_length=1, max_length=12)

    def describe_business(self) -> dict[str, object]:
        """Return what is offered, with its price where it says one."""
        catalogue: dict[str, object] = {
            "@type": "OfferCatalog",
            "itemListElement": [_describe(service) for service in self.items],
        }
        return {"hasOfferCatalog": catalogue | ({"name": self.headline} if self.headline else {})}

    sample = {
        "items": [
            {
                "name": "Lekkage herstellen",
                "description": "Met camera.",
                "price_from": "149.00",
                "unit": "per lek",
            }
        ]
    }
    english = {
        "Wat we doen": "What we do",
        "vanaf": "from",
    }
    template = """\
<section>
<div class="wrap">
<h2>{{ data.headline or _('Wat we doen') }}</h2>
<ul class="grid">
{% for item in data.items %}
<li class="card"><h3>{{ item.name }}</h3>
{% if item.description %}
<p>{{ item.description }}</p>
{% endif %}
{% if item.price_from is not none %}
<p class="price">{{ _('vanaf') }} {{ item.price_from | euro }}{{ ' ' ~ item.unit if item.unit }}</p>
{% endif %}
</li>
{% endfor %}
</ul>
</div>
</section>
"""
