"""Visitors do not stand in the queue of API clients."""

from concurrent.futures import ThreadPoolExecutor

import httpx

from stack import Settings, Stack
from stack.running.process import wait_until
from tests.actors import sign_token
from tests.api import Api
from tests.conftest import Connect
from tests.database import Database
from tests.flows.scene import Scene
from tests.flows.visits import BROWSER, lead, view


def test_page_beacon_and_lead_are_answered_while_every_api_connection_is_taken(
    scene: Scene, stack: Stack, connect: Connect, platform: Database
) -> None:
    """Four accounts with five requests each, for a page that somebody has locked."""
    dashboard, functions = connect(), stack.project.functions_url
    people = [scene.partner, *(platform.add_admin() for _ in range(3))]
    crowd = 5 * len(people)
    assert crowd > Settings().stack_postgrest_pool
    path = scene.path("live")
    concept, live = scene.pages["concept"], scene.pages["live"]
    tokens = [sign_token(stack.project, who) for who in people]
    limits = httpx.Limits(max_connections=crowd)
    with (
        httpx.Client(base_url=stack.project.postgrest_url, timeout=30, limits=limits) as client,
        ThreadPoolExecutor(crowd) as pool,
    ):
        callers = [Api(client, token) for token in tokens]
        with dashboard.connection.transaction():
            dashboard.run("select from public.partner_landing_pages where id = %s for update", [concept])
            waiting = [
                pool.submit(caller.update, "partner_landing_pages", {"subtitle": str(number)}, id=concept)
                for number in range(crowd // len(people))
                for caller in callers
            ]
            stuck = "select count(*) from pg_locks where not granted"
            assert wait_until(lambda: dashboard.value(stuck) == Settings().stack_postgrest_pool, 5)

            answers = [
                scene.http.get(f"{functions}{path}"),
                scene.http.post(f"{functions}/events", json=view(live), headers={"User-Agent": BROWSER}),
                scene.http.post(f"{functions}/leads", json=lead(live), headers={"User-Agent": BROWSER}),
            ]

            assert not any(request.done() for request in waiting)
        assert [answer.status_code for answer in answers] == [200, 204, 201]
        assert {request.result().status_code for request in waiting} == {200}
