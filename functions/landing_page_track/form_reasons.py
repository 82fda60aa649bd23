"""What is wrong with a form, in Dutch, by the control that it is about."""

from shared.http.errors import Problem

_REASONS = {
    "name": "Vul je naam in.",
    "email": "Controleer je e-mailadres.",
    "phone": "Controleer je telefoonnummer.",
    "postcode": "Controleer je postcode.",
    "service": "Maak een keuze.",
    "preferred_date": "Controleer de gewenste datum.",
    "message": "Maak je bericht wat korter.",
    "consent": "Geef toestemming om contact met je op te nemen.",
}
_UNKNOWN = "Er klopt iets niet in het formulier."
_UNANSWERABLE = ("phone", "Vul een telefoonnummer of een e-mailadres in.")


def reasons_of(problem: Problem) -> dict[str, str]:
    """Return a sentence for each control that the problem's failures are about."""
    return dict(
        # The only thing that is wrong with the whole of a lead.
        _UNANSWERABLE if failure.path == "" else (failure.path, _REASONS.get(failure.path, _UNKNOWN))
        for failure in problem.errors
    )
