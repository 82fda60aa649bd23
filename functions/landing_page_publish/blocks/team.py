"""Who comes to your door."""

from pydantic import Field

from functions.landing_page_publish.block import Block, Body, Image, Part, Short


class Member(Part):
    """Somebody with a name, and a face if there is a picture of it."""

    name: Short
    role: Short | None = None
    text: Body | None = None
    photo: Image | None = None


class Team(Block):
    """Who comes to your door."""

    kind = "team"

    headline: Short | None = None
    members: list[Member] = Field(min_length=1, max_length=6)

    def describe_business(self) -> dict[str, object]:
        """Return who works there."""
        return {"employee": [{"@type": "Person", "name": member.name} for member in self.members]}

    sample = {
        "members": [
            {
                "name": "Ruud van Dijk",
                "role": "Dakdekker",
                "text": "Ik kom zelf kijken.",
                "photo": {
                    "src": "https://www.example.nl/ruud.webp",
                    "alt": "Ruud van Dijk",
                    "width": 240,
                    "height": 240,
                },
            }
        ]
    }
    english = {
        "Wie er bij je komt": "Who comes to your door",
    }
    template = """\
{% from 'image.html.j2' import image %}
<section>
<div class="wrap split">
<h2>{{ data.headline or _('Wie er bij je komt') }}</h2>
<ul class="grid">
{% for member in data.members %}
<li class="pair">
{% if member.photo %}
{{ image(member.photo) }}
{% endif %}
<div><h3>{{ member.name }}</h3>
{% if member.role %}
<p class="muted">{{ member.role }}</p>
{% endif %}
{% if member.text %}
<p>{{ member.text }}</p>
{% endif %}
</div></li>
{% endfor %}
</ul>
</div>
</section>
"""
