"""Puts landing_page together."""

import time
from collections.abc import Callable
from functools import partial

from starlette.routing import Route

from functions.landing_page.live_page import find_live_page
from functions.landing_page.page_cache import PageCache
from functions.landing_page.serve_page import PageServer
from functions.landing_page.settings import LandingPageSettings
from functions.landing_page.visitor_problem import present_to_visitor
from shared.http.edge import Handler, serve
from shared.postgrest.client import PostgREST


def build(
    settings: LandingPageSettings, postgrest: PostgREST, now: Callable[[], float] = time.monotonic
) -> Handler:
    """Make the handler. It reads as anon, which sees live pages by their path and no table."""
    look_up = partial(find_live_page, postgrest.as_anon(), settings.page_public_keys)
    server = PageServer(PageCache(look_up, now))
    return serve([Route("/partners/{path:path}", server.serve, methods=["GET"])], present_to_visitor)
