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


class Services(Block):
    """What the firm does."""

    kind = "services"

    headline: Short | None = None
    items: list[Service] = Field(min_length=1, max_length=12)

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
    template = """\
<section class="soft">
<div class="wrap">
<h2>{{ data.headline or 'Wat we doen' }}</h2>
<ul class="grid">
{% for item in data.items %}
<li class="card"><h3>{{ item.name }}</h3>
{% if item.description %}
<p>{{ item.description }}</p>
{% endif %}
{% if item.price_from is not none %}
<p class="price">vanaf {{ item.price_from | euro }}{{ ' ' ~ item.unit if item.unit }}</p>
{% endif %}
</li>
{% endfor %}
</ul>
</div>
</section>
"""
