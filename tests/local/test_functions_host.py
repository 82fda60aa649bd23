"""One port carries all functions, each as the framework would serve it alone."""

import httpx
import pytest

from stack import Project


@pytest.mark.parametrize(
    ("path", "function"),
    [
        ("/landing-pages/1/submit", "landing_page_publish"),
        ("/partners/jansen/verf", "landing_page"),
        ("/sitemap.xml", "landing_page"),
        ("/events", "landing_page_track"),
        ("/leads", "landing_page_track"),
        ("/webhooks/google_ads", "campaign_webhook"),
        ("/reports/landing-pages", "landing_page_report"),
    ],
)
def test_first_segment_names_the_function_and_stays(project: Project, path: str, function: str) -> None:
    shown = httpx.post(f"{project.functions_url}{path}", content="hello").json()

    assert (shown["function"], shown["path"], shown["body"]) == (function, path, "hello")


@pytest.mark.parametrize("path", ["/", "/event", "/eventsx", "//events", "/robots.txt"])
def test_anything_else_is_a_problem(project: Project, path: str) -> None:
    answer = httpx.get(f"{project.functions_url}{path}")

    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.status_code == 404
    assert answer.json().keys() == {"type", "title", "status", "detail", "code"}
    assert answer.json()["code"] == "not_found"


def test_forwarded_address_is_the_functions_own_business(project: Project) -> None:
    """uvicorn believes any neighbour's X-Forwarded-For unless told not to."""
    shown = httpx.get(f"{project.functions_url}/events", headers={"X-Forwarded-For": "203.0.113.9"}).json()

    assert shown["client"] == "127.0.0.1"


def test_functions_get_narrow_tokens_and_no_way_around_postgrest(project: Project) -> None:
    shown = httpx.get(f"{project.functions_url}/events").json()

    assert shown["settings"] == ["POSTGREST_URL", "SUPABASE_PUBLISHABLE_KEY", "SUPABASE_URL"]
    assert shown["tokens"].keys() == {
        "PAGE_RENDERER_JWT",
        "EVENT_RECORDER_JWT",
        "CAMPAIGN_INGESTER_JWT",
        "JOB_RUNNER_JWT",
    }
