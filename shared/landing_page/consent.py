"""The words under which a visitor's data is taken in, by version.

A version's words never change: leads keep the version and the text as evidence of what was agreed to. New
words are a new version, and pages have to take it up to be published again.
"""

CONSENT_TEXTS = {
    "2026-11": (
        "Ja, dit bedrijf mag mijn gegevens gebruiken om over deze aanvraag contact met mij op te nemen. "
        "Ik kan mijn toestemming altijd weer intrekken."
    ),
    "2026-11-en": (
        "Yes, this company may use my details to get in touch with me about this request. "
        "I can withdraw my consent at any time."
    ),
}
CURRENT_CONSENTS = {"nl": "2026-11", "en": "2026-11-en"}
"""The version that stands, by the language of the page."""

CURRENT_CONSENT = CURRENT_CONSENTS["nl"]
"""What a box was ticked for that does not say a version."""

ADS_CONSENT_TEXTS = {
    "2026-11": (
        "Niet verplicht: ben ik via een advertentie gekomen, dan mag dat platform horen dat mijn aanvraag "
        "een opdracht werd. Het herkent mij aan mijn klik, of aan een gehashte vorm van mijn contactgegevens."
    ),
    "2026-11-en": (
        "Optional: if an advertisement brought me here, its platform may hear that my request became a job. "
        "It knows me by my click, or by a hashed form of my contact details."
    ),
}
"""Words of a box of its own, which nobody has to tick: without it, no ad platform hears of a lead."""

CURRENT_ADS_CONSENTS = {"nl": "2026-11", "en": "2026-11-en"}
"""As above."""
