"""The content of a landing page: typed blocks of plain text, and no HTML from anyone.

`content_json` is `{"v": 1, "blocks": [{"id", "type", "data"}]}`, with `"lang": "en"` for a page in English.
What a block may hold is in `blocks/`; which blocks a page needs, and in which order, `arrangement.py` checks.
docs/content.schema.json comes from here.
"""

import json
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Any, Generic, Literal, TypeVar, Union

from pydantic import BaseModel, ConfigDict, Field

from functions.landing_page_publish.block import Block, Image, Part
from functions.landing_page_publish.blocks import CATALOGUE

BlockId = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,64}$")]

Kind = TypeVar("Kind", bound=str)
Data = TypeVar("Data", bound=Block)


class TypedBlock(Part, Generic[Kind, Data]):
    """A block on a page: its type says what its data is."""

    id: BlockId
    type: Kind
    data: Data


if TYPE_CHECKING:
    AnyBlock = TypedBlock[str, Block]
else:
    AnyBlock = Annotated[
        Union[  # noqa: UP007 - of as many as there are files.
            tuple(
                type(
                    f"{block.__name__}Block",
                    (TypedBlock[Literal[kind], block],),
                    {"__doc__": f"A block of type {kind}.", "__module__": __name__},
                )
                for kind, block in CATALOGUE.items()
            )
        ],
        Field(discriminator="type"),
    ]


def _arrangement() -> dict[str, Any]:
    """Say in the JSON Schema what arrangement.py checks; that a block is the last no schema can."""
    kinds = [
        {
            "contains": {"properties": {"type": {"const": kind}}, "required": ["type"]},
            "minContains": int(block.is_required),
            "maxContains": 1 if block.is_required else block.most,
        }
        for kind, block in CATALOGUE.items()
        if block.is_required or block.most is not None
    ]
    first = [
        # In a schema of its own, since `items` passes over what `prefixItems` of the same one has checked.
        {"prefixItems": [{"properties": {"type": {"const": kind}}}]}
        for kind, block in CATALOGUE.items()
        if block.place == "first"
    ]
    return {"allOf": [*kinds, *first]}


def sample_page() -> dict[str, Any]:
    """Return content with every block in it, as a good copywriter would hand it in."""
    places = ("first", None, "last")
    kinds = sorted(CATALOGUE, key=lambda kind: places.index(CATALOGUE[kind].place))
    return {"v": 1, "blocks": [{"id": kind, "type": kind, "data": CATALOGUE[kind].sample} for kind in kinds]}


class Content(Part):
    """Everything between the top and the bottom of a page."""

    model_config = ConfigDict(json_schema_extra={"examples": [sample_page()]})

    v: Literal[1]
    lang: Literal["nl", "en"] = "nl"
    blocks: Annotated[list[AnyBlock], Field(max_length=30, json_schema_extra=_arrangement())]

    @property
    def is_whole(self) -> bool:
        """Whether it has every block that the templates cannot do without."""
        required = {kind for kind, block in CATALOGUE.items() if block.is_required}
        return required <= {block.type for block in self.blocks}


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
