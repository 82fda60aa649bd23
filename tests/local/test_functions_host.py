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


@pytest.mark.parametrize("path", ["/", "/event", "/eventsx", "//events"])
def test_what_nobody_has_goes_to_the_function_that_has_pages_for_people(project: Project, path: str) -> None:
    assert httpx.get(f"{project.functions_url}{path}").json()["function"] == "landing_page"


def test_search_engines_are_told_where_pages_are(project: Project) -> None:
    robots = httpx.get(f"{project.functions_url}/robots.txt")

    assert f"Sitemap: {project.functions_url}/sitemap.xml" in robots.text


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
