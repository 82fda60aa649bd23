"""What calling a database function costs by way of `shared.postgrest`.

The limit is the same POST by httpx, on the same connection settings and read by nobody.
"""

import asyncio

import httpx
from pydantic import SecretStr

from bench.ratio import Ratio, compare
from shared.http.settings import Settings
from shared.postgrest.client import PostgREST
from stack.progress import Progress
from stack.project import Project

_AIM = "≤ 1.3"
_PATH = "/partners/nobody/nothing"


def measure_calls(project: Project, progress: Progress, rounds: int) -> list[Ratio]:
    """Ask for a page that is not there, `rounds` times each way."""
    with progress.step(f"A visitor's page is looked up, {rounds} times each way"), asyncio.Runner() as runner:
        settings = Settings(
            supabase_url=project.supabase_url,
            postgrest_url=project.postgrest_url,
            supabase_publishable_key=SecretStr(project.publishable_key),
        )
        postgrest, http = PostgREST(settings), httpx.AsyncClient(base_url=project.postgrest_url)
        visitor = postgrest.as_anon()
        try:
            return [
                compare(
                    "a database function by shared.postgrest / by httpx",
                    _AIM,
                    lambda: runner.run(visitor.call("live_landing_page", path=_PATH)),
                    lambda: runner.run(http.post("/rpc/live_landing_page", json={"path": _PATH})),
                    rounds,
                )
            ]
        finally:
            runner.run(postgrest.__aexit__(None, None, None))
            runner.run(http.aclose())
