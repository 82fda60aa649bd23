"""Content: which blocks there may be, what they may hold, and that every failure is named at once."""

import json
import re
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from functions.landing_page_publish.arrangement import check_content
from functions.landing_page_publish.blocks import CATALOGUE
from functions.landing_page_publish.content import Content, sample_page
from shared.http.errors import Failure
from tests.functions.content import block, content

REPOSITORY = Path(__file__).parents[2]


def changed(path: str, value: object) -> dict[str, Any]:
    """Return the good content with one member replaced: `2.data.items.0.price_from`."""
    result = content()
    target: Any = result["blocks"]
    *steps, last = (int(step) if step.isdecimal() else step for step in path.split("."))
    for step in steps:
        target = target[step]
    target[last] = value
    return result


def failures(raw: object) -> list[str]:
    return [f"{failure.path}: {failure.message}" for failure in check_content(raw)[1]]


def test_a_page_with_every_block_passes() -> None:
    checked, errors = check_content(content())

    assert errors == []
    assert checked is not None
    assert {block.type for block in checked.blocks} == set(CATALOGUE)


@pytest.mark.parametrize(
    ("path", "value", "where"),
    [
        ("0.data.headline", "x" * 81, "blocks[0].data.headline"),
        ("0.data.headline", "<script>\x00", "blocks[0].data.headline"),
        ("0.data.headline", "two\nlines", "blocks[0].data.headline"),
        ("0.data.headline", "turned \u202e around", "blocks[0].data.headline"),
        ("0.data.headline", "  ", "blocks[0].data.headline"),
        ("0.data.html", "<b>", "blocks[0].data.html"),
        ("0.data.image.alt", "", "blocks[0].data.image.alt"),
        ("0.data.image.width", 0, "blocks[0].data.image.width"),
        ("0.data.image.src", "/dak.jpg", "blocks[0].data.image.src"),
        ("0.data.image.src", "//voorbeeld.nl/dak.jpg", "blocks[0].data.image.src"),
        ("0.data.image.src", "data:image/gif;base64,R0lGODlh", "blocks[0].data.image.src"),
        ("0.id", "no spaces", "blocks[0].id"),
        ("1.data.items", [{"title": "one"}] * 2, "blocks[1].data.items"),
        ("2.data.items.0.price_from", "12,50", "blocks[2].data.items[0].price_from"),
        ("2.data.items.0.price_from", -1, "blocks[2].data.items[0].price_from"),
        ("3.data.items.0.date", 86400, "blocks[3].data.items[0].date"),
        ("3.data.items.0.rating", 6, "blocks[3].data.items[0].rating"),
        ("5.data.items.0.after", None, "blocks[5].data.items[0]"),
        ("10.data.fields", ["name", "message"], "blocks[10].data.fields"),
        ("10.data.fields", ["name", "email", "email"], "blocks[10].data.fields"),
        ("10.data.consent_version", "2020-01", "blocks[10].data.consent_version"),
        ("11.data.kvk_number", "123", "blocks[11].data.kvk_number"),
        ("11.data.phone", "013 555 0100", "blocks[11].data.phone"),
        ("11.data.phone", "+3113555", "blocks[11].data.phone"),
        ("11.data.whatsapp", "+31000000000", "blocks[11].data.whatsapp"),
        ("11.data.whatsapp", "+99912345678", "blocks[11].data.whatsapp"),
        ("11.data.business_type", "Schilder", "blocks[11].data.business_type"),
        ("11.type", "html", "blocks[11]"),
        ("8.data.rating.score", "5.1", "blocks[8].data.rating"),
        ("8.data.rating.url", "/reviews", "blocks[8].data.rating.url"),
        ("8.data.marks.0.url", "tel:+31135550100", "blocks[8].data.marks[0].url"),
        ("8.data", {}, "blocks[8].data"),
        ("9.data.members", [], "blocks[9].data.members"),
    ],
)
def test_a_wrong_member_is_named_where_it_stands(path: str, value: object, where: str) -> None:
    assert any(failure.startswith(f"{where}: ") for failure in failures(changed(path, value)))


@pytest.mark.parametrize("href", ["https://example.nl", "/elders", "mailto:a@b.nl"])
def test_heros_button_leads_to_the_form_or_calls(href: str) -> None:
    assert failures(changed("0.data.cta.href", href)) == [
        "blocks[0].data.cta: must lead to the form, #offerte, or be a tel: link"
    ]
    assert failures(changed("0.data.cta.href", "tel:+31135550100")) == []


@pytest.mark.parametrize(
    "href", ["https://example.nl/a?b=c#d", "tel:+31135550100", "mailto:a@b.nl", "/", "/a", "#x"]
)
def test_a_link_may_be(href: str) -> None:
    assert failures(changed("7.data.link.href", href)) == []


@pytest.mark.parametrize(
    "href",
    [
        "javascript:alert(1)",
        "JaVaScRiPt:x",
        "http://example.nl",
        "//evil.nl",
        "/\\evil.nl",
        "data:text/html,x",
        "https:evil",
        "https:///evil",
        "evil",
        "?a",
        "https://a b",
        "tel:x",
        "mailto:",
        " javascript:x",
        "\tx",
    ],
)
def test_a_link_may_not_be(href: str) -> None:
    assert failures(changed("7.data.link.href", href)) != []


def test_no_accepted_link_runs_a_script_or_leaves_https() -> None:
    accepted: list[str] = []
    beginnings = ["https://", "http://", "HTTPS:", "javascript:", "java\tscript:", "data:", "tel:", "mailto:"]
    beginnings += ["mailto:a@", "/", "//", "/\\", "\\/", "#", "#a", " ", "\x01", "?", "x:"]

    @settings(max_examples=400, deadline=None)
    @given(st.lists(st.sampled_from(beginnings) | st.text(max_size=3), max_size=4).map("".join))
    def leads_where_it_may(href: str) -> None:
        if failures(changed("7.data.link.href", href)) == []:
            accepted.append(href)
            assert href.strip().lower().startswith(("https://", "tel:", "mailto:", "/", "#"))
            assert not href.strip().startswith(("//", "/\\"))

    leads_where_it_may()

    assert len(accepted) >= 20


def test_every_failure_is_listed_at_once() -> None:
    raw = changed("0.data.headline", "x" * 81)
    raw["blocks"][1]["data"]["items"] = []
    raw["blocks"][2]["id"] = "usps"
    del raw["blocks"][10:]

    assert failures(raw) == [
        "blocks[0].data.headline: String should have at most 80 characters",
        "blocks[1].data.items: List should have at least 3 items after validation, not 0",
        "blocks: must have exactly one lead_form block; there are 0",
        "blocks: must have exactly one legal block; there are 0",
        "blocks: every block needs an id of its own; 2 have usps",
    ]


def test_sample_is_a_good_page_with_every_block() -> None:
    page = sample_page()

    assert failures(page) == []
    assert {block["type"] for block in page["blocks"]} == set(CATALOGUE)


def test_hero_comes_first_and_legal_last() -> None:
    raw = content()
    raw["blocks"].reverse()

    assert failures(raw) == [
        "blocks[11]: the hero block must be the first",
        "blocks[0]: the legal block must be the last",
    ]


def test_there_are_at_most_three_calls_to_action() -> None:
    raw = content()
    cta = raw["blocks"][7]
    raw["blocks"][1:1] = [cta | {"id": f"cta{number}"} for number in range(3)]

    assert failures(raw) == ["blocks: must have at most 3 cta blocks; there are 4"]


@pytest.mark.parametrize(
    "raw", [None, [], "x", {}, {"v": 1}, {"v": 1, "blocks": 3}, {"v": 2, "blocks": [None, 1]}]
)
def test_what_is_no_content_at_all_is_refused_without_a_crash(raw: object) -> None:
    assert failures(raw) != []


@given(
    st.recursive(
        st.none() | st.integers() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    )
)
def test_any_json_as_a_blocks_data_is_checked_without_a_crash(data: Any) -> None:  # noqa: ANN401  # Any JSON.
    _, found = check_content({"v": 1, "blocks": [block("hero", data), data]})

    # Whatever it is, a page wants a form too.
    assert Failure("blocks", "must have exactly one lead_form block; there are 0") in found


def test_the_published_json_schema_is_the_models() -> None:
    """Regenerate it with `python -m functions.landing_page_publish.content > docs/content.schema.json`."""
    published = json.loads((REPOSITORY / "docs/content.schema.json").read_text())

    assert published == Content.model_json_schema()


def _is_valid(raw: object) -> bool:
    validator = jsonschema_rs.validator_for(json.loads((REPOSITORY / "docs/content.schema.json").read_text()))
    return validator.is_valid(raw)


def test_every_block_is_in_the_documentation() -> None:
    """With how many of it a page has."""
    text = (REPOSITORY / "docs/landing-pages.md").read_text()
    rows = dict(re.findall(r"^\| `([a-z_]+)` \| ([^|]*?) ?\|", text, re.MULTILINE))

    assert rows.keys() - {"type"} == CATALOGUE.keys()
    for kind, model in CATALOGUE.items():
        amount = "one" if model.is_required else {None: "", 1: "at most one", 3: "at most three"}[model.most]
        assert rows[kind] == (f"{amount}, the {model.place}" if model.place else amount)


def test_published_json_schema_takes_good_pages() -> None:
    published = json.loads((REPOSITORY / "docs/content.schema.json").read_text())

    assert _is_valid(content())
    assert all(_is_valid(example) for example in published["examples"])


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("7.data.link.href", "javascript:alert(1)"),
        ("7.data.link.href", "//evil.nl"),
        ("7.data.link.href", "http://example.nl"),
        ("11.data.privacy_url", "evil"),
        ("0.data.cta.href", "https://example.nl"),
        ("0.data.image.src", "/dak.jpg"),
        ("0.data.headline", "x" * 81),
        ("5.data.items.0.after", None),
        ("5.data.items.1.image", None),
        ("5.data.items.1.before", {"src": "https://a.nl/b", "alt": "x", "width": 1, "height": 1}),
        ("10.data.fields", []),
        ("10.data.fields", ["name", "message"]),
        ("10.data.fields", ["email", "email"]),
        ("10.data.consent_version", "2020-01"),
        ("11.data.kvk_number", "123"),
        ("11.data.phone", "013 555 0100"),
        ("11.type", "html"),
        ("0.type", "usps"),
    ],
)
def test_published_json_schema_refuses_what_is_refused(path: str, value: object) -> None:
    raw = changed(path, value)

    assert failures(raw) != []
    assert not _is_valid(raw)


@pytest.mark.parametrize("missing", [0, 10, 11])
def test_published_json_schema_wants_the_blocks_that_a_page_needs(missing: int) -> None:
    raw = content()
    del raw["blocks"][missing]
    twice = content()
    twice["blocks"].insert(5, twice["blocks"][missing] | {"id": "again"})

    assert not _is_valid(raw)
    assert not _is_valid(twice)


def test_published_json_schema_counts_calls_to_action() -> None:
    raw = content()
    raw["blocks"][1:1] = [raw["blocks"][7] | {"id": f"cta{number}"} for number in range(3)]

    assert not _is_valid(raw)
