"""What people ask."""

from pydantic import Field

from functions.landing_page_publish.block import Block, Long, Medium, Part, Short


class Question(Part):
    """A question with its answer."""

    question: Medium
    answer: Long


class Faq(Block):
    """What people ask."""

    kind = "faq"

    headline: Short | None = None
    items: list[Question] = Field(min_length=2, max_length=12)

    sample = {
        "items": [
            {"question": "Wat kost een inspectie?", "answer": "Niets, als we daarna het herstel doen."},
            {"question": "Vergoedt de verzekering dit?", "answer": "Vaak de gevolgschade wel."},
        ]
    }
    english = {
        "Veelgestelde vragen": "Questions and answers",
    }
    template = """\
<section>
<div class="wrap split">
<h2>{{ data.headline or _('Veelgestelde vragen') }}</h2>
<div>
{% for item in data.items %}
<details><summary>{{ item.question }}</summary><p>{{ item.answer }}</p></details>
{% endfor %}
</div>
</div>
</section>
"""
