"""A problem for a visitor: a Dutch page, or problem+json for a program that asks for it."""

from http import HTTPStatus

from starlette.requests import Request
from starlette.responses import Response

from shared.http.edge import present_problem
from shared.http.errors import PageGone, PreviewNotFound, Problem
from shared.landing_page.message_page import message_page


def present_to_visitor(request: Request, problem: Problem) -> Response:
    """Answer a person with a Dutch page, and a program that asks for JSON with problem+json."""
    accept = request.headers.get("accept", "")
    if "json" in accept and "html" not in accept:
        response = present_problem(request, problem)
    elif isinstance(problem, PreviewNotFound):
        lines = ["De link is verlopen of ingetrokken. Vraag een nieuwe aan wie hem stuurde."]
        response = message_page(problem.status, "Deze link werkt niet meer", lines)
    elif isinstance(problem, PageGone):
        lines = ["Ze is offline gehaald."]
        response = message_page(problem.status, "Deze pagina is er niet meer", lines)
    elif problem.status < HTTPStatus.INTERNAL_SERVER_ERROR:
        lines = ["Misschien is het adres niet helemaal goed overgenomen, of is de pagina niet meer actief."]
        response = message_page(problem.status, "Deze pagina is er niet", lines)
    else:
        lines = ["De pagina kan nu niet worden getoond. Probeer het over een minuut nog eens."]
        response = message_page(problem.status, "Even geduld", lines)
    response.headers.update(problem.headers)
    response.headers["Vary"] = "Accept"
    return response
