"""The matrix: every relation and function of schema `public`, for everybody, through PostgREST with signed tokens."""

from http import HTTPStatus

import httpx
import pytest

from tests.access.expectations import (
    FUNCTION_SAMPLES,
    RELATION_SAMPLES,
    function_expectations,
    relation_expectations,
)
from tests.access.world import World
from tests.api import As
from tests.database import Database

_METHODS = {"select": "GET", "insert": "POST", "update": "PATCH", "delete": "DELETE"}


def test_every_relation_has_an_expectation(platform: Database) -> None:
    found = {
        row["relname"]
        for row in platform.rows(
            "select relname from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r','p','v','m','f')"
        )
    }

    expected = {relation for relation, _, _ in relation_expectations()}

    assert found == expected
    assert expected == RELATION_SAMPLES.keys()


def test_every_function_has_an_expectation(platform: Database) -> None:
    found = {
        row["signature"]
        for row in platform.rows(
            "select format('%s(%s)', proname, oidvectortypes(proargtypes)) as signature"
            " from pg_proc where pronamespace = 'public'::regnamespace"
            # A function of a relation's row is an embed; test_embeds has those.
            " and not exists (select from pg_type where oid = any (proargtypes) and typrelid <> 0)"
        )
    }

    expected = {signature for signature, _ in function_expectations()}

    assert found == expected
    assert expected == FUNCTION_SAMPLES.keys()


@pytest.mark.parametrize(("relation", "action", "who"), relation_expectations().keys())
def test_relation_gives_whom_what_is_written_down(
    world: World, as_: As, relation: str, action: str, who: str
) -> None:
    sample = RELATION_SAMPLES[relation]
    row = sample.spare(world) if action == "delete" and sample.spare else sample.row(world)
    filters = {} if action == "insert" else {name: f"eq.{value}" for name, value in row.items()}
    body = sample.insert(world) if action == "insert" else sample.update if action == "update" else None

    response = as_(world.actor(who)).send(
        _METHODS[action],
        f"/{relation}",
        params={**filters, "select": next(iter(row))},
        json=None if body is None else {name: _plain(value) for name, value in body.items()},
        # Asking for the row back tells apart what happened and what touched nothing.
        prefer=None if action == "select" else "return=representation",
    )

    assert outcome_of(response, who) == relation_expectations()[relation, action, who], response.text


@pytest.mark.parametrize(("signature", "who"), function_expectations().keys())
def test_function_gives_whom_what_is_written_down(world: World, as_: As, signature: str, who: str) -> None:
    arguments = {name: _plain(value) for name, value in FUNCTION_SAMPLES[signature](world).items()}

    response = as_(world.actor(who)).call(signature.split("(", maxsplit=1)[0], arguments)

    outcome = "ok" if response.is_success else outcome_of(response, who)
    assert outcome == function_expectations()[signature, who], response.text


def outcome_of(response: httpx.Response, who: str) -> str:
    """Name the outcome of a request, insisting that status and code agree on which no it is."""
    if response.is_success:
        rows = response.json()
        assert len(rows) <= 1, "the filter is not narrow enough"
        return "ok" if rows else "nothing"
    problem: dict[str, str] = response.json()
    match problem["code"]:
        case "42501" if "row-level security" in problem["message"]:
            assert response.status_code == HTTPStatus.FORBIDDEN
            return "refused"
        case "42501":
            expected = HTTPStatus.UNAUTHORIZED if who == "anon" else HTTPStatus.FORBIDDEN
            assert response.status_code == expected
            return "denied"
        case "PT405":
            assert response.status_code == HTTPStatus.METHOD_NOT_ALLOWED
            assert problem["message"] == "view_not_writable"
            return "locked"
        case code if code.startswith("PT"):
            assert response.status_code == int(code[2:])
            return problem["message"]
        case other:
            return other


def _plain(value: object) -> object:
    return value if isinstance(value, int | dict | list | None) else str(value)
