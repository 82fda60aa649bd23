"""Three to six reasons to choose this firm."""

from pydantic import Field

from functions.landing_page_publish.block import Block, Medium, Part, Short


class Usp(Part):
    """One reason to choose this firm."""

    title: Short
    text: Medium | None = None


class Usps(Block):
    """Three to six reasons."""

    kind = "usps"

    headline: Short | None = None
    items: list[Usp] = Field(min_length=3, max_length=6)

    sample = {
        "items": [
            {"title": "Binnen 24 uur ter plaatse", "text": "Ook in het weekend."},
            {"title": "Vaste prijs vooraf", "text": "Geen voorrijkosten."},
            {"title": "Tien jaar garantie", "text": "Schriftelijk, op materiaal en werk."},
        ]
    }
    english = {
        "Waarom wij": "Why us",
    }
    template = """\
<section>
<div class="wrap">
<h2>{{ data.headline or _('Waarom wij') }}</h2>
<ul class="grid">
{% for item in data.items %}
<li class="tick"><h3>{{ item.title }}</h3>
{% if item.text %}
<p>{{ item.text }}</p>
{% endif %}
</li>
{% endfor %}
</ul>
</div>
</section>
"""
