"""Puts landing_page together."""

from starlette.routing import Route

from functions.landing_page.serve_page import PageServer
from functions.landing_page.visitor_problem import present_to_visitor
from shared.http.edge import Handler, serve
from shared.postgrest.client import PostgREST


def build(postgrest: PostgREST) -> Handler:
    """Make the handler. It reads as anon, which sees live pages by their path and no table."""
    pages = PageServer(postgrest.as_anon())
    return serve([Route("/partners/{path:path}", pages.serve, methods=["GET"])], present_to_visitor)
