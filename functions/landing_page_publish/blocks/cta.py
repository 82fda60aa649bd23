"""A nudge between two sections."""

from functions.landing_page_publish.block import Block, Body, Link, Short


class Cta(Block):
    """A nudge between two sections."""

    kind = "cta"
    most = 3

    headline: Short
    text: Body | None = None
    link: Link

    sample = {"headline": "Liever bellen?", "link": {"label": "Bel ons", "href": "tel:+31135550100"}}
    template = """\
<section class="band">
<div class="wrap narrow">
<h2>{{ data.headline }}</h2>
{% if data.text %}
<p>{{ data.text }}</p>
{% endif %}
<a class="btn" href="{{ data.link.href }}">{{ data.link.label }}</a>
</div>
</section>
"""
