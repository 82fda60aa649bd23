"""What is wrong with a form, in the language of its page, by the control that it is about."""

from collections.abc import Mapping

from shared.http.errors import Problem

_UNKNOWN = "?"
_UNANSWERABLE = ""

# By the path of a failure. All that can be wrong with the whole of a lead is that nobody could answer it.
_REASONS: Mapping[str, Mapping[str, str]] = {
    "nl": {
        "name": "Vul je naam in.",
        "email": "Controleer je e-mailadres.",
        "phone": "Controleer je telefoonnummer.",
        "postcode": "Controleer je postcode.",
        "service": "Maak een keuze.",
        "preferred_date": "Controleer de gewenste datum.",
        "message": "Maak je bericht wat korter.",
        "consent": "Geef toestemming om contact met je op te nemen.",
        _UNANSWERABLE: "Vul een telefoonnummer of een e-mailadres in.",
        _UNKNOWN: "Er klopt iets niet in het formulier.",
    },
    "en": {
        "name": "Fill in your name.",
        "email": "Check your e-mail address.",
        "phone": "Check your telephone number.",
        "postcode": "Check your postcode.",
        "service": "Make a choice.",
        "preferred_date": "Check the preferred date.",
        "message": "Make your message a little shorter.",
        "consent": "Agree to be contacted.",
        _UNANSWERABLE: "Fill in a telephone number or an e-mail address.",
        _UNKNOWN: "Something in the form is not right.",
    },
}


def reasons_of(problem: Problem, language: str = "nl") -> dict[str, str]:
    """Return a sentence for each control that the problem's failures are about."""
    reasons = _REASONS[language]
    return {
        failure.path or "phone": reasons.get(failure.path, reasons[_UNKNOWN]) for failure in problem.errors
    }
