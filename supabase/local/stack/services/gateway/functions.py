"""`/functions/v1/<name>/…`: the functions, where `supabase.functions.invoke()` looks for them.

Hosted, Edge Functions are there. Ours are deployed elsewhere, and their paths are the same behind the name.
"""

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from deploy.manifest import load
from stack.services.gateway.keys import key_ring
from stack.services.gateway.proxy import pass_on


async def invoke(request: Request) -> Response:
    """Answer a request with the answer of the function that it names."""
    name = request.path_params["name"]
    if name not in load():
        message = f"There is no function {name}. There are: {', '.join(load())}."
        return JSONResponse({"code": "NOT_FOUND", "message": message}, 404)
    authorization = request.headers.get("authorization")
    if authorization is not None and authorization.startswith("Bearer sb_"):
        # What clients send when nobody is signed in: a key, which is no token.
        authorization = None
    away = "The functions are not available right now"
    url = key_ring(request).state.functions_url
    return await pass_on(request, url, f"/functions/v1/{name}", authorization, away)
