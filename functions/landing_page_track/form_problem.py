"""A problem for a person who filled in a form: a Dutch page instead of problem+json."""

from http import HTTPStatus

from starlette.requests import Request
from starlette.responses import Response

from functions.landing_page_track.form_reasons import reasons_of
from shared.http.body import FORM, media_type
from shared.http.edge import present_problem
from shared.http.errors import Problem
from shared.landing_page.message_page import Again, message_page

_TEXTS = {
    "page_not_live": "Deze pagina is niet meer actief, dus je aanvraag kan niet worden verstuurd.",
    "too_many_leads": (
        "Er komen te veel aanvragen tegelijk vanaf jouw netwerk. "
        "Bel het bedrijf, of probeer het over een uur nog eens."
    ),
    "page_not_found": "Deze pagina bestaat niet meer, dus je aanvraag kan niet worden verstuurd.",
}
_OUR_FAULT = "Er ging iets mis bij ons. Wat je invulde is niet weg: verstuur het over een minuut nog eens."
_UNKNOWN = "Er klopt iets niet in het formulier."
_GO_BACK = "Ga terug in je browser; wat je had ingevuld staat er nog."


def present_to_sender(request: Request, problem: Problem) -> Response:
    """Answer a lead form with a page, and everything else with problem+json."""
    if media_type(request) != FORM or request.scope["path"] != "/leads":
        return present_problem(request, problem)
    is_our_fault = problem.status >= HTTPStatus.INTERNAL_SERVER_ERROR
    answers = getattr(request.state, "answers", None)
    page = message_page(
        problem.status,
        "Je aanvraag is niet verstuurd",
        [_OUR_FAULT] if is_our_fault else _lines(problem),
        getattr(request.state, "page_path", None),
        # With the id that it had, so that it is one lead if it did arrive.
        Again("/leads", "Verstuur opnieuw", answers) if is_our_fault and answers else None,
    )
    page.headers.update(problem.headers)
    return page


def _lines(problem: Problem) -> list[str]:
    if problem.errors:
        return [*dict.fromkeys(reasons_of(problem).values()), _GO_BACK]
    return [_TEXTS.get(problem.code, _UNKNOWN)]
