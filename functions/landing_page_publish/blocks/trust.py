"""Why a stranger may believe it: a rating that can be looked up, and the marks that the firm holds."""

from decimal import Decimal
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, model_validator

from functions.landing_page_publish.block import Block, Href, Part, Short, in_schema

_OUTSIDE = {"pattern": "^https://"}


def _is_outside(href: str) -> str:
    if not href.startswith("https://"):
        raise ValueError("must be a https: link, where anybody can look it up")
    return href


Evidence = Annotated[Href, AfterValidator(_is_outside), in_schema(allOf=[_OUTSIDE])]


class Rating(Part):
    """What customers give the firm on average, at whoever asked them."""

    score: Decimal = Field(gt=0, le=10, max_digits=3, decimal_places=1)
    out_of: Literal[5, 10]
    count: int = Field(ge=1, le=1_000_000)
    source: Short
    url: Evidence

    @model_validator(mode="after")
    def is_on_its_scale(self) -> "Rating":
        """Refuse an 8 out of 5."""
        if self.score > self.out_of:
            raise ValueError("must have a score that is no higher than out_of")
        return self


class Mark(Part):
    """A certificate or a membership, and where its holder is listed."""

    name: Short
    url: Evidence | None = None


class Trust(Block):
    """A rating, which shows in the hero, and marks, which show where the block stands."""

    kind = "trust"
    most = 1

    headline: Short | None = None
    rating: Rating | None = None
    marks: Annotated[list[Mark], Field(max_length=8)] = []

    @model_validator(mode="after")
    def says_something(self) -> "Trust":
        """Refuse an empty one."""
        if self.rating is None and not self.marks:
            raise ValueError("must have a rating or marks")
        return self

    # No rating for search engines: a firm's own word for its stars is not shown, and may cost it the page
    # (https://developers.google.com/search/docs/appearance/structured-data/review-snippet).

    sample = {
        "rating": {
            "score": "4.8",
            "out_of": 5,
            "count": 212,
            "source": "Klantenvertellen",
            "url": "https://www.klantenvertellen.nl/",
        },
        "marks": [{"name": "VEBIDAK"}, {"name": "SBB-erkend", "url": "https://www.s-bb.nl/"}],
    }
    english = {
        "Hier zijn we bij aangesloten": "Memberships and certificates",
    }
    template = """\
{# The rating stands in the hero. #}
{% if data.marks %}
<section>
<div class="wrap split">
<h2>{{ data.headline or _('Hier zijn we bij aangesloten') }}</h2>
<ul class="tags">
{% for mark in data.marks %}
<li class="tag">{% if mark.url %}<a href="{{ mark.url }}" rel="noopener">{{ mark.name }}</a>{% else %}{{ mark.name }}{% endif %}</li>
{% endfor %}
</ul>
</div>
</section>
{% endif %}
"""
