"""A function that reads what it is sent and answers, and does nothing with it: the most that any could do."""

import functions_framework.aio
import orjson
from starlette.requests import Request
from starlette.responses import Response


@functions_framework.aio.http
async def main(request: Request) -> Response:
    """Parse the body and answer 204."""
    if request.method == "HEAD":
        return Response()
    sent = orjson.loads(await request.body())
    return Response(status_code=204, headers={"Event-Outcome": f"{len(sent)} members"})
