"""What a block is, and the parts that blocks are made of: plain text, links and pictures, and no HTML."""

import re
from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from shared.landing_page.plain_text import Line, Paragraph

# Relative means one slash and no other, since a browser reads `//host` and `/\host` as another site.
_LINK = r"(https://[^/\s]|tel:\+?[0-9]|mailto:[^@\s]+@|/(?![/\\])|#[a-z])[^\s\\]*|/"

# Which hosts, and so whether https, is for a setting to say: the local stack's own pictures are http.
_PICTURE = r"https?://[^/\s\\][^\s\\]*"


def _is_link(text: str) -> str:
    if not re.fullmatch(_LINK, text, re.IGNORECASE):
        raise ValueError("must be a https:, tel: or mailto: link, or begin with / or #")
    return text


def _is_picture(text: str) -> str:
    if not re.fullmatch(_PICTURE, text, re.IGNORECASE):
        raise ValueError("must be a https: link")
    return text


def in_schema(**keywords: Any) -> Any:  # noqa: ANN401 - what pydantic's Field is.
    """Say in the JSON Schema what a validator checks, as far as a schema can."""
    return Field(json_schema_extra=keywords)


Href = Annotated[str, Line(500), AfterValidator(_is_link), in_schema(pattern=f"^({_LINK})$")]
Source = Annotated[str, Line(500), AfterValidator(_is_picture), in_schema(pattern=f"^({_PICTURE})$")]
Label = Annotated[str, Line(40)]
Short = Annotated[str, Line(80)]
Medium = Annotated[str, Line(160)]
Body = Annotated[str, Paragraph(600)]
Long = Annotated[str, Paragraph(1500)]


class Part(BaseModel):
    """A part of a block. It refuses what it does not know."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class Link(Part):
    """Where a button or a line of text leads."""

    label: Label
    href: Href


class Image(Part):
    """A picture. Width and height are required, so that the page does not jump while it loads."""

    src: Source
    alt: Medium
    width: int = Field(ge=1, le=10_000)
    height: int = Field(ge=1, le=10_000)


class Block(Part):
    """The data of a block, and all that makes it one."""

    kind: ClassVar[str]
    """Its `type` in the content."""
    template: ClassVar[str]
    """Jinja2, given the block as `data`, the first of every other as `by_type.legal` or None, and `page`."""
    english: ClassVar[Mapping[str, str]] = {}
    """What its template says in Dutch, `{{ _('Ons werk') }}`, in English."""
    sample: ClassVar[dict[str, Any]]
    """A good one, for the tests and for whoever writes pages."""
    most: ClassVar[int | None] = None
    """How many a page may have."""
    is_required: ClassVar[bool] = False
    """Whether it has exactly one."""
    place: ClassVar[Literal["first", "last"] | None] = None
    """Where on the page it has to be."""

    def describe_business(self) -> dict[str, object]:
        """Return what it tells search engines of the firm: properties of https://schema.org/LocalBusiness."""
        return {}
