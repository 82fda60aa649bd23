"""The first thing that a visitor sees."""

from functions.landing_page_publish.block import Block, Image, Label, Link, Medium, Short


class Hero(Block):
    """The first thing that a visitor sees."""

    kind = "hero"
    is_required = True
    place = "first"

    headline: Short
    subline: Medium | None = None
    cta: Link | None = None
    image: Image | None = None
    badge: Label | None = None

    sample = {
        "headline": "Lekkend dak in Tilburg? Morgen is het dicht.",
        "subline": "Vaste dakdekkers uit de buurt, een prijs vooraf en tien jaar garantie.",
        "badge": "4,8 uit 212 klussen",
        "cta": {"label": "Vraag een offerte aan", "href": "#offerte"},
    }
    template = """\
{% from 'image.html.j2' import image %}
<section class="hero soft">
<div class="wrap">
<div>
{% if data.badge %}
<p class="badge">{{ data.badge }}</p>
{% endif %}
<h1>{{ data.headline }}</h1>
{% if data.subline %}
<p class="lead">{{ data.subline }}</p>
{% endif %}
{% if data.cta %}
<a class="btn" href="{{ data.cta.href }}">{{ data.cta.label }}</a>
{% endif %}
</div>
{% if data.image %}
{{ image(data.image, eager=true) }}
{% endif %}
</div>
</section>
"""
