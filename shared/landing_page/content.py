"""The content of a landing page: typed blocks of plain text, and no HTML from anyone.

`content_json` is `{"v": 1, "blocks": [{"id", "type", "data"}]}`. The models say what a block may hold; which
blocks a page needs, and in which order, is in `arrangement.py`. docs/content.schema.json comes from here.
"""

import json
import re
import sys
from collections.abc import Iterator
from decimal import Decimal
from typing import Annotated, Generic, Literal, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from shared.http.body import Day
from shared.landing_page.plain_text import Line, Paragraph

# Relative means one slash and no other, since a browser reads `//host` and `/\host` as another site.
_LINK = re.compile(r"(https://[^/\s]|tel:\+?[0-9]|mailto:[^@\s]+@|/(?![/\\])|#[a-z])[^\s\\]*", re.IGNORECASE)

# Which hosts, and so whether https, is for a setting to say: the local stack's own pictures are http.
_PICTURE = re.compile(r"https?://[^/\s\\][^\s\\]*", re.IGNORECASE)


def _is_link(text: str) -> str:
    if not _LINK.fullmatch(text) and text != "/":
        raise ValueError("must be a https:, tel: or mailto: link, or begin with / or #")
    return text


def _is_picture(text: str) -> str:
    if not _PICTURE.fullmatch(text):
        raise ValueError("must be a https: link")
    return text


Href = Annotated[str, Line(500), AfterValidator(_is_link)]
Source = Annotated[str, Line(500), AfterValidator(_is_picture)]
Short = Annotated[str, Line(80)]
Medium = Annotated[str, Line(160)]
Body = Annotated[str, Paragraph(600)]
Long = Annotated[str, Paragraph(1500)]


class Strict(BaseModel):
    """A model that refuses what it does not know."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class Link(Strict):
    """Where a button or a line of text leads."""

    label: Annotated[str, Line(40)]
    href: Href


class Image(Strict):
    """A picture. Width and height are required, so that the page does not jump while it loads."""

    src: Source
    alt: Medium
    width: int = Field(ge=1, le=10_000)
    height: int = Field(ge=1, le=10_000)


class Hero(Strict):
    """The first thing that a visitor sees."""

    headline: Short
    subline: Medium | None = None
    cta: Link | None = None
    image: Image | None = None
    badge: Annotated[str, Line(40)] | None = None


class Usp(Strict):
    """One reason to choose this firm."""

    title: Short
    text: Medium | None = None


class Usps(Strict):
    """Three to six reasons."""

    headline: Short | None = None
    items: list[Usp] = Field(min_length=3, max_length=6)


class Service(Strict):
    """Something that the firm does, in EUR where it says a price."""

    name: Short
    description: Body | None = None
    price_from: Decimal | None = Field(default=None, ge=0, max_digits=9, decimal_places=2)
    unit: Annotated[str, Line(20)] | None = None


class Services(Strict):
    """What the firm does."""

    headline: Short | None = None
    items: list[Service] = Field(min_length=1, max_length=12)


class Testimonial(Strict):
    """What a customer said, and where that can be checked."""

    quote: Body
    author: Short
    source: Short
    rating: int | None = Field(default=None, ge=1, le=5)
    date: Day | None = None
    city: Short | None = None


class Testimonials(Strict):
    """What customers say."""

    headline: Short | None = None
    items: list[Testimonial] = Field(min_length=1, max_length=12)


class Question(Strict):
    """A question with its answer."""

    question: Medium
    answer: Long


class Faq(Strict):
    """What people ask."""

    headline: Short | None = None
    items: list[Question] = Field(min_length=2, max_length=12)


class Picture(Strict):
    """One picture of the gallery, or a pair that shows before and after."""

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


class Gallery(Strict):
    """Work that the firm has done."""

    headline: Short | None = None
    items: list[Picture] = Field(min_length=1, max_length=12)


class AreaServed(Strict):
    """Where the firm works."""

    headline: Short | None = None
    places: list[Short] = Field(min_length=1, max_length=40)
    radius_km: int | None = Field(default=None, ge=1, le=500)


class Cta(Strict):
    """A nudge between two sections."""

    headline: Short
    text: Body | None = None
    link: Link


LeadField = Literal["name", "email", "phone", "postcode", "service", "message", "preferred_date"]


def _is_answerable(fields: list[LeadField]) -> list[LeadField]:
    if len(set(fields)) < len(fields):
        raise ValueError("must not repeat a field")
    if not {"email", "phone"} & set(fields):
        raise ValueError("must have email or phone, or nobody could answer")
    return fields


class LeadForm(Strict):
    """The form that asks for a quote."""

    headline: Short | None = None
    text: Body | None = None
    fields: Annotated[list[LeadField], AfterValidator(_is_answerable)]
    button: Annotated[str, Line(40)] | None = None
    consent_version: Annotated[str, Line(40)]
    success_text: Annotated[str, Paragraph(300)]


class Legal(Strict):
    """Who is behind the page, as Dutch law wants it said (art. 3:15d BW)."""

    company: Short
    kvk_number: Annotated[str, Field(pattern=r"^[0-9]{8}$")]
    vat_number: Annotated[str, Field(pattern=r"^NL[0-9]{9}B[0-9]{2}$")] | None = None
    address: Medium
    privacy_url: Href


BlockId = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,64}$")]


Kind = TypeVar("Kind", bound=str)
Data = TypeVar("Data", bound=Strict)


class TypedBlock(Strict, Generic[Kind, Data]):
    """A block: its type says what its data is."""

    id: BlockId
    type: Kind
    data: Data


class HeroBlock(TypedBlock[Literal["hero"], Hero]):
    """A block of type hero."""


class UspsBlock(TypedBlock[Literal["usps"], Usps]):
    """A block of type usps."""


class ServicesBlock(TypedBlock[Literal["services"], Services]):
    """A block of type services."""


class TestimonialsBlock(TypedBlock[Literal["testimonials"], Testimonials]):
    """A block of type testimonials."""


class FaqBlock(TypedBlock[Literal["faq"], Faq]):
    """A block of type faq."""


class GalleryBlock(TypedBlock[Literal["gallery"], Gallery]):
    """A block of type gallery."""


class AreaServedBlock(TypedBlock[Literal["area_served"], AreaServed]):
    """A block of type area_served."""


class CtaBlock(TypedBlock[Literal["cta"], Cta]):
    """A block of type cta."""


class LeadFormBlock(TypedBlock[Literal["lead_form"], LeadForm]):
    """A block of type lead_form."""


class LegalBlock(TypedBlock[Literal["legal"], Legal]):
    """A block of type legal."""


Block = Annotated[
    HeroBlock
    | UspsBlock
    | ServicesBlock
    | TestimonialsBlock
    | FaqBlock
    | GalleryBlock
    | AreaServedBlock
    | CtaBlock
    | LeadFormBlock
    | LegalBlock,
    Field(discriminator="type"),
]


class Content(Strict):
    """Everything between the top and the bottom of a page."""

    v: Literal[1]
    blocks: list[Block] = Field(max_length=30)


def find_images(part: object, path: str = "") -> Iterator[tuple[str, Image]]:
    """Return every picture in a page's content or in a part of it, with where it stands."""
    if isinstance(part, Image):
        yield path, part
    elif isinstance(part, BaseModel):
        for name in type(part).model_fields:
            yield from find_images(getattr(part, name), f"{path}.{name}" if path else name)
    elif isinstance(part, list):
        for number, item in enumerate(part):
            yield from find_images(item, f"{path}[{number}]")


if __name__ == "__main__":
    sys.stdout.write(json.dumps(Content.model_json_schema(), indent=2) + "\n")
