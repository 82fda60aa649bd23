"""`/rest/v1/…`: PostgREST."""

from starlette.requests import Request
from starlette.responses import Response

from stack.services.gateway.keys import key_ring
from stack.services.gateway.proxy import pass_on


async def forward(request: Request) -> Response:
    """Answer a request with PostgREST's answer."""
    keys = key_ring(request)
    if refusal := keys.refusal(request.headers):
        return refusal
    authorization = keys.authorization(request.headers)
    away = "The database API is not available right now"
    return await pass_on(request, keys.state.postgrest_url, "/rest/v1", authorization, away)
