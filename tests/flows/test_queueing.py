"""Visitors do not stand in the queue of API clients."""

from concurrent.futures import ThreadPoolExecutor

import httpx

from stack import Settings, Stack
from stack.running.process import wait_until
from tests.api import Api
from tests.conftest import Connect
from tests.flows.scene import Scene
from tests.flows.visits import BROWSER, lead, view


def test_page_beacon_and_lead_are_answered_while_every_api_connection_is_taken(
    scene: Scene, stack: Stack, connect: Connect
) -> None:
    dashboard, functions = connect(), stack.project.functions_url
    crowd = Settings().stack_postgrest_pool + 5
    path = scene.path("live")
    concept, live = scene.pages["concept"], scene.pages["live"]
    authorization = scene.authorization(scene.partner)["Authorization"]
    limits = httpx.Limits(max_connections=crowd)
    with (
        httpx.Client(base_url=stack.project.postgrest_url, timeout=30, limits=limits) as client,
        ThreadPoolExecutor(crowd) as pool,
    ):
        partner = Api(client, authorization.removeprefix("Bearer "))
        with dashboard.connection.transaction():
            dashboard.run("select from public.partner_landing_pages where id = %s for update", [concept])
            waiting = [
                pool.submit(partner.update, "partner_landing_pages", {"subtitle": str(number)}, id=concept)
                for number in range(crowd)
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
