"""The first thing that a visitor sees."""

from typing import Annotated

from pydantic import AfterValidator

from functions.landing_page_publish.block import Block, Image, Label, Link, Medium, Short, in_schema

_STAYS_HERE = {"properties": {"href": {"pattern": "^(#|tel:)"}}}


def _stays_here(link: Link) -> Link:
    if not link.href.startswith(("#", "tel:")):
        raise ValueError("must lead to the form, #offerte, or be a tel: link")
    return link


class Hero(Block):
    """The first thing that a visitor sees."""

    kind = "hero"
    is_required = True
    place = "first"

    headline: Short
    subline: Medium | None = None
    cta: Annotated[Link, AfterValidator(_stays_here), in_schema(**_STAYS_HERE)] | None = None
    image: Image | None = None
    badge: Label | None = None

    def describe_business(self) -> dict[str, object]:
        """Return its picture."""
        return {"image": self.image.src} if self.image else {}

    sample = {
        "headline": "Lekkend dak in Tilburg? Morgen is het dicht.",
        "subline": "Vaste dakdekkers uit de buurt, een prijs vooraf en tien jaar garantie.",
        "badge": "4,8 uit 212 klussen",
        "cta": {"label": "Vraag een offerte aan", "href": "#offerte"},
    }
    english = {
        "van": "out of",
        "beoordelingen op": "reviews on",
    }
    template = """\
{% from 'image.html.j2' import image %}
<section class="dark">
<div class="wrap hero">
<div>
{% if data.badge %}
<p class="badge">{{ data.badge }}</p>
{% endif %}
<h1>{{ data.headline }}</h1>
{% if data.subline %}
<p class="lead">{{ data.subline }}</p>
{% endif %}
{% if by_type.usps %}
<ul class="ticks">
{% for item in by_type.usps.items[:3] %}
<li class="tick">{{ item.title }}</li>
{% endfor %}
</ul>
{% endif %}
{% if by_type.trust and by_type.trust.rating %}
{% with rating = by_type.trust.rating %}
<p><a class="rate" href="{{ rating.url }}" rel="noopener">★ {{ rating.score | decimal }} {{ _('van') }} {{ rating.out_of }}, {{ rating.count }} {{ _('beoordelingen op') }} {{ rating.source }}</a></p>
{% endwith %}
{% endif %}
<div class="row">
{% if data.cta %}
<a class="btn" {{ data.cta.href | link }}>{{ data.cta.label }}</a>
{% endif %}
{% if by_type.legal.whatsapp %}
<a class="btn alt" {{ ('https://wa.me/' ~ by_type.legal.whatsapp[1:]) | link }}>WhatsApp</a>
{% endif %}
</div>
{% if data.image %}
{{ image(data.image, eager=true) }}
{% endif %}
</div>
{% with data = by_type.lead_form %}
{% include 'blocks/lead_form.html.j2' %}
{% endwith %}
</div>
</section>
"""
