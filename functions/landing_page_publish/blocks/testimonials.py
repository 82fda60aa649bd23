"""What customers say."""

from pydantic import Field

from functions.landing_page_publish.block import Block, Body, Part, Short
from shared.http.body import Day


class Testimonial(Part):
    """What a customer said, and where that can be checked."""

    quote: Body
    author: Short
    source: Short
    rating: int | None = Field(default=None, ge=1, le=5)
    date: Day | None = None
    city: Short | None = None


class Testimonials(Block):
    """What customers say."""

    kind = "testimonials"

    headline: Short | None = None
    items: list[Testimonial] = Field(min_length=1, max_length=12)

    sample = {
        "items": [
            {
                "quote": "Maandag gebeld, dinsdag was het dicht.",
                "author": "Marieke de Wit",
                "source": "Klantenvertellen",
                "rating": 5,
                "date": "2026-03-01",
                "city": "Tilburg",
            }
        ]
    }
    english = {
        "Wat klanten zeggen": "What customers say",
        "van 5 sterren": "out of 5 stars",
        "via": "via",
    }
    template = """\
<section>
<div class="wrap">
<h2>{{ data.headline or _('Wat klanten zeggen') }}</h2>
<ul class="grid">
{% for item in data.items %}
<li class="card">
{% if item.rating %}
<span class="stars" role="img" aria-label="{{ item.rating }} {{ _('van 5 sterren') }}">{{ '★' * item.rating }}{{ '☆' * (5 - item.rating) }}</span>
{% endif %}
<blockquote><p>{{ item.quote }}</p></blockquote>
<p class="muted"><b>{{ item.author }}</b>{{ ', ' ~ item.city if item.city }}<br>{{ _('via') }} {{ item.source }}{{ ', ' ~ (item.date | date) if item.date }}</p>
</li>
{% endfor %}
</ul>
</div>
</section>
"""
