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
<section class="dark">
<div class="wrap">
<h2>{{ data.headline }}</h2>
{% if data.text %}
<p class="lead">{{ data.text }}</p>
{% endif %}
<div class="row"><a class="btn" {{ data.link.href | link }}>{{ data.link.label }}</a></div>
</div>
</section>
"""
