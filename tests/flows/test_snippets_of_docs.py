"""What the README and the docs show is run as it stands, and prints what stands beneath it."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from stack import Stack
from tests.conftest import REPOSITORY
from tests.flows.test_clients import client_program

_BLOCK = re.compile(
    r"^```(?P<language>sh|js|python) run\n(?P<code>.*?)^```\n\n```text\n(?P<printed>.*?)^```$",
    re.DOTALL | re.MULTILINE,
)


class Snippet(NamedTuple):
    document: str
    language: str
    code: str
    printed: str


def _snippets() -> Iterator[Snippet]:
    for document in ("README.md", "docs/landing-pages.md", "docs/webhooks.md"):
        text = (REPOSITORY / document).read_text()
        found = list(_BLOCK.finditer(text))
        assert len(found) == len(re.findall(r"^```\w+ run$", text, re.MULTILINE)), (
            f"{document}: a snippet shows what it prints"
        )
        for block in found:
            yield Snippet(document, block["language"], block["code"], block["printed"])


SNIPPETS = list(_snippets())


def _program(snippet: Snippet, directory: Path) -> list[str]:
    if snippet.language == "sh":
        return ["bash", "-euo", "pipefail", "-c", snippet.code]
    if snippet.language == "python":
        return [sys.executable, "-c", snippet.code]
    # Node looks for packages beside the file.
    file = directory / "snippet.mjs"
    file.write_text(snippet.code)
    (directory / "node_modules").symlink_to(REPOSITORY / "node_modules")
    return [*client_program(file.name), str(file)]


@pytest.mark.parametrize("snippet", SNIPPETS, ids=[f"{one.document} {one.language}" for one in SNIPPETS])
def test_snippet_prints_what_it_says(snippet: Snippet, stack: Stack, functions: str, tmp_path: Path) -> None:
    assert functions
    env = {**os.environ, **stack.project.env(), "STACK_DIR": str(stack.directory)}

    done = subprocess.run(
        _program(snippet, tmp_path),
        cwd=REPOSITORY,
        env=env,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    # An ellipsis stands for what is another thing each time.
    expected = ".*".join(map(re.escape, snippet.printed.strip().split("…")))
    assert re.fullmatch(expected, done.stdout.strip(), re.DOTALL), done.stdout
