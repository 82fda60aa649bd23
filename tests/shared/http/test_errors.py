"""Errors have one shape, and each word of theirs is explained."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from shared.http import errors
from shared.http.errors import Problem

REPOSITORY = Path(__file__).parents[3]


def all_problems(kind: type[Problem] = Problem) -> Iterator[type[Problem]]:
    """Every class of the tree that has a word of its own; Refusal's words are the migrations'."""
    if kind is not errors.Refusal:
        yield kind
    for child in kind.__subclasses__():
        yield from all_problems(child)


def words_of_the_migrations() -> set[str]:
    text = "".join(file.read_text() for file in (REPOSITORY / "supabase/migrations").glob("*.sql"))
    raised = re.findall(r"raise sqlstate 'PT\d{3}' using\s+message = '(\w+)'", text)
    assert len(raised) == len(re.findall("raise sqlstate 'PT", text))
    return set(raised)


def test_every_word_is_in_the_docs_and_none_besides() -> None:
    documented = re.findall(r"^### (\w+)$", (REPOSITORY / "docs/errors.md").read_text(), re.MULTILINE)

    assert sorted(documented) == sorted({kind.code for kind in all_problems()} | words_of_the_migrations())


@pytest.mark.parametrize("kind", [*all_problems()], ids=lambda kind: kind.__name__)
def test_every_problem_has_the_one_shape(kind: type[Problem]) -> None:
    problem = kind(["POST"]) if kind is errors.MethodNotAllowed else kind("Why.")

    body = problem.body()

    assert list(body) == ["type", "title", "status", "detail", "code"]
    assert body["type"] == f"/docs/errors.md#{kind.code}"
    assert re.fullmatch(r"[a-z]+(_[a-z]+)*", kind.code)
    assert 400 <= problem.status < 600
    assert all(name in problem.headers for name in REQUIRED_HEADERS.get(problem.status, ()))


# RFC 9110 asks for the first two; the third is what tells a sender that a retry is welcome.
REQUIRED_HEADERS = {401: ("WWW-Authenticate",), 405: ("Allow",), 503: ("Retry-After",)}


def test_the_words_are_unique() -> None:
    codes = [kind.code for kind in all_problems()]

    assert len(codes) == len(set(codes))
