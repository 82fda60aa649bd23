"""A function that returns a constant: what functions-framework, Starlette and uvicorn cost by themselves."""

import os

import functions_framework.aio
from functions_framework.aio import create_asgi_app
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp

SIZE_VARIABLE = "CONSTANT_BYTES"

_BODY = b"x" * int(os.environ.get(SIZE_VARIABLE, "0"))


@functions_framework.aio.http
async def main(request: Request) -> Response:  # noqa: ARG001 - the framework's signature.
    """Answer always the same."""
    return Response(_BODY, media_type="text/html")


def create_app() -> ASGIApp:
    """Make it as every other function is made."""
    app: ASGIApp = create_asgi_app("main", __file__, "http")  # type: ignore[no-untyped-call]
    return app
