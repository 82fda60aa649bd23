"""Functions as Supabase's own clients call them, and as a dashboard in a browser does."""

import json
import os
import subprocess
from typing import Any

import httpx
import pytest

from stack import Stack
from tests.actors import sign_token
from tests.flows.scene import Scene
from tests.flows.test_clients import PROGRAMS, client_program

DASHBOARD = "http://localhost:3000"


@pytest.fixture(scope="module", params=["invoke.mjs", "invoke.py"])
def found(request: pytest.FixtureRequest, scene: Scene, stack: Stack) -> dict[str, Any]:
    done = subprocess.run(
        [*client_program(request.param), str(PROGRAMS / request.param)],
        env={
            "PATH": os.environ["PATH"],
            "SUPABASE_URL": stack.project.supabase_url,
            "SUPABASE_PUBLISHABLE_KEY": stack.project.publishable_key,
            "FUNCTIONS_URL": stack.project.functions_url,
            "ACCESS_TOKEN": sign_token(stack.project, scene.partner),
            "PAGE": scene.write_page(),
        },
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    told: dict[str, Any] = json.loads(done.stdout)
    return told


def test_function_is_invoked_where_the_ecosystem_looks_for_it(found: dict[str, Any]) -> None:
    assert found["by_project"]["problem"] is None, found["by_project"]
    assert found["by_project"]["data"]["status"] == "review"
    assert found["report"]["data"].keys() >= {"pages", "days"}


def test_and_where_it_is_deployed(found: dict[str, Any]) -> None:
    """Handing in what waits already, unchanged, changes nothing."""
    assert found["elsewhere"]["data"] == found["by_project"]["data"]


def test_refusals_arrive_as_they_are(found: dict[str, Any]) -> None:
    assert found["nobody"]["data"] is None
    assert found["unknown"]["data"] is None
    if isinstance(found["nobody"]["problem"], dict):
        assert found["nobody"]["problem"]["code"] == "missing_token"
        assert "landing_page_publish" in found["unknown"]["problem"]["message"]


@pytest.mark.parametrize("path", ["/landing-pages/{page}/submit", "/reports/landing-pages.json"])
def test_dashboard_that_is_named_may_call_from_a_browser(scene: Scene, path: str) -> None:
    """As a browser does: it asks first, and reads the answer only if it may."""
    url = scene.project.functions_url + path.format(page=scene.pages["live"])
    method = "POST" if "submit" in path else "GET"
    asks = {
        "Access-Control-Request-Method": method,
        "Access-Control-Request-Headers": "authorization,apikey,content-type,x-client-info",
    }

    asked = scene.http.options(url, headers={"Origin": DASHBOARD, **asks})
    answered = scene.http.request(method, url, headers={"Origin": DASHBOARD})
    stranger = scene.http.options(url, headers={"Origin": "https://elders.example", **asks})

    assert asked.status_code == 204
    assert asked.headers["access-control-allow-origin"] == DASHBOARD
    assert asked.headers["access-control-allow-methods"] == method
    allowed = {name.strip().lower() for name in asked.headers["access-control-allow-headers"].split(",")}
    assert {"authorization", "apikey", "content-type", "x-client-info"} <= allowed
    assert (answered.status_code, answered.headers["access-control-allow-origin"]) == (401, DASHBOARD)
    assert "access-control-allow-origin" not in stranger.headers
    assert "access-control-allow-credentials" not in asked.headers


def test_gateway_says_who_may_read_and_says_it_once(scene: Scene) -> None:
    url = f"{scene.project.supabase_url}/functions/v1/landing_page_report/reports/landing-pages.json"

    answer = httpx.get(url, headers={"Origin": DASHBOARD})

    assert answer.headers.get_list("access-control-allow-origin") == ["*"]
    assert "x-request-id" in answer.headers["access-control-expose-headers"].lower()


def test_what_is_not_here_is_said(scene: Scene) -> None:
    realtime = httpx.get(f"{scene.project.supabase_url}/realtime/v1/api/broadcast")

    assert (realtime.status_code, "no Realtime" in realtime.json()["message"]) == (404, True)
