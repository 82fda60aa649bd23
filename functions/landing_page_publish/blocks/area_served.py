"""Where the firm works."""

from pydantic import Field

from functions.landing_page_publish.block import Block, Short


class AreaServed(Block):
    """Where the firm works."""

    kind = "area_served"

    headline: Short | None = None
    places: list[Short] = Field(min_length=1, max_length=40)
    radius_km: int | None = Field(default=None, ge=1, le=500)

    def describe_business(self) -> dict[str, object]:
        """Return the places."""
        return {"areaServed": [{"@type": "Place", "name": place} for place in self.places]}

    sample = {"places": ["Tilburg", "Goirle", "Oisterwijk"], "radius_km": 25}
    english = {
        "Hier werken we": "Where we work",
        "En tot": "And up to",
        "km daaromheen.": "km around.",
    }
    template = """\
<section>
<div class="wrap split">
<h2>{{ data.headline or _('Hier werken we') }}</h2>
<div>
<ul class="tags">
{% for place in data.places %}
<li class="tag">{{ place }}</li>
{% endfor %}
</ul>
{% if data.radius_km %}
<p>{{ _('En tot') }} {{ data.radius_km }} {{ _('km daaromheen.') }}</p>
{% endif %}
</div>
</div>
</section>
"""
