"""Puts landing_page together."""

import time
from collections.abc import Callable
from functools import partial

from starlette.routing import Route

from functions.landing_page.find_preview import find_preview
from functions.landing_page.page_cache import PageCache
from functions.landing_page.serve_page import PageServer
from functions.landing_page.serve_preview import PreviewServer
from functions.landing_page.serve_sitemap import SitemapServer, find_sitemap
from functions.landing_page.settings import LandingPageSettings
from functions.landing_page.visitor_problem import present_to_visitor
from shared.http.edge import Handler, serve
from shared.http.health import health_routes
from shared.landing_page.live_page import find_live_page
from shared.postgrest.client import PostgREST


def build(
    settings: LandingPageSettings, postgrest: PostgREST, now: Callable[[], float] = time.monotonic
) -> Handler:
    """Make the handler. It reads as anon: what is live, what a link is good for, and no table."""
    visitor, keys = postgrest.as_anon(), settings.page_public_keys
    pages = PageServer(PageCache(partial(find_live_page, visitor, keys), now))
    previews = PreviewServer(partial(find_preview, visitor, keys))
    sitemaps = SitemapServer(partial(find_sitemap, visitor), settings.site_origin)
    routes = [
        Route("/partners/{path:path}", pages.serve, methods=["GET"]),
        Route("/sitemap.xml", sitemaps.serve, methods=["GET"]),
        Route("/previews/{token}", previews.serve, methods=["GET"]),
        *health_routes(visitor),
    ]
    return serve(routes, present_to_visitor)
