"""One origin before all functions: a real nginx, by the configuration that is made of the manifest."""

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from deploy.front import nginx, service_name, url_map
from deploy.manifest import load
from stack.example_secrets import JOBS_SECRET
from stack.running.ports import choose_port
from stack.running.process import wait_until
from tests.deploy.conftest import Install
from tests.flows.alone import FUNCTIONS, own_settings, running
from tests.flows.scene import Scene
from tests.flows.visits import BROWSER, view
from tests.flows.webhooks import google_lead

_NGINX = """\
daemon off;
worker_processes 1;
pid {directory}/nginx.pid;
error_log stderr error;
events {{}}
http {{
  client_body_temp_path {directory}/body;
  proxy_temp_path {directory}/proxy;
  fastcgi_temp_path {directory}/fastcgi;
  uwsgi_temp_path {directory}/uwsgi;
  scgi_temp_path {directory}/scgi;
{server}
}}
"""


@dataclass(frozen=True)
class Front:
    url: str
    logs: dict[str, Path]


@pytest.fixture(scope="package")
def front(install: Install, scene: Scene, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Front]:
    directory = tmp_path_factory.mktemp("front")
    program = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
    if program is None:
        message = "nginx is not installed: apt-get install nginx-light"
        if os.environ.get("CI"):
            pytest.fail(message)
        pytest.skip(message)
    port = choose_port("", fixed=None, kept=None, is_held=False)
    url = f"http://127.0.0.1:{port}"
    told = {"SITE_URL": url, "TRUSTED_PROXY_COUNT": "1"}
    with ExitStack() as stack:
        alone = {
            name: stack.enter_context(
                running(name, {**own_settings(name, scene.project), **told}, directory, install(name))
            )
            for name in FUNCTIONS
        }
        addresses = {name: one.url.removeprefix("http://") for name, one in alone.items()}
        server = nginx(url, f"127.0.0.1:{port}", addresses)
        (directory / "nginx.conf").write_text(_NGINX.format(directory=directory, server=server))
        process = subprocess.Popen([program, "-c", directory / "nginx.conf", "-p", directory])
        try:
            assert wait_until(lambda: _answers(url), 10)
            yield Front(url, {name: one.log for name, one in alone.items()})
        finally:
            process.terminate()
            process.wait(10)


def _answers(url: str) -> bool:
    try:
        return httpx.get(f"{url}/robots.txt", timeout=2).is_success
    except httpx.TransportError:
        return False


def test_whole_site_is_behind_one_origin(front: Front, scene: Scene) -> None:
    http, url = scene.http, front.url
    page_id = scene.write_page()
    partner, admin = scene.authorization(scene.partner), scene.authorization(scene.admin)

    submitted = http.post(f"{url}/landing-pages/{page_id}/submit", headers=partner)
    assert submitted.status_code == 200, submitted.text
    approval = {"content_hash": submitted.json()["content_hash"]}
    approved = http.post(f"{url}/landing-pages/{page_id}/approve", headers=admin, json=approval)
    assert approved.status_code == 200, approved.text
    path = http.get(
        f"{scene.project.supabase_url}/rest/v1/partner_landing_pages?id=eq.{page_id}&select=path",
        headers={**partner, "apikey": scene.project.publishable_key},
    ).json()[0]["path"]

    page = http.get(f"{url}{path}", headers={"Accept-Encoding": "gzip"})
    assert (page.status_code, page.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert f'<link rel="canonical" href="{url}{path}">' in page.text

    own = {"User-Agent": BROWSER, "Origin": url}
    seen = http.post(f"{url}/events", json=view(page_id), headers=own)
    assert (seen.status_code, seen.headers["event-outcome"]) == (204, "counted")
    elsewhere = {**own, "X-Forwarded-For": "203.0.113.5"}
    again = http.post(f"{url}/events", json=view(page_id), headers=elsewhere)
    assert again.headers["event-outcome"] == "duplicate", "whoever writes it, the address is the proxy's word"

    assert f"<loc>{url}/sitemap.xml?" in http.get(f"{url}/sitemap.xml").text or path in (
        http.get(f"{url}/sitemap.xml").text
    )
    assert http.get(f"{url}/reports/landing-pages.json", headers=partner).status_code == 200
    assert http.get(f"{url}/partner-leads", headers=partner).status_code == 200
    delivered = http.post(f"{url}/webhooks/google_ads", json=google_lead(f"front-{page_id}", "1"))
    assert delivered.status_code == 200, delivered.text
    scheduler = {"Authorization": f"Bearer {JOBS_SECRET}"}
    assert http.post(f"{url}/jobs/deliveries", headers=scheduler).status_code == 200
    assert http.post(f"{url}/sync", headers=scheduler).status_code == 200


def test_what_nobody_has_is_a_page_for_people(front: Front, scene: Scene) -> None:
    for path in ("/", "/eventsx", "/nergens", "/partnersx/a"):
        answer = scene.http.get(f"{front.url}{path}", headers={"Accept": "text/html"})

        assert (answer.status_code, answer.headers["content-type"]) == (404, "text/html; charset=utf-8"), path
        assert "Deze pagina is er niet" in answer.text
    assert f"Sitemap: {front.url}/sitemap.xml" in scene.http.get(f"{front.url}/robots.txt").text
    assert scene.http.get(f"{front.url}/favicon.ico").status_code == 204


def test_what_is_too_much_stops_before_the_functions(front: Front, scene: Scene) -> None:
    answer = scene.http.post(f"{front.url}/leads", content=b"x" * (1024 * 1024 + 1))

    assert answer.status_code == 413


def test_request_has_one_id_from_the_front_to_the_log(front: Front, scene: Scene) -> None:
    answer = scene.http.post(f"{front.url}/sync", headers={"Authorization": f"Bearer {JOBS_SECRET}"})

    assert answer.headers["x-request-id"] in front.logs["campaign_sync"].read_text()


def test_url_map_sends_each_path_to_its_function() -> None:
    told = json.loads(url_map("partner-marketing", "www.example.nl"))
    (matcher,) = told["pathMatchers"]
    sent = {path: rule["service"] for rule in matcher["pathRules"] for path in rule["paths"]}

    for name, function in load().items():
        for path in function.paths:
            expected = None if function.is_internal else f"global/backendServices/{service_name(name)}"
            assert sent.get(f"/{path}") == sent.get(f"/{path}/*") == expected
    assert matcher["defaultService"] == "global/backendServices/landing-page"
    assert told["hostRules"] == [{"hosts": ["www.example.nl"], "pathMatcher": matcher["name"]}]
