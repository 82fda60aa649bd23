"""Which blocks a page needs, how many, and in which order; and the whole check, every failure at once."""

from collections import Counter
from collections.abc import Iterator

from pydantic import ValidationError

from functions.landing_page_publish.blocks import CATALOGUE
from functions.landing_page_publish.blocks.lead_form import LeadForm
from functions.landing_page_publish.content import Content
from shared.http.errors import Failure, failures_of
from shared.landing_page.consent import CURRENT_ADS_CONSENTS, CURRENT_CONSENTS


def check_content(raw: object) -> tuple[Content | None, list[Failure]]:
    """Return the content when it can be read, and everything that is wrong with it.

    The arrangement is checked on what came in, not on the models: a typo in one block must not hide that
    another is missing.
    """
    arrangement = list(_check_arrangement(_blocks_of(raw)))
    try:
        content = Content.model_validate(raw)
        return content, [*arrangement, *_check_language(content)]
    except ValidationError as error:
        return None, [*map(_without_tag, failures_of(error)), *arrangement]


def _check_language(content: Content) -> Iterator[Failure]:
    current, for_ads = CURRENT_CONSENTS[content.lang], CURRENT_ADS_CONSENTS[content.lang]
    for number, block in enumerate(content.blocks):
        if not isinstance(block.data, LeadForm):
            continue
        where = f"blocks[{number}].data"
        if block.data.consent_version != current:
            yield Failure(
                f"{where}.consent_version", f"must be the wording in the language of the page, {current}"
            )
        if block.data.ads_consent_version not in {None, for_ads}:
            yield Failure(
                f"{where}.ads_consent_version", f"must be the wording in the language of the page, {for_ads}"
            )


def _blocks_of(raw: object) -> list[dict[str, object]]:
    blocks = raw.get("blocks") if isinstance(raw, dict) else None
    return [block if isinstance(block, dict) else {} for block in blocks] if isinstance(blocks, list) else []


def _check_arrangement(blocks: list[dict[str, object]]) -> Iterator[Failure]:
    types = [block.get("type") for block in blocks]
    for kind, block in CATALOGUE.items():
        count = types.count(kind)
        if block.is_required and count != 1:
            yield Failure("blocks", f"must have exactly one {kind} block; there are {count}")
        if block.most is not None and count > block.most:
            yield Failure("blocks", f"must have at most {block.most} {kind} blocks; there are {count}")
        if block.place == "first" and kind in types[1:]:
            yield Failure(f"blocks[{types.index(kind, 1)}]", f"the {kind} block must be the first")
        if block.place == "last" and kind in types[:-1]:
            yield Failure(f"blocks[{types.index(kind)}]", f"the {kind} block must be the last")
    ids = Counter(block["id"] for block in blocks if isinstance(block.get("id"), str))
    for block_id, count in ids.items():
        if count > 1:
            yield Failure("blocks", f"every block needs an id of its own; {count} have {block_id}")


def _without_tag(failure: Failure) -> Failure:
    """Drop the step that pydantic adds for the chosen type: `blocks[0].hero.data` is `blocks[0].data`."""
    head, bracket, tail = failure.path.partition("].")
    if not bracket:
        return failure
    return Failure(head + bracket + tail.partition(".")[2], failure.message)
