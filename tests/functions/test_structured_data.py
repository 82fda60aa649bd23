"""What search engines are told is what https://schema.org has words for, and of the kinds that it says."""

import json
import re
import subprocess
from pathlib import Path

import pytest

from demo.firms import FIRMS
from functions.landing_page_publish.render import render
from functions.landing_page_publish.snapshot import Snapshot
from tests.conftest import REPOSITORY
from tests.functions.content import HASH, IMAGES, checked, content, snapshot

_OPTIONS = ("--noEmit", "--strict", "--skipLibCheck", "--module", "node16")


def _described(page_content: object) -> dict[str, object]:
    page = Snapshot.model_validate(snapshot(content=page_content))
    html = render(page, HASH, checked(page), "https://www.example.nl").html
    (text,) = re.findall(r'<script type="application/ld\+json">(.*?)</script>', html, re.DOTALL)
    described: dict[str, object] = json.loads(text)
    return described


def _mistakes(businesses: list[dict[str, object]], directory: Path) -> str:
    """Have the vocabulary's own types (https://github.com/google/schema-dts) judge it."""
    kinds = sorted({str(business["@type"]) for business in businesses})
    file = directory / "described.ts"
    lines = [f"import type {{ {', '.join(['WithContext', *kinds])} }} from 'schema-dts';"]
    for number, business in enumerate(businesses):
        kind = f"WithContext<{business['@type']}>"
        lines.append(f"export const business{number}: {kind} = {json.dumps(business)};")
    file.write_text("\n".join(lines))
    (directory / "node_modules").symlink_to(REPOSITORY / "node_modules")
    command = REPOSITORY / "node_modules" / ".bin" / "tsc"
    judged = subprocess.run([command, *_OPTIONS, file], capture_output=True, text=True, check=False)
    return judged.stdout


def test_it_is_schema_org(tmp_path: Path) -> None:
    pages = [
        firm.page_with({file.name: f"{IMAGES}jansen/{file.name}" for file in firm.pictures})["content_json"]
        for firm in FIRMS
    ]

    assert _mistakes([_described(page) for page in (content(), *pages)], tmp_path) == ""


def test_what_schema_org_has_no_word_for_is_noticed(tmp_path: Path) -> None:
    business = _described(content())

    assert "adres" in _mistakes([{**business, "adres": "Spoorlaan 1"}], tmp_path)


@pytest.mark.parametrize(
    ("written", "told"),
    [
        (
            "Ringbaan-Oost 102, 5013 CD Tilburg",
            {
                "streetAddress": "Ringbaan-Oost 102",
                "postalCode": "5013 CD",
                "addressLocality": "Tilburg",
                "addressCountry": "NL",
            },
        ),
        (
            "Plein 1813 4a,2514JN, 's-Gravenhage",
            {
                "streetAddress": "Plein 1813 4a",
                "postalCode": "2514JN",
                "addressLocality": "'s-Gravenhage",
                "addressCountry": "NL",
            },
        ),
        ("Rue Neuve 1, 1000 Bruxelles", {"streetAddress": "Rue Neuve 1, 1000 Bruxelles"}),
        ("Op afspraak", {"streetAddress": "Op afspraak"}),
    ],
)
def test_address_is_taken_apart_if_it_is_one_of_ours(written: str, told: dict[str, str]) -> None:
    page = content()
    page["blocks"][-1]["data"]["address"] = written

    assert _described(page)["address"] == {"@type": "PostalAddress", **told}
