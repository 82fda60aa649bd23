"""A problem for a partner: a Dutch page, or problem+json for a program."""

from http import HTTPStatus

from pydantic import HttpUrl
from starlette.requests import Request
from starlette.responses import Response

from functions.partner_leads.page import render_sign_in
from functions.partner_leads.session import HOME
from shared.http.edge import present_problem
from shared.http.errors import Problem
from shared.landing_page.message_page import message_page


class Presenter:
    """Says what went wrong, and where to sign in."""

    def __init__(self, partner_app_url: HttpUrl | None) -> None:
        """Send who is not signed in to the app, where there is one."""
        self._app = str(partner_app_url) if partner_app_url else None

    def present(self, request: Request, problem: Problem) -> Response:
        """Answer a browser with a page, and whoever sends a token or asks for JSON with problem+json."""
        accept = request.headers.get("accept", "")
        if "authorization" in request.headers or "html" not in accept:
            return present_problem(request, problem)
        if problem.status == HTTPStatus.UNAUTHORIZED:
            response = render_sign_in(self._app, is_refused=request.method == "POST")
        elif problem.status < HTTPStatus.INTERNAL_SERVER_ERROR:
            lines = ["Ga terug naar je aanvragen en probeer het nog eens."]
            response = message_page(problem.status, "Dat ging niet", lines, back=HOME)
        else:
            lines = ["Probeer het over een minuut nog eens. Er is niets verloren gegaan."]
            response = message_page(problem.status, "Even geduld", lines, back=HOME)
        response.headers.update(problem.headers)
        response.headers["Vary"] = "Accept, Authorization"
        return response
