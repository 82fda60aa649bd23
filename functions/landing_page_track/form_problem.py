"""A problem for a person who filled in a form: a Dutch page instead of problem+json."""

from http import HTTPStatus

from starlette.requests import Request
from starlette.responses import Response

from functions.landing_page_track.lead_intake import FORM
from shared.http.body import media_type
from shared.http.edge import present_problem
from shared.http.errors import Problem
from shared.landing_page.message_page import message_page

_REASONS = {
    "name": "Vul je naam in.",
    "email": "Controleer je e-mailadres.",
    "phone": "Controleer je telefoonnummer.",
    "postcode": "Controleer je postcode.",
    "preferred_date": "Controleer de gewenste datum.",
    "message": "Maak je bericht wat korter.",
    "consent": "Geef toestemming om contact met je op te nemen.",
    "": "Vul een e-mailadres of een telefoonnummer in.",
}
_TEXTS = {
    "page_not_live": "Deze pagina is niet meer actief, dus je aanvraag kan niet worden verstuurd.",
    "page_not_found": "Deze pagina bestaat niet meer, dus je aanvraag kan niet worden verstuurd.",
}
_OUR_FAULT = "Er ging iets mis bij ons. Ga terug en verstuur je aanvraag over een minuut nog eens."
_GO_BACK = "Ga terug in je browser; wat je had ingevuld staat er nog."


def present_to_sender(request: Request, problem: Problem) -> Response:
    """Answer a lead form with a page, and everything else with problem+json."""
    if media_type(request) != FORM or request.scope["path"] != "/leads":
        return present_problem(request, problem)
    page = message_page(
        problem.status,
        "Je aanvraag is niet verstuurd",
        _lines(problem),
        getattr(request.state, "page_path", None),
    )
    page.headers.update(problem.headers)
    return page


def _lines(problem: Problem) -> list[str]:
    if problem.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return [_OUR_FAULT]
    if problem.errors:
        reasons = dict.fromkeys(_REASONS.get(failure.path) for failure in problem.errors)
        return [*(reason or "Er klopt iets niet in het formulier." for reason in reasons), _GO_BACK]
    return [_TEXTS.get(problem.code, "Er klopt iets niet in het formulier.")]
