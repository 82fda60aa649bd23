"""docs/bruno has a request for each thing there is to do; `make requests` runs them."""

import re

import yaml

from tests.conftest import REPOSITORY

_FILES = sorted((REPOSITORY / "docs" / "bruno").glob("*/*-*.bru"))
# Signed over the body, which docs/webhooks.md has by hand; a browser's own question.
_LEFT_OUT = {"POST /webhooks/meta_ads", "GET /webhooks/linkedin_ads", "POST /webhooks/linkedin_ads"} | {
    "POST /webhooks/standard",
    # Signed by Google.
    "POST /event-batches",
    "OPTIONS /events",
    "OPTIONS /leads",
}


def _asked() -> set[str]:
    found = set()
    for file in _FILES:
        method, url = re.search(r"^(\w+) \{\n  url: (\S+)", file.read_text(), re.MULTILINE).groups()  # type: ignore[union-attr]
        if url.startswith("{{site}}"):
            path = url.removeprefix("{{site}}").split("?")[0]
            # Where a link or a page is comes from the answer before.
            path = {"{{preview}}": "/previews/x", "{{path}}": "/partners/x/y"}.get(path, path)
            found.add(f"{method.upper()} {path}")
    return found


def test_there_is_a_request_for_each_operation() -> None:
    described = yaml.safe_load((REPOSITORY / "docs" / "openapi.yaml").read_text())["paths"]
    operations = {
        f"{method.upper()} {path}": re.compile(
            re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(f"{method.upper()} {path}"))
        )
        for path, item in described.items()
        for method in item
        if method in {"get", "post", "options"}
    }
    asked = _asked()

    missing = {name for name, form in operations.items() if not any(form.fullmatch(one) for one in asked)}

    assert missing == _LEFT_OUT
    assert len(_FILES) > 30


def test_each_request_says_what_has_to_come_of_it() -> None:
    assert [file.name for file in _FILES if "res.status: " not in file.read_text()] == []


def test_no_secret_stands_in_the_collection() -> None:
    text = "".join(file.read_text() for file in (REPOSITORY / "docs" / "bruno").rglob("*.bru"))

    assert "not-real" not in text
    assert not re.search(r"eyJ[A-Za-z0-9_-]{20,}|sb_[a-z]+_", text)
