"""Work that the firm has done."""

from pydantic import ConfigDict, Field, model_validator
from pydantic.config import JsonDict

from functions.landing_page_publish.block import Block, Image, Medium, Part, Short

IMAGE = {
    "src": "https://www.example.nl/dak.webp",
    "alt": "Een dak na het herstel",
    "width": 800,
    "height": 600,
}


def _has(present: list[str], absent: list[str]) -> JsonDict:
    members: JsonDict = {
        **{name: {"not": {"type": "null"}} for name in present},
        **{name: {"type": "null"} for name in absent},
    }
    return {"required": [*present], "properties": members}


class Picture(Part):
    """One picture of the gallery, or a pair that shows before and after."""

    model_config = ConfigDict(
        json_schema_extra={
            "oneOf": [_has(["image"], ["before", "after"]), _has(["before", "after"], ["image"])]
        }
    )

    image: Image | None = None
    before: Image | None = None
    after: Image | None = None
    caption: Medium | None = None

    @model_validator(mode="after")
    def is_one_or_a_pair(self) -> "Picture":
        """Refuse half a pair, and a pair with a third."""
        pair = (self.before is not None, self.after is not None)
        if pair != ((False, False) if self.image else (True, True)):
            raise ValueError("must have either image, or before and after")
        return self


class Gallery(Block):
    """Work that the firm has done."""

    kind = "gallery"

    headline: Short | None = None
    items: list[Picture] = Field(min_length=1, max_length=12)

    sample = {"items": [{"before": IMAGE, "after": IMAGE}, {"image": IMAGE, "caption": "Goirle, 2026"}]}
    english = {
        "Ons werk": "Our work",
        "Voor": "Before",
        "Na": "After",
    }
    template = """\
{% from 'image.html.j2' import image %}
<section>
<div class="wrap">
<h2>{{ data.headline or _('Ons werk') }}</h2>
<div class="grid">
{% for item in data.items %}
<figure>
{% if item.image %}
{{ image(item.image) }}
{% else %}
<div class="pair"><div><span class="tag">{{ _('Voor') }}</span>{{ image(item.before) }}</div><div><span class="tag">{{ _('Na') }}</span>{{ image(item.after) }}</div></div>
{% endif %}
{% if item.caption %}
<figcaption class="muted">{{ item.caption }}</figcaption>
{% endif %}
</figure>
{% endfor %}
</div>
</div>
</section>
"""
