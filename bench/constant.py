"""A function that returns a constant: what functions-framework, Starlette and uvicorn cost by themselves."""

import json
import os

import functions_framework.aio
from starlette.requests import Request
from starlette.responses import Response

VARIABLE = "CONSTANT_ANSWER"
"""JSON: the headers of the answer, and how many bytes it has."""

_ANSWER = json.loads(os.environ.get(VARIABLE, '{"headers": {}, "size": 0}'))
_BODY = b"x" * _ANSWER["size"]


@functions_framework.aio.http
async def main(request: Request) -> Response:  # noqa: ARG001 - the framework's signature.
    """Answer always the same."""
    return Response(_BODY, headers=_ANSWER["headers"])
